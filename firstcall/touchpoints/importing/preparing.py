"""Makes the rows of a file of touchpoints ready in one Parquet file, sorted by record: then a record's touchpoints come
in together, it becomes due once, and the index by record grows at one place at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa

from firstcall.access.viewer import Viewer
from firstcall.engines.reading.quoting import literal, literals
from firstcall.records.importing.cells import text_sql
from firstcall.records.importing.dates import DateReading, moment_sql
from firstcall.records.importing.lookups import LookupKind, look_up
from firstcall.records.importing.plan import ReadingOptions
from firstcall.records.importing.staging import Staged
from firstcall.records.models import Module
from firstcall.scoring.saying import said
from firstcall.touchpoints.importing.asking import TouchpointWishes
from firstcall.touchpoints.importing.roles import Roles

STEP = 20_000
LONGEST_TYPE, LONGEST_ID = 120, 100
_PEOPLE = 20_000  # persons that are looked up at once
_PATTERN = r"^[^\s]{1,120}$"


def prepare(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    roles: Roles,
    wishes: TouchpointWishes,
    dates: DateReading,
    reading: ReadingOptions,
    path: Path,
    *,
    viewer: Viewer,
    tell: Callable[[str], None] = lambda doing: None,
) -> None:
    """Write the file: line, record_id, type, occurred_at, message_id, properties, and of a row that cannot be taken
    the reason. Rows are its groups of STEP."""
    preparing = _Preparing(connection, staged, roles, wishes, dates, reading, viewer)
    tell(said("looking for the persons"))
    preparing.find_people()
    tell(said("sorting by record"))
    part = path.with_suffix(".part")
    copy = f"(FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE {STEP})"
    connection.execute(f"COPY ({preparing.rows_sql()}) TO {literal(str(part))} {copy}")
    os.replace(part, path)


class _Preparing:
    """The statements over one staged file."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        staged: Staged,
        roles: Roles,
        wishes: TouchpointWishes,
        dates: DateReading,
        reading: ReadingOptions,
        viewer: Viewer,
    ) -> None:
        self.connection = connection
        self.staged = staged
        self.roles = roles
        self.wishes = wishes
        self.dates = dates
        self.reading = reading
        self.viewer = viewer

    def find_people(self) -> None:
        """The table `people`: each person's text with the record, or with the reason why there is none."""
        module = Module.objects.get(name=self.wishes.module)
        self.connection.execute(
            "CREATE OR REPLACE TABLE people (person VARCHAR, record_id BIGINT, reason VARCHAR)"
        )
        person = self._trimmed(self.roles.person)
        distinct = f"SELECT DISTINCT {person} AS person FROM {self.staged.source}{self._where()}"
        reader = self.connection.cursor()
        reader.execute(f"SELECT person FROM ({distinct}) WHERE person <> '' ORDER BY person")
        while rows := reader.fetchmany(_PEOPLE):
            texts = [row[0] for row in rows]
            found = look_up(module, texts, kinds=(LookupKind(self.roles.by),), viewer=self.viewer)
            table = pa.table(
                {
                    "person": pa.array(texts, pa.string()),
                    "record_id": pa.array([found.records.get(text) for text in texts], pa.int64()),
                    "reason": pa.array([found.reasons.get(text) for text in texts], pa.string()),
                }
            )
            self.connection.register("found_people", table)
            self.connection.execute("INSERT INTO people SELECT * FROM found_people")
            self.connection.unregister("found_people")
        reader.close()

    def rows_sql(self) -> str:
        at = moment_sql(self._trimmed(self.roles.at), self.dates, self.reading.zone)
        read = f"""
SELECT line, {self._trimmed(self.roles.person)} AS person, {self._type()} AS type, {at} AS occurred_at,
       {self._properties()} AS properties, {self._content()} AS content, {self._bad_properties()} AS bad_properties,
       {self._trimmed(self.roles.at)} IS NOT NULL AS timed
FROM {self.staged.source}{self._where()}"""
        # A row that stands in the file n times is n touchpoints, in every import of it the same ones.
        id = "content" if self.roles.id else "content || CASE WHEN n = 1 THEN '' ELSE '-' || n END"
        column = self.roles.person
        too_long_type = said(
            "takes a type without spaces, of at most {longest} characters", longest=LONGEST_TYPE
        )
        reasons = [
            ("read.person IS NULL OR read.person = ''", _told(column, said("says of no row whose it is; it is empty"))),
            ("people.reason IS NOT NULL", f"{literal(column + ': ')} || people.reason || '.'"),
            ("read.type IS NULL", _told(self.roles.type, said("the type is missing"))),
            (f"NOT regexp_matches(read.type, '{_PATTERN}')",
             _told(self.roles.type, too_long_type)),
            ("NOT read.timed", _told(self.roles.at, said("is missing"))),
            ("read.occurred_at IS NULL", _told(self.roles.at, said("is no date and time"))),
            ("read.content IS NULL", _told(self.roles.id, said("is missing"))),
            (f"length(read.content) > {LONGEST_ID}",
             _told(self.roles.id, said("takes at most {longest} characters", longest=LONGEST_ID))),
            ("read.bad_properties", _told(self.roles.properties, said("is no JSON object"))),
        ]  # fmt: skip
        cases = " ".join(f"WHEN {condition} THEN {says}" for condition, says in reasons)
        again = _told(self.roles.id, said("an earlier row has the same"))
        repeated = (
            f"CASE WHEN reason IS NULL AND n > 1 THEN {again} ELSE reason END" if self.roles.id else "reason"
        )
        return f"""
SELECT line, record_id, type, occurred_at, {id} AS message_id, properties, {repeated} AS reason
FROM (
  SELECT read.line, people.record_id, read.type, read.occurred_at, read.properties, read.content,
         row_number() OVER (PARTITION BY read.content ORDER BY line) AS n, CASE {cases} END AS reason
  FROM ({read}) AS read
  LEFT JOIN people ON people.person = read.person
)
ORDER BY reason IS NOT NULL, record_id, line"""

    # --- cells

    def _text(self, column: str) -> str:
        return text_sql(self.staged, column, self.reading) if column else "NULL"

    def _trimmed(self, column: str) -> str:
        return f"trim({self._text(column)}, ' \t\u00a0\ufeff')" if column else "NULL"

    def _where(self) -> str:
        conditions = [
            f"COALESCE({self._text(column)} IN ({literals(texts)}), FALSE)"
            for column, texts in self.wishes.where.items()
        ]
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _type(self) -> str:
        if self.wishes.fixed_type:
            return literal(self.wishes.fixed_type)
        cell = self._trimmed(self.roles.type)
        # What people read, `Email Opened`, as a type: `email_opened`.
        plain = rf"regexp_replace(lower({cell}), '\s+', '_', 'g')"
        other = f"{literal(self.wishes.prefix)} || {plain}" if self.wishes.prefix else plain
        cases = " ".join(
            f"WHEN {literal(text)} THEN {literal(type)}" for text, type in self.wishes.types.items()
        )
        return f"CASE {cell} {cases} ELSE {other} END" if cases else other

    def _content(self) -> str:
        """The id of the column of ids, else one made of all cells, whatever the order of the columns."""
        if self.roles.id:
            return self._trimmed(self.roles.id)
        cells = [
            f"CASE WHEN {self.staged.raw(column)} <> '' THEN {literal(column + chr(31))} || {self.staged.raw(column)}"
            f" || chr(30) ELSE '' END"
            for column in sorted(self.staged.columns)
        ]
        return f"md5(concat({', '.join(cells)}))"

    def _properties(self) -> str:
        """A JSON object as text: the column of objects, and beside it each other column as a property."""
        own = []
        for column in self.roles.own:
            json = self.staged.json(column)
            text = f"to_json({self._text(column)})"
            value = f"COALESCE(CAST({json} AS JSON), {text})" if json else text
            own.append(f"{literal(column)}, {value}")
        # A merge patch leaves out what is null.
        made = f"json_merge_patch('{{}}', json_object({', '.join(own)}))" if own else "'{}'"
        if not self.roles.properties:
            return f"CAST({made} AS VARCHAR)"
        held = self.staged.raw(self.roles.properties)
        return (
            f"CAST(CASE WHEN {held} <> '' AND NOT {self._bad_properties()}"
            f" THEN json_merge_patch({made}, {held}) ELSE {made} END AS VARCHAR)"
        )

    def _bad_properties(self) -> str:
        if not self.roles.properties:
            return "FALSE"
        held = self.staged.raw(self.roles.properties)
        return (
            f"COALESCE({held} <> '' AND CASE WHEN json_valid({held}) THEN json_type({held}) <> 'OBJECT'"
            f" OR regexp_matches({held}, '(?i)\\\\u0000|[\\[:,]\\s*[+-]?(nan|inf)') ELSE TRUE END, FALSE)"
        )


def _told(column: str | None, says: str) -> str:
    """What is wrong with a column's cell, as a literal of SQL."""
    return literal(f"{column}: {says}.")
