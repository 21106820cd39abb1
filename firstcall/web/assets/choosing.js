// Choosing rows of a list: some of the page, or all that match.
export function choosing() {
  return {
    count: 0,
    everything: false,
    init() {
      this.recount();
    },
    boxes() {
      return [...this.$root.querySelectorAll("input[name=id]")];
    },
    recount() {
      const boxes = this.boxes();
      this.count = boxes.filter((box) => box.checked).length;
      this.everything = this.everything && this.count === boxes.length;
      const all = this.$root.querySelector("[data-all]");
      if (all) {
        all.checked = this.count > 0 && this.count === boxes.length;
        all.indeterminate = this.count > 0 && this.count < boxes.length;
      }
    },
    all(event) {
      for (const box of this.boxes()) box.checked = event.target.checked;
      this.everything = false;
      this.recount();
    },
    none() {
      for (const box of this.boxes()) box.checked = false;
      this.everything = false;
      this.recount();
    },
    match() {
      this.everything = true;
    },
    get none_chosen() {
      return this.count === 0;
    },
    get not_everything() {
      return !this.everything;
    },
    get not_whole() {
      return this.count === 0 || this.count !== this.boxes().length || this.everything;
    },
    get said() {
      return String(this.count);
    },
  };
}
