"""Which files a name, glob or folder stands for, in which format, and their bytes, decompressed."""

from __future__ import annotations

import glob
import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import zstandard

from firstcall.engines.reading.errors import file_error
from firstcall.scoring.saying import said

CHUNK = 1 << 20


class Format(StrEnum):
    CSV = "CSV"
    JSON_LINES = "JSON lines"
    EXCEL = "Excel"
    PARQUET = "Parquet"


SUFFIXES = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".txt": Format.CSV,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".json": Format.JSON_LINES,
    ".parquet": Format.PARQUET,
    ".xlsx": Format.EXCEL,
}
COMPRESSIONS = (".gz", ".zst")
_KNOWN = ", ".join(SUFFIXES) + ", and .gz or .zst after those of text"


@dataclass(frozen=True)
class Files:
    """What was asked for and the files it stands for, in order.

    partitioned  the folders below carry columns in their names: `month=2024-01/`
    """

    shown: str
    format: Format
    paths: tuple[str, ...]
    partitioned: bool = False


def find_files(given: str) -> Files:
    """The files behind a name, a glob or a folder of Parquet files. Raises SourceError."""
    path = Path(given)
    if path.is_dir():
        return _folder(given, path)
    if path.exists() or not glob.has_magic(given):
        paths: tuple[str, ...] = (given,)
    else:
        paths = tuple(sorted(p for p in glob.glob(given, recursive=True) if os.path.isfile(p)))
        if not paths:
            raise file_error(
                given, "no-file", said("no file matches."), said("Check the path and the pattern.")
            )
    formats = {_format_of(path) for path in paths}
    if len(formats) > 1:
        names = " and ".join(sorted(formats))
        raise file_error(
            given,
            "mixed-formats",
            said("the files are {names}.", names=names),
            said("Give files of one format."),
        )
    for name in paths:
        _check(name)
    return Files(given, formats.pop(), paths)


def _folder(given: str, folder: Path) -> Files:
    paths = sorted(
        str(path)
        for path in folder.rglob("*.parquet")
        if path.is_file() and not any(p.startswith((".", "_")) for p in path.relative_to(folder).parts)
    )
    if not paths:
        raise file_error(
            given,
            "empty-folder",
            said("the folder holds no .parquet file."),
            said("Give a folder of Parquet files, or a pattern such as 'folder/*.csv'."),
        )
    for path in paths:
        _check(path)
    partitioned = all("=" in str(Path(path).relative_to(folder).parent) for path in paths)
    return Files(given, Format.PARQUET, tuple(paths), partitioned)


def _format_of(path: str) -> Format:
    name = path.lower()
    for compression in COMPRESSIONS:
        name = name.removesuffix(compression)
    format = SUFFIXES.get(os.path.splitext(name)[1])
    compressed = name != path.lower()
    if format is None or (compressed and format in (Format.PARQUET, Format.EXCEL)):
        says = said("the ending of the name tells no format that can be read ({known}).", known=_KNOWN)
        raise file_error(path, "unknown-format", says, said("Rename the file, or export it as CSV."))
    return format


def _check(path: str) -> None:
    if not os.path.exists(path):
        raise file_error(path, "no-file", said("there is no such file."), said("Check the path."))
    if not os.access(path, os.R_OK):
        raise file_error(
            path, "unreadable", said("the file may not be read."), said("Give yourself the right to read it.")
        )
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        raise file_error(
            path, "empty-file", said("the file is empty."), said("Export it again; a header is needed.")
        )


def read_bytes(path: str) -> Iterator[tuple[bytes, float]]:
    """The file's bytes in chunks, decompressed, each with the share of the file read so far. Raises SourceError."""
    size = max(os.path.getsize(path), 1)
    with open(path, "rb") as raw:
        try:
            if path.lower().endswith(".gz"):
                with gzip.GzipFile(fileobj=raw) as unzipped:
                    while chunk := unzipped.read(CHUNK):
                        yield chunk, raw.tell() / size
            else:
                chunks = (
                    _unzstd(raw.read) if path.lower().endswith(".zst") else iter(lambda: raw.read(CHUNK), b"")
                )
                for chunk in chunks:
                    yield chunk, raw.tell() / size
        except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
            cut = isinstance(error, EOFError)
            says = (
                said("the compressed file ends in the middle.")
                if cut
                else said("the compression is broken ({error}).", error=error)
            )
            raise file_error(
                path, "broken-compression", says, said("Copy or export the file again.")
            ) from error


def _unzstd(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Decompressed chunks of zstd frames; EOFError when the last one is cut off."""
    decompressor = zstandard.ZstdDecompressor()
    frame = None
    while chunk := read(CHUNK):
        while chunk:
            frame = frame or decompressor.decompressobj()
            if opened := frame.decompress(chunk):
                yield opened
            chunk = frame.unused_data if frame.eof else b""
            if frame.eof:
                frame = None
    if frame is not None:
        raise EOFError
