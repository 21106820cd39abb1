"""Every address that shows a page has an example, by which the tests of all pages look at it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.records.importing.conftest import data_folder
from tests.web.all_pages import addresses, examples
from tests.web.conftest import Company

__all__ = ["data_folder"]

NO_FILE = ("bulk/<int:id>/refused", "import/<int:id>/stays")
"""Files of what there is nothing of here."""


@pytest.mark.django_db(transaction=True)
def test_no_page_is_without_an_example(company: Company) -> None:
    alice, missing = Client(), []
    alice.force_login(company.alice)
    for route, path in addresses(examples(company)):
        answer = alice.get(re.sub("<[^>]+>", "1", path))
        if "<" in path and answer.status_code != 405:
            missing.append(f"{route}: say in `examples` what stands in its place")
        elif "<" not in path and "<" in route and answer.status_code == 404 and route not in NO_FILE:
            missing.append(f"{route}: {path} of `examples` leads nowhere")
    assert "\n".join(missing) == ""
