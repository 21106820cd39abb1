// Small things of markup: forms that are sent when a choice in them changes, inputs that show their value, rows that are
// added from a template and taken away.
import htmx from "htmx.org/dist/htmx.esm.js";

function addRow(button) {
  const place = document.getElementById(button.dataset.adds);
  const made = document.getElementById(button.dataset.template).content.firstElementChild.cloneNode(true);
  place.append(made);
  htmx.process(made);
  made.querySelector("select, input")?.focus();
}

export function listenToForms() {
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-sends]");
    if (form) form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const adds = event.target.closest("[data-adds]");
    if (adds) addRow(adds);
    event.target.closest("[data-removes]")?.closest("[data-condition]").remove();
  });
  document.addEventListener("input", (event) => {
    const shows = event.target.dataset?.shows;
    const output = shows && document.getElementById(shows);
    if (output) output.textContent = event.target.value;
  });
}
