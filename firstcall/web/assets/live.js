// Places that look for news by themselves: `data-live="2000"` sends the event `look` so often, while the page is seen and
// nobody is at work within. And buttons that copy: `data-copies="id"`.
import htmx from "htmx.org/dist/htmx.esm.js";

const STEP = 500;
const looked = new Map();

function look() {
  if (document.visibilityState !== "visible") return;
  for (const place of document.querySelectorAll("[data-live]")) {
    const since = looked.get(place.id) ?? 0;
    const busy = place.contains(document.activeElement) || place.matches(".htmx-request");
    if (Date.now() - since < Number(place.dataset.live) || busy) continue;
    looked.set(place.id, Date.now());
    htmx.trigger(place, "look");
  }
}

export function lookForNews() {
  for (const place of document.querySelectorAll("[data-live]")) looked.set(place.id, Date.now());
  setInterval(look, STEP);
}

async function copy(text) {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  // Without https the clipboard is closed but for what is selected.
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "heard";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  return undefined;
}

export function copyOnClick() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    await copy(document.getElementById(button.dataset.copies).textContent);
    const says = button.querySelector("[data-says]");
    const before = says.textContent;
    says.textContent = button.dataset.done;
    button.classList.add("is-done");
    setTimeout(() => {
      says.textContent = before;
      button.classList.remove("is-done");
    }, 2000);
    button.focus();
  });
}
