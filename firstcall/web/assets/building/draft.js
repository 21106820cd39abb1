// The rule as text is the one truth. Whatever is done to a card is sent with the text, one thing after the other; the answer
// is the text after it, with its cards and problems. Earlier texts are kept, to go back to.
import htmx from "htmx.org/dist/htmx.esm.js";

const TOGETHER = 1200; // milliseconds within which changes of one control are undone as one
const AGAIN = 3000;
const MOST_KEPT = 300;

export class Draft {
  constructor(root) {
    this.root = root;
    this.place = root.querySelector("[data-cards-place]");
    this.yaml = root.querySelector("[data-yaml]");
    this.text = this.saved = this.yaml.value;
    this.undone = [];
    this.past = [];
    this.queue = [];
    this.last = { key: null, at: 0 };
    this.isBusy = false;
    this.isSound = !root.querySelector("[data-problems] .is-error");
    this.covered = new Map();
  }

  get isUnsaved() {
    return this.text !== this.saved;
  }

  /** What was typed in the YAML and not yet sent. */
  takeTyped() {
    if (this.yaml.value !== this.text) this.write(this.yaml.value, "yaml");
  }

  write(text, key) {
    this.remember(text, key);
    this.send({ fields: [], key: "text" });
  }

  /** `fields` says what is done; `key` names what it is done to: of several that wait, the last of a key counts. */
  send(step) {
    const waiting = this.queue.at(-1);
    if (waiting && step.key && waiting.key === step.key && !step.shifts) this.queue.pop();
    if (step.shifts) this.place.inert = true;
    this.queue.push(step);
    this.pump();
  }

  async pump() {
    if (this.isBusy) return;
    this.isBusy = true;
    let step = null;
    try {
      while (this.queue.length) {
        step = this.queue.shift();
        const sent = this.text;
        const answer = await this.post(this.root.dataset.draft, [["text", sent], ...step.fields, ...this.opened(step)]);
        // What was written in the YAML meanwhile wins over what a card would have made of the text before.
        if (this.text === sent && answer.text !== sent) this.remember(answer.text, step.key);
        if (this.text === answer.text && (!this.queue.length || step.shifts)) await this.show(answer, step);
      }
    } catch (error) {
      this.tell(this.root.dataset.saysFailed, true);
      this.place.inert = false;
      const isAway = error instanceof TypeError || error.status >= 500;
      if (isAway && !(step.key && this.queue.some((other) => other.key === step.key))) this.queue.unshift(step);
      if (isAway) setTimeout(() => this.pump(), AGAIN);
      else if (!error.status) throw error;
    } finally {
      this.isBusy = false;
    }
  }

  /** The cards that are being edited, by where they are after the step. */
  opened(step) {
    const ats = [...this.place.querySelectorAll("[data-edit][open]")].map((one) => Number(one.dataset.edit));
    return [...ats.map((at) => (step.shifts ? step.shifts(at) : at)), ...(step.opens ?? [])].map((at) => ["open", at]);
  }

  async post(url, fields) {
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const body = new URLSearchParams(fields);
    const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true" } });
    const told = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : await answer.text();
    if (!answer.ok) throw Object.assign(new Error(String(answer.status)), { status: answer.status, told });
    return told;
  }

  remember(text, key) {
    const now = Date.now();
    const goesOn = key && key === this.last.key && now - this.last.at < TOGETHER;
    if (!goesOn) this.past.push(this.text);
    if (this.past.length > MOST_KEPT) this.past.shift();
    this.last = { key, at: now };
    this.undone = [];
    this.text = text;
    this.mark();
  }

  back() {
    this.takeTyped();
    if (this.past.length) this.go(this.past, this.undone, this.root.dataset.saysUndone);
  }

  forth() {
    if (this.undone.length) this.go(this.undone, this.past, this.root.dataset.saysRedone);
  }

  go(from, to, says) {
    to.push(this.text);
    this.text = from.pop();
    this.last = { key: null, at: 0 };
    this.queue = [];
    this.mark();
    this.send({ fields: [], key: "text", isForced: true, says });
  }

  async show(answer, step) {
    const isOpened = this.place.querySelector("#rule-settings")?.open;
    this.isSound = answer.isSound;
    if (answer.isReadable) {
      await htmx.swap({ text: answer.cards, target: this.place, swap: "innerMorph", sourceElement: this.place });
      if (isOpened) this.place.querySelector("#rule-settings").open = true;
      this.agree(step.isForced);
    }
    this.place.inert = !answer.isReadable;
    this.place.classList.toggle("is-waiting", !answer.isReadable);
    if (document.activeElement !== this.yaml || step.isForced) this.yaml.value = answer.text;
    const name = this.root.querySelector("[data-rule-name]");
    if (answer.isReadable && (document.activeElement !== name || step.isForced)) name.value = answer.name;
    this.root.querySelector("[data-problems]").innerHTML = answer.problems;
    const errors = this.root.querySelectorAll("[data-problems] .is-error").length;
    const count = this.root.querySelector("[data-errors]");
    count.hidden = !errors;
    count.textContent = String(errors);
    this.tell(answer.isReadable ? (step.says ?? answer.says) : this.root.dataset.saysYaml, !answer.isSound);
    this.mark();
    this.cover();
    step.after?.();
    this.root.dispatchEvent(new CustomEvent("draft:shown"));
  }

  /** Inputs show what the answer says, but for one that is being typed into. */
  agree(isForced) {
    for (const input of this.place.querySelectorAll("input, textarea, select")) {
      const isTyped = input === document.activeElement && !isForced && !["checkbox", "radio"].includes(input.type);
      if (isTyped && input.tagName !== "SELECT") continue;
      if (input.type === "checkbox" || input.type === "radio") input.checked = input.defaultChecked;
      else if (input.tagName === "SELECT") {
        for (const option of input.options) if (option.selected !== option.defaultSelected) option.selected = option.defaultSelected;
        if (input.selectedIndex < 0) input.selectedIndex = 0;
      } else if (input.value !== input.defaultValue) input.value = input.defaultValue;
    }
  }

  /** The words of the preview at each criterion. */
  cover(told) {
    if (told) this.covered = new Map(Object.entries(told));
    for (const place of this.place.querySelectorAll("[data-coverage]")) {
      place.textContent = this.covered.get(place.dataset.coverage) ?? "";
    }
  }

  tell(says, isBad) {
    const status = this.root.querySelector("[data-status]");
    status.textContent = says;
    status.classList.toggle("is-bad", Boolean(isBad));
  }

  mark() {
    this.root.toggleAttribute("data-unsaved", this.isUnsaved);
    this.root.querySelector("[data-undo]").disabled = !this.past.length;
    this.root.querySelector("[data-redo]").disabled = !this.undone.length;
  }
}
