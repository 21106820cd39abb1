// What is done to cards: typing, sliding, choosing, adding, taking away, moving by drag and by keys.
import Sortable, { AutoScroll } from "sortablejs/modular/sortable.core.esm.js";

Sortable.mount(new AutoScroll()); // the core has no plugins mounted: a card at the window's edge would stay there

const TYPED = 400; // milliseconds after the last key

export function listenToCards(draft) {
  const { root, place } = draft;
  const waiting = new Map();

  const sendForm = (form, more = [], after = undefined) => {
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    const card = form.closest("[data-card]");
    const does = card ? [["do", "card"], ["at", card.dataset.at]] : [["do", "settings"]];
    const key = more.length ? null : `${card ? card.dataset.at : "settings"} ${document.activeElement?.name ?? ""}`;
    draft.send({ fields: [...does, ...new FormData(form), ...more], key, after });
  };
  const sendWaiting = () => {
    for (const form of [...waiting.keys()]) if (form.isConnected) sendForm(form);
  };

  place.addEventListener("input", (event) => {
    const form = event.target.closest("form");
    if (!form) return;
    if (event.target.matches("[data-slider]")) {
      form.elements.points.value = event.target.value;
      look(form, event.target.value);
      sendForm(form);
      return;
    }
    if (event.target.matches("[data-points]")) {
      const slider = form.querySelector("[data-slider]");
      const number = Number(event.target.value.replace(",", "."));
      if (slider && !Number.isNaN(number)) slider.value = String(number);
      look(form, event.target.value);
    }
    if (["text", "textarea", "search"].includes(event.target.type)) {
      clearTimeout(waiting.get(form));
      waiting.set(form, setTimeout(() => sendForm(form), TYPED));
    }
  });
  place.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (form && !event.target.matches("[data-slider]")) sendForm(form);
  });
  const opening = (event) => {
    if (event.target.matches("[data-edit]") && event.target.open && !event.target.querySelector(".parts")) {
      draft.send({ fields: [], key: "open" });
    }
  };
  place.addEventListener("toggle", opening, { capture: true });
  place.addEventListener("submit", (event) => event.preventDefault());
  place.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=checkbox])")) {
      event.preventDefault();
      const form = event.target.closest("form");
      if (form) sendForm(form);
    }
    const handle = event.target.closest("[data-handle]");
    if (handle && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      const to = event.key === "ArrowUp" ? handle.dataset.before : handle.dataset.after;
      if (to !== undefined) move(Number(handle.closest("[data-card]").dataset.at), Number(to));
    }
  });
  place.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const form = button.closest("form");
    if (button.matches("[data-away]")) {
      button.closest("[data-row-of]").remove();
      sendForm(form);
    } else if (button.dataset.more) {
      const part = button.dataset.part ? [["part", button.dataset.part]] : [];
      sendForm(form, [["more", button.dataset.more], ...part], newcomer(form));
    } else if (button.dataset.do) {
      sendWaiting();
      const at = Number(button.closest("[data-card]")?.dataset.at);
      if (button.dataset.do === "move") move(at, Number(button.dataset.to));
      else if (button.dataset.do === "add") add(button.dataset.what);
      else if (button.dataset.do === "duplicate") duplicate(at);
      else remove(at, button.closest("[data-card]"));
    }
  });

  /** Once it is shown, what has come goes on with the keyboard: its first choice, else that of the card. */
  const newcomer = (form) => {
    const names = new Set([...form.elements].map((one) => one.name));
    return () => {
      const fresh = [...form.querySelectorAll("select, input:not([type=hidden]), textarea")].filter((one) => !names.has(one.name));
      const first = fresh.findLast((one) => one.name.endsWith("subject")) ?? fresh[0];
      if (first) first.focus();
      else if (!form.contains(document.activeElement)) form.querySelector("[data-edit] select")?.focus();
    };
  };

  const name = root.querySelector("[data-rule-name]");
  const sendName = () => {
    const form = place.querySelector("[data-settings]");
    if (!form || form.elements.rule_name.value === name.value) return;
    form.elements.rule_name.value = name.value;
    sendForm(form);
  };
  name.addEventListener("change", sendName);

  const count = () => place.querySelectorAll("[data-card]").length;
  const focus = (id) => () => document.getElementById(id)?.focus();

  function move(at, to) {
    sendWaiting();
    const shifts = (n) => (n === at ? to : n + (n > at ? -1 : 0) + ((n > at ? n - 1 : n) >= to ? 1 : 0));
    const after = () => place.querySelector(`#card-${to} [data-handle]`)?.focus();
    draft.send({ fields: [["do", "move"], ["at", at], ["to", to]], shifts, after, says: root.dataset.saysMoved });
  }
  function add(what) {
    const at = count();
    const after = () => {
      const typed = document.getElementById(`name-${at}`);
      typed?.focus();
      typed?.select();
    };
    draft.send({ fields: [["do", "add"], ["what", what]], shifts: (n) => n, opens: [at], after });
  }
  function duplicate(at) {
    const after = focus(`name-${at + 1}`);
    draft.send({ fields: [["do", "duplicate"], ["at", at]], shifts: (n) => (n > at ? n + 1 : n), after });
  }
  function remove(at, card) {
    const column = card.closest("section");
    const next = card.nextElementSibling ? at : card.previousElementSibling?.dataset.at;
    const adds = column.querySelector("[data-do=add]")?.dataset.what;
    const after = () => {
      const card = next === undefined ? null : document.getElementById(`name-${next}`);
      (card ?? place.querySelector(`[data-do=add][data-what="${adds}"]`))?.focus();
    };
    draft.send({ fields: [["do", "remove"], ["at", at]], shifts: (n) => (n === at ? -1 : n > at ? n - 1 : n), after });
  }

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const drag = () => {
    for (const list of place.querySelectorAll("[data-cards]")) {
      if (Sortable.get(list)) continue;
      Sortable.create(list, {
        handle: "[data-handle]",
        animation: still ? 0 : 150,
        forceFallback: true,
        fallbackTolerance: 3,
        ghostClass: "is-ghost",
        fallbackClass: "is-dragged",
        onEnd: ({ item, oldIndex, newIndex }) => {
          if (oldIndex === newIndex) return;
          const beside = newIndex > oldIndex ? item.previousElementSibling : item.nextElementSibling;
          if (beside) move(Number(item.dataset.at), Number(beside.dataset.at));
        },
      });
    }
  };
  drag();
  root.addEventListener("draft:shown", drag);
  return sendWaiting;
}

/** The colour of a card while its points are moved. */
function look(form, points) {
  const card = form.closest("[data-card]");
  const number = Number(points);
  card.classList.toggle("is-plus", number > 0);
  card.classList.toggle("is-minus", number < 0);
}
