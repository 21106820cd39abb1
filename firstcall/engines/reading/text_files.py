"""Reading CSV, JSON lines and Excel files, row by row, into a table of text cells."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import duckdb

from firstcall.engines.reading.csv_text import CsvReader
from firstcall.engines.reading.encodings import Encoding, detect
from firstcall.engines.reading.errors import SourceError
from firstcall.engines.reading.excel import ExcelReader
from firstcall.engines.reading.files import Files, Format, read_bytes
from firstcall.engines.reading.json_lines import JsonLinesReader
from firstcall.engines.reading.lines import read_lines
from firstcall.engines.reading.mapping import FileMapping, RecordsMapping, TouchpointsMapping
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.reading.staging import Stage
from firstcall.engines.reading.text_tables import TextTable
from firstcall.scoring.problems import Problem
from firstcall.scoring.values import Kind


@dataclass
class TextReading:
    """One reading of the files of records, or of touchpoints; `folder` holds what comes of it."""

    connection: duckdb.DuckDBPyConnection
    files: Files
    mapping: FileMapping
    folder: str
    rejects: Rejects
    progress: Callable[[str, float | None], None]
    kinds: dict[str, set[Kind]] = field(default_factory=dict)

    def table(self, name: str) -> TextTable:
        """The rows of all files, staged under the name. Raises SourceError with the problems of all files."""
        stage = Stage(os.path.join(self.folder, name), self.files.paths, self.rejects, self._objects())
        problems: list[Problem] = []
        for file, path in enumerate(self.files.paths):
            try:
                for share in self._read(path, file, stage):
                    self.progress(f"reading {path}", share)
            except SourceError as error:
                problems += error.problems
        if problems:
            raise SourceError(problems)
        stage.finish()
        return TextTable(
            self.connection,
            self.files,
            stage,
            self.mapping,
            self.folder,
            {column: _common(kinds) for column, kinds in self.kinds.items()},
            numbered=isinstance(self.mapping, RecordsMapping) and self.mapping.number_rows,
        )

    def _objects(self) -> str | None:
        """The column of JSON objects that touchpoints may have."""
        if not isinstance(self.mapping, TouchpointsMapping):
            return None
        renamed = (old for old, new in self.mapping.rename.items() if new == "properties")
        return self.mapping.properties or next(renamed, "properties")

    def _read(self, path: str, file: int, stage: Stage) -> Iterator[float]:
        mapping = self.mapping
        if self.files.format is Format.EXCEL:
            sheet = ExcelReader(
                path, file, stage, sheet=mapping.sheet, header=mapping.header, missing=mapping.empty
            )
            yield from sheet.read()
            for name, kind in sheet.kinds().items():
                self.kinds.setdefault(name, set()).add(kind)
            return
        blocks = read_lines(read_bytes(path), self._encoding(path))
        if self.files.format is Format.JSON_LINES:
            yield from JsonLinesReader(path, file, stage).read(blocks)
        else:
            reader = CsvReader(path, file, stage, separator=mapping.separator, header=mapping.header)
            yield from reader.read(blocks)

    def _encoding(self, path: str) -> Encoding:
        if self.mapping.encoding:
            return Encoding(self.mapping.encoding, "replace")
        encoding = detect(path, (chunk for chunk, _ in read_bytes(path)))
        if encoding.guessed:
            self.rejects.note(f"{path}: the text is not UTF-8; it is read as {encoding.name}.")
        return encoding


def _common(kinds: set[Kind]) -> Kind:
    """The kind of a column in several sheets."""
    filled = kinds - {Kind.EMPTY}
    if not filled:
        return Kind.EMPTY
    if filled <= {Kind.DATE, Kind.TIME} and len(filled) > 1:
        return Kind.TIME
    return filled.pop() if len(filled) == 1 else Kind.TEXT
