"""Which files the copy consists of, and which state of the database they show: one small file, swapped as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

FORMAT = 2
NAME = "manifest.json"


class File(msgspec.Struct, frozen=True):
    """first, last  of the moments of touchpoints and field changes; of records' ids"""

    name: str
    rows: int
    first: int = 0
    last: int = 0


class Pile(msgspec.Struct, frozen=True):
    """The rows of one relation: of `parts`, but for those of the keys that are gone, and of `fresh`.

    parts       large files, sorted
    gone        a file of keys whose rows in `parts` count no longer
    gone_since  when the first of them came, microseconds
    """

    parts: tuple[File, ...] = ()
    fresh: tuple[File, ...] = ()
    gone: File | None = None
    gone_since: int = 0

    def files(self) -> Iterator[File]:
        yield from self.parts
        yield from self.fresh
        if self.gone is not None:
            yield self.gone

    @property
    def rows(self) -> int:
        """About: those that are gone are counted too."""
        return sum(file.rows for file in (*self.parts, *self.fresh))


class FieldShape(msgspec.Struct, frozen=True):
    """A field as the copy holds it; `target` is the id of the module that a look-up leads to."""

    id: int
    name: str
    kind: str
    target: int | None = None


class ModuleShape(msgspec.Struct, frozen=True):
    id: int
    name: str
    is_people: bool
    fields: tuple[FieldShape, ...] = ()


class ModuleCopy(msgspec.Struct, frozen=True):
    shape: ModuleShape
    records: Pile = Pile()


class Manifest(msgspec.Struct, frozen=True):
    """The copy at one moment.

    origin      the database that it is of
    snapshot    PostgreSQL's own word for the state that it shows
    moment      when that state was, microseconds
    generation  counts the states
    properties  of touchpoints, those that have a column of their own, by its name
    layouts, owners  names and e-mail addresses by id
    """

    format: int
    origin: str
    snapshot: str
    moment: int
    generation: int
    modules: tuple[ModuleCopy, ...]
    touchpoints: Pile
    history: Pile
    properties: dict[str, str]
    layouts: dict[int, str]
    owners: dict[int, str]

    def files(self) -> Iterator[File]:
        yield from self.touchpoints.files()
        yield from self.history.files()
        for module in self.modules:
            yield from module.records.files()

    def module(self, id: int) -> ModuleCopy | None:
        return next((module for module in self.modules if module.shape.id == id), None)


def read_manifest(folder: Path) -> Manifest | None:
    """None: there is none, or none that this version understands, or files of it are missing: it must be built anew."""
    return settled_manifest(folder, folder / NAME)


def settled_manifest(folder: Path, path: Path) -> Manifest | None:
    """The same of a manifest that is kept elsewhere than its files."""
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if manifest.format != FORMAT or not all((folder / file.name).is_file() for file in manifest.files()):
        return None
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """From here on this is the copy. Its files must be on disk, as `settle` leaves them."""
    path = folder / f"{NAME}.new"
    path.write_bytes(msgspec.json.encode(manifest))
    settle(path)
    path.replace(folder / NAME)
    settle(folder)


def settle(path: Path) -> None:
    """Wait until the file, or the names in the folder, are on disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
