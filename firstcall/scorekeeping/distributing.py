"""How the scores of a rule are spread: how many records have which grade, and how many lie in which span of points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, DecimalField, F, Func, QuerySet, Value

from firstcall.access.viewer import Viewer
from firstcall.scorekeeping.glancing import grades_of
from firstcall.scorekeeping.models import RuleVersion, StoredRule, StoredScore
from firstcall.scorekeeping.standings import ranking

BRACKETS = 24  # about so many
_WHOLE = DecimalField(max_digits=38, decimal_places=0)


@dataclass(frozen=True, slots=True)
class Bracket:
    """How many totals (hundredths) are at least `low` and less than `high`, and of these how many with which grade."""

    low: Decimal
    high: Decimal
    grades: Mapping[str | None, int]

    @property
    def count(self) -> int:
        return sum(self.grades.values())


@dataclass(frozen=True, slots=True)
class Distribution:
    """
    grades    from the best to the least; None, for those that reach none, at the end and only where there are some
    brackets  side by side from the lowest total to the highest
    """

    scored: int
    grades: Mapping[str | None, int]
    brackets: Sequence[Bracket]


def distribution(rule: StoredRule, *, viewer: Viewer) -> Distribution:
    """Of the records that the viewer sees, by the scores that stand."""
    scores = ranking(rule, viewer=viewer)
    ends = _ends(scores)
    if ends is None:
        return Distribution(0, {}, ())
    low, high = ends
    width = _width(high - low)
    start = low // width * width - (width if low % width < 0 else 0)
    counts: dict[int, dict[str | None, int]] = defaultdict(dict)
    place = Func(F("total") - Value(start), Value(width), function="DIV", output_field=_WHOLE)
    for bracket, grade, count in (
        scores.order_by().values_list(place, "grade").annotate(count=Count("pk")).order_by()
    ):
        counts[int(bracket)][grade] = count
    last = max(counts)
    brackets = [
        Bracket(start + n * width, start + (n + 1) * width, counts.get(n, {})) for n in range(last + 1)
    ]
    grades = _in_order(rule, counts.values())
    return Distribution(sum(grades.values()), grades, brackets)


def _ends(scores: QuerySet[StoredScore]) -> tuple[Decimal, Decimal] | None:
    """The lowest and the highest total, each from an end of the index."""
    totals = scores.values_list("total", flat=True)
    high = totals.order_by("-total", "record").first()
    low = totals.order_by("total", "-record").first()
    return None if low is None or high is None else (low, high)


def _width(span: Decimal) -> Decimal:
    """A round number of points, so that a little more or less than `BRACKETS` cover the span.

    >>> [int(_width(Decimal(span))) for span in (0, 1_500, 7_000, 11_000, 10**9)]
    [100, 100, 500, 500, 50000000]
    """
    least = max(span / BRACKETS, Decimal(100))
    power = Decimal(10) ** (len(str(int(least))) - 1)
    return next(power * step for step in (1, 2, 5, 10) if power * step >= least)


def _in_order(rule: StoredRule, counted: Iterable[Mapping[str | None, int]]) -> dict[str | None, int]:
    found: dict[str | None, int] = defaultdict(int)
    for grades in counted:
        for grade, count in grades.items():
            found[grade] += count
    version = last_scoring(rule)
    known: list[str | None] = [*(grades_of(version) if version else ())]
    # Scores by an older version, not taken over yet, may have grades that this one has not.
    others = sorted(grade for grade in found if grade is not None and grade not in known)
    order = [*known, *others, *([None] if None in found else [])]
    return {grade: found.get(grade, 0) for grade in order}


def last_scoring(rule: StoredRule) -> RuleVersion | None:
    """The version that scores, or did until the rule was stopped; None before it was ever switched on."""
    if rule.active is not None:
        return rule.active
    stopped = (
        rule.activations.filter(version__isnull=False).select_related("version").order_by("at", "pk").last()
    )
    return None if stopped is None else stopped.version
