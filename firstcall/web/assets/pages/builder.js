// The rule builder. Whoever leaves with changes that are not saved is asked first.
const builder = () => document.querySelector("[data-builder]");

addEventListener("beforeunload", (event) => {
  if (builder()?.hasAttribute("data-unsaved")) event.preventDefault();
});
