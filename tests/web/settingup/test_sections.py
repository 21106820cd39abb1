"""Who may see which section of set-up, asked from outside."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from firstcall.access.rights import Right, Verb, Visibility
from firstcall.access.viewer import Viewer
from firstcall.web.settingup.listing import may_set_up, sections_for
from tests.web.conftest import Company
from tests.web.settingup.conftest import Enter

SETTINGS, USERS, SCORING = Right.MANAGE_SETTINGS, Right.MANAGE_USERS, Right.MANAGE_SCORING
PAGES = {
    "/set-up/sources": {SETTINGS},
    "/set-up/sources/new": {SETTINGS},
    "/set-up/modules": {SETTINGS},
    "/set-up/modules.yaml": {SETTINGS},
    "/set-up/modules/leads": {SETTINGS},
    "/set-up/modules/leads.yaml": {SETTINGS},
    "/set-up/modules/leads/new-field": {SETTINGS},
    "/set-up/modules/leads/fields/source": {SETTINGS},
    "/set-up/modules/leads/new-layout": {SETTINGS},
    "/set-up/new-module": {SETTINGS},
    "/set-up/types": {SETTINGS},
    "/set-up/health": {SETTINGS, USERS, SCORING},
    "/set-up/jobs": {USERS},
    "/set-up/audit-log": {USERS},
    "/set-up/backups": {SETTINGS},
    "/set-up/users": {USERS},
    "/set-up/users/new": {USERS},
    "/set-up/teams": {USERS},
    "/set-up/profiles": {USERS},
    "/set-up/profiles/new": {USERS},
}


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_page_is_for_those_with_its_right_alone(enter: Enter, alice: Client, path: str) -> None:
    assert alice.get(path).status_code == 200
    for right in Right:
        expected = 200 if right in PAGES[path] else 403
        assert enter(right).get(path).status_code == expected, right
    assert enter().get(path).status_code == 403


@pytest.mark.parametrize("path", ["/set-up/unclear", "/set-up/revoked"])
def test_whose_touchpoints_are_is_for_those_who_see_and_edit_every_record(enter: Enter, path: str) -> None:
    works = frozenset({Verb.VIEW, Verb.EDIT})
    assert enter(verbs=works, sees=Visibility.ALL).get(path).status_code == 200
    assert enter(verbs=works, sees=Visibility.TEAM).get(path).status_code == 403
    assert enter(verbs=frozenset({Verb.VIEW}), sees=Visibility.ALL).get(path).status_code == 403
    assert enter(*Right).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/set-up/", *sorted(PAGES)])
def test_a_stranger_is_led_to_the_door(company: Company, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={path}")


def test_the_list_has_what_one_may_see_and_no_more(enter: Enter) -> None:
    settings = enter(SETTINGS).get("/set-up/").text
    assert "/set-up/sources" in settings
    users = enter(USERS).get("/set-up/").text
    assert "/set-up/sources" not in users


def test_nothing_is_asked_of_the_database_twice(company: Company) -> None:
    viewer = Viewer(company.bob.pk)
    for ask in (may_set_up, sections_for):
        with CaptureQueriesContext(connection) as asked:
            assert not ask(viewer)
        sqls = [query["sql"] for query in asked]
        assert len(sqls) == len(set(sqls))


def test_who_may_see_none_of_it_has_no_way_there(enter: Enter) -> None:
    nobody = enter()
    assert nobody.get("/set-up/").status_code == 403
    assert 'href="/set-up/"' not in nobody.get("/").text
    assert 'href="/set-up/"' in enter(SETTINGS).get("/").text
