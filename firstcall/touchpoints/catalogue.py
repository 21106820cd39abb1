"""The types of touchpoints that the product knows, with their properties; types of one's own stand beside them.

Any other type is taken too: it is counted as seen, to be defined or mapped. Properties are not forced to their kinds:
a test that does not fit a value fails, and nothing that came in is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from firstcall.scoring.saying import Pattern
from firstcall.touchpoints.models import CustomType

TYPE, CHANNEL = "touchpoint", "channel"
"""Contexts of the catalogue: a “Call” is a channel here, and a thing to do elsewhere."""


class PropertyKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    LIST = "list"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class TouchpointType:
    """A type `channel.event`; `label` is what people read."""

    channel: str
    event: str
    label: str
    properties: Mapping[str, PropertyKind]
    is_custom: bool = False

    @property
    def type(self) -> str:
        return f"{self.channel}.{self.event}"

    @property
    def called(self) -> str:
        """Its label as its reader says it; one of a company's own stays as it was written."""
        return self.label if self.is_custom else Pattern(self.label, TYPE)()


_KINDS = {"n": PropertyKind.NUMBER, "y": PropertyKind.YES_NO, "l": PropertyKind.LIST}

# What may stand on every touchpoint that has text: a mail, a talk, a ticket, a survey.
VOICE = "sentiment intent emotion keywords:l competitors:l language"
_WITH_TEXT = frozenset({"email", "call", "message", "chat", "survey", "desk", "facebook", "x"})

CHANNELS = {
    "web": "Web site", "email": "E-mail", "campaign": "Campaign", "call": "Call", "message": "Message", "chat": "Chat",
    "survey": "Survey", "webinar": "Webinar", "event": "Event", "desk": "Help desk", "facebook": "Facebook", "x": "X",
    "meeting": "Meeting", "deal": "Deal", "product": "Product", "consent": "Consent",
}  # fmt: skip

# An event, what people read, its properties: texts unless a letter says otherwise (see _KINDS).
_PAGE = "path url title referrer utm_campaign utm_source utm_medium utm_term utm_content"
_CALL = "duration:n direction outcome text"
_DESK = "ticket priority rating:n text"
_EVENTS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "web": (
        ("visited", "Visited a page", _PAGE),
        ("form_submitted", "Sent a form", "form path"),
        ("downloaded", "Downloaded a file", "file path"),
        ("searched", "Searched", "query path"),
        ("clicked", "Clicked", "target path"),
    ),
    "email": (
        ("received", "Wrote an e-mail", "subject text"),
        ("delivered", "Got an e-mail", "message campaign"),
        ("opened", "Opened an e-mail", "message campaign machine:y"),
        ("clicked", "Clicked a link in an e-mail", "url campaign machine:y"),
        ("replied", "Answered an e-mail", "subject text"),
        ("bounced", "E-mail came back", "kind campaign"),
        ("unsubscribed", "Unsubscribed from e-mail", "campaign"),
        ("complained", "Marked an e-mail as spam", "campaign"),
    ),
    "campaign": tuple(
        (event, label, "campaign machine:y")
        for event, label in (
            ("sent", "Campaign sent"),
            ("opened", "Opened a campaign"),
            ("clicked", "Clicked in a campaign"),
            ("hard_bounced", "Campaign bounced for good"),
            ("soft_bounced", "Campaign bounced for now"),
            ("unsubscribed", "Unsubscribed from a campaign"),
        )
    ),
    "call": (
        ("made", "Was called", _CALL),
        ("received", "Called", _CALL),
        ("attended", "Spoke on the phone", _CALL),
        ("unattended", "Did not answer a call", _CALL),
        ("missed", "Call was missed", _CALL),
    ),
    "message": (
        ("received", "Wrote a message", "channel text"),
        ("sent", "Got a message", "channel text"),
    ),
    "chat": (
        ("started", "Started a chat", "text"),
        ("missed", "Chat was missed", "text"),
        ("completed", "Finished a chat", "text"),
        ("rated", "Rated a chat", "rating:n"),
    ),
    "survey": (
        ("visited", "Opened a survey", "survey"),
        ("responded", "Answered a survey", "survey answers:l score:n"),
    ),
    "webinar": tuple(
        (event, label, "webinar minutes:n")
        for event, label in (
            ("registered", "Registered for a webinar"),
            ("attended", "Attended a webinar"),
            ("left", "Left a webinar early"),
            ("missed", "Missed a webinar"),
        )
    ),
    "event": tuple(
        (event, label, "event ticket amount:n")
        for event, label in (
            ("purchased", "Bought a ticket"),
            ("checked_in", "Came to an event"),
            ("cancelled", "Gave a ticket back"),
        )
    ),
    "desk": tuple(
        (event, label, _DESK)
        for event, label in (
            ("ticket_opened", "Opened a ticket"),
            ("commented", "Commented on a ticket"),
            ("responded", "Got an answer on a ticket"),
            ("escalated", "Ticket was escalated"),
            ("overdue", "Ticket is overdue"),
            ("rated", "Rated the help desk"),
            ("mentioned", "Was mentioned in a ticket"),
        )
    ),
    "facebook": (
        ("commented", "Commented on Facebook", "text"),
        ("liked", "Liked on Facebook", ""),
        ("unliked", "Took a like back on Facebook", ""),
        ("lead_form", "Sent a lead form on Facebook", "form"),
    ),
    "x": (("mentioned", "Mentioned on X", "text"), ("messaged", "Wrote a message on X", "text")),
    "meeting": (
        ("booked", "Booked a meeting", ""),
        ("attended", "Came to a meeting", ""),
        ("cancelled", "Cancelled a meeting", ""),
        ("no_show", "Did not come to a meeting", ""),
    ),
    "deal": tuple(
        (event, label, "amount:n stage reason")
        for event, label in (("won", "Deal won"), ("lost", "Deal lost"), ("stage_changed", "Deal changed its stage"))
    ),
    "product": (
        ("signed_up", "Signed up", "plan"),
        ("activated", "Activated the product", ""),
        ("used", "Used the product", "feature event"),
        ("purchased", "Bought", "product amount:n"),
        ("subscription_cancelled", "Cancelled the subscription", "product reason"),
    ),
    "consent": (("opted_in", "Opted in", "channel"), ("opted_out", "Opted out", "channel")),
}  # fmt: skip


def _properties(names: str) -> dict[str, PropertyKind]:
    """
    >>> _properties("path duration:n")
    {'path': <PropertyKind.TEXT: 'text'>, 'duration': <PropertyKind.NUMBER: 'number'>}
    """
    parts = (entry.partition(":") for entry in names.split())
    return {name: _KINDS.get(letter, PropertyKind.TEXT) for name, _, letter in parts}


STANDARD: Mapping[str, TouchpointType] = {
    f"{channel}.{event}": TouchpointType(
        channel, event, label, _properties(f"{names} {VOICE}" if channel in _WITH_TEXT else names)
    )
    for channel, events in _EVENTS.items()
    for event, label, names in events
}


def list_types() -> list[TouchpointType]:
    """All that are defined: the product's, then one's own."""
    own = [
        TouchpointType(
            row.channel,
            row.event,
            row.label,
            {name: PropertyKind(kind) for name, kind in row.properties.items()},
            is_custom=True,
        )
        for row in CustomType.objects.order_by("channel", "event")
    ]
    return [*STANDARD.values(), *own]


def label_of(type: str) -> str:
    """What people read, as the reader says it, of the product's own types; of others their name in words.

    >>> label_of("email.clicked"), label_of("shop.cart_left")
    ('Clicked a link in an e-mail', 'Shop: cart left')
    """
    if type in STANDARD:
        return STANDARD[type].called
    channel, _, event = type.partition(".")
    return f"{channel.capitalize()}: {event.replace('_', ' ')}"


def undefined_types(types: Iterable[str]) -> set[str]:
    """Those that nobody has defined; asks the database only where one is not the product's."""
    strange = {type for type in types if type not in STANDARD}
    if not strange:
        return strange
    channels = {type.partition(".")[0] for type in strange}
    return strange - {str(row) for row in CustomType.objects.filter(channel__in=channels)}


def channel_label(channel: str) -> str:
    """
    >>> channel_label("desk"), channel_label("shop")
    ('Help desk', 'shop')
    """
    return Pattern(CHANNELS[channel], CHANNEL)() if channel in CHANNELS else channel
