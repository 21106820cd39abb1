"""`firstcall compile`: the SQL that rules become."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from firstcall.cli.opening import Files, check_rules, module_of, opened, read_rules
from firstcall.cli.options import files_options, json_option, rules_argument, terminal_options
from firstcall.cli.terminal import Terminal, plain, print_json

if TYPE_CHECKING:
    from firstcall.scoring.columns import Column, Columns, Lookup, RelatedColumns
    from firstcall.scoring.compiling import Dialect, Statement
    from firstcall.scoring.reading import LoadedRule
    from firstcall.scoring.rules import Rule

DIALECTS = ("duckdb", "postgres", "spark")


@click.command(short_help="Print the SQL that a rule becomes.")
@rules_argument
@click.option(
    "--dialect", type=click.Choice(DIALECTS), default="duckdb", show_default=True, help="Whose SQL."
)
@files_options(required=False)
@click.option("--by-ids", is_flag=True, help="Restricted to the records whose ids are given as a parameter.")
@click.option("--as-of-field", is_flag=True, help="Each record as of its own moment, in its column as_of.")
@json_option
@terminal_options
def command(
    rules: tuple[str, ...],
    dialect: str,
    files: Files | None,
    by_ids: bool,
    as_of_field: bool,
    as_json: bool,
    terminal: Terminal,
) -> None:
    """Print the one SQL statement that the rules become, over the relations `records` and `touchpoints`
    and those of related records.

    Without --records the columns are guessed from the tests of the rules; the comment before the statement
    says which columns it reads and what its parameters are.
    """
    from firstcall.scoring.compiling import compile_rules

    loaded = read_rules(rules)
    columns = _columns(loaded, files, terminal, dialect)
    chosen = [rule.rule for rule in loaded]
    statement = compile_rules(chosen, columns, _dialect(dialect), as_of_column=as_of_field, by_ids=by_ids)
    if as_json:
        print_json(_object(chosen, dialect, columns, statement))
    else:
        heading = "".join(
            f"-- {plain(line)}\n" for line in _heading(chosen, _dialect(dialect), columns, statement)
        )
        click.echo(f"{heading}{statement.sql};")


def _columns(loaded: Sequence[LoadedRule], files: Files | None, terminal: Terminal, dialect: str) -> Columns:
    """As the files have them, brought to the other engine as its engine class brings them; or guessed."""
    if files is None:
        from firstcall.scoring.compiling.guessing import columns_for

        return columns_for([rule.rule for rule in loaded])
    with opened(files, terminal, module=module_of(loaded, files)) as material:
        check_rules(loaded, material.source.columns, terminal)
        columns = material.source.columns
    if dialect == "duckdb":
        return columns
    from firstcall.engines.engine import Scope
    from firstcall.engines.landing import plan_landing

    return plan_landing(columns, Scope(as_of=0)).columns


def _dialect(name: str) -> Dialect:
    match name:
        case "postgres":
            from firstcall.scoring.compiling.postgres import Postgres

            return Postgres()
        case "spark":
            from firstcall.scoring.compiling.spark import Spark

            return Spark()
    from firstcall.scoring.compiling.duckdb import DuckDB

    return DuckDB()


def _heading(
    rules: Sequence[Rule], dialect: Dialect, columns: Columns, statement: Statement
) -> Iterator[str]:
    """What a reader must know to run the statement; one line each, so that a name cannot end the comment."""
    for index, rule in enumerate(rules):
        yield _one_line(f"rule {index}: {rule.name}" if len(rules) > 1 else rule.name)
    ids = "whole numbers" if columns.records.integer_ids else "text"
    yield f"records(id {ids}{', as_of microseconds' if not statement.takes_as_of else ''})"
    for column in columns.records.fields.values():
        if f"r.{column.ref}" in statement.sql:
            yield "  " + _one_line(f"{column.ref} {column.storage}: field {column.name}")
    for lookup, told in _told(columns.records.lookups):
        if f"r.{lookup.ref}" in statement.sql:
            yield "  " + _one_line(told)
    for name, related in columns.related.items():
        if related.relation in statement.sql:
            yield f"{related.relation}(id): {name}"
            yield from ("  " + _one_line(read) for read in _columns_read(related, statement.sql))
    if columns.touchpoints is not None:
        yield f"touchpoints(record_id, type text, occurred_at {columns.touchpoints.occurred_at})"
        if columns.touchpoints.has_json:
            yield "  properties json"
        for column in columns.touchpoints.properties.values():
            if column.ref in statement.sql:
                yield "  " + _one_line(f"{column.ref} {column.storage}: property {column.name}")
    if statement.takes_as_of:
        yield f"{dialect.as_of_parameter}: the moment, in microseconds since 1970 UTC"
    if statement.takes_ids:
        yield "ids: a parameter, the list of ids"
    yield "Points are whole hundredths, next_change_at is in microseconds since 1970 UTC."


def _columns_read(related: RelatedColumns, sql: str) -> Iterator[str]:
    """What a statement reads of related records."""
    for name, column in related.fields.items():
        if re.search(rf"\b(lookup_[0-9]+)\.{column.ref}\b", sql):
            yield f"{column.ref} {column.storage}: field {name}"
    for lookup, told in _told(related.lookups):
        if re.search(rf"\b(lookup_[0-9]+|via_[0-9]+|p)\.{lookup.ref}\b", sql):
            yield told


def _told(lookups: Mapping[str, Lookup]) -> Iterator[tuple[Lookup, str]]:
    """Each look-up once, with all its names."""
    names: dict[Lookup, list[str]] = {}
    for name, lookup in lookups.items():
        names.setdefault(lookup, []).append(name)
    for lookup, known in names.items():
        module = lookup.module or "the records"
        yield lookup, f"{lookup.ref}: look-up {' or '.join(known)}, the id of one of {module}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _object(rules: Sequence[Rule], dialect: str, columns: Columns, statement: Statement) -> dict[str, object]:
    touchpoints = columns.touchpoints
    return {
        "rules": [rule.name for rule in rules],
        "dialect": dialect,
        "sql": statement.sql,
        "takes_as_of": statement.takes_as_of,
        "takes_ids": statement.takes_ids,
        "records": [_column_object(column) for column in columns.records.fields.values()],
        "related": {
            name: {
                "relation": related.relation,
                "fields": [_column_object(column) for column in related.fields.values()],
                "lookups": _lookups_object(related.lookups),
            }
            for name, related in columns.related.items()
        },
        "lookups": _lookups_object(columns.records.lookups),
        "touchpoints": None
        if touchpoints is None
        else {
            "occurred_at": touchpoints.occurred_at,
            "has_json": touchpoints.has_json,
            "properties": [_column_object(column) for column in touchpoints.properties.values()],
        },
    }


def _lookups_object(lookups: Mapping[str, Lookup]) -> list[dict[str, object]]:
    return [{"name": n, "ref": lookup.ref, "leads_to": lookup.module} for n, lookup in lookups.items()]


def _column_object(column: Column) -> dict[str, object]:
    return {"name": column.name, "ref": column.ref, "storage": column.storage, "kind": column.kind}
