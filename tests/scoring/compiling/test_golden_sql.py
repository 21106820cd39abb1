"""The SQL of a rule of every kind, kept like code: a change of it is seen in review. `make snapshots` rewrites."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from firstcall.scoring.compiling import Dialect, compile_rules
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.guessing import columns_for
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.compiling.spark import Spark
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule

FOLDER = Path(__file__).parents[1] / "sql"
DIALECTS: list[Dialect] = [DuckDB(), Postgres(), Spark()]


def read(name: str) -> Rule:
    return read_rule((FOLDER / name).read_bytes(), name).rule


def assert_kept(sql: str, path: Path) -> None:
    if os.environ.get("FIRSTCALL_SNAPSHOTS") == "write":
        path.write_text(sql, encoding="utf-8")
    assert path.exists(), f"{path.name} is not kept yet; write it with `make snapshots`, and read it."
    assert sql == path.read_text(encoding="utf-8"), (
        "The SQL differs; rewrite it with `make snapshots`, and read it."
    )


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_the_sql_of_a_rule_of_every_kind(dialect: Dialect) -> None:
    rule = read("every_kind.yaml")
    statement = compile_rules([rule], columns_for([rule]), dialect)
    assert_kept(statement.sql + "\n", FOLDER / f"every_kind.{dialect.name}.sql")


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_the_text_changes_with_neither_moment_nor_ids(dialect: Dialect) -> None:
    rule = read("every_kind.yaml")
    for by_ids in (False, True):
        statements = {
            compile_rules([rule], columns_for([rule]), dialect, by_ids=by_ids).sql for _ in range(2)
        }
        assert len(statements) == 1


def test_statements_are_indented_one_clause_a_line() -> None:
    rule = read("every_kind.yaml")
    lines = compile_rules([rule], columns_for([rule]), DuckDB()).sql.split("\n")
    assert all(line == line.rstrip() for line in lines)
    assert not any("\t" in line for line in lines)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_equal_measures_are_read_once(dialect: Dialect) -> None:
    rule = read("every_kind.yaml")
    once, twice = (compile_rules(rules, columns_for([rule]), dialect).sql for rules in ([rule], [rule, rule]))
    assert twice.count("FROM touchpoints") == once.count("FROM touchpoints")
