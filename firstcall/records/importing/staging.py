"""A file's rows as text cells in Parquet parts: read once whatever its format, then gone through in steps."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq

from firstcall.engines.reading.csv_text import CsvReader
from firstcall.engines.reading.encodings import Encoding, detect
from firstcall.engines.reading.errors import SourceError, file_error
from firstcall.engines.reading.excel import ExcelReader
from firstcall.engines.reading.files import Format, read_bytes
from firstcall.engines.reading.json_lines import JsonLinesReader
from firstcall.engines.reading.lines import Block, LongLine, read_lines
from firstcall.engines.reading.parquet_rows import ParquetReader
from firstcall.engines.reading.quoting import parquet_source
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.reading.staging import Stage
from firstcall.records.importing.sniffing import find_format, header_line, header_row
from firstcall.scoring.saying import Forms, listed, said, whole

type Progress = Callable[[str, float | None], None]

_DONE, _REJECTS, _FOLDER = "staged.json", "unread.jsonl", "parts"


@dataclass(frozen=True)
class FileOptions:
    """Where a file is not found out rightly by itself.

    header  the names of the columns, where the file has none
    skip    so many lines above the header are passed over; None: found out
    """

    separator: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header: tuple[str, ...] = ()
    skip: int | None = None


@dataclass(frozen=True)
class Staged:
    """The rows of a file that could be read, in parts.

    columns  the names, in the order of the file; column i is `c{i}` (text) and, where typed, `j{i}` (JSON)
    typed    the columns that have values that are no text
    parts    how many rows each has
    unread   how many rows could not be read; they are in `unread_rows`
    notes    what was repaired or left aside
    encoding of its text; none where the format says it
    """

    folder: str
    format: str
    separator: str | None
    columns: tuple[str, ...]
    typed: tuple[str, ...]
    parts: tuple[int, ...]
    unread: int = 0
    notes: tuple[str, ...] = field(default=())
    encoding: str = ""

    @property
    def rows(self) -> int:
        return sum(self.parts)

    @cached_property
    def ordinals(self) -> dict[str, int]:
        return {name: ordinal for ordinal, name in enumerate(self.columns)}

    @property
    def source(self) -> str:
        """A FROM item of all rows, with `part` and `row` (its number in the part) as their place."""
        pattern = os.path.join(self.folder, _FOLDER, "*.parquet")
        return f"{parquet_source([pattern], ', union_by_name = true')} AS rows"

    def part_source(self, part: int) -> str:
        """The same of one part; the last part is empty and has all columns."""
        paths = [self._path(part), self._path(len(self.parts))]
        return f"{parquet_source(paths, ', union_by_name = true')} AS rows"

    def raw(self, name: str) -> str:
        """SQL of a cell as text, NULL or empty where there is none."""
        ordinal = self.ordinals[name]
        return f"COALESCE(j{ordinal}, c{ordinal})" if name in self.typed else f"c{ordinal}"

    def json(self, name: str) -> str | None:
        """SQL of a cell that is no text in the file, as JSON; None where no cell is one."""
        return f"j{self.ordinals[name]}" if name in self.typed else None

    def unread_rows(self) -> Iterator[tuple[int | None, str, str]]:
        """Line, reason and raw text of each row that could not be read."""
        with open(os.path.join(self.folder, _REJECTS), encoding="utf-8") as lines:
            for line in lines:
                place, reason, raw = json.loads(line)
                yield place, reason, raw

    def _path(self, part: int) -> str:
        return os.path.join(self.folder, _FOLDER, f"{part:08}.parquet")


_SKIPPED_ROWS = Forms(
    "{count} row above the header was passed over.", "{count} rows above the header were passed over."
)
_SKIPPED_LINES = Forms(
    "{count} line above the header was passed over.", "{count} lines above the header were passed over."
)


def stage_file(
    path: str, folder: str | Path, options: FileOptions, *, progress: Progress = lambda doing, share: None
) -> Staged:
    """Read the file into the folder, or find it there from before. Raises SourceError."""
    kept = Path(folder) / _DONE
    if kept.exists():
        return _load(kept)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    staging = _Staging(path, str(folder), options)
    try:
        for share in staging.read():
            progress(said("reading the file"), share)
        return staging.finish(kept)
    finally:
        staging.rejects.close()


def _load(kept: Path) -> Staged:
    told = json.loads(kept.read_text("utf-8"))
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    return Staged(**{**told, **lists, "folder": str(kept.parent)})


class _Staging:
    """One reading of a file."""

    def __init__(self, path: str, folder: str, options: FileOptions) -> None:
        self.path = path
        self.folder = folder
        self.options = options
        self.format = find_format(path)
        self.rejects = Rejects(whole=True)
        self.stage = Stage(os.path.join(folder, _FOLDER), [path], self.rejects, apart=True)
        self.separator = options.separator
        self.encoding = ""

    def read(self) -> Iterator[float]:
        if self.format is Format.EXCEL:
            return self._excel()
        if self.format is Format.PARQUET:
            return ParquetReader(self.path, 0, self.stage).read()
        blocks = read_lines(read_bytes(self.path), self._encoding())
        if self.format is Format.JSON_LINES:
            return JsonLinesReader(self.path, 0, self.stage).read(blocks)
        return self._csv(blocks)

    def finish(self, kept: Path) -> Staged:
        if not self.stage.ordinals:
            raise self._nothing()
        self.stage.finish()
        with open(os.path.join(self.folder, _REJECTS), "w", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in self.rejects.rows())
        paths = sorted(os.listdir(os.path.join(self.folder, _FOLDER)))[:-1]
        staged = Staged(
            self.folder,
            self.format,
            self.separator,
            tuple(self.stage.ordinals),
            tuple(name for name in self.stage.ordinals if name in self.stage.typed),
            tuple(pq.read_metadata(os.path.join(self.folder, _FOLDER, path)).num_rows for path in paths),
            len(self.rejects),
            tuple(note.removeprefix(f"{self.path}: ") for note in self.rejects.notes),
            self.encoding,
        )
        # The file that says the reading is complete comes to be whole or not at all.
        part = kept.with_suffix(".part")
        part.write_text(json.dumps({**asdict(staged), "folder": ""}), "utf-8")
        part.replace(kept)
        return staged

    def _nothing(self) -> SourceError:
        """Without a single name of a column; the first row that could not be read tells why."""
        for line, reason, _ in self.rejects.rows():
            says = said(
                "none of its {count} rows can be read: {reason}.",
                count=whole(len(self.rejects)),
                reason=reason,
            )
            return file_error(
                self.path, "empty-file", says, said("Mend that row, or export the file again."), line=line
            )
        return file_error(self.path, "empty-file", said("the file holds no rows."), said("Export it again."))

    def _encoding(self) -> Encoding:
        if self.options.encoding:
            self.encoding = self._checked(self.options.encoding)
            return Encoding(self.options.encoding, "replace")
        encoding = detect(self.path, (chunk for chunk, _ in read_bytes(self.path)))
        if encoding.guessed:
            self.rejects.note(said("The text is not UTF-8; it is read as {name}.", name=encoding.name))
        self.encoding = encoding.name
        return encoding

    def _checked(self, name: str) -> str:
        """Python has codecs that are no encodings of texts, such as hex, and some that cannot be read in parts."""
        try:
            b"a\xff".decode(name, "replace")
            return name
        except (LookupError, ValueError):
            pass
        says, fix = (
            said("{name} is no encoding.", name=name),
            said("Name one such as utf-8 or cp1252, or leave it out."),
        )
        raise file_error(self.path, "unknown-encoding", says, fix)

    def _excel(self) -> Iterator[float]:
        given = {"sheet": self.options.sheet, "header": self.options.header}
        skip = self.options.skip
        if skip is None:
            rows = ExcelReader(self.path, 0, self.stage, sheet=self.options.sheet).first_rows(20)
            skip = 0 if self.options.header else header_row(rows)
            self._note_skipped(skip, _SKIPPED_ROWS)
        return ExcelReader(self.path, 0, self.stage, skip=skip, **given).read()  # type: ignore[arg-type]

    def _csv(self, blocks: Iterator[Block | LongLine]) -> Iterator[float]:
        skip, separator = self.options.skip, self.options.separator
        first = next(blocks, None)
        if isinstance(first, Block) and skip is None and not self.options.header:
            skip, found = header_line(first.text, separator, tabbed=".tsv" in self.path.lower())
            separator = separator or found
            self._note_skipped(skip, _SKIPPED_LINES)
        reader = CsvReader(self.path, 0, self.stage, separator=separator, header=self.options.header)
        yield from reader.read(_skipping(first, blocks, skip or 0))
        self.separator = reader.separator

    def _note_skipped(self, skip: int, says: Forms) -> None:
        if skip:
            self.rejects.note(says(skip))


def _skipping(
    first: Block | LongLine | None, blocks: Iterator[Block | LongLine], skip: int
) -> Iterator[Block | LongLine]:
    """The blocks without the first lines; the others keep their numbers."""
    if isinstance(first, Block) and skip:
        lines = first.text.split("\n", skip)
        first = Block(lines[-1] if len(lines) > skip else "", first.first_line + skip, first.share)
    if first is not None:
        yield first
    yield from blocks


def names_of(columns: Sequence[str], most: int = 20) -> str:
    """The names for a sentence."""
    return listed(columns, most)
