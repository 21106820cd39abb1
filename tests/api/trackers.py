"""What the tests of tracking share: a source to send to, and what a tracker sends by."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module
from firstcall.touchpoints.models import Source
from firstcall.touchpoints.sources import create_source

START = datetime(2026, 9, 1, tzinfo=UTC)
FIELDS = {
    "first_name": FieldKind.TEXT,
    "last_name": FieldKind.TEXT,
    "email": FieldKind.EMAIL,
    "phone": FieldKind.PHONE,
    "company": FieldKind.TEXT,
    "employees": FieldKind.NUMBER,
    "job_title": FieldKind.TEXT,
}


def leads() -> Module:
    module, is_new = Module.objects.get_or_create(
        name="leads", defaults={"label": "Leads", "is_people": True}
    )
    if is_new:
        for name, kind in FIELDS.items():
            Field.objects.create(module=module, name=name, label=name, kind=kind)
    return module


def a_source(name: str = "site") -> tuple[Source, str]:
    """A source and its write key."""
    leads()
    source = create_source(name, at=START)
    return source, source.write_keys.get().key


@dataclass
class Tracker:
    """Sends as the SDKs do: Basic with the write key as the user."""

    key: str

    def __post_init__(self) -> None:
        self.client = Client()

    def __call__(self, kind: str, body: Any, **headers: str) -> HttpResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        basic = base64.b64encode(f"{self.key}:".encode()).decode()
        named = {
            "Authorization": f"Basic {basic}",
            **{name.replace("_", "-"): v for name, v in headers.items()},
        }
        sent = {name: value for name, value in named.items() if value}
        return self.client.generic(
            "POST", f"/v1/{kind}", content, content_type="application/json", headers=sent
        )
