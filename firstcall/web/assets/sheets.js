// Sheets: forms over the page. What has `data-sheet="/address"` opens the form that the server gives for it; a telephone
// link dials too. A sheet closes by Escape, and when the server says that it was done; then the focus goes back.
import htmx from "htmx.org/dist/htmx.esm.js";

let opener = "";
let row = -1;

const sheet = () => document.getElementById("sheet");
const rows = () => [...document.querySelectorAll("[data-row]")];

function remember(source) {
  opener = source.id;
  row = rows().findIndex((one) => one.contains(source));
}

/** Where the focus was; where that has gone, the row that has come into its place. */
function focusAgain() {
  if (document.activeElement && document.activeElement !== document.body) return;
  const all = rows();
  const near = row < 0 ? null : all[Math.min(row, all.length - 1)]?.querySelector("a[href]");
  const back = (opener && document.getElementById(opener)) || near || document.getElementById("main");
  back?.focus({ preventScroll: true });
}

async function open(source) {
  remember(source);
  sheet().replaceChildren(); // the one before must not open again where this one is refused
  await htmx.ajax("GET", source.dataset.sheet, { source: "#sheet", target: "#sheet", swap: "innerHTML" });
  const dialog = sheet();
  if (dialog.querySelector("form") && !dialog.open) {
    dialog.showModal();
    dialog.querySelector("[autofocus], input:checked, textarea, input")?.focus();
  }
}

export function listenToSheets() {
  document.addEventListener("click", (event) => {
    const source = event.target.closest?.("[data-sheet]");
    if (source && sheet() && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      if (!source.href?.startsWith("tel:")) event.preventDefault();
      open(source);
      return;
    }
    const ticks = event.target.closest?.("[data-ticks]");
    if (ticks) remember(ticks);
  });
  document.addEventListener("acted", () => sheet()?.close());
  // Whatever the sheet's dialog was opened from may have been exchanged meanwhile.
  document.addEventListener("close", (event) => {
    if (event.target !== sheet()) return;
    sheet().replaceChildren();
    focusAgain();
  }, true);
  document.addEventListener("htmx:after:swap", () => {
    if ((opener || row >= 0) && !sheet()?.open) focusAgain();
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.id !== opener && !sheet()?.open) [opener, row] = ["", -1];
  });
}
