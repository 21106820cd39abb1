"""Writes tables batch by batch as CSV, JSON lines or Parquet; what is not finished does not stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

type Format = Literal["csv", "jsonl", "parquet"]

FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet")


class TableWriter(Protocol):
    """Takes the batches of one table, all of one schema."""

    def write(self, table: pa.Table) -> None: ...


@contextmanager
def open_table(path: Path, schema: pa.Schema, form: Format) -> Iterator[TableWriter]:
    """A writer for the file at `path`, which comes to be when the block ends well and not before."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file, _writer(file, schema, form) as writer:
            yield writer
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _writer(file: BinaryIO, schema: pa.Schema, form: Format) -> Iterator[TableWriter]:
    if form == "jsonl":
        yield _JsonLines(file)
    elif form == "csv":
        with csv.CSVWriter(file, schema, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
            yield writer
    else:
        with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
            yield writer


class _JsonLines:
    """An object a line; missing values are left out, and a column `properties` is JSON already."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, table: pa.Table) -> None:
        parts = [_members(name, table[name]) for name in table.column_names]
        lines = pc.binary_join_element_wise(*parts, ",", null_handling="skip")
        self._file.writelines(f"{{{line}}}\n".encode() for line in lines.to_pylist())


def _members(name: str, column: pa.ChunkedArray) -> pa.Array:
    """`"name":value` for each row; null where the value is missing."""
    column = column.combine_chunks()
    if name != "properties" and pa.types.is_string(column.type):
        coded = column.dictionary_encode()
        quoted = pa.array(
            [json.dumps(text, ensure_ascii=False) for text in coded.dictionary.to_pylist()], pa.string()
        )
        column = quoted.take(coded.indices)
    return pc.binary_join_element_wise(f'"{name}":', column.cast(pa.string()), "")
