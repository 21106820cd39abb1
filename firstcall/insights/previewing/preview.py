"""A draft of a rule against the one that scores, over every record that the viewer may see."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstcall.insights.previewing.adding import Scored, measurings_of, score
from firstcall.insights.previewing.coverage import Coverage, always_together, coverage
from firstcall.insights.previewing.differences import (
    Counts,
    Crossing,
    Distribution,
    Mover,
    Pairing,
    distribution,
    grade_counts,
)
from firstcall.insights.previewing.hot_leads import HotLeads, hot_leads
from firstcall.insights.previewing.keeping import View, view_of
from firstcall.insights.previewing.measuring import Whole, measuring_of, meets
from firstcall.insights.previewing.outcomes import outcomes
from firstcall.scoring.compiling import SIX_FIGURES
from firstcall.scoring.labelling import Labelling
from firstcall.scoring.rules import Rule

MOST = 10  # named records of each kind


@dataclass(frozen=True)
class Preview:
    """What the draft would do.

    as_of, shows, generation  the moment of the scores; the latest moment whose state the copy shows; which state it is
    records   that the viewer may see; `before` and `after` are how many the rules apply to, None without another rule
    grades    how many have each grade, before and after, best first; None is no grade
    ids       of the records that are named, by their place
    outcome   how won and lost are told; empty where nothing tells it
    """

    as_of: int
    shows: int
    generation: int
    records: int
    before: int | None
    after: int
    distributions: tuple[Distribution, ...]
    grades: tuple[tuple[str | None, int | None, int], ...]
    crossings: tuple[Crossing, ...]
    up: tuple[Mover, ...]
    down: tuple[Mover, ...]
    criteria: tuple[Coverage, ...]
    together: tuple[tuple[str, ...], ...]
    outcome: str
    hot: HotLeads | None
    ids: Mapping[int, int]


@dataclass(frozen=True)
class Asked:
    """before  the rule that scores now, if any
    owners  whose records the viewer may see, by the users' ids; None: all
    as_of   None: now, as far as the copy shows it
    most    named records of each kind
    hot_days  over so many days new hot records are counted; 0: not at all
    noun    what many records of the module are called; empty: by the module's name
    labels  what fields are called in sentences; None: by their names
    """

    draft: Rule
    before: Rule | None = None
    owners: Collection[int] | None = None
    as_of: int | None = None
    most: int = MOST
    hot_days: int = 0
    noun: str = ""
    labels: Labelling | None = None

    def label(self, field: str) -> str:
        return field if self.labels is None else self.labels(self.draft.module, field)


def preview(asked: Asked, *, now: int) -> Preview:
    """Raises NoCopyError, TooLongError. `now` in microseconds."""
    view = view_of(asked.draft.module, now=now, as_of=asked.as_of)
    draft, before = asked.draft, asked.before
    rules = [draft] if before is None else [draft, before]
    kept = view.kept(measurings_of(rules))
    after = score(draft, kept, len(view.ids))
    old = None if before is None else _scored_now(view, before, kept)
    seen = _seen(view, asked.owners)
    applies = seen & after.applies
    outcome = outcomes(view)
    everyone = bool(applies.all())
    met = [of if everyone else of[applies] for of in _met(draft, kept)]
    crossings, up, down = _differences(old, after, seen, asked.most)
    named = {mover.place for mover in (*up, *down, *(m for c in crossings for m in c.movers))}
    return Preview(
        as_of=view.as_of,
        shows=view.copy.seen,
        generation=view.copy.manifest.generation,
        records=int(seen.sum()),
        before=None if old is None else int((seen & old.applies).sum()),
        after=int(applies.sum()),
        distributions=_distributions(old, after, seen),
        grades=_grades(old, after, seen),
        crossings=crossings,
        up=up,
        down=down,
        criteria=tuple(
            coverage(
                draft.criteria,
                met,
                outcome.of if everyone else outcome.of[applies],
                noun=asked.noun or draft.module,
                label=asked.label,
            )
        ),
        together=tuple(always_together(draft.criteria, met)),
        outcome=outcome.says,
        hot=hot_leads(view, rules, kept, seen, days=asked.hot_days) if asked.hot_days else None,
        ids={place: int(view.ids[place]) for place in named},
    )


def _met(rule: Rule, kept: Mapping[str, Whole]) -> Iterator[NDArray[np.bool_]]:
    for criterion in rule.criteria:
        yield meets(criterion, kept[measuring_of(criterion).key])


def _seen(view: View, owners: Collection[int] | None) -> NDArray[np.bool_]:
    if owners is None:
        return view.was_there
    return view.was_there & np.isin(view.owners, list(owners))


_scored: OrderedDict[tuple[str, Rule], Scored] = OrderedDict()
_MOST_SCORED = 2  # of a million records, 50 MB each


def _scored_now(view: View, rule: Rule, kept: Mapping[str, Whole]) -> Scored:
    """By the rule that is not edited: the same from one preview to the next."""
    key = str(view.folder), rule
    found = _scored.get(key) or score(rule, kept, len(view.ids))
    _scored[key] = found
    while len(_scored) > _MOST_SCORED:
        _scored.popitem(last=False)
    return found


def _counts(of: Scored, figure: str, seen: NDArray[np.bool_]) -> Counts:
    counting = seen & of.applies
    return Counts.of(of.figures[figure] if counting.all() else of.figures[figure][counting])


def _distributions(old: Scored | None, new: Scored, seen: NDArray[np.bool_]) -> tuple[Distribution, ...]:
    return tuple(
        distribution(figure, None if old is None else _counts(old, figure, seen), _counts(new, figure, seen))
        for figure in SIX_FIGURES
    )


def _grades(
    old: Scored | None, new: Scored, seen: NDArray[np.bool_]
) -> tuple[tuple[str | None, int | None, int], ...]:
    after = grade_counts(new, seen)
    before = {} if old is None else grade_counts(old, seen)
    # Best first by the draft; what it has no longer comes before none.
    names = sorted(dict.fromkeys([*after, *before]), key=lambda name: name is None)
    return tuple((name, None if old is None else before.get(name, 0), after.get(name, 0)) for name in names)


def _differences(
    old: Scored | None, new: Scored, seen: NDArray[np.bool_], most: int
) -> tuple[tuple[Crossing, ...], tuple[Mover, ...], tuple[Mover, ...]]:
    if old is None:
        return (), (), ()
    pairing = Pairing(old, new, seen)
    return tuple(pairing.crossings(most)), *pairing.movers(most)
