"""Rules as files: what is pushed is stored whole or not at all, and nothing is lost that somebody else wrote."""

from __future__ import annotations

import pytest

from firstcall.access.models import User
from firstcall.records.models import Field, Module
from firstcall.scorekeeping.actions import clone_rule, edit_rule
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.files import changes, pulled, push
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.texts import rule_file
from tests.scorekeeping.company import KINDS, START

pytestmark = pytest.mark.django_db

SIZE = "name: Size\nmodule: leads\ncriteria:\n  - {name: Large, field: employees, gte: 100, points: 20}\n"
TITLE = (
    "name: Title\nmodule: leads\ncriteria:\n  - {name: Chief, field: job_title, has_word: chief, points: 5}\n"
)


@pytest.fixture(autouse=True)
def module(db: None) -> Module:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    for name, kind in KINDS.items():
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    return module


def pushed(*texts: str) -> list[tuple[str, str]]:
    files = [rule_file(f"{i}.yaml", text) for i, text in enumerate(texts)]
    return [(one.did, one.text) for one in push(files, at=START)]


def refused(*texts: str) -> list[str]:
    with pytest.raises(InvalidRuleError) as error:
        pushed(*texts)
    return [str(problem) for problem in error.value.problems]


def test_a_file_is_stored_and_then_says_which_version_it_is() -> None:
    [(did, text)] = pushed(SIZE)
    rule = StoredRule.objects.get()
    assert (did, text) == ("created", f"# firstcall rule {rule.pk}, version 1\n{SIZE}")
    assert rule.newest.text == SIZE
    assert pushed(text) == [("left as it is", text)]
    [(did, later)] = pushed(text.replace("20}", "25}"))
    assert (did, later.splitlines()[0]) == ("edited", f"# firstcall rule {rule.pk}, version 2")


def test_a_file_renames_its_rule() -> None:
    [(_, text)] = pushed(SIZE)
    pushed(text.replace("name: Size", "name: Weight"))
    rule = StoredRule.objects.get()
    assert (rule.name, rule.newest.number) == ("Weight", 2)


def test_a_file_without_the_line_is_the_rule_of_its_name() -> None:
    pushed(SIZE)
    assert [did for did, _ in pushed(SIZE.replace("20}", "25}"))] == ["edited"]
    assert StoredRule.objects.get().newest.number == 2


def test_all_files_are_stored_or_none_and_every_problem_has_its_line() -> None:
    problems = refused(SIZE, TITLE.replace("job_title", "title"), SIZE.replace("20}", "many}"))
    assert [line.split(": ")[0] for line in problems] == ["1.yaml:4:26", "2.yaml:4:55"]
    assert problems[0].endswith("The records have no field `title`. Did you mean `job_title`?")
    assert not StoredRule.objects.exists()


def test_what_somebody_else_wrote_meanwhile_is_not_lost() -> None:
    [(_, text)] = pushed(SIZE)
    alice = User.objects.create_user("alice@example.com", name="Alice")
    edit_rule(StoredRule.objects.get(), SIZE.replace("20}", "30}"), at=START, by=alice)
    assert refused(text.replace("20}", "25}"), TITLE) == [
        "0.yaml:1:1: Version 2 was stored meanwhile by Alice. Look at what it changed, and edit that version."
        " Criterion “Large” now gives 30 points instead of 20."
    ]
    assert StoredRule.objects.get().newest.number == 2


def test_two_files_of_one_rule_are_refused() -> None:
    assert refused(SIZE, SIZE) == ["1.yaml:1:1: This is the rule of 0.yaml too. Push one of them."]


def test_a_rule_that_is_not_here_is_refused() -> None:
    assert refused(f"# firstcall rule 999999, version 1\n{SIZE}") == [
        "0.yaml:1:1: There is no rule 999999 here. Take the line away to store it as a rule of its name."
    ]


def test_what_a_push_would_change_is_said_in_words() -> None:
    [(_, text)] = pushed(SIZE)
    files = [rule_file(name, text) for name, text in (
        ("same", text), ("edited", text.replace("20}", "25}")), ("new", TITLE)
    )]  # fmt: skip
    assert [said for _, said in changes(files[:1])] == [[]]
    assert [said for _, said in changes(files[1:])] == [
        ["Criterion “Large” now gives 25 points instead of 20."],
        ["Title is a new rule for leads."],
    ]


def test_pulled_files_hold_the_newest_versions_under_the_names_they_have() -> None:
    pushed(SIZE)
    rule = StoredRule.objects.get()
    clone_rule(rule, "Size!", at=START)
    json = '{"name": "J", "module": "leads", "criteria": [{"name": "A", "touchpoint": "*", "points": 1}]}'
    pushed(json)
    rules = list(StoredRule.objects.order_by("pk"))
    first = dict(pulled([], rules))
    assert list(first) == ["leads-size.yaml", f"leads-size-{rules[1].pk}.yaml", "leads-j.json"]
    assert first["leads-j.json"] == json
    renamed = rule_file("my size.yaml", first["leads-size.yaml"])
    edit_rule(rule, SIZE.replace("20}", "30}"), at=START)
    [(name, text)] = pulled([renamed], [rule])
    assert (name, text.splitlines()[0]) == ("my size.yaml", f"# firstcall rule {rule.pk}, version 2")
    assert (
        pulled([rule_file("leads-size.yaml", "name: Other\n")], [rule])[0][0] == f"leads-size-{rule.pk}.yaml"
    )


def test_a_pull_does_not_overwrite_what_was_not_pushed() -> None:
    [(_, text)] = pushed(SIZE)
    edited = rule_file("a.yaml", text.replace("20}", "25}"))
    with pytest.raises(InvalidRuleError) as error:
        pulled([edited], list(StoredRule.objects.all()))
    [problem] = error.value.problems
    assert str(problem) == (
        "a.yaml:1:1: The file holds changes to Size that were not pushed. Push them, or move the file away."
    )
