"""`firstcall explain`: what one record earned and lost, what was held back, faded, missed, and what comes next."""

from __future__ import annotations

import json

from tests.cli.conftest import Company, Invoke


def words(text: str) -> str:
    """The text with all spaces and line ends alike, so that wrapping does not matter."""
    return " ".join(text.split())


def section(text: str, title: str) -> str:
    """What stands under a title, up to the next empty line."""
    assert f"\n{title}\n" in text, f"{title} is not there"
    return words(text.split(f"\n{title}\n")[1].split("\n\n")[0])


def explain(company: Company, invoke: Invoke, id: str, *more: str, rule: str | None = None) -> str:
    result = invoke("explain", rule or company.rule, *company.files, *company.now, "--id", id, *more)
    assert (result.code, result.err) == (0, "")
    return result.out


def test_the_whole_why(company: Company, invoke: Invoke):
    out = explain(company, invoke, "a1")
    assert "a1  Readiness  as of 2026-09-01T00:00:00Z" in out
    assert "50  ████████████████████  Hot" in out
    assert "fit +20 0 = 20 touchpoints +32 0 = 32 total = 50 -2 by the limits" in words(out)
    earned = section(out, "Earned")
    assert "+20 Decision maker “Sales Director” +20 when job_title has the word “director” or “vp”" in earned
    assert "faded from 40" in earned
    assert section(out, "Held back") == (
        "-3 Visits held at 12 by at_most, 15 without -2 limits the total is kept at its maximum of 50"
    )
    assert section(out, "Changes with time, soonest first") == (
        "+20 Asked for a demo in 8 days 2026-09-09T00:00:00Z +12 Visits in 26 days 2026-09-27T10:00:00Z"
    )


def test_why_not_and_by_how_much(company: Company, invoke: Invoke):
    out = explain(company, invoke, "a4")
    assert "Cold  15 more to Warm" in out
    missed = section(out, "Missed, and by how much")
    assert "+40 Asked for a demo no web.form_submitted whose form is “demo”" in missed
    assert "+20 Decision maker job_title is missing; counts when it has the word “director” or “vp”" in missed
    assert "+5 Visits no web.visited in the last 30 days" in missed
    assert section(out, "Not held against it").startswith("-30 Student job_title is missing")


def test_below_every_grade(company: Company, invoke: Invoke):
    out = explain(company, invoke, "a2")
    assert "-20  no grade  20 more to Cold" in out
    assert section(out, "Lost").startswith("-30 Student “Student”")
    assert section(out, "Held back") == "+10 limits the total is kept at its minimum of -20"


def test_groups_name_what_they_hold_back(company: Company, invoke: Invoke):
    rule = company.write(
        "grouped.yaml",
        "name: G\nmodule: leads\ncriteria:\n"
        "  - {name: Visits, touchpoint: web.visited, each: 5, group: Web}\n"
        "  - {name: Forms, touchpoint: web.form_submitted, points: 5, group: Web}\n"
        "  - {name: Any, any: [{field: employees, gt: 1000}, {touchpoint: web.visited, gte: 9}], points: 1}\n"
        "groups: {Web: {at_most: 8}}\n",
    )
    out = explain(company, invoke, "a1", rule=rule)
    assert section(out, "Held back") == "-12 Web the group Web (Visits, Forms) is kept at 8 at most"
    assert "needs: employees is more than 1000 or" in section(out, "Missed, and by how much")


def test_two_part_grades_say_what_is_missing_in_each(company: Company, invoke: Invoke):
    rule = company.write(
        "parts.yaml",
        "name: P\nmodule: leads\ncriteria:\n"
        "  - {name: Large, field: employees, gte: 100, points: 20}\n"
        "  - {name: Visits, touchpoint: web.visited, each: 5}\n"
        "grades: {fit: {A: 30, B: 10, C: 0}, touchpoints: {'1': 40, '2': 10, '3': 0}}\n",
    )
    assert "35  ███████  B2  10 more of fit to A  25 more of touchpoints to 1" in explain(
        company, invoke, "a1", rule=rule
    )


def test_a_record_that_the_rule_does_not_apply_to(company: Company, invoke: Invoke):
    out = explain(company, invoke, "a4", rule=company.size)
    assert "No score: the rule does not apply to this record (which is not a score of 0)." in out
    assert section(out, "It applies where") == "no employees is at least 10 needs at least 10, has 5"
    said = json.loads(explain(company, invoke, "a4", "--json", rule=company.size))
    assert said == {
        "rule": "Size",
        "id": "a4",
        "as_of": "2026-09-01T00:00:00Z",
        "scored": False,
        "applies_to": [
            {"condition": "employees is at least 10", "holds": False, "why_not": "needs at least 10, has 5"}
        ],
    }


def test_json_is_complete_and_adds_up(company: Company, invoke: Invoke):
    said = json.loads(explain(company, invoke, "a3", "--json"))
    lines = said.pop("lines")
    assert said == {
        "rule": "Readiness",
        "id": "a3",
        "as_of": "2026-09-01T00:00:00Z",
        "scored": True,
        "positive": 20,
        "negative": 0,
        "touchpoint_positive": 5,
        "touchpoint_negative": 0,
        "touchpoint_total": 5,
        "total": 25,
        "grade": "Warm",
        "next_change_at": "2026-09-14T12:00:00.500000Z",
        "next_grades": [{"grade": "Hot", "points_missing": 15}],
    }
    assert sum(line["points"] for line in lines) == 25
    assert lines[2] == {
        "name": "Visits",
        "value": 1,
        "points": 5,
        "next_change_at": "2026-09-14T12:00:00.500000Z",
        "status": "earned",
        "says": "+5 for each web.visited in the last 30 days, 12 at most",
        "why_not": None,
        "group": None,
        "held_by_at_most": False,
        "without_at_most": None,
        "when_new": None,
    }
    assert lines[3]["why_not"] == "no web.form_submitted whose form is “demo”"


def test_json_tells_what_was_held_and_what_faded(company: Company, invoke: Invoke):
    lines = {line["name"]: line for line in json.loads(explain(company, invoke, "a1", "--json"))["lines"]}
    assert (lines["Visits"]["held_by_at_most"], lines["Visits"]["without_at_most"]) == (True, 15)
    assert lines["Asked for a demo"]["when_new"] == 40
    assert lines["limits"]["says"] == "the total is kept at its maximum of 50"


def test_an_unknown_id_with_the_nearest(company: Company, invoke: Invoke):
    result = invoke("explain", company.rule, *company.files, *company.now, "--id", "A11")
    assert result.code == 1
    assert (
        f"{company.folder / 'records.csv'}: there is no record with the id 'A11'. The nearest is 'a1'."
        in result.err
    )
    assert result.out == ""


def test_an_unknown_id_among_no_records(company: Company, invoke: Invoke):
    company.write("records.csv", "id,job_title,employees\n")
    result = invoke("explain", company.rule, *company.files, *company.now, "--id", "a1")
    assert (result.code, "There is no record at all." in result.err) == (1, True)


def test_the_id_may_be_in_another_column(company: Company, invoke: Invoke):
    files = [*company.records, "--id-column", "job_title"]
    result = invoke("explain", company.size, *files, *company.now, "--id", "VP")
    assert (result.code, "VP  Size" in result.out) == (0, True)


def test_a_narrow_terminal_still_reads(company: Company, invoke: Invoke, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    out = explain(company, invoke, "a1")
    assert max(map(len, out.splitlines())) <= 60
    assert "+20 Asked for a 1 +40 when there was" in section(out, "Earned")
