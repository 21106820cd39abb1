"""The quick search in the bar at the top."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.conftest import Company


def test_records_of_all_modules_are_found_by_how_they_begin(company: Company, bob: Client) -> None:
    page = bob.get("/search?q=mill").text
    assert "Ann Miller" in page
    assert f'data-href="/records/leads/{company.ann.pk}"' in page
    assert f'data-href="/records/accounts/{company.acme.pk}"' in bob.get("/search?q=acm").text


@pytest.mark.parametrize("asked", ["", "a", "   ", "x" * 5_000])
def test_what_is_too_short_or_too_long_finds_nothing(company: Company, bob: Client, asked: str) -> None:
    answer = bob.get("/search", {"q": asked})
    assert answer.status_code == 200
    assert "role=" not in answer.text or "Nothing begins with" in answer.text


def test_what_is_looked_for_cannot_become_a_part_of_the_page(company: Company, bob: Client) -> None:
    assert "<script>" not in bob.get("/search", {"q": "<script>alert(1)</script>"}).text
