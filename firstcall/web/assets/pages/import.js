// Sends a file in pieces, so that a connection that breaks costs one of them; the form goes on with what was sent. Files may be
// dropped. Without this script the form sends the file itself.
const PIECE = 4 * 1024 * 1024;
const TRIES = 8;

class Refused extends Error {}

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function ask(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { "X-CSRFToken": token() } });
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  // What is wrong with the request stays wrong; of the rest another try may come through.
  if (answer.status < 500 && answer.status !== 408 && answer.status !== 409 && answer.status !== 429) {
    throw new Refused(told.detail ?? told.title ?? "");
  }
  throw new Error(String(answer.status));
}

async function sendPiece(address, file, offset, show) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const piece = file.slice(offset, offset + PIECE);
      return (await ask(`${address}?offset=${offset}`, { method: "PUT", body: piece })).size;
    } catch (error) {
      if (error instanceof Refused || attempt === TRIES) throw error;
      show("again");
      await wait(Math.min(2 ** (attempt - 1), 15) / 2);
      // Some of the piece may have come.
      const come = await ask(address).catch(() => null);
      if (come && come.size !== offset) return come.size;
    }
  }
}

async function send(form, file) {
  const place = form.querySelector("[data-sent]");
  const show = (says) => {
    place.hidden = false;
    place.querySelector("[data-says]").textContent = form.dataset[says];
  };
  const tell = (size) => {
    const share = file.size ? Math.floor((100 * size) / file.size) : 100;
    place.querySelector("progress").value = share;
    place.querySelector("[data-share]").textContent = `${share} %`;
  };
  show("sending");
  tell(0);
  const begun = await ask(`${form.dataset.upload}?name=${encodeURIComponent(file.name.slice(-255))}`, { method: "POST" });
  const address = `${form.dataset.upload}/${begun.id}`;
  let size = 0;
  while (size < file.size) {
    size = await sendPiece(address, file, size, show);
    show("sending");
    tell(size);
  }
  return begun.id;
}

function fail(form, says) {
  form.querySelector(".note")?.remove();
  const note = document.createElement("div");
  note.className = "note is-bad";
  note.setAttribute("role", "alert");
  note.textContent = says;
  form.prepend(note);
  form.querySelector("[data-sent]").hidden = true;
  form.querySelector("button:not([type=button])").disabled = false;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-upload]");
  const file = form?.querySelector("input[type=file]").files[0];
  if (!file) return;
  event.preventDefault();
  if (!file.size) return fail(form, form.dataset.empty);
  form.querySelector("button:not([type=button])").disabled = true;
  try {
    const upload = form.querySelector("input[name=upload]");
    upload.value = await send(form, file);
    upload.disabled = false;
    form.querySelector("input[type=file]").disabled = true;
    form.submit();
  } catch (error) {
    fail(form, (error instanceof Refused && error.message) || form.dataset.failed);
  }
});

function showName(input) {
  const name = input.closest("[data-drop]").querySelector("[data-name]");
  name.dataset.otherwise ??= name.textContent;
  const file = input.files[0];
  name.textContent = file ? file.name : name.dataset.otherwise;
  input.closest("[data-drop]").classList.toggle("has-file", Boolean(file));
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-drop] input[type=file]")) showName(event.target);
});

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const drop = document.querySelector("[data-drop]");
    if (!drop || !event.dataTransfer?.types.includes("Files")) return;
    // A file that misses the place must not replace the page.
    event.preventDefault();
    drop.classList.toggle("is-over", kind === "dragover" && drop.contains(event.target));
    if (kind === "drop" && drop.contains(event.target) && event.dataTransfer.files.length) {
      const input = drop.querySelector("input[type=file]");
      const taken = new DataTransfer();
      taken.items.add(event.dataTransfer.files[0]);
      input.files = taken.files;
      showName(input);
    }
  });
}

// A page that the browser shows again as it was left would keep the form disabled.
addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("form[data-upload]")) location.reload();
});
