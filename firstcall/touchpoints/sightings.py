"""What came in and is worth a look: types that nobody has defined, traits without a field, values that did not fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max, Min, Sum

from firstcall.touchpoints.models import Sighting, Source

UNKNOWN_TYPE, UNKNOWN_TRAIT, BAD_VALUE, REFUSED = "unknown_type", "unknown_trait", "bad_value", "refused"


@dataclass(slots=True)
class _Seen:
    example: str
    count: int = 0


class Sightings:
    """Counts what one intake has seen, to write it in one statement."""

    def __init__(self, source: Source, at: datetime) -> None:
        self._source, self._at = source, at
        self._seen: dict[tuple[str, str, str], _Seen] = {}

    def add(self, kind: str, name: str, says: str, example: object, count: int = 1) -> None:
        key = (kind, _short(name, 200), _short(says, 300))
        text = "" if example is None else _short(str(example), 200)
        self._seen.setdefault(key, _Seen(text)).count += count

    def write(self) -> None:
        Sighting.objects.bulk_create(
            Sighting(
                source=self._source,
                kind=kind,
                name=name,
                says=says,
                example=seen.example,
                count=seen.count,
                first_at=self._at,
                last_at=self._at,
            )
            for (kind, name, says), seen in self._seen.items()
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """All sightings of one thing."""

    source: int
    kind: str
    name: str
    says: str
    example: str
    count: int
    first_at: datetime
    last_at: datetime


def list_sightings(*, kind: str | None = None, source: int | None = None) -> list[Summary]:
    """The most frequent first."""
    rows = Sighting.objects.all()
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(source=source) if source else rows
    grouped = rows.values("source_id", "kind", "name", "says").annotate(
        example=Max("example"), n=Sum("count"), first=Min("first_at"), last=Max("last_at")
    )
    return [
        Summary(r["source_id"], r["kind"], r["name"], r["says"], r["example"], r["n"], r["first"], r["last"])
        for r in grouped.order_by("-n", "kind", "name", "source_id")
    ]


_COMPACT = """
WITH taken AS (
  DELETE FROM touchpoints_sighting
  WHERE id IN (SELECT id FROM touchpoints_sighting ORDER BY id FOR UPDATE SKIP LOCKED)
  RETURNING *
)
INSERT INTO touchpoints_sighting (source_id, kind, name, says, example, count, first_at, last_at)
SELECT source_id, kind, name, says, MAX(example), SUM(count), MIN(first_at), MAX(last_at)
FROM taken
GROUP BY source_id, kind, name, says"""


def compact() -> None:
    """Join the rows of each thing into one; the sums stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPACT)


def forget(kinds: Iterable[str], name: str) -> None:
    """What has been defined is worth no look any more."""
    Sighting.objects.filter(kind__in=list(kinds), name=name).delete()


def _short(text: str, longest: int) -> str:
    clean = text.replace("\0", "")
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"
