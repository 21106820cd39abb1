"""Reads a call of the Segment and RudderStack SDKs (identify, track, page, screen, group, alias). Pure: no tables, no
clock; what is wrong with a call is returned, all of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from firstcall.scoring.problems import nearest
from firstcall.scoring.times import FIRST_MOMENT, LAST_MOMENT, datetime_of, moment_of, parse_moment
from firstcall.touchpoints.calls import Aliasing, Arrival, Call, Grouping, Identification, Who
from firstcall.touchpoints.filling import fill_page, fill_track
from firstcall.touchpoints.mapping import PAGE, SCREEN, type_of
from firstcall.touchpoints.naming import name_of, who_of

KINDS = ("identify", "track", "page", "screen", "group", "alias")
LONGEST_MESSAGE_ID = 99
DEEPEST = 64
_OFFSET = re.compile(r"([T ][0-9:.]+)([+-][0-9]{2})([0-9]{2})?$")  # +0530, +05
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one call, and where."""

    at: str
    says: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a call: in its batch, its source, its request.

    sent_at  as the batch says it, if it does
    """

    received_at: datetime
    mapping: Mapping[str, Any]
    context: Mapping[str, Any]
    sent_at: object = None


def read_call(
    raw: bytes, around: Around, *, number: int = 0, kind: str | None = None
) -> Call | list[Flaw] | None:
    """The call, or what is wrong with it; None where the source's mapping leaves its event out.

    number  its place in the batch
    kind    what the address says that it is
    """
    item = msgspec.json.decode(raw)
    if not isinstance(item, dict):
        return [Flaw("", "is no object.")]
    flaws = _unkept(raw, item)
    reading = _Reading(item, around, kind)
    flaws += reading.flaws()
    if flaws:
        return flaws
    return reading.call(reading.message_id or _made_id(raw, reading, number))


def _unkept(raw: bytes, item: object) -> list[Flaw]:
    """What the database cannot hold; looked for only where there are signs of it."""
    if b"\\u0000" not in raw and raw.count(b"{") + raw.count(b"[") <= DEEPEST:
        return []
    waiting: list[tuple[object, int]] = [(item, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, str) and "\0" in one:
            return [Flaw("", "holds the character NUL, which cannot be kept.")]
        if isinstance(one, list | dict):
            if depth > DEEPEST:
                return [Flaw("", f"is nested more than {DEEPEST} levels deep.")]
            parts = [*one, *one.values()] if isinstance(one, dict) else one
            waiting.extend((part, depth + 1) for part in parts)
    return []


class _Reading:
    """One call on its way from JSON."""

    def __init__(self, item: dict[str, Any], around: Around, kind: str | None) -> None:
        self.item, self.around = item, around
        said = item.get("type", item.get("action"))
        self.kind = kind or (said.lower() if isinstance(said, str) else said)
        self.context = {**around.context, **self._object("context")}
        self.properties = self._object("properties")
        # RudderStack puts the traits of an identify into the context alone.
        known = self.context.get("traits")
        self.known = known if isinstance(known, dict) else {}
        self.traits = self._object("traits")
        self.user_id, self.anonymous_id = name_of(item.get("userId")), name_of(item.get("anonymousId"))
        self.message_id = name_of(item.get("messageId"))
        self.who = self._who()

    def flaws(self) -> list[Flaw]:
        flaws = [
            Flaw(name, "takes an object.")
            for name in ("context", "properties", "traits")
            if not isinstance(self.item.get(name), dict | None)
        ]
        if self.kind not in KINDS:
            return [*flaws, self._unknown_kind()]
        if self.message_id is not None and len(str(self.item["messageId"])) > LONGEST_MESSAGE_ID:
            length = len(str(self.item["messageId"]))
            flaws.append(
                Flaw("messageId", f"takes at most {LONGEST_MESSAGE_ID} characters; this has {length}.")
            )
        if self.kind == "track" and not (
            isinstance(self.item.get("event"), str) and self.item["event"].strip()
        ):
            flaws.append(Flaw("event", "is missing: a track says what happened."))
        if self.kind == "group" and name_of(self.item.get("groupId")) is None:
            flaws.append(Flaw("groupId", "is missing: a group says which company."))
        if self.kind == "alias":
            for name in ("previousId", "userId"):
                if name_of(self.item.get(name)) is None:
                    flaws.append(Flaw(name, "is missing: an alias names both ids."))
        elif not self.who.names():
            flaws.append(Flaw("userId", "is missing: give userId or anonymousId."))
        return flaws

    def _unknown_kind(self) -> Flaw:
        if self.kind is None:
            return Flaw("type", f"is missing; it takes {', '.join(KINDS)}.")
        near = nearest(str(self.kind), KINDS)
        return Flaw("type", f"takes {', '.join(KINDS)}." + (f" Did you mean {near}?" if near else ""))

    def _who(self) -> Who:
        traits = {**self.known, **self.traits} if self.kind == "identify" else self.known
        email = traits.get("email")
        if not email and self.user_id and _EMAIL.fullmatch(self.user_id):
            email = self.user_id
        return who_of(
            user_id=self.user_id, anonymous_id=self.anonymous_id, email=email, phone=traits.get("phone"),
            region=self.around.mapping.get("region"),
        )  # fmt: skip

    def call(self, id: str) -> Call | None:
        at, who = self.occurred_at(), self.who
        match self.kind:
            case "identify":
                traits = {**self.known, **self.traits}
                if who.email and not traits.get("email"):
                    traits["email"] = who.email
                return Identification(id, at, who, traits)
            case "group":
                return Grouping(id, at, who, str(name_of(self.item["groupId"])), self.traits)
            case "alias":
                return Aliasing(id, at, who_of(user_id=self.user_id), str(name_of(self.item["previousId"])))
        return self._arrival(id, at, who)

    def _arrival(self, id: str, at: datetime, who: Who) -> Arrival | None:
        own = self.around.mapping.get("events") or {}
        if self.kind == "track":
            event = self.item["event"].strip()
            type = type_of(event, self.around.mapping)
            properties = fill_track(type, event, self.properties, self.context)
        else:
            type = own.get(f"({self.kind})", PAGE if self.kind == "page" else SCREEN)
            named = {
                key: self.item[key] for key in ("name", "category") if isinstance(self.item.get(key), str)
            }
            properties = fill_page(self.kind == "page", {**named, **self.properties}, self.context)
        return None if type is None else Arrival(id, type, at, None, properties, who)

    def occurred_at(self) -> datetime:
        """By the clock of the server: the sender's may be wrong, but it knows how long before sending it was."""
        received = self.around.received_at
        occurred = _moment(self.item.get("originalTimestamp"), self.item.get("timestamp"))
        if occurred is None:
            return received
        sent = _moment(self.item.get("sentAt"), self.around.sent_at)
        if sent is None:
            return datetime_of(occurred)
        corrected = moment_of(received) - (sent - occurred)
        return datetime_of(corrected if FIRST_MOMENT <= corrected <= LAST_MOMENT else occurred)

    def _object(self, name: str) -> dict[str, Any]:
        value = self.item.get(name)
        return value if isinstance(value, dict) else {}


def _moment(*values: object) -> int | None:
    """The first that is a time: RFC 3339, also with an offset as strftime writes it, or (milli)seconds since 1970."""
    for value in values:
        if isinstance(value, str):
            written = _OFFSET.sub(lambda found: f"{found[1]}{found[2]}:{found[3] or '00'}", value.strip())
            if (moment := parse_moment(written)) is not None:
                return moment
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e14:
            seconds = value / 1000 if value > 1e11 else value
            return moment_of(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
    return None


def _made_id(raw: bytes, reading: _Reading, number: int) -> str:
    """For a call without one: a repeated request repeats its bytes, so its calls get the same ids again. Where nothing
    says when it was, two alike are two."""
    when = [reading.item.get(name) for name in ("originalTimestamp", "timestamp", "sentAt")]
    if not any([*when, reading.around.sent_at]):
        when = [str(moment_of(reading.around.received_at))]
    seed = msgspec.json.encode([str(reading.kind), when, str(reading.around.sent_at), number])
    return "made-" + hashlib.sha256(seed + raw).hexdigest()
