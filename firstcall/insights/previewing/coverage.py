"""What each criterion does: who meets it, how many of them were won, and which criteria tell nothing apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from firstcall.insights.previewing.outcomes import LOST, WON
from firstcall.insights.ranking import Share
from firstcall.scoring.labelling import labelled_criterion
from firstcall.scoring.phrasing import sentence
from firstcall.scoring.rules import Criterion
from firstcall.scoring.saying import Pattern, number, said, whole


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the records that the rule applies to.

    position  in the rule's document, disabled criteria counted
    meets, others  won of the decided among those that meet it, and among the others
    """

    name: str
    position: int
    says: str
    is_touchpoint: bool
    records: int
    of: int
    meets: Share
    others: Share
    told: str

    @property
    def is_never(self) -> bool:
        return self.records == 0 and self.of > 0

    @property
    def is_always(self) -> bool:
        return self.records == self.of and self.of > 0


def coverage(
    criteria: Sequence[Criterion],
    met: Sequence[NDArray[np.bool_]],
    outcome: NDArray[np.int8],
    *,
    noun: str,
    label: Callable[[str], str] = str,
) -> list[Coverage]:
    """`met` and `outcome` of the records that count alone; `noun` is what they are called, many of them, and `label` tells
    what a field is called."""
    won, lost = outcome == WON, outcome == LOST
    all_won, all_lost, of = int(won.sum()), int(lost.sum()), len(outcome)
    found = []
    for criterion, fires in zip(criteria, met, strict=True):
        count = int(np.count_nonzero(fires))
        here, gone = int(np.count_nonzero(won & fires)), int(np.count_nonzero(lost & fires))
        meets = Share(here, here + gone)
        others = Share(all_won - here, all_won - here + all_lost - gone)
        told = words(count, of, meets, others, noun)
        found.append(
            Coverage(
                criterion.name,
                criterion.position,
                sentence(labelled_criterion(criterion, label)),
                criterion.is_touchpoint,
                count,
                of,
                meets,
                others,
                told,
            )
        )
    return found


def words(records: int, of: int, meets: Share, others: Share, noun: str) -> str:
    """
    >>> words(41, 200, Share(9, 41), Share(14, 155), "leads")
    '41 of 200 leads meet it; 22 % of them won, against 9 % of the others.'
    >>> words(1, 200, Share(0, 1), Share(0, 50), "leads")
    '1 of 200 leads meets it; no leads were won yet.'
    >>> words(0, 200, Share(0, 0), Share(14, 155), "leads")
    'None of 200 leads meets it.'
    >>> words(200, 200, Share(14, 155), Share(0, 0), "leads")
    'All 200 leads meet it, so it tells none apart; 9 % of them won.'
    """
    if not of:
        return said("There are no {noun} that the rule applies to.", noun=noun)
    if not records:
        return said("None of {all} {noun} meets it.", all=whole(of), noun=noun)
    if records == of:
        return _of_all(of, meets, noun)
    held = _HELD[records == 1](count=whole(records), all=whole(of), noun=noun)
    if meets.won + others.won == 0 and meets.count + others.count:
        return said("{held}; no {noun} were won yet.", held=held, noun=noun)
    if meets.rate is None:
        return said("{held}; none of them is won or lost yet.", held=held)
    won = percent(meets)
    if others.rate is None:
        return said("{held}; {share} of them won.", held=held, share=won)
    against = percent(others)
    return said(
        "{held}; {share} of them won, against {other} of the others.", held=held, share=won, other=against
    )


_HELD = Pattern("{count} of {all} {noun} meet it"), Pattern("{count} of {all} {noun} meets it")


def _of_all(of: int, meets: Share, noun: str) -> str:
    all_of_them = whole(of)
    if meets.rate is None:
        return said("All {all} {noun} meet it, so it tells none apart.", all=all_of_them, noun=noun)
    return said(
        "All {all} {noun} meet it, so it tells none apart; {share} of them won.",
        all=all_of_them,
        noun=noun,
        share=percent(meets),
    )


def percent(share: Share) -> str:
    """
    >>> percent(Share(9, 41)), percent(Share(1, 300)), percent(Share(0, 5)), percent(Share(299, 300))
    ('22 %', '0.3 %', '0 %', '99.7 %')
    """
    rate = 100 * (share.rate or 0.0)
    near = 0 < rate < 1 or 99 < rate < 100
    return said("{share} %", share=number(f"{rate:.1f}" if near else f"{rate:.0f}"))


def always_together(criteria: Sequence[Criterion], met: Sequence[NDArray[np.bool_]]) -> list[tuple[str, ...]]:
    """Names of criteria that are met by just the same records, of which there are some and not all."""
    groups: dict[bytes, list[str]] = {}
    for criterion, fires in zip(criteria, met, strict=True):
        if fires.any() and not fires.all():
            same = blake2b(np.packbits(fires).tobytes(), digest_size=16).digest()
            groups.setdefault(same, []).append(criterion.name)
    return [tuple(names) for names in groups.values() if len(names) > 1]
