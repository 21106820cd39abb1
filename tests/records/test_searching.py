"""Search finds records by how what they are called, or reached by, begins."""

from __future__ import annotations

import pytest

from firstcall.access.viewer import PRODUCT
from firstcall.records.actions import create_record, delete_records
from firstcall.records.searching import search_records
from tests.records.modules import START, make_accounts, make_leads

pytestmark = pytest.mark.django_db


def test_search_finds_by_how_things_begin() -> None:
    accounts = make_accounts()
    leads = make_leads(accounts)
    ann = create_record(
        leads,
        {
            "first_name": "Ann Marie",
            "last_name": "O'Hara",
            "email": "hello@ohara.example",
            "phone": "+49 30 1234567",
            "crm_id": "Z-77",
        },
        at=START,
    ).pk
    annex = create_record(accounts, {"name": "Annex 100% Ltd"}, at=START).pk
    gone = create_record(leads, {"last_name": "Annual"}, at=START).pk
    delete_records(leads, [gone], at=START)
    for text, ids in (
        ("ann", [ann, annex]),
        ("  ANN   mar", [ann]),
        ("o'h", [ann]),
        ("o'hara ann", [ann]),
        ("marie", [ann]),
        ("HELLO@ohara", [ann]),
        ("+49 (30) 12", [ann]),
        ("+4931", []),
        ("Z-7", [ann]),
        ("100%", [annex]),
        ("100_", []),
        ("hara", []),
        ("a", []),
        ("x" * 101, []),
        ("+", []),
    ):
        assert search_records(text, viewer=PRODUCT) == ids, text
    assert search_records("ann", viewer=PRODUCT, modules=[accounts]) == [annex]
    assert search_records("ann", viewer=PRODUCT, most=1) == [ann]
