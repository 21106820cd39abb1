"""`--related`: rules that reach beyond their record, from every command that reads files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import AS_OF, Invoke

RULE = """\
name: Accounts
module: accounts
criteria:
  - {name: Reads prices, touchpoint: web.visited, of: contacts, in_last: 30 days, each: 2}
  - {name: Has a director, field: main.job_title, has_word: director, points: 5}
"""
ACCOUNTS = "id,main\nA1,C2\nA2,\n"
CONTACTS = "id,account,job_title\nC1,A1,Intern\nC2,A1,Director\n"
TOUCHPOINTS = (
    "record_id,type,occurred_at\nC1,web.visited,2026-08-20T00:00:00Z\nC2,web.visited,2026-08-21T00:00:00Z\n"
)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "map.yaml").write_text("records: {lookups: {main: contacts}}\n")
    for name, text in (("accounts", ACCOUNTS), ("contacts", CONTACTS), ("t", TOUCHPOINTS)):
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "rule.yaml").write_text(RULE.replace("of: contacts", "of: contacts.account"))
    given = {"records": "accounts.csv", "touchpoints": "t.csv", "mapping": "map.yaml"}
    options = [part for name, file in given.items() for part in (f"--{name}", str(tmp_path / file))]
    return [str(tmp_path / "rule.yaml"), *options, "--related", f"contacts={tmp_path / 'contacts.csv'}"]


def test_score(files: list[str], invoke: Invoke) -> None:
    result = invoke("score", *files, "--as-of", AS_OF, "--json")
    assert (result.code, result.err) == (0, "")
    (ranking,) = json.loads(result.out)["rules"]
    assert [(row["id"], row["total"], row["reasons"]) for row in ranking["top"]] == [
        ("A1", 9, ["Has a director +5", "Reads prices +4"]),
        ("A2", 0, []),
    ]


def test_explain(files: list[str], invoke: Invoke) -> None:
    result = invoke("explain", *files, "--as-of", AS_OF, "--id", "A1")
    assert result.code == 0
    assert "+5 when main job_title has the word “director”" in result.out
    assert "+2 for each web.visited of contacts.account" in result.out


def test_check_says_which_link_is_meant(files: list[str], invoke: Invoke) -> None:
    assert invoke("check", *files).code == 0
    Path(files[0]).write_text(RULE)
    result = invoke("check", *files)
    assert result.code == 1
    assert (
        "rule.yaml:4:55: criteria[0].of: Contacts and accounts are linked in several ways. "
        "Write `of: contacts.account` or `of: main`."
    ) in result.out


def test_compile_says_what_the_relations_are(files: list[str], invoke: Invoke) -> None:
    result = invoke("compile", *files)
    assert "-- related_contacts(id): contacts" in result.out
    assert "--   look_1: look-up account, the id of one of accounts" in result.out
    assert "--   look_1: look-up main, the id of one of contacts" in result.out
    told = json.loads(invoke("compile", *files, "--json").out)
    assert told["lookups"] == [{"name": "main", "ref": "look_1", "leads_to": "contacts"}]
    assert told["related"]["contacts"]["relation"] == "related_contacts"


def test_without_the_related_records_the_rule_is_refused(files: list[str], invoke: Invoke) -> None:
    result = invoke("check", *files[:5])
    assert result.code == 1
    assert "No related records are called `contacts`. The related people must be given together" in result.out
    assert "`main` is no look-up: it leads to no other record. Give the records it leads to" in result.out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--related", "contacts.csv"], "'contacts.csv' names no kind of records and file."),
        (["--related", "a=x.csv", "--related", "a=y.csv"], "--related: each kind of records is given once."),
    ],
)
def test_what_is_refused(files: list[str], invoke: Invoke, given: list[str], said: str) -> None:
    result = invoke("score", *files[:3], *given)
    assert result.code == 2
    assert said in result.err


def test_rules_of_several_modules_have_not_the_same_related_records(files: list[str], invoke: Invoke) -> None:
    other = Path(files[0]).with_name("other.yaml")
    other.write_text(RULE.replace("module: accounts", "module: deals"))
    result = invoke("score", str(other), *files)
    assert result.code == 1
    assert "--related: the rules are for deals and accounts. Score each by itself." in result.err
