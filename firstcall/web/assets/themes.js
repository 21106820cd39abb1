// The choice between light, dark and what the system says.
const ORDER = ["system", "light", "dark"];

function tell() {
  const wish = document.documentElement.dataset.themeWish ?? "system";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === wish));
  }
}

export function listenToTheme() {
  tell();
  document.addEventListener("click", (event) => {
    const wish = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
    if (!ORDER.includes(wish)) return;
    try {
      if (wish === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", wish);
    } catch {
      // It lasts as long as the page, then.
    }
    dispatchEvent(new Event("firstcall:theme"));
    tell();
  });
}
