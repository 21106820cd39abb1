// Scores on an open page move by themselves: a stream says which of its records (`data-record`) have moved, and the parts
// that show them ask again at `touched-<id>`, or lists at `records-moved` for all of them at once. What is folded open stays so, and nothing takes the focus or the scroll.
const LEAST = 4000;
const MOST = 60000;
let source = null;
let mark = "";
let shown = "";
let timer = 0;
let again = 0;
let waits = 0;

const place = () => document.querySelector("[data-moves]");
const records = () => [...new Set([...document.querySelectorAll("[data-record]")].map((one) => one.dataset.record))];

function stop() {
  source?.close();
  source = null;
  shown = "";
}

function hear(event) {
  mark = event.lastEventId || mark;
  if (event.type !== "moved") return;
  const ids = event.data.split(",");
  document.dispatchEvent(new CustomEvent("records-moved", { detail: ids }));
  for (const id of ids) document.dispatchEvent(new CustomEvent(`touched-${id}`));
}

function listen() {
  const ids = records().slice(0, 500).join(",");
  if (document.hidden || !place() || !ids || (ids === shown && source?.readyState !== EventSource.CLOSED)) return;
  stop();
  shown = ids;
  mark ||= place().dataset.mark;
  source = new EventSource(`${place().dataset.moves}?ids=${ids}&since=${mark}`);
  source.addEventListener("moved", hear);
  source.addEventListener("mark", hear);
  source.addEventListener("open", () => (waits = 0));
  source.addEventListener("error", comeAgain);
}

/** Where the connection is lost browsers come again by themselves, but not where it was refused. */
function comeAgain() {
  if (source?.readyState !== EventSource.CLOSED) return;
  clearTimeout(again);
  again = setTimeout(listen, Math.min(MOST, LEAST * 2 ** waits));
  waits += 1;
}

function listenSoon() {
  clearTimeout(timer);
  timer = setTimeout(listen, 300);
}

function keepOpen() {
  let open = [];
  document.addEventListener("htmx:before:swap", () => {
    open = [...document.querySelectorAll("details[open][id]")].map((one) => one.id);
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  });
}

export function listenToMoves() {
  keepOpen();
  if (!place()) return;
  listenSoon();
  document.addEventListener("htmx:after:swap", listenSoon);
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listenSoon()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", listenSoon);
}
