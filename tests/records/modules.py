"""Modules for the tests of records: leads and accounts, as small as they can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Layout, LayoutField, Module

START = datetime(2026, 9, 1, tzinfo=UTC)
LATER = START + timedelta(hours=1)


def make_accounts() -> Module:
    module = Module.objects.create(name="accounts", label="Accounts", title=["name"])
    Field.objects.create(module=module, name="name", label="Name", kind=FieldKind.TEXT, is_required=True)
    return module


def make_leads(accounts: Module | None = None) -> Module:
    module = Module.objects.create(
        name="leads", label="Leads", is_people=True, title=["first_name", "last_name"]
    )
    for name, kind in (
        ("first_name", FieldKind.TEXT),
        ("last_name", FieldKind.TEXT),
        ("email", FieldKind.EMAIL),
        ("second_email", FieldKind.EMAIL),
        ("phone", FieldKind.PHONE),
        ("employees", FieldKind.NUMBER),
    ):
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    Field.objects.create(module=module, name="crm_id", label="Id", kind=FieldKind.TEXT, is_external_id=True)
    Field.objects.create(module=module, name="vat", label="VAT number", kind=FieldKind.TEXT, is_unique=True)
    Field.objects.create(
        module=module, name="source", label="Source", kind=FieldKind.PICKLIST, choices=["Web", "Fair"]
    )
    if accounts:
        Field.objects.create(
            module=module, name="account", label="Account", kind=FieldKind.LOOKUP, target=accounts
        )
    return module


def make_layouts(module: Module) -> tuple[Layout, Layout]:
    """`all` with every field; `short` with a last name, which it requires, a source of its own choices and a default."""
    whole = Layout.objects.create(module=module, name="all", label="All", is_default=True, is_whole=True)
    short = Layout.objects.create(module=module, name="short", label="Short")
    for name, more in (
        ("last_name", {"is_required": True}),
        ("email", {}),
        ("source", {"choices": ["Fair", "Mail"]}),
    ):
        LayoutField.objects.create(layout=short, field=module.fields.get(name=name), **more)
    return whole, short
