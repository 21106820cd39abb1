"""Types of touchpoints of one's own: making them, and taking them away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from firstcall.scoring.saying import said
from firstcall.touchpoints.catalogue import STANDARD, PropertyKind, TouchpointType
from firstcall.touchpoints.errors import TypeTakenError
from firstcall.touchpoints.models import CustomType
from firstcall.touchpoints.sightings import UNKNOWN_TYPE, forget


def define_type(
    channel: str, event: str, label: str, properties: Mapping[str, PropertyKind], *, at: datetime
) -> TouchpointType:
    """What came of the type before is worth no look any more. Raises TypeTakenError."""
    name = f"{channel}.{event}"
    kinds = {key: kind.value for key, kind in properties.items()}
    given = {"label": label, "properties": kinds, "created_at": at}
    is_new = (
        name not in STANDARD
        and CustomType.objects.get_or_create(channel=channel, event=event, defaults=given)[1]
    )
    if not is_new:
        raise TypeTakenError(said("There is a type {name} already.", name=name))
    forget([UNKNOWN_TYPE], name)
    return TouchpointType(channel, event, label, dict(properties), is_custom=True)


def delete_type(name: str) -> bool:
    """Whether there was one of one's own. Touchpoints of it stay, and more are taken."""
    channel, _, event = name.partition(".")
    return CustomType.objects.filter(channel=channel, event=event).delete()[0] > 0
