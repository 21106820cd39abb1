"""The catalogue: types with labels and typed properties; what nobody has defined is taken and counted."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from firstcall.scoring.saying import Words, speaking
from firstcall.touchpoints.calls import Arrival
from firstcall.touchpoints.catalogue import (
    CHANNELS,
    STANDARD,
    PropertyKind,
    TouchpointType,
    channel_label,
    label_of,
    list_types,
)
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.mapping import _TYPES, OTHERS, PAGE, SCREEN
from firstcall.touchpoints.models import CustomType, Source
from firstcall.touchpoints.sightings import compact, list_sightings

START = datetime(2026, 9, 1, tzinfo=UTC)


def test_each_type_is_well_formed_and_labelled() -> None:
    for name, type in STANDARD.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", name)
        assert type.label[0].isupper()
        assert type.channel in CHANNELS
    assert {type.channel for type in STANDARD.values()} == set(CHANNELS)
    assert len({type.label for type in STANDARD.values()}) == len(STANDARD)


def test_the_products_own_are_said_in_the_words_of_the_moment() -> None:
    class Shouting(Words):
        def pattern(self, text: str, context: str) -> str:
            return f"{context}: {text.upper()}"

    own = TouchpointType("web", "visited", "{Ours}", {}, is_custom=True)
    assert (STANDARD["web.visited"].called, label_of("web.visited"), channel_label("web")) == (
        "Visited a page", "Visited a page", "Web site",
    )  # fmt: skip
    with speaking(Shouting()):
        assert STANDARD["web.visited"].called == label_of("web.visited") == "touchpoint: VISITED A PAGE"
        assert channel_label("web") == "channel: WEB SITE"
        assert (own.called, label_of("app.opened"), channel_label("app")) == ("{Ours}", "App: opened", "app")


def test_properties_have_their_kinds() -> None:
    assert STANDARD["call.attended"].properties["duration"] is PropertyKind.NUMBER
    assert STANDARD["email.opened"].properties["machine"] is PropertyKind.YES_NO
    assert STANDARD["email.replied"].properties["keywords"] is PropertyKind.LIST
    assert STANDARD["web.visited"].properties["path"] is PropertyKind.TEXT


def test_what_events_are_mapped_to_is_in_the_catalogue() -> None:
    assert {*_TYPES.values(), OTHERS, PAGE, SCREEN} <= set(STANDARD)


@pytest.mark.django_db
def test_types_that_nobody_has_defined_are_taken_and_counted() -> None:
    source = Source.objects.create(name="site", created_at=START)
    CustomType.objects.create(channel="app", event="opened", label="Opened the app", created_at=START)
    types = ["web.visited", "app.opened", "app.closed", "app.closed", "app.closed"]
    sent = [Arrival(f"m{i}", type, START) for i, type in enumerate(types)]
    assert accept(source, sent, received_at=START) == 5
    accept(source, sent, received_at=START)
    accept(source, [Arrival("m9", "app.closed", START)], received_at=START.replace(day=2))
    for _ in range(2):
        [seen] = list_sightings(kind="unknown_type")
        assert (seen.name, seen.count, seen.first_at.day, seen.last_at.day) == ("app.closed", 4, 1, 2)
        compact()
    assert [type.type for type in list_types() if type.is_custom] == ["app.opened"]
