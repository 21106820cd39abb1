"""The properties of a touchpoint from those of a tracked event: its own all stay, and those that the catalogue names
are added where the event says the same in other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_PAGE = ("path", "url", "title", "referrer")
_UTM = ("source", "medium", "term", "content", "id")

# For each type, its properties and by which names senders call them; `(event)` is the event's own name.
_CALLED: Mapping[str, Mapping[str, Sequence[str]]] = {
    "email.opened": {"campaign": ("campaign_name", "campaign_id"), "message": ("email_subject", "email_id")},
    "email.delivered": {
        "campaign": ("campaign_name", "campaign_id"),
        "message": ("email_subject", "email_id"),
    },
    "email.clicked": {"campaign": ("campaign_name", "campaign_id"), "url": ("link_url", "link", "href")},
    "email.bounced": {"campaign": ("campaign_name", "campaign_id"), "kind": ("bounce_type", "type")},
    "email.complained": {"campaign": ("campaign_name", "campaign_id")},
    "email.unsubscribed": {"campaign": ("campaign_name", "campaign_id")},
    "product.purchased": {
        "product": ("product_name", "plan", "name"),
        "amount": ("total", "revenue", "value", "price", "subtotal"),
    },
    "product.used": {"feature": ("(event)",)},
    "web.form_submitted": {"form": ("form_name", "formName", "form_id", "formId", "name")},
    "web.downloaded": {"file": ("file_name", "filename", "name", "url", "href")},
    "web.searched": {"query": ("search", "term", "search_term")},
    "web.clicked": {"target": ("href", "url", "link", "text")},
}


def fill_track(
    type: str | None, event: str, properties: Mapping[str, Any], context: Mapping[str, Any]
) -> dict[str, Any]:
    """With the event's name as `event`; as `event_name` where it has a property `event` of its own."""
    filled = dict(properties)
    filled["event_name" if "event" in filled else "event"] = event
    for name, called in _CALLED.get(type or "", {}).items():
        if filled.get(name) is None:
            found = next(
                (v for c in called if (v := event if c == "(event)" else properties.get(c)) is not None), None
            )
            if found is not None and not isinstance(found, dict | list):
                filled[name] = found
    if type == "product.purchased" and "product" not in filled:
        filled |= _first_product(properties.get("products"))
    if type is not None and type.startswith("web."):
        _add_page(filled, context)
    return filled


def fill_page(is_page: bool, properties: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Of a page view; a screen's name is the feature that was used."""
    filled = dict(properties)
    if is_page:
        _add_page(filled, context)
    elif isinstance(filled.get("name"), str):
        filled.setdefault("feature", filled["name"])
        filled.setdefault("screen", filled["name"])
    return filled


def _first_product(products: object) -> dict[str, Any]:
    if isinstance(products, list) and products and isinstance(products[0], dict):
        name = products[0].get("name")
        return {"product": name} if isinstance(name, str) else {}
    return {}


def _add_page(filled: dict[str, Any], context: Mapping[str, Any]) -> None:
    page = context.get("page")
    if isinstance(page, dict):
        for name in _PAGE:
            if filled.get(name) is None and isinstance(page.get(name), str):
                filled[name] = page[name]
    query = ""
    if isinstance(filled.get("url"), str):
        path, query = _parts(filled["url"])
        if filled.get("path") is None and path:
            filled["path"] = path
    campaign = context.get("campaign")
    said = campaign if isinstance(campaign, dict) else {}
    utm = {"utm_campaign": said.get("name"), **{f"utm_{name}": said.get(name) for name in _UTM}}
    in_query = {
        name: value for name, value in parse_qsl(query, max_num_fields=None) if name.startswith("utm_")
    }
    for name, value in {
        **in_query,
        **{name: value for name, value in utm.items() if value is not None},
    }.items():
        if isinstance(value, str | int | float) and len(filled) < 200:
            filled.setdefault(name, value)


def _parts(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.path or "/", parts.query
