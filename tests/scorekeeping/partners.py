"""A company that sells to companies: accounts with parents, their contacts, and deals with an account and a buyer.
Its rules reach from one to the other, and what they give is found out by following look-ups one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, Record
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.models import RuleVersion, StoredRule, StoredScore
from firstcall.scorekeeping.switching import activate
from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.evaluating import Record as Fields
from firstcall.scoring.evaluating import Touchpoint as Touched
from firstcall.scoring.evaluating import evaluate
from firstcall.scoring.times import moment_of
from firstcall.scoring.values import Value
from firstcall.touchpoints.models import Source, Touchpoint
from tests.scorekeeping.company import START, own_fields

FIELDS: dict[str, dict[str, FieldKind]] = {
    "accounts": {
        "industry": FieldKind.TEXT,
        "employees": FieldKind.NUMBER,
        "renews_on": FieldKind.DATE,
        "labels": FieldKind.MULTI_SELECT,
    },
    "contacts": {"job_title": FieldKind.TEXT},
    "deals": {"amount": FieldKind.CURRENCY},
}
LOOKUPS = {
    "accounts": {"parent": "accounts"},
    "contacts": {"account": "accounts"},
    "deals": {"account": "accounts", "buyer": "contacts"},
}
PEOPLE = ("contacts",)

RULES = (
    """
name: Account interest
module: accounts
criteria:
  - {name: Visits, touchpoint: "web.*", of: contacts, in_last: 5 days, each: 2, at_most: 12}
  - {name: Answers, touchpoint: email.replied, of: contacts, each: 8, at_most: 30, decay: {lose: 50%, every: 2 days}}
  - {name: Pages, touchpoint: "web.*", of: contacts, distinct: path, gte: 2, points: 3}
  - {name: Rating, touchpoint: survey.responded, of: contacts, latest: rating, gte: 5, points: 4}
  - {name: Quiet, days_since: "*", of: contacts, each: -1, every: 2, at_most: 9}
  - {name: Parent, field: parent.industry, is: IT, points: 5}
  - {name: Parent renews, field: parent.renews_on, in_next: 10 days, points: 6}
grades: {Hot: 15, Cold: -50}
""",
    """
name: Deal
module: deals
applies_to:
  - {field: account.industry, is_not: Spam}
criteria:
  - {name: Industry, field: account.industry, is: IT, points: 5}
  - {name: Size, field: account.employees, table: [{gte: 1000, points: 9}, {gte: 10, points: 4}]}
  - {name: Group, field: account.parent.employees, gte: 1000, points: 3}
  - {name: Buyers tags, field: buyer.tags, has_word: [partner, İSTANBUL], points: 2.5}
  - {name: Title, field: buyer.job_title, has_word: director, points: 7}
  - {name: Buyers industry, field: buyer.account.industry, is: IT, points: 0.5}
  - {name: Buyer, touchpoint: "*", of: buyer, in_last: 3 days, points: 11}
  - {name: Colleagues, touchpoint: "web.*", of: account.contacts, busiest: 1 day, each: 1}
  - {name: Group busy, touchpoint: "*", of: account.parent.contacts, distinct_days: true, each: 0.25}
  - name: Both
    all:
      - {field: account.labels, contains: key}
      - {touchpoint: "*", of: account.contacts.account, gte: 2}
    points: 13
""",
    """
name: Contact
module: contacts
criteria:
  - {name: Own, touchpoint: "*", each: 1, at_most: 5}
  - {name: Account, field: account.labels, contains: key, points: 10}
  - {name: Account renews, field: account.renews_on, in_last: 3 days, points: 2}
  - {name: Anns account, field: account.owner, is: ann@example.com, points: 4}
  - {name: Own tags, field: tags, contains: vip, points: 1}
""",
)


def found_partners() -> tuple[dict[str, Module], Source]:
    """The modules by name, a source, and the rules active."""
    modules = {
        name: Module.objects.create(name=name, label=name, is_people=name in PEOPLE) for name in FIELDS
    }
    for name, module in modules.items():
        for field, kind in FIELDS[name].items():
            Field.objects.create(module=module, name=field, label=field, kind=kind)
        for field, target in LOOKUPS[name].items():
            Field.objects.create(
                module=module, name=field, label=field, kind=FieldKind.LOOKUP, target=modules[target]
            )
    for text in RULES:
        activate(write_rule(text, at=START), at=START)
    return modules, Source.objects.create(name="web site", created_at=START)


def wrong_scores(as_of: datetime) -> list[str]:
    """Where a stored score is not what the reference evaluator says it is as of the moment."""
    wrong = []
    for rule in StoredRule.objects.filter(active__isnull=False).select_related("active"):
        assert rule.active is not None
        stored = {score.record_id: score for score in StoredScore.objects.filter(rule=rule)}
        for record in Record.objects.filter(module=rule.module):
            score = stored.get(record.pk)
            said = score and tuple(_plain(getattr(score, name)) for name in FIGURES)
            meant = None if record.deleted_at is not None else reference_figures(rule.active, record, as_of)
            if said != meant:
                wrong.append(f"{rule}, record {record.pk}: {said} is stored, {meant} is right")
    return wrong


def _plain(figure: Any) -> Any:
    if isinstance(figure, datetime):
        return moment_of(figure)
    return int(figure) if isinstance(figure, Decimal) else figure


def reference_figures(version: RuleVersion, record: Record, as_of: datetime) -> tuple[Any, ...] | None:
    of: dict[str, list[Touched]] = {}
    for people, person in people_of(record):
        of.setdefault(people, []).extend(touched(person))
    score = evaluate(rule_of(version), fields_of(record), touched(record), moment_of(as_of), of=of)
    return None if score is None else tuple(getattr(score, name) for name in FIGURES)


def fields_of(record: Record, depth: int = 3) -> Fields:
    kinds = FIELDS[record.module.name]
    values = {name: Value(_python(kinds[name], v)) for name, v in record.values.items() if name in kinds}
    values |= own_fields(record)
    related = {}
    for name in LOOKUPS[record.module.name]:
        target = looked_up(record, name)
        if target is not None and depth:
            related[name] = fields_of(target, depth - 1)
    return Fields(values, related)


def looked_up(record: Record | None, name: str) -> Record | None:
    id = None if record is None else record.values.get(name)
    return None if id is None else Record.objects.filter(pk=id, deleted_at=None).first()


def people_of(record: Record) -> Iterator[tuple[str, Record]]:
    """Each `of` of the rules with everybody whom it means."""
    contacts = list(Record.objects.filter(module__name="contacts", deleted_at=None))

    def of(account: Record | None) -> list[Record]:
        return [c for c in contacts if account is not None and c.values.get("account") == account.pk]

    match record.module.name:
        case "accounts":
            yield from (("contacts", person) for person in of(record))
        case "deals":
            account = looked_up(record, "account")
            for person in of(account):
                yield "account.contacts", person
                yield "account.contacts.account", person
            yield from (("account.parent.contacts", person) for person in of(looked_up(account, "parent")))
            buyer = looked_up(record, "buyer")
            if buyer is not None:
                yield "buyer", buyer


def touched(record: Record) -> list[Touched]:
    return [
        Touched(t.type, moment_of(t.occurred_at), {k: Value(v) for k, v in t.properties.items()})
        for t in Touchpoint.objects.filter(record=record, revoked_at=None)
    ]


def _python(kind: FieldKind, value: Any) -> object:
    match kind:
        case FieldKind.NUMBER | FieldKind.CURRENCY:
            return Decimal(value)
        case FieldKind.DATE:
            return date.fromisoformat(value)
    return value


def values(**given: object) -> Mapping[str, object]:
    return {name: given[name] for name in given}
