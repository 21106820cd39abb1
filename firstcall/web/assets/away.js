// Says when the network or the server is away, and when it is back.
const AGAIN = 4000;
let timer = null;

function show(away) {
  const banner = document.getElementById("away");
  if (banner) banner.hidden = !away;
}

async function look() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    show(false);
    timer = null;
  } catch {
    timer = setTimeout(look, AGAIN);
  }
}

function away() {
  show(true);
  timer ??= setTimeout(look, AGAIN);
}

export function tellAway() {
  addEventListener("offline", away);
  addEventListener("online", () => timer && look());
  document.addEventListener("htmx:error", (event) => {
    // A request that was given up for a newer one is no fault.
    const error = event.detail.error;
    if (error && error.name !== "AbortError" && error instanceof TypeError) away();
  });
}
