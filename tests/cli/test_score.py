"""`firstcall score` on the screen: who is ranked how, with which reasons; and each of its options."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.conftest import Company, Invoke, Result


def rows(result: Result) -> list[list[str]]:
    """The cells of the table's rows."""
    lines = [line for line in result.out.splitlines() if re.match(r"\s*\d+  ", line)]
    return [re.split(r"\s{2,}", line.strip()) for line in lines]


def test_ranks_with_figures_grades_next_change_and_reasons(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, *company.now)
    assert result.code == 0
    assert "Readiness" in result.out
    assert "leads as of 2026-09-01T00:00:00Z" in result.out
    assert rows(result) == [
        [
            "1",
            "a1",
            "50",
            "██████████",
            "Hot",
            "+20",
            "+32",
            "in 8 days",
            "Decision maker +20, Asked for a demo +20",
        ],
        ["2", "a3", "25", "█████", "Warm", "+20", "+5", "in 13 days", "Decision maker +20, Visits +5"],
        ["3", "a4", "0", "Cold", "0", "0", "–"],
        ["4", "a2", "-20", "–", "-30", "0", "–", "Student -30"],
    ]
    assert "4 records scored · Hot 1 · Warm 1 · Cold 1 · no grade 1" in result.out


def test_results_are_on_stdout_and_all_else_on_stderr(company: Company, invoke: Invoke):
    company.append("touchpoints.csv", "nobody,web.visited,2026-08-01T00:00:00Z,\n")
    result = invoke("score", company.rule, *company.files, *company.now)
    assert "no record has this record_id" in result.err
    assert "record_id" not in result.out
    assert "a1" not in result.err


def test_says_the_moment_when_none_was_asked_for(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files)
    said = re.search(r"^as of (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)$", result.err, re.MULTILINE)
    assert said
    assert f"as of {said[1]}" in result.out


@pytest.mark.parametrize(
    "moment", ["2026-09-01", "2026-09-01T00:00:00Z", "2026-09-01 02:00:00+02:00", "2026-09-01T00:00:00"]
)
def test_takes_dates_and_rfc_3339_times(moment: str, company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, "--as-of", moment)
    assert "as of 2026-09-01T00:00:00Z" in result.out
    assert result.err == ""


@pytest.mark.parametrize("moment", ["yesterday", "2026-02-30", "1.9.2026", ""])
def test_refuses_what_is_no_moment(moment: str, company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, "--as-of", moment)
    assert result.code == 2
    assert f"{moment!r} is no date or time. Write 2026-09-01, 2026-09-01T08:30:00Z" in result.err


def test_a_table_for_each_of_several_rules(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, company.size, *company.files, *company.now)
    assert result.out.index("Readiness") < result.out.index("Size")
    assert [(row[1], row[2]) for row in rows(result)] == [
        ("a1", "50"),
        ("a3", "25"),
        ("a4", "0"),
        ("a2", "-20"),
        ("a1", "8.25"),
        ("a3", "1"),
    ]
    assert "2 of 4 records scored" in result.out


def test_shows_as_many_as_asked_for(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, *company.now, "--top", "2")
    assert [row[1] for row in rows(result)] == ["a1", "a3"]
    assert "the top 2 shown" in result.out


def test_json_holds_the_same(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, *company.now, "--json", "--top", "1")
    assert json.loads(result.out) == {
        "as_of": "2026-09-01T00:00:00Z",
        "rules": [
            {
                "rule": "Readiness",
                "records": 4,
                "scored": 4,
                "grades": {"Hot": 1, "Warm": 1, "Cold": 1, "": 1},
                "top": [
                    {
                        "rank": 1,
                        "id": "a1",
                        "positive": 20,
                        "negative": 0,
                        "touchpoint_positive": 32,
                        "touchpoint_negative": 0,
                        "touchpoint_total": 32,
                        "total": 50,
                        "grade": "Hot",
                        "next_change_at": "2026-09-09T00:00:00Z",
                        "reasons": ["Decision maker +20", "Asked for a demo +20"],
                    }
                ],
            }
        ],
    }


def test_json_with_every_line_that_adds_up_to_the_total(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, *company.now, "--json", "--explain")
    top = json.loads(result.out)["rules"][0]["top"]
    assert top[0]["lines"][-1] == {
        "name": "limits",
        "value": None,
        "points": -2,
        "next_change_at": None,
        "kind": "limit",
    }
    assert [sum(line["points"] for line in score["lines"]) for score in top] == [50, 25, 0, -20]


def test_explain_shows_every_line_that_moved_points(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, *company.now, "--explain", "--top", "1")
    for reason in ("Decision maker +20", "Visits +12", "Asked for a demo +20", "limit -2"):
        assert reason in result.out


def test_scores_only_the_ids_asked_for(company: Company, invoke: Invoke):
    listed = company.write("ids.txt", "a4\n\n a3\n")
    for ids in ("a3,a4", f"@{listed}"):
        result = invoke("score", company.rule, *company.files, *company.now, "--ids", ids)
        assert [row[1] for row in rows(result)] == ["a3", "a4"]


def test_says_which_id_there_is_not(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, *company.now, "--ids", "a1,zz")
    assert result.code == 1
    assert "no record has the id 'zz'." in result.err


@pytest.mark.parametrize(
    ("ids", "says"),
    [(",", "there is no id in it"), ("@missing.txt", "cannot read missing.txt: No such file or directory.")],
)
def test_refuses_ids_that_are_none(ids: str, says: str, company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, "--ids", ids)
    assert (result.code, says in result.err) == (2, True)


def test_each_record_as_of_its_own_moment(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, "--as-of-field", "created_at", "--json")
    said = json.loads(result.out)
    assert said["as_of"] is None
    assert {score["id"]: score["touchpoint_total"] for score in said["rules"][0]["top"]} == {
        "a1": 0,
        "a2": 0,
        "a3": 0,
        "a4": 0,
    }


def test_refuses_two_kinds_of_moments(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, *company.now, "--as-of-field", "created_at")
    assert result.code == 2
    assert "--as-of is one moment for all, --as-of-field one of each record: give one." in result.err


def test_every_engine_that_needs_no_other_machine_says_the_same(company: Company, invoke: Invoke):
    said = [
        invoke("score", company.rule, *company.files, *company.now, "--engine", engine).out
        for engine in ("duckdb", "reference")
    ]
    assert said[0] == said[1]


def test_master_goes_with_spark(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.files, "--master", "local[2]")
    assert (result.code, "--master goes with --engine spark." in result.err) == (2, True)


def test_another_column_can_be_the_id(company: Company, invoke: Invoke):
    for option in ("--id-column", "--id"):
        result = invoke("score", company.size, *company.records, option, "job_title", *company.now)
        assert [row[1] for row in rows(result)] == ["Sales Director", "VP"]


def test_a_mapping_renames_columns(company: Company, invoke: Invoke):
    company.write("crm.csv", "Key;Headcount\nx;500\n")
    mapping = company.write("mapping.yaml", "records:\n  id: Key\n  rename: {Headcount: employees}\n")
    files = ["--records", str(company.folder / "crm.csv"), "--mapping", mapping]
    result = invoke("score", company.size, *files, *company.now)
    assert [row[:3] for row in rows(result)] == [["1", "x", "7.25"]]


def test_without_touchpoints_every_count_is_0(company: Company, invoke: Invoke):
    result = invoke("score", company.rule, *company.records, *company.now)
    assert [(row[1], row[2]) for row in rows(result)] == [
        ("a1", "20"),
        ("a3", "20"),
        ("a4", "0"),
        ("a2", "-20"),
    ]


def test_says_when_nobody_is_scored(company: Company, invoke: Invoke):
    company.write("records.csv", "id,employees\nb,1\n")
    result = invoke("score", company.size, *company.records, *company.now)
    assert result.code == 0
    assert "0 of 1 records scored" in result.out


def test_memory_is_a_size(company: Company, invoke: Invoke):
    assert invoke("score", company.rule, *company.files, "--memory", "200MB").code == 0
    result = invoke("score", company.rule, *company.files, "--memory", "much")
    assert (result.code, "'much' is no size of memory. Write 500MB or 4GB." in result.err) == (2, True)


def test_a_rule_from_standard_input(company: Company):
    from tests.cli.conftest import RULE, real

    result = real("score", "-", *company.files, *company.now, input=RULE)
    assert (result.returncode, "Readiness" in result.stdout) == (0, True)


def test_no_text_of_a_file_commands_the_terminal(company: Company, invoke: Invoke):
    company.write("records.csv", "id,job_title,employees\n\x1b[31mred,\x1b]0;title\x07vp,1\n")
    result = invoke("score", company.rule, *company.files, *company.now)
    assert "\x1b" not in result.out
    assert "�[31mred" in result.out
