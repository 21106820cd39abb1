// Before the first paint: light or dark, and the time zone for the server to tell times in.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  let wish = null;
  try {
    wish = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; the system's wish stands.
  }
  root.dataset.bsTheme = wish === "light" || wish === "dark" ? wish : dark.matches ? "dark" : "light";
  root.dataset.themeWish = wish ?? "system";
}

paint();
dark.addEventListener("change", paint);
addEventListener("storage", paint);
addEventListener("firstcall:theme", paint);

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const secure = location.protocol === "https:" ? "; Secure" : "";
if (zone) document.cookie = `zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
