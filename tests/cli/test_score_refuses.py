"""`firstcall score` with rules that do not fit and rows that cannot be used: what is said, and what is not written."""

from __future__ import annotations

import re

from tests.cli.conftest import Company, Invoke


def test_all_problems_of_all_rules_at_once(company: Company, invoke: Invoke):
    one = company.write(
        "one.yaml", "name: One\nmodule: leads\ncriteria:\n  - {name: A, feild: x, points: 1}\n"
    )
    two = company.write("two.yaml", "name: Two\nmodule: leads\ncriteria: []\n")
    result = invoke("score", one, two, str(company.folder / "gone.yaml"), *company.files)
    assert result.code == 1
    assert "feild" in result.err
    assert "two.yaml:3:" in result.err
    assert "gone.yaml:1:1: There is no such file. Check the path of the rule." in result.err
    assert result.out == ""


def test_a_field_that_the_file_does_not_have(company: Company, invoke: Invoke):
    rule = company.write(
        "typo.yaml",
        "name: T\nmodule: leads\ncriteria:\n"
        "  - {name: A, field: job_titel, is: x, points: 1}\n  - {name: B, field: employees, contains: x, points: 1}\n",
    )
    result = invoke("score", rule, *company.files)
    assert result.code == 1
    assert (
        "typo.yaml:4:22: criteria[0].field: The records have no field `job_titel`. Did you mean `job_title`?"
        in (result.err)
    )
    assert "criteria[1].contains: `contains` cannot apply to `employees`, which is a number." in result.err


def test_warnings_do_not_stop_it(company: Company, invoke: Invoke):
    rule = company.write(
        "never.yaml",
        "name: N\nmodule: leads\ncriteria:\n  - {name: A, touchpoint: web.visited, lt: 0, points: 1}\n",
    )
    result = invoke("score", rule, *company.files, *company.now)
    assert result.code == 0
    assert re.search(r"never\.yaml:4:\d+: warning: criteria\[0\]", result.err)


def test_rows_left_out_are_counted_and_listed(company: Company, invoke: Invoke):
    company.append("touchpoints.csv", "a1,web.visited,soon,\nnobody,web.visited,2026-08-01T00:00:00Z,\n")
    rejects = company.folder / "rejects.csv"
    without = invoke("score", company.rule, *company.files, *company.now)
    assert "touchpoints.csv: 1 row: occurred_at is no time that can be read (first: line 8)" in without.err
    assert "Write them to a file with --rejects FILE." in without.err
    result = invoke("score", company.rule, *company.files, *company.now, "--rejects", rejects)
    assert result.code == 0
    listed = rejects.read_text("utf-8").splitlines()
    assert listed[0] == "file,line,reason,excerpt"
    assert [line.split(",")[1] for line in listed[1:]] == ["8", "9"]


def test_strict_allows_no_row_to_be_left_out(company: Company, invoke: Invoke):
    out = company.folder / "out.csv"
    arguments = ["score", company.rule, *company.files, *company.now, "--out", out, "--strict"]
    assert invoke(*arguments).code == 0
    out.unlink()
    company.append("touchpoints.csv", "a1,web.visited,soon,\n")
    result = invoke(*arguments)
    assert result.code == 1
    assert "1 row or value could not be used, and --strict allows none. Nothing was written." in result.err
    assert not out.exists()
