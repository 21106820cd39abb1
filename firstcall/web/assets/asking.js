// Asks in a <dialog> before what cannot be taken back: `data-ask="…"` on a form, `hx-confirm="…"` on what htmx sends.
function ask(says, button) {
  const dialog = document.getElementById("ask");
  dialog.querySelector("[data-says]").textContent = says;
  const yes = dialog.querySelector("[value=yes]");
  yes.textContent = button || yes.dataset.otherwise;
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
}

export function askFirst() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.ask || form.dataset.asked) return;
    event.preventDefault();
    event.stopPropagation();
    if (await ask(form.dataset.ask, form.dataset.askButton)) {
      form.dataset.asked = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.asked;
    }
  }, true);
  document.addEventListener("htmx:confirm", async (event) => {
    const source = event.target;
    const says = source.getAttribute?.("hx-confirm");
    if (!says) return;
    event.preventDefault();
    if (await ask(says, source.dataset.askButton)) event.detail.issueRequest();
    else event.detail.dropRequest?.();
  });
}
