"""The copy as relations that a compiled rule reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from firstcall.columns.duck import duck, quoted
from firstcall.columns.fetching import reading_nothing
from firstcall.columns.folder import copy_folder
from firstcall.columns.manifest import Manifest, ModuleCopy, read_manifest
from firstcall.columns.piles import pile_sql
from firstcall.columns.shapes import (
    HISTORY,
    HISTORY_FETCHED,
    RECORDS,
    RECORDS_FETCHED,
    TOUCHPOINTS,
    columns_of,
    history_rows,
    module_relation,
    record_rows,
    records_then,
)
from firstcall.columns.states import last_seen
from firstcall.scoring.columns import Columns

_NO_HISTORY = reading_nothing(HISTORY_FETCHED)


class NoCopyError(Exception):
    """There is no copy on this machine, or not yet; `str` says what to do."""


@dataclass(frozen=True)
class Copy:
    """The copy as it is now; its files stay for a while, also when it goes on.

    seen  the latest moment whose state it shows, microseconds
    """

    folder: Path
    manifest: Manifest
    seen: int

    def columns(self, module: str) -> Columns:
        return columns_of(self.manifest, module)

    def module(self, name: str) -> ModuleCopy:
        """Raises NoCopyError."""
        for copy in self.manifest.modules:
            if copy.shape.name == name:
                return copy
        raise NoCopyError(
            f"The columnar copy does not know the module {name} yet. Try again in a few seconds."
        )

    def with_relations(self, sql: str, module: str, *, as_of: int | None = None) -> str:
        """The statement with the relations that it reads.

        as_of  microseconds: records of this module and the others have the fields, owners, layouts and tags of then
        """
        if as_of is not None and as_of >= self.manifest.moment:
            as_of = None
        relations = self._relations(self.module(module), as_of)
        read = {name: of for name, of in relations.items() if re.search(rf"\b{name}\b", sql)}
        ctes = [f"{name} AS NOT MATERIALIZED (\n{of}\n)" for name, of in read.items()]
        body = sql.removeprefix("WITH ")
        return f"WITH {', '.join(ctes)}{',' if sql.startswith('WITH ') else ''}\n{body}" if ctes else sql

    def lay_out(
        self,
        db: duckdb.DuckDBPyConnection,
        module: str,
        *,
        as_of: int | None = None,
        kept: Collection[str] = (),
        only: str = "TRUE",
        further: str = "",
    ) -> None:
        """Make its relations views of the connection, with `history` of all field changes.

        as_of    as of `with_relations`, but that the fields of `kept` are as they are now
        only     a condition on `records`, the records asked for; related ones are all there
        further  columns that these have besides, each after a comma
        """
        if as_of is not None and as_of >= self.manifest.moment:
            as_of = None
        relations = dict(self._relations(self.module(module), as_of, kept))
        relations["records"] = f"SELECT *{further} FROM ({relations['records']}) AS r WHERE {only}"
        relations["history"] = _together(
            pile_sql(self.folder, self.manifest.history, HISTORY.key), history_rows(_NO_HISTORY)
        )
        for name, sql in relations.items():
            db.execute(f"CREATE OR REPLACE VIEW {name} AS {sql}")

    @contextmanager
    def open(self, *, memory: str = "2GB", threads: int = 2) -> Iterator[duckdb.DuckDBPyConnection]:
        with duck(self.folder / "spill", memory=memory, threads=threads) as db:
            yield db

    def _relations(self, own: ModuleCopy, as_of: int | None, kept: Collection[str] = ()) -> Mapping[str, str]:
        touchpoints = pile_sql(self.folder, self.manifest.touchpoints, TOUCHPOINTS.key)
        found = {"touchpoints": _together(touchpoints, self._no_touchpoints())}
        for copy in self.manifest.modules:
            found[module_relation(copy.shape.id)] = self._records(copy, as_of)
        return {**found, "records": self._records(own, as_of, kept)}

    def _records(self, copy: ModuleCopy, as_of: int | None, kept: Collection[str] = ()) -> str:
        rows = _together(pile_sql(self.folder, copy.records, RECORDS.key), self._no_records(copy))
        layout, owner = _named("layout_id", self.manifest.layouts), _named("owner_id", self.manifest.owners)
        history = " UNION ALL ".join(pile_sql(self.folder, self.manifest.history, HISTORY.key))
        if as_of is None or not history:
            return f"SELECT *, {layout} AS layout, {owner} AS owner FROM ({rows})"
        return records_then(copy.shape, rows, history, as_of, layout, owner, kept)

    def _no_touchpoints(self) -> str:
        more = "".join(f", CAST(NULL AS JSON) AS {ref}" for ref in self.manifest.properties.values())
        return (
            "SELECT CAST(NULL AS BIGINT) AS record_id, '' AS type, CAST(NULL AS BIGINT) AS occurred_at,"
            f" CAST(NULL AS JSON) AS properties{more} WHERE FALSE"
        )

    def _no_records(self, copy: ModuleCopy) -> str:
        return record_rows(copy.shape, reading_nothing(RECORDS_FETCHED))


def find_copy(folder: Path | None = None) -> Copy:
    """Raises NoCopyError."""
    where = copy_folder() if folder is None else folder
    manifest = read_manifest(where)
    if manifest is None:
        raise NoCopyError(
            "The columnar copy is not there yet. It is built by `firstcall up`, or by a `firstcall worker` on this"
            " machine; `firstcall columns status` says how far it is."
        )
    return Copy(where, manifest, last_seen(where, manifest))


def _together(queries: list[str], otherwise: str) -> str:
    return " UNION ALL ".join(queries) or otherwise


def _named(id: str, names: Mapping[int, str]) -> str:
    """The name that goes with an id."""
    if not names:
        return "CAST(NULL AS VARCHAR)"
    pairs = ", ".join(f"{key}: {quoted(name)}" for key, name in names.items())
    return f"(MAP {{{pairs}}})[{id}]"
