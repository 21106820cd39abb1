"""The relations of related records: those that look-ups of the records lead to, or that look the records up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from firstcall.engines.reading.errors import SourceError, file_problem
from firstcall.engines.reading.lookups import LookupColumn, refs_of
from firstcall.engines.reading.queries import first_row, number
from firstcall.engines.reading.records import KNOWN, RecordsReading, build_records
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.reading.tables import Table
from firstcall.scoring.columns import Lookup, RelatedColumns

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Linked:
    """The file of a module's records, opened: its column of ids and its look-ups."""

    module: str
    table: Table
    id: str | None
    lookups: Sequence[LookupColumn]

    @property
    def relation(self) -> str:
        return f"related_{self.module}"

    @property
    def known(self) -> str:
        return f"firstcall_ids_of_{self.module}"

    def columns(self) -> dict[str, Lookup]:
        """The look-ups by what rules may call them; a name that two have is the first one's."""
        refs = refs_of(self.lookups)
        return {
            name: Lookup(lookup.module, refs[lookup.column])
            for lookup in reversed(self.lookups)
            for name in lookup.names
        }


def check_names(module: str, related: Mapping[str, str]) -> None:
    """Raises SourceError where modules have names that no rule can say, or the records are given twice."""
    problems = []
    for name, path in related.items():
        if not _NAME.fullmatch(name):
            says = f"`{name}` is no name for related records."
            problems.append(
                file_problem(path, "module-name", says, "Write small letters, digits and _, a letter first.")
            )
        elif name == module:
            says = f"the records that are scored are the {module} already."
            problems.append(
                file_problem(path, "same-module", says, "Look-ups from one of them to another need no more.")
            )
    if problems:
        raise SourceError(problems)


def build_related(
    connection: duckdb.DuckDBPyConnection,
    records: Linked,
    related: Sequence[Linked],
    rejects: Rejects,
    *,
    integer: bool,
    counted: bool,
) -> dict[str, RelatedColumns]:
    """Creates a relation of each module, when `records` and that of all of them are there, and has touchpoints of
    any of them known.

    counted  whether there are touchpoints, which are told from each other by the ids alone
    """
    found = {}
    for linked in related:
        reading = RecordsReading(
            linked.id, integer, lookups=refs_of(linked.lookups), relation=linked.relation, known=linked.known
        )
        columns, _ = build_records(connection, linked.table, reading, rejects)
        found[linked.module] = RelatedColumns(linked.relation, columns.fields, linked.columns())
    everyone = [records, *related]
    _know_all(connection, everyone)
    for linked in everyone:
        _note_loose(connection, linked, {other.module: other for other in everyone}, rejects)
    if counted:
        _note_shared(connection, everyone, rejects)
    return found


def _know_all(connection: duckdb.DuckDBPyConnection, everyone: Sequence[Linked]) -> None:
    union = " UNION ".join(f"SELECT id FROM {linked.known}" for linked in everyone)
    connection.execute(f"CREATE OR REPLACE VIEW {KNOWN} AS {union}")


def _note_loose(
    connection: duckdb.DuckDBPyConnection, linked: Linked, by_module: Mapping[str, Linked], rejects: Rejects
) -> None:
    """How many look-ups lead to no record."""
    refs = refs_of(linked.lookups)
    for lookup in linked.lookups:
        ref, target = refs[lookup.column], by_module[lookup.module]
        loose = number(
            connection,
            f"SELECT count({ref}) FROM {linked.relation}"
            f" WHERE {ref} IS NOT NULL AND {ref} NOT IN (SELECT id FROM {target.known})",
        )
        if loose:
            of = f"{loose:,} value{'' if loose == 1 else 's'}"
            rejects.note(
                f"{linked.table.files.shown}: {of} of `{lookup.column}`"
                f" {'leads' if loose == 1 else 'lead'} to no record of {target.table.files.shown}."
            )


def _note_shared(connection: duckdb.DuckDBPyConnection, everyone: Sequence[Linked], rejects: Rejects) -> None:
    """Ids that records of two modules have: a touchpoint does not say whose it is."""
    for position, one in enumerate(everyone):
        for other in everyone[position + 1 :]:
            count, example = first_row(
                connection,
                f"SELECT count(*), min(CAST(id AS VARCHAR)) FROM {one.known} SEMI JOIN {other.known} USING (id)",
            )
            if count:
                rejects.note(
                    f"{one.table.files.shown} and {other.table.files.shown}: {count:,}"
                    f" id{' is' if count == 1 else 's are'} in both, such as {example!r}; touchpoints with"
                    f" {'it' if count == 1 else 'one of them'} count for both."
                )
