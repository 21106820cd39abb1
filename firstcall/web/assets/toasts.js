// Short messages in a corner. A reader of the screen hears them; those that tell of a fault stay until they are closed.
import htmx from "htmx.org/dist/htmx.esm.js";
import { isUndone } from "./away.js";

const STAYS = 6000;

function close(toast) {
  toast.remove();
}

function arm(toast) {
  toast.querySelector("[data-close]")?.addEventListener("click", () => close(toast));
  if (toast.dataset.level === "error") return;
  let timer = setTimeout(close, STAYS, toast);
  for (const kind of ["pointerenter", "focusin"]) toast.addEventListener(kind, () => clearTimeout(timer));
  for (const kind of ["pointerleave", "focusout"]) {
    toast.addEventListener(kind, () => {
      timer = setTimeout(close, STAYS, toast);
    });
  }
}

/** `link`: {href, says}, such as to undo what was done; with `posts` it is done without leaving the page. */
export function toast(says, { level = "success", link = null } = {}) {
  const region = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!region || !template) return;
  const made = template.content.firstElementChild.cloneNode(true);
  made.dataset.level = level;
  made.querySelector("[data-says]").textContent = says;
  const anchor = made.querySelector("[data-link]");
  if (link) {
    anchor.href = link.href;
    anchor.textContent = link.says;
    anchor.hidden = false;
    if (link.posts) {
      anchor.setAttribute("role", "button");
      anchor.addEventListener("click", (event) => {
        event.preventDefault();
        close(made);
        htmx.ajax("POST", link.href, { source: document.body, swap: "none" });
      });
    }
  }
  region.append(made);
  arm(made);
}

export function listenToToasts() {
  for (const shown of document.querySelectorAll("#toasts > *")) arm(shown);
  document.addEventListener("toast", (event) => toast(event.detail.says, event.detail));
  document.addEventListener("htmx:response:error", (event) => {
    const { request, response } = event.detail.ctx ?? {};
    const status = response?.status ?? 0;
    const texts = document.getElementById("texts")?.dataset ?? {};
    if (status === 403) toast(texts.forbidden, { level: "error" });
    else if (status === 404) toast(texts.missing, { level: "error" });
    else if (status === 503 && isUndone(response)) toast(texts.undone, { level: "error" });
    else if (status === 503) {
      // What only looks is told by the banner, and looks again.
      if (request?.method !== "GET") toast(texts.away, { level: "error" });
    } else if (status >= 500) toast(texts.failed, { level: "error" });
  });
}
