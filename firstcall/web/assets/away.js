// Says when the network, the server or its database is away, and when it is back. What could not be shown meanwhile is asked
// for again then: the parts of this page, or all of it where it is `data-until-back`.
import htmx from "htmx.org/dist/htmx.esm.js";

const AGAIN = 4000;
const missed = new Map();
let timer = null;

function show(away) {
  const banner = document.getElementById("away");
  if (banner) banner.hidden = !away;
}

/** What else may not be ready is no matter to a reader. */
async function answers() {
  try {
    const answer = await fetch("/readyz", { cache: "no-store" });
    return answer.status < 500 || (await answer.json()).checks.database === "ok";
  } catch {
    return false;
  }
}

async function look() {
  if (!(await answers())) {
    timer = setTimeout(look, AGAIN);
    return;
  }
  timer = null;
  if (document.querySelector("[data-until-back]")) location.reload();
  else comeBack();
}

function comeBack() {
  show(false);
  const asked = [...missed];
  missed.clear();
  for (const [source, { address, target, swap }] of asked) {
    if (source.isConnected) htmx.ajax("GET", address, { source, target, swap });
  }
}

function away() {
  show(true);
  timer ??= setTimeout(look, AGAIN);
}

/** A form is not sent again: who sent it is told, and decides. Of what failed htmx makes `swap` none afterwards. */
function miss(ctx) {
  const { sourceElement, request, target, swap } = ctx ?? {};
  if (request?.method === "GET") missed.set(sourceElement, { address: request.action, target, swap });
  away();
}

/** The database is there, and undid this for what others did at the same moment (`web/faults.py`). */
export function isUndone(response) {
  return response.headers.has("Firstcall-Undone");
}

export function tellAway() {
  if (document.querySelector("[data-until-back]")) timer = setTimeout(look, AGAIN);
  addEventListener("offline", away);
  addEventListener("online", () => timer && look());
  document.addEventListener("htmx:before:request", (event) => missed.delete(event.detail.ctx.sourceElement));
  document.addEventListener("htmx:error", (event) => {
    // A request that was given up for a newer one is no fault.
    const { ctx, error } = event.detail;
    if (error && error.name !== "AbortError" && error instanceof TypeError) miss(ctx);
  });
  document.addEventListener("htmx:response:error", (event) => {
    const ctx = event.detail.ctx;
    if (ctx?.response?.status === 503 && !isUndone(ctx.response)) miss(ctx);
  });
}
