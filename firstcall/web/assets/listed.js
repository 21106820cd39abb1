// Rows of a list whose records have moved: what stands in their live cells (`data-cell`) is fetched for all at once, and put in
// its place. Boxes, focus and order stay: the reader decides when the list is sorted again.
import { tellOrder } from "./ordered.js";

const AT_ONCE = 100;
const SOON = 200;
const waiting = new Set();
let timer = 0;
let isBusy = false;

const list = () => document.querySelector("[data-cells]");
const rowOf = (id) => list()?.querySelector(`tr[data-record="${CSS.escape(id)}"]`);

/** By the column, how much its bars have room for: `score:7=0.4000`. */
function scales() {
  const found = new Map();
  for (const cell of list().querySelectorAll("[data-scale]")) {
    if (!found.has(cell.dataset.cell)) found.set(cell.dataset.cell, cell.dataset.scale);
  }
  return [...found].map(([name, scale]) => `${name}=${scale}`);
}

function put(fresh) {
  const row = rowOf(fresh.dataset.record);
  if (!row) return;
  if (fresh.dataset.total === undefined) delete row.dataset.total;
  else row.dataset.total = fresh.dataset.total;
  for (const cell of fresh.querySelectorAll("[data-cell]")) {
    const old = [...row.querySelectorAll("[data-cell]")].find((one) => one.dataset.cell === cell.dataset.cell);
    if (old && old.innerHTML !== cell.innerHTML) old.replaceChildren(...cell.childNodes);
  }
}

async function fetchRows(ids) {
  const asked = new URLSearchParams([["ids", ids.join(",")], ...scales().map((scale) => ["scale", scale])]);
  const answer = await fetch(`${list().dataset.cells}&${asked}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(answer.statusText);
  const told = new DOMParser().parseFromString(`<table>${await answer.text()}</table>`, "text/html");
  for (const fresh of told.querySelectorAll("tr[data-record]")) put(fresh);
  tellOrder();
}

async function catchUp() {
  if (isBusy) return;
  isBusy = true;
  try {
    while (waiting.size && list()) {
      const ids = [...waiting].slice(0, AT_ONCE);
      // Before it is asked for: what moves meanwhile is asked for again.
      for (const id of ids) waiting.delete(id);
      try {
        await fetchRows(ids);
      } catch (error) {
        for (const id of ids) waiting.add(id);
        throw error;
      }
    }
  } catch {
    // Away or signed out: the next move tries again.
  } finally {
    isBusy = false;
  }
}

export function listenToRows() {
  document.addEventListener("records-moved", (event) => {
    for (const id of event.detail) if (rowOf(id)) waiting.add(id);
    if (!waiting.size) return;
    clearTimeout(timer);
    timer = setTimeout(catchUp, SOON);
  });
}
