// Beside the cards: the panels, the YAML with its problems, and saving.
const TYPED = 400;

export function listenToPanels(draft) {
  const { root, yaml } = draft;
  const tabs = [...root.querySelectorAll("[role=tab]")];

  const show = (tab, { focus = false } = {}) => {
    for (const one of tabs) {
      const isIt = one === tab;
      one.setAttribute("aria-selected", String(isIt));
      one.tabIndex = isIt ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !isIt;
    }
    if (focus) tab.focus();
    root.dispatchEvent(new CustomEvent("panel:shown"));
  };
  for (const tab of tabs) {
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by) show(tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length], { focus: true });
    });
  }

  let timer = null;
  yaml.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => draft.takeTyped(), TYPED);
  });
  yaml.addEventListener("change", () => draft.takeTyped());

  const goTo = (line) => {
    show(document.getElementById("tab-yaml"));
    const lines = yaml.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    yaml.focus();
    yaml.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    yaml.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(yaml).lineHeight));
  };
  root.addEventListener("click", (event) => {
    const line = event.target.closest("[data-line]")?.dataset.line;
    if (line) goTo(Number(line));
  });
}

export function listenToSaving(draft, sendWaiting) {
  const { root } = draft;
  const dialog = document.getElementById("save");
  const form = dialog.querySelector("[data-save-form]");
  const says = dialog.querySelector("[data-save-says]");
  const button = dialog.querySelector("[data-save-button]");
  let { rule, version, switched: after } = root.dataset;

  const open = () => {
    sendWaiting();
    draft.takeTyped();
    says.replaceChildren();
    choose();
    dialog.showModal();
  };
  const choose = () => {
    const then = form.elements.then.value;
    form.querySelector("[data-rescoring]").disabled = then === "draft";
    form.elements.at.disabled = then !== "later";
  };
  const settled = async () => {
    while (draft.isBusy || draft.queue.length) await new Promise((done) => setTimeout(done, 30));
  };

  async function save() {
    button.disabled = true;
    try {
      await settled();
      const fields = [["text", draft.text], ["rule", rule], ["version", version], ["after", after], ...new FormData(form)];
      const told = await draft.post(root.dataset.save, fields);
      draft.saved = draft.text;
      draft.mark();
      location.assign(told.address);
    } catch (error) {
      const stored = error.told?.stored;
      if (stored) {
        ({ rule, version, after } = stored);
        draft.saved = draft.text;
      }
      // What did not fit is shown at its card too, as is what was stored.
      if (error.status === 422 || stored) draft.send({ fields: [], key: "text" });
      if (error.told?.html) says.innerHTML = error.told.html;
      else says.textContent = root.dataset.saysFailed;
      says.scrollIntoView({ block: "nearest" });
    } finally {
      button.disabled = false;
    }
  }

  root.querySelector("[data-save-open]").addEventListener("click", open);
  form.addEventListener("change", choose);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  dialog.addEventListener("click", (event) => {
    const over = event.target.closest("[data-over]");
    if (!over) return;
    version = over.dataset.over;
    save();
  });
  return open;
}
