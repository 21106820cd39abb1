// A list in the order of its totals (`data-ordered` names what says that they have moved; `data-way="up"`: the lowest first):
// its rows change in place, and stay where they are under the hand and the eye; the reader decides when they are sorted again.
export function tellOrder() {
  for (const list of document.querySelectorAll("[data-ordered]")) {
    const turned = list.dataset.way === "up" ? -1 : 1;
    const totals = [...list.querySelectorAll("[data-total]")].map((row) => turned * Number(row.dataset.total));
    const moved = totals.some((total, at) => at > 0 && total > totals[at - 1]);
    document.getElementById(list.dataset.ordered).hidden = !moved;
  }
}

export function listenToOrder() {
  document.addEventListener("htmx:after:swap", tellOrder);
}
