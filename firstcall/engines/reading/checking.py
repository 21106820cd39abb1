"""Finding the rows that cannot count, in SQL, and listing each with its place and reason."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from firstcall.engines.reading.queries import first_row, rows_of
from firstcall.engines.reading.quoting import literals
from firstcall.engines.reading.rejects import EXCERPT, Reject, Rejects, excerpt_of
from firstcall.engines.reading.tables import Cell, Check, Field, Table


def presence(cell: Cell, missing: tuple[str, str], bad: tuple[str, str]) -> list[Check]:
    """The checks of a needed cell; none where the file's own statistics vouch for it."""
    if cell.checked:
        return []
    checks = [Check(*missing, cell.missing)]
    return checks if cell.bad == "FALSE" else [*checks, Check(*bad, cell.bad)]


def reject_failing(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    checks: Sequence[Check],
    id: str,
    rejects: Rejects,
    inside: str = "TRUE",
) -> list[Check]:
    """Lists every row `inside` that fails a check, by the first that it fails; the checks, if any row failed."""
    if not checks:
        return []
    cases = " ".join(f"WHEN {check.fails} THEN {index}" for index, check in enumerate(checks))
    rows = rows_of(
        connection,
        f"SELECT file, line, {_short(id)} AS found, CASE {cases} END AS failed, {_short(table.excerpt)} AS raw"
        f" FROM {table.located} WHERE {inside or 'TRUE'} AND CASE {cases} END IS NOT NULL ORDER BY file, line",
    )
    failed: set[int] = set()
    for file, line, found, index, raw in rows:
        check = checks[int(str(index))]
        failed.add(int(str(index)))
        rejects.add(_reject(table, file, line, check.code, check.reason, raw, found))
    # A row that fails several is listed by the first, so the later ones stay, unless no row failed any.
    return list(checks) if failed else []


def keeping(checks: Sequence[Check]) -> str:
    """The condition that a row passes all checks; empty where there are none."""
    return " AND ".join(f"COALESCE(NOT ({check.fails}), TRUE)" for check in checks)


def both(*conditions: str) -> str:
    return " AND ".join(condition for condition in conditions if condition)


def where(condition: str) -> str:
    return f" WHERE {condition}" if condition else ""


def among(id: str, ids: Sequence[str], *, integer: bool) -> str:
    """The condition that an id is one of these; no other text equals an integer than the one it is written as."""
    if not integer:
        return f"{id} IN ({literals(ids)})" if ids else "FALSE"
    whole = [text for text in ids if _is_whole(text)]
    return f"{id} IN ({', '.join(whole)})" if whole else "FALSE"


def _is_whole(text: str) -> bool:
    """Whether the text is how a 64-bit whole number is written."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        return False
    return str(int(text)) == text and -(2**63) <= int(text) < 2**63


def drop_repeated(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    key: str,
    condition: str,
    said: tuple[str, str],
    rejects: Rejects,
) -> str:
    """Leaves out every row whose key came before, in the order of the files; the condition that keeps the others.

    Rows without a key all stay.
    """
    count = f"SELECT count({key}), count(DISTINCT {key}) FROM {table.source}{where(condition)}"
    there, different = first_row(connection, count)
    if there == different:
        return ""
    dropped = f"firstcall_{said[0].replace('-', '_')}"
    present = both(condition, f"{key} IS NOT NULL")
    connection.execute(
        f"CREATE OR REPLACE TABLE {dropped} AS SELECT file, line FROM {table.located} WHERE {present}"
        f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY file, line) > 1"
    )
    is_dropped = f"(file, line) IN (SELECT file, line FROM {dropped})"
    reject_where(connection, table, is_dropped, said, (key, table.excerpt), rejects)
    return f"NOT ({is_dropped})"


def reject_where(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    condition: str,
    said: tuple[str, str],
    shown: tuple[str, str],
    rejects: Rejects,
) -> None:
    """Lists the rows that meet the condition; `said` is code and reason, `shown` SQL of the id and the excerpt."""
    sql = (
        f"SELECT file, line, {_short(shown[0])}, {_short(shown[1])} FROM {table.located}"
        f" WHERE {condition} ORDER BY file, line"
    )
    for file, line, found, text in rows_of(connection, sql):
        rejects.add(_reject(table, file, line, said[0], said[1], text, found))


def report_misfits(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    fields: Sequence[Field],
    id: str,
    rejects: Rejects,
    inside: str = "",
) -> None:
    """Lists every value that does not fit the type that a mapping gives its column."""
    for field in fields:
        if field.misfit:
            said = f"`{field.column.name}` is no {field.column.kind} and counts as missing"
            reject_where(
                connection, table, both(inside, field.misfit), ("misfit", said), (id, field.shown), rejects
            )


def _short(sql: str) -> str:
    return f"left(CAST({sql} AS VARCHAR), {EXCERPT + 1})"


def _reject(
    table: Table, file: object, line: object, code: str, reason: str, raw: object, id: object
) -> Reject:
    shown = None if id is None else str(id)
    return Reject(table.path_of(file), int(str(line)), code, reason, excerpt_of(str(raw or "")), shown)
