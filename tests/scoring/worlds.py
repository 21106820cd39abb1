"""Records around the scored ones: where their look-ups lead, whose people are whose, and random ones of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from firstcall.scoring.evaluating import Record
from firstcall.scoring.values import Kind, Value
from tests.scoring import strategies
from tests.scoring.cases import RawTouchpoint


@dataclass(frozen=True)
class Module:
    """Fields and look-ups of a module's records."""

    fields: Mapping[str, Kind] = field(default_factory=dict)
    lookups: Mapping[str, str] = field(default_factory=dict)  # the module that each leads to
    is_people: bool = True


OWN = Module(lookups={"account": "accounts", "contact": "contacts"})
RELATED = {
    "accounts": Module(
        {
            "industry": Kind.TEXT,
            "employees": Kind.NUMBER,
            "renews_at": Kind.TIME,
            "tags": Kind.LIST,
            "city.name": Kind.TEXT,
        },
        {"parent": "accounts"},
        is_people=False,
    ),
    "contacts": Module(
        {"job_title": Kind.TEXT, "born_on": Kind.DATE}, {"account": "accounts", "lead": "leads"}
    ),
    "guests": Module({}, {"host": "leads"}),
}


@dataclass(frozen=True)
class Related:
    """One related record."""

    id: str
    fields: Mapping[str, object] = field(default_factory=dict)
    lookups: Mapping[str, str | None] = field(default_factory=dict)
    touchpoints: Sequence[RawTouchpoint] = ()


@dataclass(frozen=True)
class World:
    """The related records of each module."""

    records: Mapping[str, Sequence[Related]] = field(default_factory=dict)

    def of(self, module: str) -> Sequence[Related]:
        return self.records.get(module, ())

    def find(self, module: str, id: str | None) -> Related | None:
        return next((record for record in self.of(module) if record.id == id), None)

    def follow(self, module: Module, lookups: Mapping[str, str | None], depth: int = 3) -> dict[str, Record]:
        """The records that look-ups lead to, as the reference evaluates them."""
        found = {}
        for name, target in module.lookups.items():
            record = self.find(target, lookups.get(name))
            if record is not None and depth:
                fields = {of: Value(record.fields.get(of)) for of in RELATED[target].fields}
                found[name] = Record(fields, self.follow(RELATED[target], record.lookups, depth - 1))
        return found

    def parent(self, account: str | None) -> Related | None:
        record = self.find("accounts", account)
        return record and self.find("accounts", record.lookups.get("parent"))


type Belongs = Callable[[World, str, Mapping[str, str | None], Related], bool]


def _of_account(world: World, person: Related, account: Related | None) -> bool:
    return account is not None and person.lookups.get("account") == account.id


# Who is meant by each `of`, said the long way: the module, and whether a person of it belongs to a record.
OF: dict[str, tuple[str, Belongs]] = {
    "guests": ("guests", lambda world, id, lookups, person: person.lookups.get("host") == id),
    "guests.host": ("guests", lambda world, id, lookups, person: person.lookups.get("host") == id),
    "contacts.lead": ("contacts", lambda world, id, lookups, person: person.lookups.get("lead") == id),
    "contact": ("contacts", lambda world, id, lookups, person: lookups.get("contact") == person.id),
    "account.contacts": (
        "contacts",
        lambda world, id, lookups, person: _of_account(
            world, person, world.find("accounts", lookups.get("account"))
        ),
    ),
    "account.parent.contacts.account": (
        "contacts",
        lambda world, id, lookups, person: _of_account(world, person, world.parent(lookups.get("account"))),
    ),
}


def people_of(world: World, id: str, lookups: Mapping[str, str | None]) -> Iterator[tuple[str, Related]]:
    """Each `of` with each of the record's people that it means."""
    for of, (module, belongs) in OF.items():
        for person in world.of(module):
            if belongs(world, id, lookups, person):
                yield of, person


def lookups(module: Module) -> st.SearchStrategy[dict[str, str | None]]:
    """Mostly the first records of the small world, at times one that is not there, or none."""
    letters = {"accounts": "a", "contacts": "c", "leads": "r"}
    ways = {
        name: st.sampled_from([f"{letters[target]}{i}" for i in (0, 0, 0, 1, 1, 2)] + [None])
        for name, target in module.lookups.items()
    }
    return st.fixed_dictionaries(ways)


_FIELDS = {name: strategies.records(module.fields) for name, module in RELATED.items()}
_LOOKUPS = {name: lookups(module) for name, module in RELATED.items()}
_TOUCHPOINTS = strategies.touchpoints(3)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to two records of each module; some look-ups lead nowhere, some in a circle."""
    records = {}
    for letter, (name, module) in zip("acg", RELATED.items(), strict=True):
        count = draw(st.sampled_from((0, 1, 2, 2)))
        records[name] = [
            Related(
                f"{letter}{i}",
                draw(_FIELDS[name]),
                draw(_LOOKUPS[name]),
                draw(_TOUCHPOINTS) if module.is_people else (),
            )
            for i in range(count)
        ]
    return World(records)
