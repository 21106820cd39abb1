"""Changing the files of one relation: rows come in small files, keys go by a list, and now and then both are folded into
the large files. No file is ever changed: new ones are written beside the old."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from firstcall.columns.duck import files_sql, quoted
from firstcall.columns.folder import new_name
from firstcall.columns.manifest import File, Pile, settle
from firstcall.columns.shapes import Relation

PART = 1_000_000  # rows that a large file has at least, where there are so many
GROUP = 65_536  # rows that are read together: few, so that types lie in groups of their own
FEW = 50_000  # fresh rows that are left as they are
FORGET = timedelta(minutes=30)  # so long rows that are gone may stay in the large files
_MONTH = 30 * 86_400_000_000


@dataclass(frozen=True)
class Piling:
    """Writes the files of one relation into the folder."""

    db: duckdb.DuckDBPyConnection
    folder: Path
    relation: Relation
    part: int = PART
    few: int = FEW

    # --- writing

    def write(self, rows: str, *, is_part: bool = False) -> File | None:
        """The rows of a query as one file, which is on disk then; None where there are none."""
        name = new_name(self.relation.name)
        path = self.folder / name
        self.db.execute(
            f"COPY (SELECT * FROM ({rows}) ORDER BY {self.relation.order}) TO {quoted(path)}"
            f" (FORMAT parquet, COMPRESSION {'zstd' if is_part else 'snappy'}, ROW_GROUP_SIZE {GROUP})"
        )
        span = self.relation.span
        found = self.db.execute(
            f"SELECT count(*), min({span}), max({span}) FROM {files_sql([path])}"
        ).fetchone()
        count, first, last = found or (0, None, None)
        if not count:
            path.unlink()
            return None
        settle(path)
        return File(name, count, first, last)

    def parts_of(self, rows: str) -> tuple[File, ...]:
        """All rows of a query as large files, each with a span of its own."""
        written = [self.write(self._within(rows, *span), is_part=True) for span in self._spans(rows)]
        return tuple(file for file in written if file is not None)

    def _spans(self, rows: str) -> list[tuple[int | None, int | None]]:
        """Bounds, half-open, between which there are rows for a large file each."""
        span = self.relation.span
        step = self.part if span == "id" else _MONTH
        counted = self.db.execute(
            f"SELECT {span} // {step} AS slice, count(*) FROM ({rows}) GROUP BY slice ORDER BY slice"
        ).fetchall()
        starts, held = list[int](), 0
        for slice, count in counted:
            if held >= self.part:
                starts.append(slice * step)
                held = 0
            held += count
        if starts and held < self.part // 2:
            starts.pop()
        return list(zip([None, *starts], [*starts, None], strict=True))

    def _within(self, rows: str, start: int | None, end: int | None) -> str:
        span = self.relation.span
        bounds = [f"{span} >= {start}"] if start is not None else []
        bounds += [f"{span} < {end}"] if end is not None else []
        return f"SELECT * FROM ({rows})" + (f" WHERE {' AND '.join(bounds)}" if bounds else "")

    # --- what comes and goes

    def replaced(self, pile: Pile, keys: Sequence[int], rows: str | None, *, at: int) -> Pile:
        """The pile without what was there of these keys, and with the rows of a query."""
        if keys:
            self.db.execute("CREATE OR REPLACE TEMP TABLE leaving (key BIGINT)")
            listed = ", ".join(f"({int(key)})" for key in keys)
            self.db.execute(f"INSERT INTO leaving VALUES {listed}")
            pile = self._without_leaving(pile, at)
        made = None if rows is None else self.write(rows)
        fresh = [*pile.fresh, *([made] if made else [])]
        return Pile(pile.parts, tuple(self._joined(fresh)), pile.gone, pile.gone_since)

    def _without_leaving(self, pile: Pile, at: int) -> Pile:
        key = self.relation.key
        is_leaving = f"{key} IN (SELECT key FROM leaving)"
        fresh = list[File]()
        for file in pile.fresh:
            source = files_sql([self.folder / file.name])
            if not self._counted(f"{source} WHERE {is_leaving}"):
                fresh.append(file)
            elif left := self.write(f"SELECT * FROM {source} WHERE NOT {is_leaving}"):
                fresh.append(left)
        if not pile.parts or not self._counted(f"{self._rows_of(pile.parts)} WHERE {is_leaving}"):
            return Pile(pile.parts, tuple(fresh), pile.gone, pile.gone_since)
        before = f" UNION SELECT key FROM {files_sql([self.folder / pile.gone.name])}" if pile.gone else ""
        name = new_name("gone")
        path = self.folder / name
        self.db.execute(f"COPY (SELECT key FROM leaving{before}) TO {quoted(path)} (FORMAT parquet)")
        settle(path)
        gone = File(name, self._counted(files_sql([path])))
        return Pile(pile.parts, tuple(fresh), gone, pile.gone_since or at)

    def _joined(self, fresh: list[File]) -> list[File]:
        """Few files instead of many: two of about one size become one, as digits carry."""
        while len(fresh) > 1 and fresh[-1].rows * 2 >= fresh[-2].rows:
            made = self.write(f"SELECT * FROM {self._rows_of(fresh[-2:])}")
            fresh = [*fresh[:-2], *([made] if made else [])]
        return fresh

    # --- folding

    def folded(self, pile: Pile) -> Pile:
        """The same rows with nothing gone, and nothing fresh but a few that came late."""
        if not pile.parts:
            return Pile(self.parts_of(f"SELECT * FROM {self._rows_of(pile.fresh)}")) if pile.fresh else Pile()
        starts: list[int | None] = [None, *(file.first for file in pile.parts[1:])]
        spans = list(zip(pile.parts, starts, [*starts[1:], None], strict=True))
        parts, late = list[File](), list[str]()
        for part, start, end in spans:
            fresh = self._fresh_within(pile, start, end)
            coming = self._counted(f"({fresh})") if fresh else 0
            leaves = self._counted(f"{self._rows_of([part])} WHERE {self._is_gone(pile)}") if pile.gone else 0
            if not leaves and coming * 50 < part.rows:
                parts.append(part)
                late += [fresh] if coming else []
                continue
            kept = f"SELECT * FROM {self._rows_of([part])}"
            kept += f" WHERE NOT {self._is_gone(pile)}" if pile.gone else ""
            parts += self.parts_of(f"{kept} UNION ALL {fresh}" if fresh else kept)
        left = self.write(" UNION ALL ".join(late)) if late else None
        return Pile(tuple(parts), (left,) if left else ())

    def _fresh_within(self, pile: Pile, start: int | None, end: int | None) -> str:
        if not pile.fresh:
            return ""
        return self._within(f"SELECT * FROM {self._rows_of(pile.fresh)}", start, end)

    def _is_gone(self, pile: Pile) -> str:
        assert pile.gone is not None  # noqa: S101
        return f"{self.relation.key} IN (SELECT key FROM {files_sql([self.folder / pile.gone.name])})"

    def rebuilt(self, pile: Pile, rows: Callable[[str], str]) -> Pile:
        """Every file anew, by a query over all rows."""
        everything = " UNION ALL ".join(pile_sql(self.folder, pile, self.relation.key))
        return Pile(self.parts_of(rows(f"({everything})"))) if everything else Pile()

    def _rows_of(self, files: Iterable[File]) -> str:
        return files_sql(self.folder / file.name for file in files)

    def _counted(self, source: str) -> int:
        found = self.db.execute(f"SELECT count(*) FROM {source}").fetchone()
        return int(found[0]) if found else 0


def is_due(pile: Pile, at: int, *, few: int = FEW) -> bool:
    """Whether the fresh rows are too many, or what is gone must leave the large files."""
    fresh, parts = sum(f.rows for f in pile.fresh), sum(f.rows for f in pile.parts)
    gone = pile.gone.rows if pile.gone else 0
    many = fresh > max(few, parts // 10) or gone > max(few, parts // 50)
    return many or (pile.gone is not None and pile.gone_since < at - FORGET / timedelta(microseconds=1))


def pile_sql(folder: Path, pile: Pile, key: str) -> list[str]:
    """Queries that together give the rows of a pile."""
    found = []
    if pile.parts:
        sql = f"SELECT * FROM {files_sql(folder / file.name for file in pile.parts)}"
        if pile.gone is not None:
            sql += f" WHERE {key} NOT IN (SELECT key FROM {files_sql([folder / pile.gone.name])})"
        found.append(sql)
    if pile.fresh:
        found.append(f"SELECT * FROM {files_sql(folder / file.name for file in pile.fresh)}")
    return found
