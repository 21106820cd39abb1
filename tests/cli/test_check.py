"""`firstcall check`: everything that is wrong, in order, for people and for programs."""

from __future__ import annotations

import json

from tests.cli.conftest import Company, Invoke

BAD = """\
name: Bad
module: leads
criteria:
  - {name: A, field: job_titel, has_word: vp, pionts: 5}
  - {name: B, touchpoint: web.visited, in_last: 2 months, points: 1}
  - {name: A, field: employees, gt: 10, points: 1.234}
"""


def test_a_good_rule_is_fine(company: Company, invoke: Invoke):
    result = invoke("check", company.rule, company.size)
    assert (result.code, result.out, result.err) == (0, "", "2 rules checked: nothing is wrong.\n")


def test_all_problems_of_all_rules_in_order(company: Company, invoke: Invoke):
    bad, worse = company.write("bad.yaml", BAD), company.write("worse.yaml", "name: [")
    result = invoke("check", worse, company.rule, bad)
    assert result.code == 1
    lines = result.out.splitlines()
    places = [line.split(": ")[0] for line in lines]
    assert places == sorted(places)
    assert any("pionts" in line and "points" in line for line in lines)
    assert any("criteria[1].in_last" in line and "month" in line for line in lines)
    assert any(line.startswith(f"{worse}:1:") for line in lines)
    assert result.err.startswith(f"3 rules checked: {len(lines)} errors.")


def test_problems_for_programs(company: Company, invoke: Invoke):
    bad = company.write("bad.yaml", BAD)
    result = invoke("check", bad, "--json")
    said = json.loads(result.out)
    assert (result.code, said["ok"], result.err) == (1, False, "")
    month = next(problem for problem in said["problems"] if problem["path"] == "criteria[1].in_last")
    assert (month["severity"], month["file"], month["line"], month["column"]) == ("error", bad, 5, 49)
    assert month["says"]
    assert month["fix"]
    assert month["code"]


def test_a_good_rule_for_programs(company: Company, invoke: Invoke):
    result = invoke("check", company.rule, "--json")
    assert (result.code, json.loads(result.out)) == (0, {"ok": True, "problems": []})


def test_fields_and_types_against_the_files(company: Company, invoke: Invoke):
    rule = company.write(
        "typos.yaml",
        "name: T\nmodule: leads\ncriteria:\n"
        "  - {name: A, field: job_titel, is: x, points: 1}\n"
        "  - {name: B, touchpoint: [web.visited, web.visted], points: 1}\n"
        "  - {name: C, touchpoint: wbe.*, points: 1}\n"
        "  - name: D\n    all:\n      - {touchpoint: call.attended}\n    points: 1\n",
    )
    result = invoke("check", rule, *company.files)
    assert result.code == 1
    assert result.out.splitlines() == [
        f"{rule}:4:22: criteria[0].field: The records have no field `job_titel`. Did you mean `job_title`?",
        f"{rule}:5:41: warning: criteria[1].touchpoint[1]: No touchpoint is of the type `web.visted`."
        " Did you mean `web.visited`?",
        f"{rule}:6:27: warning: criteria[2].touchpoint: No touchpoint is of the type `wbe.*`. Did you mean `web.*`?",
        f"{rule}:9:22: warning: criteria[3].all[0].touchpoint: No touchpoint is of the type `call.attended`.",
    ]
    assert result.err == "1 rule checked: 1 error, 3 warnings.\n"


def test_warnings_alone_are_fine(company: Company, invoke: Invoke):
    rule = company.write(
        "warned.yaml",
        "name: W\nmodule: leads\ncriteria:\n  - {name: A, touchpoint: sms.sent, points: 1}\n",
    )
    result = invoke("check", rule, *company.files)
    assert (result.code, result.err) == (0, "1 rule checked: 1 warning.\n")


def test_files_that_cannot_be_used_are_problems_too(company: Company, invoke: Invoke):
    result = invoke("check", company.rule, "--records", company.folder / "gone.csv")
    assert result.code == 1
    assert "gone.csv: there is no such file. Check the path." in result.out


def test_touchpoints_need_records(company: Company, invoke: Invoke):
    result = invoke("check", company.rule, *company.files[2:])
    assert (
        result.code,
        "--touchpoints, --related, --mapping and --id-column go with --records." in result.err,
    ) == (
        2,
        True,
    )
