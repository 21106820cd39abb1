"""Which records an import made or changed, as the database is asked: its steps keep runs of ids, not the ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from firstcall.records.importing.models import ImportStep

# Runs of ids are few, however many the ids: a table's sequence gives them one after the other.
_WRITTEN = """
records_record.id IN (
  SELECT generate_series(run.first, run.last)
  FROM unnest(CAST(%s AS bigint[]), CAST(%s AS bigint[])) AS run(first, last)
  UNION
  SELECT change.record_id
  FROM unnest(CAST(%s AS bigint[]), CAST(%s AS bigint[])) AS run(first, last)
  JOIN records_fieldchange AS change ON change.id BETWEEN run.first AND run.last
)"""


def is_written_by(run: int) -> RawSQL:
    """Of records: those that the import of records has made or changed."""
    steps = ImportStep.objects.filter(run=run, run__kind="records").values_list("created", "changes")
    created, changes = zip(*steps, strict=True) if steps else ((), ())
    made, changed = _joined(created), _joined(changes)
    parameters = [[first for first, _ in runs] if at == 0 else [last for _, last in runs]
                  for runs in (made, changed) for at in (0, 1)]  # fmt: skip
    return RawSQL(_WRITTEN, parameters, BooleanField())  # noqa: S611


def _joined(steps: Iterable[Sequence[Sequence[int]]]) -> list[tuple[int, int]]:
    """The runs of all steps, those that touch as one.

    >>> _joined([[[1, 3], [7, 7]], [[4, 5]]])
    [(1, 5), (7, 7)]
    """
    joined: list[tuple[int, int]] = []
    for first, last in sorted((run[0], run[1]) for step in steps for run in step):
        if joined and joined[-1][1] >= first - 1:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined
