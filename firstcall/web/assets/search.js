// The search over everything: results are read by htmx into a list; the arrows go through it, Enter opens one.
export function search() {
  return {
    /** What was typed while the page was still loading is looked for now. */
    init() {
      const input = this.$refs.input;
      if (input.value && document.activeElement === input) input.dispatchEvent(new Event("input"));
    },
    options() {
      return [...this.$root.querySelectorAll("[role=option]")];
    },
    at() {
      return this.options().findIndex((option) => option.getAttribute("aria-selected") === "true");
    },
    choose(index) {
      const options = this.options();
      options.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
      const input = this.$refs.input;
      if (options[index]) input.setAttribute("aria-activedescendant", options[index].id);
      else input.removeAttribute("aria-activedescendant");
      options[index]?.scrollIntoView({ block: "nearest" });
    },
    key(event) {
      const options = this.options();
      if (event.key === "Escape") {
        this.close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const by = event.key === "ArrowDown" ? 1 : -1;
        if (options.length) this.choose((this.at() + by + options.length) % options.length);
      } else if (event.key === "Enter") {
        const option = options[this.at()] ?? options[0];
        if (option) {
          event.preventDefault();
          location.assign(option.dataset.href);
        }
      }
    },
    open(event) {
      const href = event.target.closest("[role=option]")?.dataset.href;
      if (href) location.assign(href);
    },
    close() {
      this.$refs.results.replaceChildren();
      this.$refs.input.setAttribute("aria-expanded", "false");
    },
    /** Who looks into another window has not left. */
    leave(event) {
      if (document.hasFocus() && !this.$root.contains(event.relatedTarget)) this.close();
    },
    told() {
      this.$refs.input.setAttribute("aria-expanded", String(this.options().length > 0));
    },
  };
}
