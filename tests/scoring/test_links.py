"""Where names with dots lead, and what is said of those that lead nowhere."""

from __future__ import annotations

import pytest

from firstcall.scoring.checking import check_columns
from firstcall.scoring.columns import Column, Columns, Lookup, RecordColumns, RelatedColumns, Storage
from firstcall.scoring.links import NowhereError, People, find_field, find_people
from firstcall.scoring.reading import read_rule
from firstcall.scoring.values import Kind


def fields(*names: str, kind: Kind = Kind.TEXT) -> dict[str, Column]:
    return {name: Column(name, f"c_{i}", Storage.TEXT, kind) for i, name in enumerate(names)}


ACCOUNT, CONTACT = Lookup("accounts", "l_account"), Lookup("contacts", "l_contact")
PARENT, OWNER = Lookup("accounts", "l_parent"), Lookup("accounts", "l_owner")
EMPLOYER, BUYER = Lookup("accounts", "l_employer"), Lookup("deals", "l_deal")
HOST, GUEST_OF = Lookup("deals", "l_host"), Lookup("deals", "l_guest")
DEALS = Columns(
    RecordColumns(fields("name", "stage", "account.name"), lookups={"account": ACCOUNT, "contact": CONTACT}),
    module="deals",
    related={
        "deals": RelatedColumns("related_deals", fields("name"), is_people=False),
        "accounts": RelatedColumns(
            "related_accounts",
            fields("name", "industry", "city.name"),
            {"parent": PARENT, "owner": OWNER},
            is_people=False,
        ),
        "contacts": RelatedColumns("related_contacts", fields("job_title"), {"employer": EMPLOYER}),
        "guests": RelatedColumns("related_guests", {}, {"host": HOST, "guest_of": GUEST_OF}),
        "visitors": RelatedColumns("related_visitors", {}, {"deal": BUYER}),
        "strangers": RelatedColumns("related_strangers"),
    },
)


@pytest.mark.parametrize(
    ("name", "way", "found"),
    [
        ("stage", (), "stage"),
        ("account.industry", (ACCOUNT,), "industry"),
        ("account.name", (), "account.name"),  # the record's own column of that name comes first
        ("account.city.name", (ACCOUNT,), "city.name"),
        ("account.parent.industry", (ACCOUNT, PARENT), "industry"),
        ("contact.employer.parent.industry", (CONTACT, EMPLOYER, PARENT), "industry"),
    ],
)
def test_fields(name: str, way: tuple[Lookup, ...], found: str) -> None:
    reached = find_field(DEALS, name)
    assert (reached.way, reached.column.name) == (way, found)


@pytest.mark.parametrize(
    ("of", "people"),
    [
        ("contact", People((CONTACT,), "contacts")),
        ("contacts", People((CONTACT,), "contacts")),  # linked by the deal's own look-up alone
        ("visitors", People((), "visitors", BUYER)),
        ("visitors.deal", People((), "visitors", BUYER)),
        ("guests.host", People((), "guests", HOST)),
        ("account.contacts", People((ACCOUNT,), "contacts", EMPLOYER)),
        ("account.parent.contacts.employer", People((ACCOUNT, PARENT), "contacts", EMPLOYER)),
    ],
)
def test_people(of: str, people: People) -> None:
    assert find_people(DEALS, of) == people


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("stge", "The records have no field `stge`. Did you mean `stage`?"),
        ("account.indstry", "The accounts have no field `indstry`. Did you mean `account.industry`?"),
        ("acount.industry", "The records have no look-up `acount`. Did you mean `account`?"),
        (
            "stage.industry",
            "`stage` is no look-up: it leads to no other record. Look-ups are `account`, `contact`.",
        ),
        (
            "account.industry.x",
            "`account.industry` is no look-up: it leads to no other record. "
            "Look-ups are `account.owner`, `account.parent`.",
        ),
        (
            "account.parent.parent.parent.industry",
            "`account.parent.parent.parent.industry` reaches through more than 3 look-ups. Take a shorter way.",
        ),
        ("account.zzz.y", "The accounts have no field `zzz.y`. Their fields are `account.city.name`, "
         "`account.industry`, `account.name`."),
    ],
)  # fmt: skip
def test_fields_that_are_not_there(name: str, said: str) -> None:
    with pytest.raises(NowhereError) as caught:
        find_field(DEALS, name)
    assert str(caught.value) == said


PEOPLE = "Related people are `contacts`, `guests`, `strangers`, `visitors`."


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("contcts", "No related records are called `contcts`. Did you mean `contacts`?"),
        ("zzz", f"No related records are called `zzz`. {PEOPLE}"),
        ("account", f"The accounts are no people: touchpoints are not theirs. {PEOPLE}"),
        ("accounts", f"The accounts are no people: touchpoints are not theirs. {PEOPLE}"),
        (
            "guests",
            "Guests and deals are linked in several ways. Write `of: guests.host` or `of: guests.guest_of`.",
        ),
        (
            "strangers",
            "No look-up links strangers and deals. Name the look-ups that lead to them, such as `account.contacts`.",
        ),
        ("guests.hots", "`hots` of guests does not lead to deals. Write `of: guests.host` or `of: guests.guest_of`."),
        ("visitors.deal.contact", "`deal` of visitors does not lead to deals. Write `of: visitors.deal`."),
        ("account.parent.parent.contacts", "The way to these contacts leads through more than 3 look-ups. "
         "Take a shorter way."),
    ],
)  # fmt: skip
def test_people_that_are_not_there(of: str, said: str) -> None:
    with pytest.raises(NowhereError) as caught:
        find_people(DEALS, of)
    assert str(caught.value) == said


def test_what_checking_says_and_where() -> None:
    loaded = read_rule(
        """name: R
module: deals
criteria:
- {name: A, field: account.industry, gt: 5, points: 1}
- {name: B, touchpoint: web.visited, points: 1}
- {name: C, days_since: web.visited, of: guests, each: -1}
- {name: D, touchpoint: web.visited, of: contact, each: 1}
"""
    )
    said = [
        f"{p.place} {p.severity} {p.code} {p.json_path}"
        for p in check_columns(loaded, DEALS)
        if p.code != "no-created-at"
    ]
    assert said == [
        "rule.yaml:4:38 error unfit-test criteria[0].gt",
        "rule.yaml:5:13 error no-touchpoints criteria[1].touchpoint",
        "rule.yaml:6:42 error several-links criteria[2].of",
    ]
