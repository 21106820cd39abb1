"""Columns guessed from rules: the kind that all tests fit, names that collide with nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstcall.scoring.columns import Lookup, Storage
from firstcall.scoring.compiling import compile_rules
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.guessing import columns_for
from firstcall.scoring.links import People, find_people
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule
from firstcall.scoring.values import Kind


def rule(*criteria: str, name: str = "R") -> Rule:
    listed = "".join(f"  - {{name: C{i}, {criterion}}}\n" for i, criterion in enumerate(criteria))
    return read_rule(f"name: {name}\nmodule: leads\ncriteria:\n{listed}", "rule.yaml").rule


@pytest.mark.parametrize(
    ("tests", "kind"),
    [
        ("is: Platform", Kind.TEXT),
        ('is: "007"', Kind.TEXT),
        ("is: 7", Kind.NUMBER),
        ("in: [1, 2]", Kind.NUMBER),
        ("is: true", Kind.TRUTH),
        ("gt: 5", Kind.NUMBER),
        ("gt: 2026-01-01", Kind.TIME),
        ("between: [1, 2]", Kind.NUMBER),
        ("has_word: vp", Kind.TEXT),
        ("before: 2026-01-01", Kind.TIME),
        ("in_last: 3 days", Kind.TIME),
        ("is: 2026-01-01, older_than: 1 day", Kind.TIME),
        ("empty: false", Kind.TEXT),
        ("empty: true, gte: 1", Kind.NUMBER),
        ("contains: x, gt: 1", Kind.LIST),
    ],
)
def test_the_kind_that_all_tests_fit(tests: str, kind: Kind):
    columns = columns_for([rule(f"field: thing, {tests}, points: 1")])
    assert columns.records.kinds == {"thing": kind}


def test_tables_and_other_criteria_have_their_say():
    columns = columns_for(
        [rule("field: size, empty: false, points: 1", "field: size, table: [{gte: 3, points: 1}]")]
    )
    assert columns.records.kinds == {"size": Kind.NUMBER}


def test_days_since_needs_a_creation_date():
    columns = columns_for([rule("days_since: web.visited, gte: 3, points: 1")])
    assert columns.records.fields["created_at"].storage is Storage.TIMESTAMPTZ


def test_touchpoints_only_where_a_rule_reads_them():
    assert columns_for([rule("field: a, is: x, points: 1")]).touchpoints is None
    touched = columns_for([rule("touchpoint: web.visited, points: 1")]).touchpoints
    assert touched is not None
    assert touched.has_json


def test_related_records_are_guessed_from_the_ways_to_them():
    columns = columns_for(
        [
            rule(
                "field: account.industry, is: IT, points: 1",
                "field: account.parent.employees, gt: 5, points: 1",
                "field: Sites (abroad.), is: x, points: 1",
                "touchpoint: web.visited, of: contacts, each: 1",
                "touchpoint: web.visited, of: account.contacts, each: 1",
                "touchpoint: web.visited, of: contacts.account, each: 1",
                "touchpoint: web.visited, of: contact, each: 1",
            )
        ]
    )
    assert list(columns.records.fields) == ["Sites (abroad.)"]
    assert columns.related["account.parent"].fields["employees"].kind is Kind.NUMBER
    by_account, account, contact = (
        Lookup("", "account_id"), Lookup("account", "account_id"), Lookup("contact", "contact_id")
    )  # fmt: skip
    assert columns.records.lookups == {"account": account, "contact": contact}
    assert find_people(columns, "contacts.account") == People((), "contacts", by_account)
    assert find_people(columns, "contact") == People((contact,), "contact")
    assert find_people(columns, "account.contacts") == People(
        (account,), "contacts", Lookup("account", "linked_to_account_id")
    )


NAMES = [
    "Job title", "job_title", "JOB-TITLE", "id", "total", "select", "Größe", "日本", "1st", "points_1", "match_1", "r",
    'a"; DROP TABLE records; --', "as_of", "grade", "user", "order", "applies", "next_change_at", "rule_0_total", "_",
    "$as_of",
]  # fmt: skip


def test_references_are_plain_unlike_and_collide_with_nothing():
    criteria = [f"field: {name!r}, is: x, points: 1".replace('"', '\\"').replace("'", '"') for name in NAMES]
    columns = columns_for([rule(*criteria)])
    fields = columns.records.fields
    assert list(fields) == NAMES
    refs = [column.ref for column in fields.values()]
    assert len(set(refs)) == len(refs)
    assert [ref for ref in refs if not ref.isidentifier() or not ref.isascii() or ref != ref.lower()] == []

    import duckdb

    connection = duckdb.connect()
    listed = ", ".join(f"'x' AS {ref}" for ref in refs)
    connection.execute(f"CREATE TABLE records AS SELECT 1 AS id, {listed}")
    sql = compile_rules([rule(*criteria)], columns, DuckDB()).sql
    [row] = connection.execute(sql).fetchall()
    assert row[1] == 100 * len(NAMES)


def test_the_guides_rules_can_be_compiled_without_files():
    folder = Path(__file__).parents[3] / "docs" / "guide" / "rules"
    rules = [read_rule(path.read_bytes(), path.name).rule for path in sorted(folder.glob("*.yaml"))]
    assert len(rules) >= 3
    statement = compile_rules(rules, columns_for(rules), DuckDB())
    assert "FROM records" in statement.sql
