// Small things of markup: forms that are sent when a choice in them changes, and an input that shows its value.
export function listenToForms() {
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-sends]");
    if (form && !event.target.closest("[data-keeps]")) form.requestSubmit();
  });
  document.addEventListener("input", (event) => {
    const shows = event.target.dataset?.shows;
    const output = shows && document.getElementById(shows);
    if (output) output.textContent = event.target.value;
  });
}
