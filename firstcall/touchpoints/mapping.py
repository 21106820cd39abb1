"""What becomes of the words of senders: traits to fields of a record, events to types of touchpoints.

The defaults know the words of Segment and RudderStack and of the well-known CRMs; a source's mapping goes before them:

    {"traits": {"plan": "subscription", "age": null}, "events": {"Demo Asked": "web.form_submitted", "*": "app.*"},
     "group": {"segment": "type"}}

null leaves a trait or an event out; "group": null leaves accounts alone.
An event `*` stands for all others, and a `*` in a type for the event's own name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers

from firstcall.scoring.problems import nearest
from firstcall.scoring.saying import said

# For each trait, the names of fields it may go to, the likeliest first; its own name goes before them.
_FIELDS: Mapping[str, Sequence[str]] = {
    "email": ("email", "email_address"),
    "email_address": ("email",),
    "first_name": ("first_name",),
    "firstname": ("first_name",),
    "given_name": ("first_name",),
    "last_name": ("last_name",),
    "lastname": ("last_name",),
    "family_name": ("last_name",),
    "surname": ("last_name",),
    "phone": ("phone", "phone_number", "mobile"),
    "phone_number": ("phone",),
    "telephone": ("phone",),
    "mobile": ("mobile", "mobile_phone", "phone"),
    "mobile_phone": ("mobile", "phone"),
    "title": ("job_title", "title"),
    "job_title": ("job_title", "title"),
    "position": ("job_title", "title"),
    "role": ("job_title", "title"),
    "website": ("website", "url"),
    "url": ("website",),
    "company": ("company", "company_name", "account_name"),
    "company_name": ("company", "account_name"),
    "organization": ("company", "company_name", "account_name"),
    "company_industry": ("industry",),
    "company_employee_count": ("employees", "number_of_employees", "no_of_employees", "company_size"),
    "company_employees": ("employees", "number_of_employees", "no_of_employees", "company_size"),
    "company_size": ("employees", "number_of_employees", "company_size"),
    "employee_count": ("employees", "number_of_employees", "no_of_employees", "company_size"),
    "employees": ("employees", "number_of_employees", "no_of_employees", "company_size"),
    "company_website": ("website",),
    "company_annual_revenue": ("annual_revenue",),
    "revenue": ("annual_revenue",),
    "address": ("street", "address"),
    "address_street": ("street", "address", "address_street"),
    "address_line1": ("street", "address"),
    "street": ("street", "address"),
    "address_city": ("city",),
    "address_state": ("state", "region"),
    "address_region": ("state", "region"),
    "address_postal_code": ("postal_code", "zip_code", "zip"),
    "address_zip": ("postal_code", "zip_code", "zip"),
    "postal_code": ("postal_code", "zip_code", "zip"),
    "zip": ("postal_code", "zip_code", "zip"),
    "zip_code": ("postal_code", "zip_code", "zip"),
    "address_country": ("country",),
    "description": ("description",),
    "bio": ("description",),
    "source": ("lead_source", "source"),
    "lead_source": ("lead_source", "source"),
}

# The same of companies, for the fields of accounts.
_ACCOUNT_FIELDS: Mapping[str, Sequence[str]] = {
    "company": ("name",),
    "company_name": ("name",),
    "email_address": ("email",),
    "phone_number": ("phone",),
    "telephone": ("phone",),
    "url": ("website",),
    "domain": ("website", "domain"),
    "size": ("employees", "number_of_employees", "company_size"),
    "company_size": ("employees", "number_of_employees"),
    "employee_count": ("employees", "number_of_employees"),
    "employees": ("employees", "number_of_employees"),
    "number_of_employees": ("employees",),
    "revenue": ("annual_revenue",),
    "about": ("description",),
    **{
        f"{before}{name}": tuple(f"{kind}{field}" for kind in ("billing_", ""))
        for before in ("address_", "")
        for name, field in (
            ("street", "street"), ("line1", "street"), ("city", "city"), ("state", "state"), ("region", "state"),
            ("postal_code", "postal_code"), ("zip", "postal_code"), ("zip_code", "postal_code"), ("country", "country"),
        )
    },
    "address": ("billing_street", "street"),
}  # fmt: skip

_OF_COMPANY = ("name", "industry", "employees", "employee_count", "website", "annual_revenue", "size")

# Event names as they are compared: small letters, words apart by one space.
_TYPES: Mapping[str, str] = {
    "signed up": "product.signed_up",
    "user signed up": "product.signed_up",
    "account created": "product.signed_up",
    "trial started": "product.signed_up",
    "activated": "product.activated",
    "account activated": "product.activated",
    "order completed": "product.purchased",
    "order placed": "product.purchased",
    "subscription started": "product.purchased",
    "subscription cancelled": "product.subscription_cancelled",
    "subscription canceled": "product.subscription_cancelled",
    "account deleted": "product.subscription_cancelled",
    "email received": "email.received",
    "email delivered": "email.delivered",
    "email opened": "email.opened",
    "email link clicked": "email.clicked",
    "email clicked": "email.clicked",
    "email replied": "email.replied",
    "email bounced": "email.bounced",
    "email marked as spam": "email.complained",
    "unsubscribed": "email.unsubscribed",
    "email unsubscribed": "email.unsubscribed",
    "page viewed": "web.visited",
    "form submitted": "web.form_submitted",
    "file downloaded": "web.downloaded",
    "products searched": "web.searched",
    "searched": "web.searched",
    "link clicked": "web.clicked",
    "button clicked": "web.clicked",
    "webinar registered": "webinar.registered",
    "webinar attended": "webinar.attended",
    "meeting booked": "meeting.booked",
    "survey responded": "survey.responded",
    "live chat conversation started": "chat.started",
    "live chat conversation ended": "chat.completed",
}
OTHERS = "product.used"
PAGE, SCREEN = "web.visited", "product.used"

TYPE = re.compile(r"[a-z][a-z0-9_]{0,59}\.[a-z][a-z0-9_]{0,58}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def snake(name: str) -> str:
    """
    >>> snake("firstName"), snake("Job Title"), snake("company.employeeCount"), snake("HTTPStatus2"), snake("é")
    ('first_name', 'job_title', 'company_employee_count', 'http_status_2', '')
    """
    return "_".join(_WORDS.findall(name)).lower()


@dataclass(frozen=True, slots=True)
class Mapped:
    """values by the names of their fields; `rest` has no field."""

    values: Mapping[str, Any]
    rest: Mapping[str, Any]


def map_traits(traits: Mapping[str, Any], fields: Collection[str], mapping: Mapping[str, Any]) -> Mapped:
    """Which field each trait goes to, of those that the module has. Of two for one field the first named wins."""
    mapped = _map(traits, fields, mapping.get("traits") or {}, _FIELDS)
    values, rest = dict(mapped.values), dict(mapped.rest)
    _split_name(rest, fields, values)
    return Mapped(values, rest)


def map_company(traits: Mapping[str, Any], fields: Collection[str], mapping: Mapping[str, Any]) -> Mapped:
    """The same of what is said of a company, for an account."""
    return _map(traits, fields, mapping.get("group") or {}, _ACCOUNT_FIELDS)


def _map(
    traits: Mapping[str, Any],
    fields: Collection[str],
    own: Mapping[str, str | None],
    usual: Mapping[str, Sequence[str]],
) -> Mapped:
    values: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, value in _flat(traits, own):
        if name in own:
            target = own[name]
        else:
            target = _field_of(name, fields, usual)
        if target in fields:
            values.setdefault(str(target), value)
        elif target is not None or name not in own:
            rest[name] = value
    return Mapped(values, rest)


def _flat(traits: Mapping[str, Any], own: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The traits, those of a company or an address by themselves: `company.industry`."""
    flat = []
    for name, value in traits.items():
        if isinstance(value, Mapping) and name in ("company", "address") and name not in own:
            for key, inner in value.items():
                flat.append((name if (name, key) == ("company", "name") else f"{name}.{key}", inner))
        else:
            flat.append((name, value))
    return flat


def _field_of(name: str, fields: Collection[str], usual: Mapping[str, Sequence[str]]) -> str | None:
    word = snake(name)
    for candidate in (word, *usual.get(word, ())):
        if candidate in fields:
            return candidate
    return None


def _split_name(rest: dict[str, Any], fields: Collection[str], values: dict[str, Any]) -> None:
    """A whole name fills first and last name where these were not given."""
    name = next((key for key in rest if snake(key) in ("name", "full_name")), None)
    if name is None or not isinstance(rest[name], str) or not rest[name].strip() or "last_name" not in fields:
        return
    first, _, last = rest.pop(name).strip().rpartition(" ")
    if "first_name" in fields and first:
        values.setdefault("first_name", first.strip())
    if not values.get("last_name"):
        values["last_name"] = last


def company_traits(traits: Mapping[str, Any]) -> dict[str, Any]:
    """The traits of a group as traits of a person: its name is the company."""
    named = {snake(name): value for name, value in traits.items()}
    said = {f"company.{name}": named[name] for name in _OF_COMPANY if name in named and name != "name"}
    return {**({"company": named["name"]} if "name" in named else {}), **said}


def type_of(event: str, mapping: Mapping[str, Any]) -> str | None:
    """The type of touchpoint that an event is; None: it is left out.

    >>> type_of("Order Completed", {}), type_of("webinar.attended", {}), type_of("Report Exported", {})
    ('product.purchased', 'webinar.attended', 'product.used')
    >>> type_of("Report Exported", {"events": {"*": "app.*"}}), type_of("Ping", {"events": {"Ping": None}})
    ('app.report_exported', None)
    """
    own: Mapping[str, str | None] = mapping.get("events") or {}
    if event in own:
        return _written(own[event], event)
    if TYPE.fullmatch(event):
        return event
    known = _TYPES.get(" ".join(re.split(r"[\s_-]+", event.strip().lower())))
    return known or _written(own.get("*", OTHERS), event)


def _written(type: str | None, event: str) -> str | None:
    if type is None or "*" not in type:
        return type
    return type.replace("*", (snake(event) or "event")[:58].strip("_"))


def mapping_faults(
    mapping: Mapping[str, Any], fields: Collection[str], of_accounts: Collection[str]
) -> list[tuple[str, str]]:
    """What is wrong with a source's mapping: (where, what), all of it; `fields` are those of its module."""
    faults = [
        (key, said("is no part of a mapping; there are traits, events, group, region."))
        for key in mapping
        if key not in ("traits", "events", "group", "region")
    ]
    for key in ("traits", "events", "group"):
        entries = mapping.get(key)
        if not isinstance(entries, Mapping | None):
            faults.append((key, said("takes an object.")))
            continue
        for name, target in (entries or {}).items():
            if target is not None and (
                says := _target_fault(key, target, of_accounts if key == "group" else fields)
            ):
                faults.append((f"{key}.{name}", says))
    region = mapping.get("region")
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        faults.append(("region", said("takes a country of two capitals, such as DE.")))
    return faults


def _target_fault(key: str, target: object, fields: Collection[str]) -> str:
    if key == "events":
        fits = isinstance(target, str) and target.count("*") <= 1 and TYPE.fullmatch(target.replace("*", "x"))
        return "" if fits else said("takes a type such as web.clicked or app.*, or null.")
    if isinstance(target, str) and target in fields:
        return ""
    near = nearest(str(target), fields)
    return said("takes a field of the module, or null; {target} is none.", target=target) + (
        said(" Did you mean {near}?", near=near) if near else ""
    )
