"""Cards of `all`, `any` and `not`: shown, edited, joined and taken apart; and what is not touched stays as it is."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstcall.access.viewing import viewer_of
from firstcall.records.models import Module
from firstcall.scoring.documents import parse_document
from firstcall.scoring.documents.plain import Plain, plain, same
from firstcall.scoring.documents.writing import written
from firstcall.web.building.bodies import UnshownError, body_of
from firstcall.web.building.cards import criterion_of
from firstcall.web.building.doing import done
from firstcall.web.building.drafting import Draft
from firstcall.web.building.offering import AGGREGATES, UNITS, Offer, offer
from tests.scoring.strategies import combinations, rules
from tests.web.building.forms import forms_of
from tests.web.building.test_building import LARGE, alice, do, said
from tests.web.conftest import RULE, Company

__all__ = ["alice"]

COMBINED = """  - name: Both   # ours
    all:
      - {field: source, is: Web}   # only these
      - any:
          - {touchpoint: web.visited, where: {property: path, starts_with: /pricing}, in_last: 7 days, gte: 3}
          - not: {field: employees, lt: 5}
    points: 5
"""
TEXT = RULE.replace("criteria:\n", "criteria:\n" + COMBINED)


def form(client: Client, text: str, at: int = 0) -> dict[str, Any]:
    """What a browser would send of a card."""
    told = do(client, text, open=at)
    return next(
        sent for sent in forms_of(told["cards"]) if sent["do"] == ["card"] and sent["at"] == [str(at)]
    )


def changed(client: Client, text: str, **sent: object) -> Any:
    """The first criterion after its card was sent."""
    return said(do(client, text, **sent)["text"])["criteria"][0]


def test_groups_are_shown_and_changed_where_they_stand(alice: Client) -> None:
    sent = form(alice, TEXT)
    assert do(alice, TEXT, **sent)["text"] == TEXT
    told = do(alice, TEXT, **{**sent, "m1.m0.t0_value": "4", "m1.m1.m0.t0_value": "7"})
    assert told["isSound"], told["problems"]
    assert "name: Both   # ours" in told["text"]
    assert "- {field: source, is: Web}   # only these" in told["text"]
    assert said(told["text"])["criteria"][0]["all"][1] == {
        "any": [
            {
                "touchpoint": "web.visited",
                "where": {"property": "path", "starts_with": "/pricing"},
                "in_last": "7 days",
                "gte": 4,
            },
            {"not": {"field": "employees", "lt": 7}},
        ]
    }


def test_conditions_come_go_and_change_their_way(alice: Client) -> None:
    sent = form(alice, TEXT)
    new = {"field": "employees", "empty": False}
    more = changed(alice, TEXT, **sent, more="condition", part="m1.")
    assert more["all"][1]["any"][2] == new
    gone = changed(alice, TEXT, **{key: value for key, value in sent.items() if not key.startswith("m0.")})
    assert gone["all"] == said(TEXT)["criteria"][0]["all"][1:]
    apart = changed(alice, TEXT, **sent, more="apart", part="m1.")
    assert [next(iter(one)) for one in apart["all"]] == ["field", "touchpoint", "not"]
    other = changed(alice, TEXT, **{**sent, "subject": "any"})
    assert other == {"name": "Both", "any": said(TEXT)["criteria"][0]["all"], "points": 5}
    negated = changed(alice, TEXT, **{**sent, "subject": "not"})
    assert negated["not"] == {"all": said(TEXT)["criteria"][0]["all"]}
    nested = changed(alice, TEXT, **sent, more="any", part="m0.")
    assert nested["all"][0] == {"any": [{"field": "source", "is": "Web"}, new]}
    under_not = changed(alice, TEXT, **sent, more="condition", part="m1.m1.")
    assert under_not["all"][1]["any"][1] == {"not": {"any": [{"field": "employees", "lt": 5}, new]}}


def test_a_plain_criterion_becomes_a_group_and_plain_again(alice: Client) -> None:
    grouped = do(alice, RULE, do="card", at=0, **LARGE, more="any")
    assert grouped["isSound"], grouped["problems"]
    assert said(grouped["text"])["criteria"][0] == {
        "name": "Large company",
        "any": [{"field": "employees", "gte": 100}, {"field": "employees", "empty": False}],
        "points": 20,
    }
    sent = form(alice, grouped["text"])
    one = {key: value for key, value in sent.items() if not key.startswith("m1.")}
    alone = do(alice, grouped["text"], **one)["text"]
    back = do(alice, alone, **form(alice, alone), more="alone")["text"]
    assert said(back) == said(RULE)


def test_what_brings_points_otherwise_is_not_joined(alice: Client) -> None:
    """A group brings points once: `each` and tables would be lost."""
    sent = form(alice, RULE, 1)
    assert do(alice, RULE, **sent, more="all")["text"] == RULE


def test_faults_stand_at_their_condition(alice: Client) -> None:
    sent = form(alice, TEXT)
    told = do(alice, TEXT, **{**sent, "m1.m0.t0_value": "many"})
    assert not told["isSound"]
    [member] = told["cards"].split('<li class="member is-wrong"')[1:]
    assert member.index("“many”") > member.index("m1.m0.t0_value")
    empty = do(alice, TEXT, **{key: value for key, value in sent.items() if not key.startswith("m")})
    assert said(empty["text"])["criteria"][0]["all"] is None
    assert not empty["isSound"]
    assert "Condition" in empty["cards"]


def test_what_is_deeper_is_kept_as_yaml(alice: Client) -> None:
    deep: Plain = {"field": "source", "is": "Web"}
    for _ in range(6):
        deep = {"not": deep}
    text = written(
        {"name": "D", "module": "leads", "criteria": [{"name": "Deep", "points": 1, "all": [deep]}]}
    )
    sent = form(alice, text)
    assert sent["m0.m0.m0.m0.subject"] == ["kept"]
    assert do(alice, text, **sent)["text"] == text
    assert changed(alice, text, **{**sent, "points": "2"})["all"] == [deep]


# Of random rules: what a browser would send, and what is made of it.


def exact(held: dict[str, Any]) -> dict[str, Plain]:
    """As it is read from a text: numbers are exact."""
    root = parse_document(json.dumps(held), "rule.json").root
    assert root is not None
    read = plain(root)
    assert isinstance(read, dict)
    return read


@cache
def _offered() -> Offer:
    return offer(Module.objects.get(name="leads"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rule=rules())
def test_what_is_not_touched_stays_as_it_is(company: Company, rule: dict[str, Any]) -> None:
    offered = _offered()
    for held in rule["criteria"]:
        old = exact(held)
        try:
            body = body_of(old)
        except UnshownError:
            continue
        assert same(criterion_of(old, body, offered), old)
        anew = criterion_of({"name": old["name"]}, body, offered)
        assert same(criterion_of(anew, body_of(anew), offered), anew)
        assert sorted(anew.keys() | {"enabled"}) == sorted(old.keys() | {"enabled"})


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(held=st.sampled_from(["all", "any", "not"]).flatmap(lambda key: combinations(key, 3)))
def test_groups_that_are_not_touched_leave_the_text(company: Company, held: dict[str, Any]) -> None:
    text = "# ours\n" + written(
        {"name": "R", "module": "leads", "criteria": [{"name": "C", **exact(held), "points": 5}]}
    )
    draft = Draft(text, viewer_of(company.alice), frozenset({0}))
    html = render_to_string(
        "building/_draft.html",
        {"draft": draft, "offer": draft.offer, "aggregates": AGGREGATES, "units": UNITS},
    )
    sent = next(one for one in forms_of(html) if one["do"] == ["card"])
    query = QueryDict(mutable=True)
    for key, values in sent.items():
        query.setlist(key, values)
    assert done(draft, query).text == text


def test_whatever_is_asked_of_whatever_part(alice: Client) -> None:
    sent = form(alice, TEXT)
    for part in ("", "m0.", "m9.", "m1.m1.", "m1.m1.m0.", "m99.m99.", "x", "m1.m1.m0.m0."):
        for more in ("all", "any", "condition", "alone", "apart", "w", "t", "r", "decay", "x"):
            told = do(alice, TEXT, **sent, more=more, part=part)
            assert said(told["text"])["criteria"][1:] == said(TEXT)["criteria"][1:], (more, part)
