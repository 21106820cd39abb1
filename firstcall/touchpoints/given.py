"""Reads touchpoints as the API takes them: every fault with its place and its mend; those without one can be taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.records.seeing import seen_records
from firstcall.scoring.problems import nearest
from firstcall.scoring.times import datetime_of, parse_time
from firstcall.touchpoints.calls import Arrival, Who
from firstcall.touchpoints.mapping import TYPE
from firstcall.touchpoints.naming import who_of

LONGEST_MESSAGE_ID = 99
NAMES = ("email", "phone", "external_id", "user_id", "anonymous_id")
KEYS = ("message_id", "type", "occurred_at", "properties", "record_id", *NAMES)
_FORMS = {
    "email": "is no e-mail address.",
    "phone": "is no phone number with its country code, such as +49 30 1234567.",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong, where, and what to do about it."""

    at: str
    says: str
    fix: str = ""


type Read = Arrival | list[Flaw]


def read_touchpoints(
    given: Sequence[object],
    *,
    received_at: datetime,
    region: str | None = None,
    viewer: Viewer = PRODUCT,
) -> list[Read]:
    """Each as it can be taken, or all that is wrong with it. Of two alike without a message id, each is one."""
    read = [_read(one, received_at=received_at, region=region) for one in given]
    asked = [one.record_id for one in read if isinstance(one, Arrival) and one.record_id is not None]
    there: set[int] = set()
    if asked:
        records = seen_records(viewer).filter(pk__in=asked, deleted_at=None)
        there = set(records.values_list("pk", flat=True))
    return [_of_a_record(one, there) for one in read]


def _of_a_record(one: Read, there: Collection[int]) -> Read:
    if isinstance(one, Arrival) and one.record_id is not None and one.record_id not in there:
        return [Flaw("record_id", f"There is no record {one.record_id}.")]
    return one


def _read(one: object, *, received_at: datetime, region: str | None) -> Read:
    if not isinstance(one, dict):
        return [Flaw("", "is no object.", "Send a touchpoint as {…}.")]
    flaws = [_unknown(name) for name in one if name not in KEYS]
    message_id = _message_id(one, flaws) or f"made-{uuid4()}"
    type = _type(one, flaws)
    occurred_at = _occurred_at(one, received_at, flaws)
    properties = one.get("properties")
    if not isinstance(properties, dict | None):
        flaws.append(Flaw("properties", "takes an object."))
        properties = None
    record_id, who = _person(one, region, flaws)
    return flaws or Arrival(message_id, type, occurred_at, record_id, properties or {}, who)


def _unknown(name: str) -> Flaw:
    near = nearest(name, KEYS)
    return Flaw(
        name, "is no part of a touchpoint.", f"Did you mean {near}?" if near else "Put it into properties."
    )


def _message_id(one: Mapping[str, Any], flaws: list[Flaw]) -> str | None:
    id = one.get("message_id")
    if id is None:
        return None
    if not isinstance(id, str) or not 0 < len(id.strip()) <= LONGEST_MESSAGE_ID:
        flaws.append(Flaw("message_id", f"takes a text of 1 to {LONGEST_MESSAGE_ID} characters."))
        return None
    return id


def _type(one: Mapping[str, Any], flaws: list[Flaw]) -> str:
    type = one.get("type")
    if isinstance(type, str) and TYPE.fullmatch(type):
        return type
    says = "is missing." if type is None else "is no type."
    flaws.append(
        Flaw("type", says, "Write channel.event in small letters, digits and _, such as email.clicked.")
    )
    return ""


def _occurred_at(one: Mapping[str, Any], received_at: datetime, flaws: list[Flaw]) -> datetime:
    at = one.get("occurred_at")
    if at is None:
        return received_at
    moment = parse_time(at) if isinstance(at, str) else None
    if moment is None:
        flaws.append(Flaw("occurred_at", "is no date and time.", "Write it as 2026-09-01T12:00:00Z."))
        return received_at
    return datetime_of(moment)


def _person(one: Mapping[str, Any], region: str | None, flaws: list[Flaw]) -> tuple[int | None, Who | None]:
    record = one.get("record_id")
    if record is not None and (
        isinstance(record, bool) or not isinstance(record, int) or not 0 < record < 2**63
    ):
        flaws.append(Flaw("record_id", "takes the id of a record."))
        return None, None
    wrong = [name for name in NAMES if not isinstance(one.get(name), str | None)]
    flaws += [Flaw(name, "takes a text.") for name in wrong]
    names = {name: one[name] for name in NAMES if one.get(name) is not None and name not in wrong}
    who = who_of(**names, region=region)
    lost = [name for name in names if getattr(who, name) is None]
    flaws += [Flaw(name, _FORMS.get(name, "names nobody.")) for name in lost]
    if record is None and not names and not wrong:
        flaws.append(Flaw("", "says of nobody whose it is.", f"Give record_id or one of {', '.join(NAMES)}."))
    return record, who if record is None and who.names() else None
