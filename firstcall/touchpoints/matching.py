"""Whose a call is, decided in memory on what was loaded: in the order in which the calls came, each seeing what those
before it said. Writes nothing; what is to be written stands in the matcher afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from firstcall.touchpoints.calls import Aliasing, Who
from firstcall.touchpoints.people import IdentityKind as Kind

STRONG = (Kind.USER_ID, Kind.EXTERNAL_ID, Kind.EMAIL)

type Name = tuple[Kind, str]


@dataclass(slots=True)
class Someone:
    """A person as known now; `record` is negative where it is one that is yet to be created."""

    id: int
    record: int | None
    is_named: bool
    identified_at: datetime | None = None
    is_changed: bool = False
    grouped_at: datetime | None = None


@dataclass(slots=True)
class Known:
    """An identity as known now."""

    id: int
    person: int
    handed_over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call belongs.

    record  none: it waits with the person
    """

    person: int
    record: int | None
    identities: tuple[int, ...]
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    identity: int
    before: int
    after: int
    at: datetime


@dataclass(frozen=True)
class Outside:
    """What the matcher must ask for now and then.

    bucket    the person with whom the touchpoints of ambiguous names wait: (why, names, candidates)
    before    whose an identity was before it was handed over: (identity, moment)
    stranger  whether a record is known by another name of the same kind: (record, names)
    newcomer  a new person with the record
    """

    bucket: Callable[[str, Sequence[Name], Sequence[int]], Someone]
    before: Callable[[int, datetime], Someone | None]
    stranger: Callable[[int, Sequence[Name]], bool]
    newcomer: Callable[[int], Someone]


@dataclass
class Matcher:
    """identities, people, records: what is known of the names in the calls; records are found by their own values."""

    identities: Mapping[Name, Known]
    people: dict[int, Someone]
    records: Mapping[Name, Sequence[int]]
    outside: Outside
    merged: dict[int, int] = field(default_factory=dict)
    handed: list[Handed] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        return bool(self.merged or self.handed) or any(one.is_changed for one in self.people.values())

    def place(self, who: Who, at: datetime) -> Place:
        """Where a call of these names belongs; what it says of them being one person holds from now on."""
        names = who.names()
        known = tuple(self.identities[name].id for name in names)
        strong = [name for name in names if name[0] in STRONG]
        phone = [name for name in names if name[0] == Kind.PHONE]
        anonymous = [name for name in names if name[0] == Kind.ANONYMOUS_ID]
        found = self._found(strong)
        decisive = strong
        if phone and not found and not (strong and self._is_strange(phone[0], strong)):
            found = self._found(phone)
            decisive = strong + phone
        if len(found) > 1:
            why = "several_records" if len(decisive) == 1 else "names_disagree"
            return self._wait(why, decisive, sorted(found), known)
        if not decisive:
            return self._anonymous(anonymous[0], at, known)
        owner = self._one_person(decisive, next(iter(found), None), at)
        for name in anonymous:
            self._hand(name, owner, at)
        return Place(owner.id, owner.record, known)

    def alias(self, call: Aliasing) -> Place:
        """Both ids are one person's from now on. Two people with records are not made one: that is ambiguous."""
        user, before = (Kind.USER_ID, str(call.who.user_id)), (Kind.USER_ID, call.previous_id)
        known = tuple(self.identities[name].id for name in (user, before))
        found = self._found([user]) | self._found([before])
        if len(found) > 1:
            return self._wait("alias_of_two", [user, before], sorted(found), known)
        owner = self._one_person([user, before], next(iter(found), None), call.occurred_at)
        self._hand((Kind.ANONYMOUS_ID, call.previous_id), owner, call.occurred_at)
        return Place(owner.id, owner.record, known)

    def person(self, id: int) -> Someone:
        """The person that this one has become."""
        while id in self.merged:
            id = self.merged[id]
        return self.people[id]

    def give(self, person: Someone, record: int) -> None:
        person.record, person.is_changed = record, True

    def _of(self, name: Name) -> Someone:
        return self.person(self.identities[name].person)

    def _found(self, names: Sequence[Name]) -> set[int]:
        """The records that the names lead to; one that all of them allow decides between several."""
        each = [found for name in names if (found := self._leads_to(name))]
        if not each:
            return set()
        shared = set.intersection(*each)
        return shared if len(shared) == 1 else set.union(*each)

    def _leads_to(self, name: Name) -> set[int]:
        """A record's own values first; then what was learned before."""
        if found := self.records.get(name):
            return set(found)
        record = self._of(name).record
        return set() if record is None else {record}

    def _is_strange(self, phone: Name, strong: Sequence[Name]) -> bool:
        """Whether the phone is of someone who is called otherwise: colleagues share phones, not addresses."""
        return any(record < 0 or self.outside.stranger(record, strong) for record in self._found([phone]))

    def _one_person(self, names: Sequence[Name], record: int | None, at: datetime) -> Someone:
        """All who go by the names become one person where they have no record, and get the record if there is one."""
        owners = list({one.id: one for one in map(self._of, names)}.values())
        fitting = [one for one in owners if one.record in (None, record)]
        owner = next((one for one in fitting if one.record is not None), fitting[0] if fitting else None)
        if owner is None:
            owner = self._newcomer(int(record or 0))
        for name in names:
            self._take(name, owner, at)
        if record is not None and owner.record is None:
            self.give(owner, record)
        if not owner.is_named:
            owner.is_named = owner.is_changed = True
        return owner

    def _take(self, name: Name, owner: Someone, at: datetime) -> None:
        """The name is this person's: because of what a record says, also where it was another's before."""
        other = self._of(name)
        if other is owner or (other.record is not None and other.record == owner.record):
            return
        if other.record is None:
            self._merge(other, owner)
        else:
            self._hand_over(self.identities[name], other, owner, at)

    def _newcomer(self, record: int) -> Someone:
        one = self.outside.newcomer(record)
        self.people[one.id] = one
        return one

    def _anonymous(self, name: Name, at: datetime, known: tuple[int, ...]) -> Place:
        identity = self.identities[name]
        if identity.handed_over_at is not None and at < identity.handed_over_at:
            # It comes late: it is of the time when the device was another's.
            before = self.outside.before(identity.id, at)
            if before is not None:
                self.people.setdefault(before.id, before)
        else:
            before = None
        owner = before or self.person(identity.person)
        return Place(owner.id, owner.record, known)

    def _hand(self, name: Name, owner: Someone, at: datetime) -> None:
        """The anonymous id is this person's: with all that waits, or, if it was another's, from now on."""
        identity = self.identities[name]
        holder = self.person(identity.person)
        if holder is owner or (holder.record is not None and holder.record == owner.record):
            return
        if holder.record is None and not holder.is_named:
            self._merge(holder, owner)
        elif identity.handed_over_at is None or at >= identity.handed_over_at:
            self._hand_over(identity, holder, owner, at)

    def _hand_over(self, identity: Known, holder: Someone, owner: Someone, at: datetime) -> None:
        self.handed.append(Handed(identity.id, holder.id, owner.id, at))
        identity.person, identity.handed_over_at = owner.id, at

    def _merge(self, one: Someone, into: Someone) -> None:
        self.merged[one.id] = into.id
        into.is_changed = True
        into.is_named = into.is_named or one.is_named

    def _wait(self, why: str, names: Sequence[Name], found: Sequence[int], known: tuple[int, ...]) -> Place:
        bucket = self.outside.bucket(why, names, [record for record in found if record > 0])
        self.people.setdefault(bucket.id, bucket)
        return Place(bucket.id, bucket.record, known, is_ambiguous=bucket.record is None)
