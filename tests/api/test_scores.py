"""Scores over HTTP: figures, why they are so now and on any day before, how they changed, whom to call first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from firstcall.access.viewer import PRODUCT
from firstcall.moments import now
from firstcall.records.actions import change_record, create_record
from firstcall.records.computed import computed_values, values_sql
from firstcall.records.filtering import read_filter
from firstcall.records.models import Layout, Module, Record
from firstcall.records.statements import run
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import StoredRule, StoredScore
from firstcall.scorekeeping.switching import deactivate
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source
from tests.api.conftest import Caller
from tests.scorekeeping.company import START, found_company, lead, wrong_scores

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def company(db: None) -> tuple[Module, Source]:
    return found_company()


def keep(at: datetime) -> None:
    keep_all(now=lambda: at)


def rule(name: str) -> StoredRule:
    return StoredRule.objects.get(name=name)


def a_lead(company: tuple[Module, Source], **values: object) -> Record:
    record = create_record(company[0], lead(**values), at=START)
    keep(START)
    return record


def test_six_figures_and_what_they_are_as_of(company: tuple[Module, Source], api: Caller) -> None:
    record = a_lead(company)
    accept(company[1], [Arrival("m", "web.form_submitted", START, record.pk)], received_at=START)
    keep(START)
    [fit, interest] = api.get(f"/records/{record.pk}/scores").body
    assert (fit["name"], interest["name"], fit["version"]) == ("Fit", "Interest", 1)
    assert fit["score"] == {
        "positive": 33, "negative": 0, "touchpoint_positive": 0, "touchpoint_negative": 0,
        "touchpoint_total": 0, "total": 33, "grade": None,
    }  # fmt: skip
    assert interest["score"]["touchpoint_positive"] == 40
    assert interest["score"]["grade"] == "Warm"
    assert interest["as_of"] == "2026-09-01T00:00:00Z"
    assert interest["next_change_at"] == "2026-09-03T00:00:00Z"
    one = api.get(f"/records/{record.pk}/scores/{interest['rule']}").body
    assert one == interest


def test_pending_says_that_something_is_not_in_the_score_yet(
    company: tuple[Module, Source], api: Caller
) -> None:
    record = create_record(company[0], lead(), at=now())
    [fit, _] = api.get(f"/records/{record.pk}/scores").body
    assert (fit["score"], fit["is_pending"]) == (None, True)
    keep(now())
    assert not any(score["is_pending"] for score in api.get(f"/records/{record.pk}/scores").body)
    StoredScore.objects.update(next_change_at=now())
    assert all(score["is_pending"] for score in api.get(f"/records/{record.pk}/scores").body)


def test_a_stopped_rule_keeps_its_scores_and_no_moment(company: tuple[Module, Source], api: Caller) -> None:
    record = a_lead(company)
    deactivate(rule("Fit"), at=START + HOUR)
    fit = api.get(f"/records/{record.pk}/scores/{rule('Fit').pk}").body
    assert (fit["is_active"], fit["is_pending"], fit["next_change_at"]) == (False, False, None)
    assert fit["score"]["total"] == 33


def test_why_a_score_is_so_now_and_on_a_day_before(company: tuple[Module, Source], api: Caller) -> None:
    record = a_lead(company)
    change_record(record, {"employees": 5, "job_title": None}, at=START + 2 * HOUR)
    keep(START + 2 * HOUR)
    path = f"/records/{record.pk}/scores/{rule('Fit').pk}/explanation"
    told = api.get(f"{path}?as_of=2026-09-01T03:00:00Z").body
    before = api.get(f"{path}?as_of=2026-09-01T01:00:00Z").body
    assert (told["rule"], told["id"], told["scored"], told["version"]) == ("Fit", str(record.pk), True, 1)
    assert (told["total"], before["total"]) == (3, 33)
    for explained in (told, before):
        assert sum(line["points"] for line in explained["lines"]) == explained["total"]
    size = {line["name"]: line for line in before["lines"]}["Size"]
    assert (size["value"], size["points"], size["status"]) == (250, 10, "earned")
    assert api.get(f"{path}?as_of=2026-08-31T00:00:00Z").status == 404


def test_a_record_outside_is_told_why(company: tuple[Module, Source], api: Caller) -> None:
    record = a_lead(company, opted_in=False)
    told = api.get(f"/records/{record.pk}/scores/{rule('Fit').pk}/explanation").body
    assert not told["scored"]
    assert [condition["holds"] for condition in told["applies_to"]] == [False]


def test_ranks_are_stable_over_pages(company: tuple[Module, Source], api: Caller) -> None:
    layout = Layout.objects.create(module=company[0], name="north", label="North")
    employees = [5, 1000, 100, 100, 100, 5, 1000]
    records = [create_record(company[0], lead(employees=count), at=START) for count in employees]
    Record.objects.filter(pk__in=[record.pk for record in records[:3]]).update(layout=layout)
    keep(START)
    fit = rule("Fit").pk
    order = [records[i].pk for i in (1, 6, 2, 3, 4, 0, 5)]
    whole = api.get(f"/rankings/{fit}").body["items"]
    assert [row["record"] for row in whole] == order
    assert [row["total"] for row in whole] == [43, 43, 33, 33, 33, 23, 23]
    seen, after = [], ""
    while True:
        answer = api.get(f"/rankings/{fit}?limit=2{after}").body
        seen += [row["record"] for row in answer["items"]]
        if answer["next"] is None:
            break
        after = f"&after={answer['next']}"
    assert seen == order
    assert [row["record"] for row in api.get(f"/rankings/{fit}?layout=north").body["items"]] == [
        records[i].pk for i in (1, 2, 0)
    ]
    assert api.get(f"/rankings/{fit}?after=x").status == 422
    assert api.get(f"/rankings/{fit}?owner=1").body["items"] == []


def test_ranks_by_grade(company: tuple[Module, Source], api: Caller) -> None:
    cold, warm = a_lead(company), a_lead(company)
    accept(company[1], [Arrival("m", "web.form_submitted", START, warm.pk)], received_at=START)
    keep(START)
    interest = rule("Interest").pk

    def ranked(query: str) -> list[int]:
        return [row["record"] for row in api.get(f"/rankings/{interest}?{query}").body["items"]]

    assert ranked("grade=Warm") == [warm.pk]
    assert ranked("grade=Warm&grade=Cold") == [warm.pk, cold.pk]
    assert ranked("grade=") == []


@pytest.mark.django_db(transaction=True)
def test_changes_are_followed_by_a_mark(api: Caller) -> None:
    company = found_company()
    records = [a_lead(company) for _ in range(3)]
    change_record(records[0], {"employees": 1000}, at=START + HOUR)
    keep(START + HOUR)

    def follow(after: str, **asked: object) -> tuple[list[dict[str, Any]], str | None, str]:
        query = "".join(f"&{name}={value}" for name, value in asked.items())
        body = api.get(f"/score-changes?limit=2{f'&after={after}' if after else ''}{query}").body
        return body["items"], body["next"], body["mark"]

    seen: list[dict[str, Any]] = []
    mark = ""
    while True:
        items, following, mark = follow(mark)
        seen += items
        if following is None:
            break
    assert len(seen) == 7
    last = seen[-1]
    assert (last["record"], last["before"], last["after"], last["cause"]) == (records[0].pk, 33, 43, "field")
    assert follow(mark)[0] == []
    change_record(records[1], {"employees": 5}, at=START + HOUR)
    keep(START + HOUR)
    assert [change["record"] for change in follow(mark)[0]] == [records[1].pk]
    of_record, _, _ = follow("", record=records[0].pk, rule=rule("Fit").pk)
    assert [change["after"] for change in of_record] == [33, 43]
    assert api.get("/score-changes?after=WyJhIiwxXQ").status == 422


def test_score_fields_show_the_score_as_it_is(company: tuple[Module, Source], api: Caller) -> None:
    record = a_lead(company)
    fields = {"total": "interest_score", "grade": "interest_grade"}
    answer = api.put(f"/rules/{rule('Interest').pk}/score-fields", {"fields": fields})
    assert (answer.status, answer.body["score_fields"]) == (200, fields)
    api.put(f"/rules/{rule('Fit').pk}/score-fields", {"fields": {"positive": "fit_points"}})
    shown = computed_values(company[0].pk, [record.pk])
    assert shown == {record.pk: {"interest_score": "0", "interest_grade": "Cold", "fit_points": "33"}}
    sql = f"SELECT r.id FROM records_record AS r WHERE CAST({values_sql(company[0].pk)} ->> 'fit_points' AS NUMERIC) > 32.5"
    assert run(sql).fetchall() == [(record.pk,)]
    for condition, holds in (
        ({"field": "fit_points", "gt": 32.5}, True),
        ({"field": "interest_grade", "is": "Hot"}, False),
    ):
        found = read_filter(company[0], [condition], viewer=PRODUCT).of(Record.objects.all(), now=START)
        assert list(found) == [record] * holds
    change_record(record, {"opted_in": False}, at=START + HOUR)
    keep(START + HOUR)
    assert "fit_points" not in computed_values(company[0].pk, [record.pk])[record.pk]
    assert wrong_scores(START + HOUR) == []


def test_a_score_field_is_written_by_its_rule_alone(company: tuple[Module, Source], api: Caller) -> None:
    fit, interest = rule("Fit").pk, rule("Interest").pk
    api.put(f"/rules/{fit}/score-fields", {"fields": {"total": "fit_score"}})
    answer = api.put(
        f"/rules/{interest}/score-fields",
        {
            "fields": {
                "total": "fit_score",
                "grade": "job_title",
                "best": "x",
                "negative": "Ü",
                "positive": "owner",
            }
        },
    )
    assert answer.status == 422
    assert answer.faults == {
        "fit_score": "shows a figure of another rule",
        "job_title": "is written by people; give the score a field of its own",
        "best": "is no figure; take positive, negative, touchpoint_positive, touchpoint_negative,"
        " touchpoint_total, total or grade",
        "Ü": "cannot be the name of a field: take small letters, digits and _, a letter first",
        "owner": "cannot be the name of a field: take small letters, digits and _, a letter first",
    }
    answer = api.put(f"/rules/{interest}/score-fields", {"fields": {"total": "a", "positive": "a"}})
    assert answer.faults == {"a": "is given to two figures"}
    assert api.put(f"/rules/{fit}/score-fields", {"fields": {}}).body["score_fields"] == {}
    assert not company[0].fields.filter(name="fit_score").exists()


def test_no_rule_reads_what_rules_write(company: tuple[Module, Source], api: Caller) -> None:
    api.put(f"/rules/{rule('Fit').pk}/score-fields", {"fields": {"total": "fit_score"}})
    text = "name: Circle\nmodule: leads\ncriteria: [{name: A, field: fit_score, gte: 10, points: 1}]"
    answer = api.post("/rules", {"text": text})
    assert answer.faults == {
        "criteria[0].field": "`fit_score` is written by a rule, and no rule reads what rules write:"
        " they would go round in circles."
    }


def test_points_go_out_with_every_digit(company: tuple[Module, Source], api: Caller) -> None:
    record = a_lead(company)
    StoredScore.objects.filter(record=record, rule__name="Fit").update(total="123456789012345678901")
    answer = api.client.get(
        f"/api/v1/records/{record.pk}/scores", headers={"Authorization": f"Bearer {api.secret}"}
    )
    assert b'"total":1234567890123456789.01' in answer.content
