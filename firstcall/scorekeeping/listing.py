"""Lists of records, a page at a time, in the order of a field or of a rule's scores; also by what a rule gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from firstcall.records.errors import InvalidFilterError
from firstcall.records.filtering import Selection
from firstcall.records.models import Record
from firstcall.records.sorting import read_sorting
from firstcall.scorekeeping.models import StoredRule, StoredScore
from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import said

type Place = tuple[str | None, int]
"""Behind which record a page begins: what it is sorted by, as text, and its id."""

SCORE = "score:"
NOTHING = Value(None, output_field=TextField())
COUNTED = 10_000
"""So many records are counted; beyond, a list says that there are more."""


@dataclass(frozen=True)
class Listed:
    """Records of a module, narrowed by their scores too.

    rule      whose scores `grades` and `at_least` (hundredths) are of
    """

    selection: Selection
    rule: StoredRule | None = None
    grades: tuple[str, ...] = ()
    at_least: int | None = None

    def records(self, *, now: datetime) -> QuerySet[Record]:
        records = self.selection.records(now=now)
        if self.rule is None or (not self.grades and self.at_least is None):
            return records
        having = Q(scores__rule=self.rule)
        if self.grades:
            having &= Q(scores__grade__in=self.grades)
        if self.at_least is not None:
            having &= Q(scores__total__gte=self.at_least)
        return records.filter(having)

    def count(self, *, now: datetime) -> int:
        """How many there are, up to one more than COUNTED."""
        return self.records(now=now).order_by()[: COUNTED + 1].count()

    def page(
        self, order: str, *, after: Place | None, limit: int, now: datetime
    ) -> tuple[list[Record], Place | None]:
        """
        order  id, a field's name, or `score:` and a rule's id; "-" before it for the other way round. By scores,
               records that have none come last
        Raises InvalidFilterError for an order that there is not, ValueError for a place that is none.
        """
        records = self.records(now=now).select_related("owner", "layout")
        name = order.removeprefix("-")
        with _one_after_the_other():
            if name == "id":
                return _by_id(records, order.startswith("-"), after, limit)
            if name.startswith(SCORE):
                return self._by_score(records, name.removeprefix(SCORE), order.startswith("-"), after, limit)
            return read_sorting(self.selection.filter, order).page(records, after=after, limit=limit)

    def _by_score(
        self, records: QuerySet[Record], rule: str, descending: bool, after: Place | None, limit: int
    ) -> tuple[list[Record], Place | None]:
        found = StoredRule.objects.filter(pk=int(rule) if rule.isascii() and rule.isdigit() else 0).first()
        if found is None or found.module_id != self.selection.module.pk:
            raise InvalidFilterError(
                [Problem(("sort",), "no-rule", said("There is no such rule to sort by."))]
            )
        page = [] if after and after[0] is None else _scored(records, found, descending, after, limit + 1)
        if len(page) <= limit:
            # Those without a score follow, the newest first.
            without = records.filter(~Exists(StoredScore.objects.filter(rule=found, record=OuterRef("pk"))))
            if after and after[0] is None:
                without = without.filter(pk__lt=after[1])
            page += without.annotate(by_total=NOTHING).order_by("-pk")[: limit + 1 - len(page)]
        return _cut(page, limit, lambda record: record.by_total)  # type: ignore[attr-defined]


@contextmanager
def _one_after_the_other() -> Iterator[None]:
    """A page ends where it has enough rows. Several workers in one index would not: each goes on until it has found a row
    of its own, through all records where those wanted stand at the beginning."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        yield


def _scored(
    records: QuerySet[Record], rule: StoredRule, descending: bool, after: Place | None, most: int
) -> list[Record]:
    rows = records.filter(scores__rule=rule).annotate(by_total=Cast(F("scores__total"), TextField()))
    if after is not None:
        total, id = int(after[0] or 0), after[1]
        beyond = "lt" if descending else "gt"
        rows = rows.filter(
            Q(**{f"scores__total__{beyond}": total}) | Q(scores__total=total, scores__record__gt=id),
            **{f"scores__total__{beyond}e": total},  # gives the index its place to begin at
        )
    way = F("scores__total").desc() if descending else F("scores__total").asc()
    return list(rows.order_by(way, "scores__record_id")[:most])


def _by_id(
    records: QuerySet[Record], descending: bool, after: Place | None, limit: int
) -> tuple[list[Record], Place | None]:
    if after is not None:
        records = records.filter(pk__lt=after[1]) if descending else records.filter(pk__gt=after[1])
    return _cut(list(records.order_by("-pk" if descending else "pk")[: limit + 1]), limit, lambda _: None)


def _cut(
    page: Sequence[Record], limit: int, key: Callable[[Record], str | None]
) -> tuple[list[Record], Place | None]:
    if len(page) <= limit:
        return list(page), None
    last = page[limit - 1]
    return list(page[:limit]), (key(last), last.pk)
