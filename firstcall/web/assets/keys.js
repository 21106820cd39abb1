// Keys: `/` searches, `?` lists the keys, `g` and a letter goes to a page, `j` and `k` go through the rows of a list.
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable=true]";
let going = 0;

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function step(by) {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  const link = next?.querySelector("a[href]");
  link?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function go(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
}

function press(event) {
  if (event.key === "/") return document.getElementById("search")?.focus();
  if (event.key === "?") return document.getElementById("keys")?.showModal();
  if (event.key === "g") {
    going = Date.now();
    return undefined;
  }
  if (event.key === "j") return step(1);
  if (event.key === "k") return step(-1);
  if (event.key === "x") {
    const box = document.activeElement?.closest("[data-row]")?.querySelector("input[type=checkbox]");
    return box ? box.click() : null;
  }
  return null;
}

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    // A box that chooses a row sends no form.
    if (event.key === "Enter" && event.target.matches?.("[data-row] input")) event.preventDefault();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
    if (document.querySelector("dialog[open]")) return;
    if (Date.now() - going < 1500) {
      going = 0;
      event.preventDefault();
      go(event.key);
    } else if (press(event) !== null) {
      event.preventDefault();
    }
  });
}
