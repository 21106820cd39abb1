// A line at the top for requests that take longer than a moment; the place that waits is told to be busy.
const MOMENT = 250;
let under = 0;
let timer = null;

function tell() {
  clearTimeout(timer);
  if (under === 0) document.documentElement.classList.remove("is-waiting");
  else timer = setTimeout(() => document.documentElement.classList.add("is-waiting"), MOMENT);
}

export function showProgress() {
  document.addEventListener("htmx:before:request", () => {
    under += 1;
    tell();
  });
  document.addEventListener("htmx:finally:request", () => {
    under = Math.max(under - 1, 0);
    tell();
  });
}
