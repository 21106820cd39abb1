"""Fills an empty service with the made-up company: two years of people and what they did, its deals, three rules."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import batched, chain
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import F

from firstcall.access.models import User
from firstcall.demo.customers import after_the_deal
from firstcall.demo.generating import generate
from firstcall.demo.living import DAYS, live_through
from firstcall.demo.vocabulary import INDUSTRIES, SOURCES
from firstcall.records.actions import create_records
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module
from firstcall.records.standard import ensure_standard_modules
from firstcall.records.writing.given import Given
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.switching import activate
from firstcall.scoring.times import datetime_of, parse_time
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source, SourceKind, Touchpoint

LEADS = 2_000
SOURCE = "Demo"
REPS = (("Mara Lindqvist", "mara"), ("Tom Okafor", "tom"), ("Inês Duarte", "ines"))
HISTORY = timedelta(days=731)
_BATCH = 1_000
_STAGES = ("Qualification", "Needs analysis", "Proposal", "Negotiation")
_SEAT = 540  # a year, in the company's currency

type Progress = Callable[[str, int, int], None]
type Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Company:
    """How much there is of everything."""

    leads: int
    contacts: int
    accounts: int
    deals: int
    touchpoints: int


def is_seeded() -> bool:
    return Source.objects.filter(name=SOURCE).exists()


@transaction.atomic
def seed(*, at: datetime, leads: int = LEADS, progress: Progress | None = None) -> Company:
    """Make up the company as of the moment, with the scores of its last weeks, all or nothing.

    Whoever bought is a contact of an account with deals, the others are leads. The same moment gives the same company.
    """
    # As the made-up data has it: whoever is still open, is so until this second.
    at = at.replace(microsecond=0)
    told = progress or (lambda what, done, total: None)
    with tempfile.TemporaryDirectory(prefix="firstcall-demo-") as folder:
        made = generate(Path(folder), leads=leads, as_of=at, format="jsonl")
        people = list(_read(made.leads_path))
        owners = _make_reps()
        ensure_standard_modules()
        _fit_choices()
        source = Source.objects.create(name=SOURCE, kind=SourceKind.WEBSITE, created_at=at - HISTORY)
        _activate_rules(at - HISTORY)
        buyers = [person for person in people if _is_buyer(person)]
        others = [person for person in people if not _is_buyer(person)]
        told("records", 0, len(people))
        records = _create("leads", [_lead(person, owners, at) for person in others], others, at)
        accounts = _create_accounts(buyers, owners, at)
        contacts = [_contact(person, accounts, owners) for person in buyers]
        records |= _create("contacts", contacts, buyers, at)
        told("records", len(people), len(people))
        deals = list(_deals(buyers, accounts, records, owners, at))
        _create_all("deals", deals, at)
        arrivals = chain(_made_up(made.touchpoints_path, records), _of_buyers(buyers, records, at))
        touchpoints = _take(source, arrivals, at, made.touchpoints, told)
        live_through(until=at, passed=lambda day: told("days", day, DAYS))
    return Company(len(others), len(buyers), len(accounts), len(deals), touchpoints)


@transaction.atomic
def seed_once(*, at: datetime, leads: int = LEADS) -> Company | None:
    """The same, once in the life of a database: of two who begin it, the second waits for the first. None: it is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('firstcall.demo'))")
    return None if is_seeded() else seed(at=at, leads=leads)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        yield from map(msgspec.json.decode, lines)


def _number(person: Row) -> int:
    """Of the lead, from its id; whatever is to be chosen for it is chosen by this."""
    return int("".join(filter(str.isdigit, str(person["id"]))))


def _pick[T](person: Row, among: Sequence[T]) -> T:
    return among[_number(person) * 7919 % 104_729 % len(among)]


def _fit_choices() -> None:
    """The company has its own words for trades and for where leads come from."""
    for name, choices in (
        ("industry", [industry.name for industry in INDUSTRIES]),
        ("lead_source", [source.name for source in SOURCES]),
    ):
        Field.objects.filter(name=name, kind=FieldKind.PICKLIST).update(choices=sorted({*choices, "Other"}))


def _make_reps() -> list[User]:
    """They own records; nobody signs in as one until they are given a password."""
    reps = []
    for name, short in REPS:
        email = f"{short}@firstcall.example"
        reps.append(
            User.objects.filter(email=email).first() or User.objects.create_user(email, None, name=name)
        )
    return reps


def _is_buyer(person: Row) -> bool:
    """Bought, or came as far as a deal that was lost."""
    return bool(person["converted"]) or _lost_a_deal(person)


def _lost_a_deal(person: Row) -> bool:
    return not person["converted"] and _number(person) % 23 == 0


def _moment(text: str) -> datetime:
    moment = parse_time(text)
    assert moment is not None  # noqa: S101
    return datetime_of(moment)


def _lead(person: Row, owners: Sequence[User], at: datetime) -> Given:
    decided = _moment(person["decided_at"]) < at
    status = (
        "Lost"
        if decided
        else _pick(person, ("New", "Attempted to contact", "Contacted", "Contact in future"))
    )
    return _given(
        person,
        _pick(person, owners),
        {
            **_who(person),
            "country": person.get("country"),
            "company": person.get("company"),
            "industry": person.get("industry"),
            "employees": person.get("employees"),
            "annual_revenue": person.get("annual_revenue"),
            "lead_status": status,
            "product_interest": person.get("product_interest"),
        },
    )


def _who(person: Row) -> dict[str, Any]:
    return {
        name: person.get(name) for name in ("first_name", "last_name", "email", "job_title", "lead_source")
    }


def _given(person: Row, owner: User, values: Mapping[str, Any]) -> Given:
    present = {name: value for name, value in values.items() if value is not None}
    return Given(present, owner=owner, created_at=_moment(person["created_at"]))


def _create_accounts(buyers: Sequence[Row], owners: Sequence[User], at: datetime) -> dict[str, int]:
    """By the company's name; the first of its people tells what it is like and since when it is known."""
    first: dict[str, Row] = {}
    for person in sorted(buyers, key=lambda person: str(person["created_at"])):
        first.setdefault(person["company"], person)
    given = [
        _given(
            person,
            _pick(person, owners),
            {
                "name": name,
                "industry": person.get("industry"),
                "employees": person.get("employees"),
                "annual_revenue": person.get("annual_revenue"),
                "billing_country": person.get("country"),
                "type": "Customer" if person["converted"] else "Prospect",
                "website": f"https://{str(person['email']).partition('@')[2]}",
            },
        )
        for name, person in first.items()
    ]
    return dict(zip(first, _create_all("accounts", given, at), strict=True))


def _contact(person: Row, accounts: Mapping[str, int], owners: Sequence[User]) -> Given:
    values = {
        **_who(person),
        "account": accounts[person["company"]],
        "lead_source": person.get("lead_source"),
    }
    return _given(person, _pick(person, owners), values)


def _deals(
    buyers: Sequence[Row],
    accounts: Mapping[str, int],
    contacts: Mapping[str, int],
    owners: Sequence[User],
    at: datetime,
) -> Iterator[Given]:
    """One that was won or lost for each buyer, and for a third of those who bought one that is still open."""
    for person in buyers:
        decided = _moment(person["decided_at"])
        product = person.get("product_interest") or "Planning board"
        about = {
            "account": accounts[person["company"]],
            "contact": contacts[person["id"]],
            "amount": _amount(person),
            "lead_source": person.get("lead_source"),
        }
        won = bool(person["converted"])
        yield _given(
            person,
            _pick(person, owners),
            {
                **about,
                "name": f"{person['company']}: {product}",
                "stage": "Closed won" if won else "Closed lost",
                "type": "New business",
                "closing_date": decided.date().isoformat(),
            },
        )
        if won and _number(person) % 3 == 0:
            yield Given(
                {
                    **about,
                    "name": f"{person['company']}: more seats",
                    "type": "Upsell",
                    "stage": _pick(person, _STAGES),
                    "closing_date": (at + timedelta(days=7 + _number(person) % 90)).date().isoformat(),
                },
                owner=_pick(person, owners),
                created_at=min(decided + timedelta(days=20), at),
            )


def _amount(person: Row) -> int:
    return _SEAT * max(3, (person.get("employees") or 40) // 8)


def _create(module: str, given: Sequence[Given], people: Sequence[Row], at: datetime) -> dict[str, int]:
    """The record of each person by the id of the made-up data."""
    ids = [str(person["id"]) for person in people]
    return dict(zip(ids, _create_all(module, given, at), strict=True))


def _create_all(module: str, given: Sequence[Given], at: datetime) -> list[int]:
    """In order; there is nothing to refuse in what is made up."""
    of = Module.objects.get(name=module)
    made: list[int] = []
    for some in batched(given, _BATCH):
        for outcome in create_records(of, some, at=at):
            if outcome.record_id is None:
                raise AssertionError(f"The made-up company does not fit: {outcome.faults}")
            made.append(outcome.record_id)
    return made


def _made_up(path: Path, records: Mapping[str, int]) -> Iterator[Arrival]:
    for number, row in enumerate(_read(path)):
        yield Arrival(
            message_id=f"demo-{number}",
            type=row["type"],
            occurred_at=_moment(row["occurred_at"]),
            record_id=records[row["record_id"]],
            properties=row.get("properties") or {},
        )


def _of_buyers(buyers: Sequence[Row], contacts: Mapping[str, int], at: datetime) -> Iterator[Arrival]:
    for person in buyers:
        number, won = _number(person), bool(person["converted"])
        decided_at = _moment(person["decided_at"])
        done = after_the_deal(number, won=won, amount=_amount(person), decided_at=decided_at, until=at)
        for turn, (when, type, properties) in enumerate(done):
            yield Arrival(f"demo-{number}-{turn}", type, when, contacts[str(person["id"])], properties)


def _take(source: Source, arrivals: Iterable[Arrival], at: datetime, expected: int, told: Progress) -> int:
    done = 0
    for some in batched(arrivals, _BATCH):
        done += accept(source, some, received_at=at)
        told("touchpoints", done, max(done, expected))
    # As if they had come when they happened: so scores of the past have something to say.
    Touchpoint.objects.filter(source=source).update(received_at=F("occurred_at"))
    return done


def _activate_rules(at: datetime) -> None:
    for file in sorted(files("firstcall.demo").joinpath("rules").iterdir(), key=lambda file: file.name):
        activate(write_rule(file.read_text("utf-8"), at=at), at=at)
