"""`firstcall explain`: the full why and why not of one record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from firstcall.cli.failing import RefusedError
from firstcall.cli.opening import Files, Opened, check_rules, choose_moment, opened, read_rules
from firstcall.cli.options import (
    as_of_option,
    files_options,
    json_option,
    memory_option,
    rule_argument,
    terminal_options,
)
from firstcall.cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from firstcall.scoring.explaining import Explanation, Outside
    from firstcall.scoring.rules import Rule


@click.command(short_help="The full why and why not of one record's score.")
@rule_argument
@files_options(required=True, id_alias=False)
@click.option("--id", "id", required=True, metavar="X", help="The record.")
@as_of_option
@memory_option
@json_option
@terminal_options
def command(
    rule: str, files: Files, id: str, as_of: int | None, memory: str | None, as_json: bool, terminal: Terminal
) -> None:
    """Say why a record has its score: what it earned and lost, what was held back by at_most, a group or a
    limit, what has faded, what changes next, and what was missed and by how much.
    """
    [loaded] = read_rules([rule])
    as_of = choose_moment(as_of, terminal)
    with _opened(files, terminal, memory, id, loaded.rule.module) as material:
        check_rules([loaded], material.source.columns, terminal)
        terminal.say(material.source.rejects.summary())
        found = _explain(loaded.rule, material, id, as_of)
    _print(found, terminal, as_json=as_json)


@contextmanager
def _opened(files: Files, terminal: Terminal, memory: str | None, id: str, module: str) -> Iterator[Opened]:
    """The files, restricted to the record; where there is none, says so with the nearest id."""
    from firstcall.engines.reading import SourceError

    try:
        with opened(files, terminal, memory=memory, ids=(id,), alone=True, module=module) as material:
            yield material
    except SourceError as error:
        if [problem.code for problem in error.problems] != ["unknown-id"]:
            raise
        near = _nearest_id(files, terminal, memory, id)
        hint = f" The nearest is {near!r}." if near is not None else " There is no record at all."
        raise RefusedError([f"{files.records}: there is no record with the id {id!r}.{hint}"]) from error


def _nearest_id(files: Files, terminal: Terminal, memory: str | None, id: str) -> str | None:
    with opened(replace(files, touchpoints=None, related=()), terminal, memory=memory) as (workspace, _):
        row = workspace.run(
            "SELECT CAST(id AS VARCHAR) AS known FROM records"
            " ORDER BY damerau_levenshtein(lower(known), lower($id)), known LIMIT 1",
            {"id": id},
        ).fetchone()
    return row[0] if row else None


def _explain(rule: Rule, material: Opened, id: str, as_of: int) -> Explanation | Outside:
    from firstcall.engines.duckdb import DuckDBEngine
    from firstcall.engines.engine import Scope
    from firstcall.scoring.explaining import conditions_rule, explain, outside

    workspace, source = material
    engine, scope = DuckDBEngine(), Scope(as_of, (id,))
    for _, score in engine.explain(rule, source, scope, workspace):
        return explain(rule, id, as_of, score)
    [(_, asked)] = engine.explain(conditions_rule(rule), source, scope, workspace)
    return outside(rule, id, as_of, asked)


def _print(found: Explanation | Outside, terminal: Terminal, *, as_json: bool) -> None:
    from firstcall.scoring.explaining import Explanation

    if as_json:
        from firstcall.scoring.explained_json import explanation_object, outside_object

        print_json(explanation_object(found) if isinstance(found, Explanation) else outside_object(found))
        return
    from firstcall.cli.telling import tell, tell_outside

    if isinstance(found, Explanation):
        tell(found, terminal.console())
    else:
        tell_outside(found, terminal.console())
