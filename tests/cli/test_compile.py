"""`firstcall compile`: SQL that runs, with or without files at hand."""

from __future__ import annotations

import json

import duckdb
import pytest

from firstcall.scoring.times import parse_moment
from tests.cli.conftest import Company, Invoke


@pytest.mark.parametrize(
    ("dialect", "parameter"), [("duckdb", "$as_of"), ("postgres", "$1"), ("spark", ":as_of")]
)
def test_prints_the_sql_of_each_dialect(dialect: str, parameter: str, company: Company, invoke: Invoke):
    result = invoke("compile", company.rule, "--dialect", dialect)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "-- Readiness"
    assert "--   job_title text: field job_title" in lines
    assert any(parameter in line and "microseconds since 1970 UTC" in line for line in lines)
    assert "WITH " in result.out
    assert result.out.endswith(";\n")


def test_the_printed_sql_runs_over_tables_of_ones_own(company: Company, invoke: Invoke):
    sql = invoke("compile", company.rule).out
    connection = duckdb.connect()
    connection.execute("CREATE TABLE records AS SELECT 'x' AS id, 'VP Sales' AS job_title")
    connection.execute(
        "CREATE TABLE touchpoints AS SELECT 'x' AS record_id, 'web.visited' AS type,"
        " TIMESTAMPTZ '2026-08-20 00:00:00+00' AS occurred_at, '{}'::JSON AS properties"
    )
    [row] = connection.execute(sql, {"as_of": parse_moment("2026-09-01")}).fetchall()
    assert row == ("x", 2000, 0, 500, 0, 500, 2500, "Warm", parse_moment("2026-09-19"))


def test_several_rules_are_one_statement(company: Company, invoke: Invoke):
    result = invoke("compile", company.rule, company.size)
    assert result.out.startswith("-- rule 0: Readiness\n-- rule 1: Size\n")
    assert result.out.count(";\n") == 1


def test_restricted_to_ids_and_moments_of_their_own(company: Company, invoke: Invoke):
    result = invoke("compile", company.rule, "--by-ids", "--as-of-field")
    assert "$ids" in result.out
    assert "$as_of" not in result.out
    assert "-- records(id text, as_of microseconds)" in result.out
    assert "-- ids: a parameter, the list of ids" in result.out


def test_the_columns_of_files(company: Company, invoke: Invoke):
    result = invoke("compile", company.size, *company.files)
    assert "employees millionths: field employees" in result.out
    spark = invoke("compile", company.size, *company.files, "--dialect", "spark")
    assert "occurred_at microseconds" in spark.out


def test_json_says_what_is_needed_to_run_it(company: Company, invoke: Invoke):
    said = json.loads(invoke("compile", company.rule, "--json", "--by-ids").out)
    assert said["rules"] == ["Readiness"]
    assert said["dialect"] == "duckdb"
    assert (said["takes_as_of"], said["takes_ids"]) == (True, True)
    assert said["records"] == [{"name": "job_title", "ref": "job_title", "storage": "text", "kind": "text"}]
    assert said["touchpoints"] == {"occurred_at": "timestamptz", "has_json": True, "properties": []}
    assert said["sql"].startswith("WITH ")


def test_no_name_ends_the_comment(company: Company, invoke: Invoke):
    rule = company.write(
        "sly.yaml",
        'name: "Sly\\nDROP TABLE records;"\nmodule: leads\ncriteria:\n'
        '  - {name: A, field: "x\\n; DROP TABLE records; --", is: "y", points: 1}\n',
    )
    lines = invoke("compile", rule).out.splitlines()
    assert [line for line in lines if "DROP" in line and not line.startswith("--")] == []
    assert "-- Sly DROP TABLE records;" in lines


def test_a_rule_that_does_not_fit_the_files(company: Company, invoke: Invoke):
    rule = company.write(
        "typo.yaml", "name: T\nmodule: leads\ncriteria:\n  - {name: A, field: job_titel, is: x, points: 1}\n"
    )
    assert invoke("compile", rule).code == 0
    result = invoke("compile", rule, *company.files)
    assert (result.code, "Did you mean `job_title`?" in result.err) == (1, True)
