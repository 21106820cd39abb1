"""Previews of draft rules over HTTP: what they say is what the reference evaluator says of every record."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from firstcall.access.models import User
from firstcall.access.rights import Grant, Verb, Visibility
from firstcall.access.viewer import Viewer
from firstcall.columns.folder import copy_folder
from firstcall.columns.following import Follower
from firstcall.insights.previewing.asking import preview_text
from firstcall.records.actions import change_record, create_record
from firstcall.records.models import Field, Module, Record
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.models import RuleVersion, StoredRule
from firstcall.scoring.times import datetime_of, parse_moment
from firstcall.touchpoints.intake import accept
from tests.api.conftest import Caller
from tests.scorekeeping.company import FIT, INTEREST, START, found_company, reference_figures
from tests.scorekeeping.test_keeper import random_arrival, random_given

pytestmark = pytest.mark.django_db(transaction=True)

DRAFT = INTEREST.replace("points: 15", "points: 45").replace("Hot: 60", "Hot: 50")
SIX = ("positive", "negative", "touchpoint_positive", "touchpoint_negative", "touchpoint_total", "total")


@pytest.fixture
def company(data_folder: Path) -> Module:
    """Leads with touchpoints, a rule that scores, and a copy that shows them."""
    module, source = found_company()
    status = Field.objects.create(
        module=module,
        name="lead_status",
        label="Lead status",
        kind="picklist",
        choices=["New", "Converted", "Lost"],
    )
    chance, owner = random.Random(5), User.objects.create_user("ann@example.com")
    records = []
    for n in range(40):
        given = random_given(chance, START)
        given = replace(given, values={**given.values, status.name: chance.choice(status.choices)})
        records.append(create_record(module, given, at=START - timedelta(days=9)))
        if n % 3 == 0:
            Record.objects.filter(pk=records[-1].pk).update(owner=owner)
    arrivals = [random_arrival(chance, records, START, f"m{n}") for n in range(300)]
    accept(source, arrivals, received_at=START)
    follow()
    return module


def follow() -> None:
    Follower(copy_folder(), now=lambda: START).step()


def reference(text: str, module: Module, as_of: datetime) -> dict[int, Any]:
    """Figures by the record's id, as the judge of all engines has them."""
    version = RuleVersion(text=text)
    found = {
        record.pk: reference_figures(version, record, as_of)
        for record in Record.objects.filter(module=module)
    }
    return {id: figures for id, figures in found.items() if figures is not None}


def as_of_of(body: dict[str, Any]) -> datetime:
    moment = parse_moment(body["as_of"])
    assert moment is not None
    return datetime_of(moment)


def test_distributions_grades_and_crossings_are_those_of_the_reference(company: Module, api: Caller) -> None:
    answer = api.post("/rules/preview", {"text": DRAFT, "most": 100})
    assert answer.status == 200
    body = answer.body
    before, after = (reference(text, company, as_of_of(body)) for text in (INTEREST, DRAFT))
    assert (body["records"], body["scored_before"], body["scored_after"]) == (40, len(before), len(after))
    assert body["against"]["name"] == "Interest"
    for figure in body["figures"]:
        at = SIX.index(figure["figure"])
        for side, scores in (("before", before), ("after", after)):
            points = [int(score[at]) / 100 for score in scores.values()]
            assert figure[f"average_{side}"] == pytest.approx(sum(points) / len(points), abs=1e-4)
            for bin in figure["bins"]:
                low, high = bin["low"], bin["high"]
                inside = [p for p in points if (low is None or p >= low) and (high is None or p < high)]
                assert bin[side] == len(inside)
    grades = [Counter(score[6] for score in scores.values()) for scores in (before, after)]
    assert {g["grade"]: (g["before"], g["after"]) for g in body["grades"]} == {
        name: (grades[0][name], grades[1][name]) for name in {*grades[0], *grades[1], "Hot", "Warm", "Cold"}
    }
    crossed = Counter((before[id][6], after[id][6]) for id in before if before[id][6] != after[id][6])
    assert crossed
    assert {(c["grade_before"], c["grade_after"]): c["count"] for c in body["crossings"]} == crossed
    for crossing in body["crossings"]:
        assert len(crossing["records"]) == crossing["count"]
        for named in crossing["records"]:
            assert named["before"] * 100 == before[named["record"]][5]
            assert named["after"] * 100 == after[named["record"]][5]
    moved = sorted((after[id][5] - before[id][5] for id in before), reverse=True)
    up = [round((n["after"] - n["before"]) * 100) for n in body["movers"]["up"]]
    assert up == [change for change in moved if change > 0]


def test_criteria_say_who_meets_them_and_who_was_won(company: Module, api: Caller) -> None:
    body = api.post("/rules/preview", {"text": DRAFT}).body
    assert body["outcome"] == "won: Lead status is Converted; lost: Lost"
    answers = next(c for c in body["criteria"] if c["name"] == "Answers")
    ids = {r.pk for r in Record.objects.all()}
    text = "\n".join(line for line in DRAFT.splitlines() if "- {" not in line or "Answers" in line)
    met = {id for id, figures in reference(text, company, as_of_of(body)).items() if figures[5]}
    status = {r.pk: r.values.get("lead_status") for r in Record.objects.all()}
    assert (answers["records"], answers["of"]) == (len(met), len(ids))
    for side, among in (("meets", met), ("others", ids - met)):
        told = Counter(status[id] for id in among)
        assert answers[side]["won"] == told["Converted"]
        assert answers[side]["decided"] == told["Converted"] + told["Lost"]
    assert answers["says"].startswith(f"{len(met)} of 40 leads meet")
    assert "against" in answers["says"]


def test_going_on_from_a_preview_is_the_same_as_beginning_anew(company: Module, api: Caller) -> None:
    first = api.post("/rules/preview", {"text": DRAFT}).body
    for text in (
        DRAFT.replace("each: 10", "each: 4.5"),
        DRAFT.replace("in_last: 7 days", "in_last: 2 days"),
        DRAFT,
    ):
        on = api.post("/rules/preview", {"text": text, "as_of": first["as_of"]}).body
        assert on["as_of"] == first["as_of"]
        for kept in (copy_folder() / "kept").iterdir():
            for file in kept.glob("*"):
                file.unlink()
            kept.rmdir()
        anew = api.post("/rules/preview", {"text": text, "as_of": first["as_of"]}).body
        del on["columns"], anew["columns"], on["says"], anew["says"]
        assert on == anew


def test_criteria_that_tell_nothing_apart_are_named(company: Module, api: Caller) -> None:
    criteria = """
  - {name: Nobody, touchpoint: invoice.paid, points: 5}
  - {name: Everybody, field: created_at, empty: false, points: 5}
  - {name: One, touchpoint: email.replied, points: 5}
  - {name: Two, touchpoint: email.replied, gte: 1, points: 50}
"""
    body = api.post("/rules/preview", {"text": f"name: New\nmodule: leads\ncriteria:{criteria}"}).body
    assert (body["never"], body["always"], body["together"]) == (["Nobody"], ["Everybody"], [["One", "Two"]])
    assert body["against"] is None
    assert body["scored_before"] is None
    assert (body["crossings"], body["movers"]) == ([], {"up": [], "down": []})
    assert body["criteria"][0]["says"] == "None of 40 leads meets it."


def test_only_what_the_viewer_may_see_counts(company: Module) -> None:
    ann = User.objects.get(email="ann@example.com")
    viewer = Viewer(ann.pk, grants={"leads": Grant(frozenset(Verb), Visibility.OWN)})
    found = preview_text(DRAFT, now=START, viewer=viewer).preview
    assert found.records == Record.objects.filter(owner=ann).count() == 20
    assert set(found.ids.values()) <= set(Record.objects.filter(owner=ann).values_list("pk", flat=True))
    nobody = Viewer(10**6, grants={"leads": Grant(frozenset(Verb), Visibility.OWN)})
    assert preview_text(DRAFT, now=START, viewer=nobody).preview.records == 0
    with pytest.raises(InvalidRuleError, match="There is no module leads"):
        preview_text(DRAFT, now=START, viewer=Viewer(10**6))


def test_new_hot_leads_a_day_come_from_how_things_stood_before(company: Module, api: Caller) -> None:
    body = api.post("/rules/preview", {"text": DRAFT, "hot_days": 4}).body
    as_of = as_of_of(body)
    now, then = (reference(DRAFT, company, at) for at in (as_of, as_of - timedelta(days=4)))
    came = [id for id, figures in now.items() if figures[6] == "Hot" and then[id][6] != "Hot"]
    assert body["hot_leads"]["days"] == 4
    assert body["hot_leads"]["after"] == len(came) / 4


def test_an_earlier_moment_may_be_asked(company: Module, api: Caller) -> None:
    as_of = datetime(2026, 8, 30, 12, tzinfo=UTC)
    body = api.post("/rules/preview", {"text": DRAFT, "as_of": "2026-08-30T12:00:00Z"}).body
    assert body["as_of"] == "2026-08-30T12:00:00Z"
    assert body["scored_after"] == len(reference(DRAFT, company, as_of)) == 40
    assert api.post("/rules/preview", {"text": DRAFT, "as_of": "2026-08-01T00:00:00Z"}).body["records"] == 0


def test_an_earlier_moment_takes_fields_as_they_were(company: Module, api: Caller) -> None:
    yesterday = START - timedelta(days=1)
    before = reference(FIT, company, yesterday)
    chance = random.Random(11)
    for record in Record.objects.filter(module=company):
        change_record(record, random_given(chance, START), at=START - timedelta(hours=1))
    follow()
    assert reference(FIT, company, yesterday) != before
    body = api.post("/rules/preview", {"text": FIT, "as_of": yesterday.isoformat()}).body
    assert body["scored_after"] == len(before)
    average = sum(int(score[5]) for score in before.values()) / 100 / len(before)
    [total] = [of for of in body["figures"] if of["figure"] == "total"]
    assert total["average_after"] == pytest.approx(average, abs=1e-4)


def test_what_is_wrong_is_said(company: Module, api: Caller, caller: Any, stranger: Caller) -> None:
    assert stranger.post("/rules/preview", {"text": DRAFT}).status == 401
    assert caller("records:read").post("/rules/preview", {"text": DRAFT}).status == 403
    wrong = api.post(
        "/rules/preview", {"text": DRAFT.replace("job_title", "x").replace("points: 45", "points: x")}
    )
    assert wrong.status == 422
    assert api.post("/rules/preview", {"text": DRAFT, "against": 10**9}).status == 404
    rule = StoredRule.objects.get(name="Fit")
    named = caller("rules:read").post("/rules/preview", {"text": DRAFT, "against": rule.pk}).body
    assert named["against"]["name"] == "Fit"
    assert all(not crossing["records"] for crossing in named["crossings"])


def test_without_a_copy_it_says_what_to_do(data_folder: Path, api: Caller) -> None:
    found_company()
    answer = api.post("/rules/preview", {"text": DRAFT})
    assert answer.status == 503
    assert "not there yet" in answer.body["detail"]
    assert answer.headers["Retry-After"] == "5"
