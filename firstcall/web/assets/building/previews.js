// What the draft would do, asked again after each change: one at a time, the last text always.
const QUIET = 150;
const AGAIN = 3000;
const FRESH = 5 * 60 * 1000; // after which a preview looks at the records anew

export function showPreviews(draft) {
  const { root } = draft;
  const place = root.querySelector("[data-preview-place]");
  let asOf = "";
  let begun = 0;
  let timer = null;
  let isAsking = false;
  let asked = null;

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  };

  async function ask() {
    if (isAsking || draft.text === asked) return;
    if (!draft.isSound) {
      if (place.querySelector(".previewed")) place.classList.add("is-waiting");
      else place.innerHTML = "";
      place.dataset.says = root.dataset.saysWaits;
      return;
    }
    isAsking = true;
    const text = draft.text;
    if (Date.now() - begun > FRESH) {
      asOf = "";
      begun = Date.now();
    }
    try {
      const fields = [["text", text], ["rule", root.dataset.rule], ["as_of", asOf]];
      const told = await draft.post(root.dataset.preview, fields);
      if (told.again) {
        place.innerHTML = told.html;
        asOf = "";
        later(AGAIN);
      } else if (!told.waits) {
        const opened = [...place.querySelectorAll("details[open]")].map((one) => one.querySelector("summary span").textContent);
        place.innerHTML = told.html;
        for (const one of place.querySelectorAll("details")) {
          if (opened.includes(one.querySelector("summary span").textContent)) one.open = true;
        }
        place.classList.remove("is-waiting");
        delete place.dataset.says;
        asOf = told.as_of;
        draft.cover(told.criteria);
        asked = text;
      }
    } catch {
      asOf = "";
      later(AGAIN);
    } finally {
      isAsking = false;
    }
    if (draft.text !== text) later(0);
  }

  root.addEventListener("draft:shown", () => later(QUIET));
  later(0);
}

/** One record by the draft. */
export function showTrials(draft) {
  const { root } = draft;
  const words = root.querySelector("[data-trial-words]");
  const place = root.querySelector("[data-trial-place]");
  const panel = place.closest("[role=tabpanel]");
  let record = "";
  let timer = null;
  let asked = 0;

  const ask = async (fields) => {
    const mine = ++asked;
    try {
      const html = await draft.post(root.dataset.trial, [["text", draft.text], ...fields]);
      if (mine === asked) place.innerHTML = html;
    } catch {
      if (mine === asked) place.textContent = root.dataset.saysFailed;
    }
  };
  words.addEventListener("input", () => {
    clearTimeout(timer);
    record = "";
    timer = setTimeout(() => ask([["q", words.value]]), 200);
  });
  place.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-trial-record]");
    if (!chosen) return;
    record = chosen.dataset.trialRecord;
    words.value = chosen.textContent;
    ask([["record", record]]);
  });
  root.addEventListener("draft:shown", () => {
    if (!record || panel.hidden) return;
    clearTimeout(timer);
    timer = setTimeout(() => ask([["record", record]]), 300);
  });
  root.addEventListener("panel:shown", () => !panel.hidden && ask(record ? [["record", record]] : [["q", words.value]]));
}
