"""What no browser sends: every address is asked with every parameter that any page reads, holding what nobody types."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

import firstcall.saved_views
import firstcall.web
from tests.records.importing.conftest import data_folder
from tests.web.all_pages import addresses, examples
from tests.web.conftest import Company

__all__ = ["data_folder"]

pytestmark = pytest.mark.django_db(transaction=True)

NO_NUMBERS = ["²", "9" * 30, "-1"]
CHOOSES = {"do", "part", "then", "did"}
"""They say what is done, or what of a page is shown: another value of theirs does nothing."""
OTHERS = re.compile(r"/admin|/sign-|/account/(?!$|tokens)")
"""Pages of django-allauth, whose forms take no NUL, and those that nobody is signed in on."""
_READ = re.compile(r'\b(?:GET|POST|given|data|get|getlist|parameters|one|every)\b[^"\n]{0,20}"([a-z_]+)"')


def parameters() -> list[str]:
    """The names that the pages read, by their code."""
    folders = [Path(room.__file__).parent for room in (firstcall.web, firstcall.saved_views)]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    return sorted({name for file in files for name in _READ.findall(file.read_text())} - CHOOSES)


def everywhere(company: Company) -> tuple[Client, list[str]]:
    found = {re.sub("<[^>]+>", "1", path) for _, path in addresses(examples(company))}
    alice = Client()
    alice.force_login(company.alice)
    return alice, sorted(path for path in found if not OTHERS.match(path))


def test_nothing_that_stands_in_an_address_breaks_a_page(company: Company) -> None:
    """What is raised and not foreseen is raised here too."""
    alice, paths = everywhere(company)
    names = parameters()
    assert {"after", "days", "version", "tag", "like"} <= set(names)
    for value in NO_NUMBERS:
        for path in paths:
            alice.get(path, dict.fromkeys(names, value))


def test_what_the_database_cannot_hold_is_refused_by_every_page(company: Company) -> None:
    alice, paths = everywhere(company)
    taken = []
    for path in paths:
        for answer in (alice.get(path, {"any": "a\0b"}), alice.post(path, {"a\0b": "any"})):
            if answer.status_code not in (400, 405):
                taken.append(f"{answer.request['REQUEST_METHOD']} {path}: {answer.status_code}")
    assert taken == []
    page = alice.get("/records/leads?tag=%00")
    assert page.status_code == 400
    assert "This cannot be read" in page.text
    assert alice.get("/records/le%00ads").status_code == 400


def test_what_stands_in_the_address_of_a_list_that_is_sent_along_is_refused_too(
    company: Company, bob: Client
) -> None:
    for asked in ("?tag=%00", "?f=email&t=is&v=%00", "?%00=1"):
        for path in ("/records/leads/bulk", "/records/leads/views"):
            assert bob.post(path, {"asked": asked, "name": "A", "do": "export"}).status_code == 400
