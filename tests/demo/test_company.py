"""The made-up company in the service: it fits together, is scored, and has a past."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db.models import F
from django.test import Client

from firstcall.access.models import User
from firstcall.demo.company import is_seeded, seed
from firstcall.demo.customers import after_the_deal
from firstcall.records.models import Record
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import ScoreChange, StoredRule, StoredScore
from firstcall.scorekeeping.replay import score_as_of
from firstcall.touchpoints.models import Source, Touchpoint
from firstcall.touchpoints.sources import find_source
from tests.scorekeeping.company import wrong_scores

PAGES = {
    "records": ("module", "record"),
    "touchpoints": ("source", "touchpoint"),
    "scorekeeping": ("storedrule", "storedscore", "scorechange"),
    "jobs": ("job",),
}
AT = datetime(2026, 11, 1, 12, 30, 15, 250_000, tzinfo=UTC)


@pytest.mark.django_db
def test_the_company_is_made_and_scored() -> None:
    assert not is_seeded()
    told: list[tuple[str, int, int]] = []
    made = seed(at=AT, leads=300, progress=lambda what, done, total: told.append((what, done, total)))
    assert is_seeded()
    assert made.leads + made.contacts == 300
    assert 20 < made.accounts <= made.contacts
    assert made.deals > made.contacts
    assert made.touchpoints == Touchpoint.objects.count() > 5_000
    assert told[0] == ("records", 0, 300)
    assert {what for what, _, _ in told} == {"records", "touchpoints", "days"}
    assert told[-1] == ("days", 30, 30)
    assert not Touchpoint.objects.filter(record=None).exists()
    assert not Touchpoint.objects.filter(occurred_at__gt=AT).exists()
    deal = Record.objects.filter(module__name="deals").first()
    assert deal is not None
    contact = Record.objects.get(pk=deal.values["contact"])
    assert (contact.module.name, contact.values["account"]) == ("contacts", deal.values["account"])

    assert keep_all(now=lambda: AT) == 0
    assert wrong_scores(AT.replace(microsecond=0)) == []
    changes = ScoreChange.objects.exclude(old_total=None)
    assert {"touchpoint", "time"} <= set(changes.values_list("cause", flat=True))
    assert len({change.at for change in changes}) > 20
    assert not ScoreChange.objects.filter(at__lt=F("record__created_at")).exists()
    rules = {rule.name: rule for rule in StoredRule.objects.all()}
    assert sorted(rules) == ["Call first", "Customers that grow", "Fit and interest"]
    hot = StoredScore.objects.filter(rule=rules["Call first"], grade="Hot").count()
    scored = StoredScore.objects.filter(rule=rules["Call first"]).count()
    assert 0 < hot < scored / 4
    assert StoredScore.objects.filter(rule=rules["Customers that grow"], grade="Ready").exists()

    check_administration(deal)


def check_administration(deal: Record) -> None:
    """Every page opens, finds and shows."""
    User.objects.create_administrator("alice@example.com", "a long enough password")
    client = Client()
    client.login(username="alice@example.com", password="a long enough password")
    scores = client.get("/admin/scorekeeping/storedscore/").content.decode()
    highest = StoredScore.objects.order_by("-total").first()
    assert highest is not None
    assert re.findall(r'field-shown_total">([^<]*)<', scores)[0] == f"{highest.total / 100:g}"
    for app, names in PAGES.items():
        for name in names:
            page = client.get(f"/admin/{app}/{name}/")
            assert page.status_code == 200, name
            row = apps.get_model(app, name).objects.first()
            if row is not None:
                assert client.get(f"/admin/{app}/{name}/{row.pk}/change/").status_code == 200, name
    contact = Record.objects.get(pk=deal.values["contact"])
    for sought in (contact.values["email"].upper(), contact.values["last_name"], str(contact.pk)):
        page = client.get("/admin/records/record/", {"q": sought}).content.decode()
        assert f"{contact.values['first_name']} {contact.values['last_name']}" in page
    assert (
        "0 records" in client.get("/admin/records/record/", {"q": "nobody@nowhere.example"}).content.decode()
    )
    new = {"name": "Shop", "kind": "website", "namespace": "shared", "mapping": "{}", "is_active": "on"}
    inline = {f"write_keys-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    assert client.post("/admin/touchpoints/source/add/", {**new, **inline}).status_code == 302
    shop = Source.objects.get(name="Shop")
    [key] = shop.write_keys.all()
    assert key.key in client.get(f"/admin/touchpoints/source/{shop.pk}/change/").content.decode()
    client.post("/admin/touchpoints/source/", {"action": "change_key", "_selected_action": [shop.pk]})
    assert find_source(key.key) is None
    [other] = shop.write_keys.filter(revoked_at=None)
    assert find_source(other.key) == shop


@pytest.mark.django_db
def test_the_past_has_something_to_say() -> None:
    seed(at=AT, leads=120)
    keep_all(now=lambda: AT)
    rule = StoredRule.objects.get(name="Fit and interest")
    busiest = Touchpoint.objects.filter(record__module__name="leads").order_by("-occurred_at").first()
    assert busiest is not None
    assert busiest.record is not None
    before = score_as_of(busiest.record, rule, busiest.occurred_at - timedelta(days=1))
    now = score_as_of(busiest.record, rule, AT)
    assert now is not None
    assert before is None or before != now


@pytest.mark.parametrize("number", range(0, 48, 5))
def test_what_buyers_do_lies_between_the_deal_and_now(number: int) -> None:
    decided_at = AT - timedelta(days=100)
    done = list(after_the_deal(number, won=True, amount=900, decided_at=decided_at, until=AT))
    assert all(decided_at <= when < AT for when, *_ in done)
    assert [type for _, type, _ in done].count("deal.won") == 1
    lost = list(after_the_deal(number, won=False, amount=900, decided_at=decided_at, until=AT))
    assert [type for _, type, _ in lost] == ["deal.lost"]
