// <details data-menu> closes where one clicks elsewhere or presses Escape; only one is open. Dialogs open by a button, or
// once htmx has put something into them.
function close(menu, { focus = false } = {}) {
  menu.open = false;
  if (focus) menu.querySelector("summary")?.focus();
}

export function listenToMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) close(menu);
    }
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    if (event.target.closest("dialog [data-close]")) {
      event.preventDefault();
      event.target.closest("dialog").close();
    }
    if (event.target.matches?.("dialog[data-light]")) event.target.close();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const dialog = event.detail.ctx?.target;
    if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
    // What was refused has put nothing into it: a toast says so.
    if ((event.detail.ctx.response?.status ?? 0) >= 400) return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) close(menu, { focus: true });
    dialog.showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details[data-menu][open]");
    if (menu) close(menu, { focus: true });
  });
}
