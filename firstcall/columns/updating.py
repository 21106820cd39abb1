"""The copy with what was written since: new files for what came, and lists of what went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from firstcall.columns.building import Build, numbered
from firstcall.columns.fetching import fetched, ids_sql
from firstcall.columns.manifest import FORMAT, Manifest, ModuleCopy, ModuleShape, Pile
from firstcall.columns.piles import Piling, is_due
from firstcall.columns.shapes import (
    HISTORY,
    HISTORY_FETCHED,
    HISTORY_QUERY,
    RECORDS,
    RECORDS_FETCHED,
    RECORDS_QUERY,
    TOUCHPOINTS,
    TOUCHPOINTS_FETCHED,
    TOUCHPOINTS_QUERY,
    Relation,
    history_rows,
    record_rows,
    touchpoint_rows,
)
from firstcall.columns.states import Changes, Surroundings


@dataclass(frozen=True)
class Fetch:
    """What is asked of PostgreSQL, and how it is made into the copy's rows."""

    query: str
    columns: dict[str, str]
    rows: Callable[[str], str]


@dataclass(frozen=True)
class Update:
    db: duckdb.DuckDBPyConnection
    folder: Path
    work: Path
    known: Manifest
    at: int

    def by(self, changes: Changes, snapshot: str, there: Surroundings) -> Manifest:
        modules = tuple(self._module(shape, changes) for shape in there.shapes)
        touchpoints, properties = self._touchpoints(changes), self.known.properties
        if set(there.properties) - set(properties):
            properties = numbered(there.properties)
            touchpoints = self._with_columns(touchpoints, properties)
        return Manifest(
            format=FORMAT,
            origin=self.known.origin,
            snapshot=snapshot,
            moment=self.at,
            generation=self.known.generation + 1,
            modules=modules,
            touchpoints=touchpoints,
            history=self._history(changes),
            properties=properties,
            layouts=there.layouts,
            owners=there.owners,
        )

    def _module(self, shape: ModuleShape, changes: Changes) -> ModuleCopy:
        known, build = self.known.module(shape.id), Build(self.db, self.folder, self.work)
        if known is None or known.shape != shape:
            return build.module(shape)
        pile, piling = known.records, Piling(self.db, self.folder, RECORDS)
        if changes.records:
            ids = sorted(changes.records)
            sql = f"{RECORDS_QUERY.format(module=shape.id)} AND id = ANY({ids_sql(ids)})"
            rows = self._fetch("records", sql, RECORDS_FETCHED, lambda source: record_rows(shape, source))
            pile = piling.replaced(pile, ids, rows, at=self.at)
        return ModuleCopy(shape, self._folded(piling, pile))

    def _touchpoints(self, changes: Changes) -> Pile:
        return self._appended(
            self.known.touchpoints,
            TOUCHPOINTS,
            Fetch(
                TOUCHPOINTS_QUERY,
                TOUCHPOINTS_FETCHED,
                lambda rows: touchpoint_rows(self.known.properties, rows),
            ),
            of=changes.touched,
            added=changes.added,
        )

    def _history(self, changes: Changes) -> Pile:
        return self._appended(
            self.known.history,
            HISTORY,
            Fetch(HISTORY_QUERY, HISTORY_FETCHED, history_rows),
            of=changes.history_of,
            added=changes.history_added,
        )

    def _appended(
        self, pile: Pile, relation: Relation, fetch: Fetch, *, of: set[int], added: set[int]
    ) -> Pile:
        """With what was added by ids, and all of these records' anew."""
        piling, conditions = Piling(self.db, self.folder, relation), []
        if of:
            conditions.append(f"record_id = ANY({ids_sql(sorted(of))})")
        if added:
            others = f" AND record_id <> ALL({ids_sql(sorted(of))})" if of else ""
            conditions.append(f"(id = ANY({ids_sql(sorted(added))}){others})")
        # One query each: together no index would serve them.
        sql = " UNION ALL ".join(f"{fetch.query} AND {condition}" for condition in conditions)
        if sql:
            make = self._fetch(relation.name, sql, fetch.columns, fetch.rows)
            pile = piling.replaced(pile, sorted(of), make, at=self.at)
        return self._folded(piling, pile)

    def _folded(self, piling: Piling, pile: Pile) -> Pile:
        return piling.folded(pile) if is_due(pile, self.at, few=piling.few) else pile

    def _fetch(self, name: str, sql: str, columns: dict[str, str], rows: Callable[[str], str]) -> str | None:
        """The query of the rows, which are in a table then; None where there are none."""
        folder = self.work / name
        folder.mkdir(exist_ok=True)
        self.db.execute(f"DROP TABLE IF EXISTS fetched_{name}")
        found = None
        for source in fetched(sql, folder, columns):
            verb = f"INSERT INTO fetched_{name}" if found else f"CREATE TEMP TABLE fetched_{name} AS"
            self.db.execute(f"{verb} {rows(source)}")
            found = f"SELECT * FROM fetched_{name}"
        return found

    def _with_columns(self, pile: Pile, properties: dict[str, str]) -> Pile:
        """Columns for properties that rules have come to read, out of the files themselves."""
        piling = Piling(self.db, self.folder, TOUCHPOINTS)
        return piling.rebuilt(pile, lambda rows: touchpoint_rows(properties, rows))
