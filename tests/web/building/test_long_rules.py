"""Rules of many criteria, with cards of many rows: all of it goes through the builder's forms and back."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.building.forms import Sent, forms_of
from tests.web.conftest import Company

CRITERIA, GRADES = 150, 80


@pytest.fixture
def alice(company: Company) -> Client:
    client = Client()
    client.force_login(company.alice)
    return client


def long_rule() -> str:
    lines = ["name: Long", "module: leads", "criteria:"]
    lines += [
        f"  - {{name: Large {n}, field: employees, gte: {n}, points: 1}}"
        if n % 2
        else f"  - {{name: Visited {n}, touchpoint: web.visited, where: {{property: path, is: /{n}}}, each: 1}}"
        for n in range(CRITERIA)
    ]
    lines += ["grades:", *(f"  Grade {n}: {GRADES - n}" for n in range(GRADES)), ""]
    return "\n".join(lines)


def wide_group() -> str:
    """One criterion whose card has more fields than Django takes of a form unless told otherwise."""
    member = "{touchpoint: web.visited, where: {property: path, starts_with: /a}, in_last: 30 days, gte: 2}"
    members = "\n".join(f"        - {member}" for _ in range(90))
    return (
        f"name: Wide\nmodule: leads\ncriteria:\n  - name: Any of them\n    any:\n{members}\n    points: 5\n"
    )


def draft(client: Client, text: str, **given: object) -> dict[str, str]:
    answer = client.post("/rules/draft", {"text": text, **given})
    assert answer.status_code == 200, answer.content[:500]
    told: dict[str, str] = answer.json()
    return told


def sorted_forms(page: str) -> tuple[Sent, list[Sent]]:
    """That of the rule itself, and those of its cards."""
    forms = forms_of(page)
    [settings] = [form for form in forms if form["do"] == ["settings"]]
    return settings, [form for form in forms if form["do"] == ["card"]]


def fields_in(form: Sent) -> int:
    return sum(map(len, form.values()))


def test_a_rule_of_many_criteria_and_grades_is_the_same_after_each_form_was_sent(alice: Client) -> None:
    text, opened = long_rule(), list(range(CRITERIA))
    settings, cards = sorted_forms(draft(alice, text, open=opened)["cards"])
    assert len(cards) == CRITERIA
    assert f"Grade {GRADES - 1}" in settings[f"g{GRADES - 1}_name"]
    for form in (settings, cards[0], cards[CRITERIA // 2], cards[-1]):
        assert draft(alice, text, open=opened, **form)["text"] == text
    more = draft(alice, text, open=opened, **settings, more="grade")["text"]
    assert more.replace("  New: 90\n", "") == text
    assert more != text


def test_a_card_of_many_fields_is_sent_whole(alice: Client) -> None:
    text = wide_group()
    _, [card] = sorted_forms(draft(alice, text, open=[0])["cards"])
    assert fields_in(card) > 1_000
    assert draft(alice, text, open=[0], **card)["text"] == text
