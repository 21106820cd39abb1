// The rule builder: cards and YAML of one text in step, what it would do beside it, undo and redo.
import { listenToCards } from "../building/cards.js";
import { Draft } from "../building/draft.js";
import { listenToPanels, listenToSaving } from "../building/panels.js";
import { showPreviews, showTrials } from "../building/previews.js";

function start(root) {
  const draft = new Draft(root);
  const sendWaiting = listenToCards(draft);
  listenToPanels(draft);
  showPreviews(draft);
  showTrials(draft);
  const save = listenToSaving(draft, sendWaiting);

  const back = () => {
    sendWaiting();
    draft.back();
  };
  root.querySelector("[data-undo]").addEventListener("click", back);
  root.querySelector("[data-redo]").addEventListener("click", () => draft.forth());
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && event.shiftKey) draft.forth();
    else if (key === "z") back();
    else if (key === "y") draft.forth();
    else if (key === "s") save();
    else return;
    event.preventDefault();
  });
  addEventListener("beforeunload", (event) => {
    if (draft.isUnsaved || draft.yaml.value !== draft.text) event.preventDefault();
  });
}

const root = document.querySelector("[data-builder]");
if (root) start(root);
