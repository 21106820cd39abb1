"""What the browser SDKs ask for before they begin: where to send, and that nothing else is to be loaded."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from firstcall.monitoring.proxies import own_address
from firstcall.scoring.times import format_moment, moment_of
from firstcall.touchpoints.models import Source


def segment_settings(request: HttpRequest, key: str) -> dict[str, Any]:
    protocol, host = own_address(request)
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": f"{host}/v1",
                "protocol": protocol,
                "unbundledIntegrations": [],
                "addBundledMetadata": True,
                "maybeBundledConfigIds": {},
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "plan": {
            "track": {"__default": {"enabled": True, "integrations": {}}},
            "identify": {"__default": {"enabled": True}},
            "group": {"__default": {"enabled": True}},
        },
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
        "autoInstrumentationSettings": {"disableTraffic": True, "sampleRate": 0},
    }


def rudderstack_settings(request: HttpRequest, source: Source, key: str) -> dict[str, Any]:
    protocol, host = own_address(request)
    changed = format_moment(moment_of(source.created_at))
    url = f"{protocol}://{host}"
    return {
        "source": {
            "id": f"source-{source.pk}",
            "name": source.name,
            "writeKey": key,
            "workspaceId": "firstcall",
            "enabled": True,
            "config": {
                "statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}},
            },
            "connections": [],
            "destinations": [],
            "dataplanes": {name: [{"url": url, "default": True}] for name in ("US", "EU")},
            "createdAt": changed,
            "updatedAt": changed,
        },
        "updatedAt": changed,
    }
