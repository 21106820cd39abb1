"""Parquet files row by row, as cells that are texts or JSON: for what goes through rows, not for scoring."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from firstcall.engines.reading.errors import file_error
from firstcall.engines.reading.json_values import written
from firstcall.engines.reading.staging import Batch, Stage

_BATCH = 20_000
_TEXT = pa.string()


class ParquetReader:
    """One file: batches of its rows for the stage."""

    def __init__(self, path: str, file: int, stage: Stage) -> None:
        self.path = path
        self.file = file
        self.stage = stage

    def read(self) -> Iterator[float]:
        """Stages all rows; yields the share of the file read by then."""
        try:
            with pq.ParquetFile(self.path) as file:
                self.stage.declare(file.schema_arrow.names)
                done, total = 0, max(file.metadata.num_rows, 1)
                for batch in file.iter_batches(_BATCH):
                    self._add(batch, done)
                    done += len(batch)
                    yield done / total
        except (pa.ArrowInvalid, OSError) as error:
            says = f"the file cannot be read as Parquet ({error})."
            raise file_error(self.path, "broken-parquet", says, "Copy or export the file again.") from error

    def _add(self, batch: pa.RecordBatch, before: int) -> None:
        texts: dict[str, pa.Array] = {}
        others: dict[str, pa.Array] = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            values = [_plain(value) for value in column.to_pylist()]
            texts[name] = pa.array([value if isinstance(value, str) else None for value in values], _TEXT)
            typed = [written(value) for value in values]
            if any(text is not None for text in typed):
                others[name] = pa.array(typed, _TEXT)
        lines = pa.array(range(before + 1, before + len(batch) + 1), pa.int64())
        self.stage.add(Batch(self.file, lines, texts, others))


def _plain(value: object) -> object:
    """Dates and times as their text, decimals as numbers with all digits."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, Decimal):
        return msgspec.Raw(format(value.normalize(), "f").encode())
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
