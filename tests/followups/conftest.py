"""A company whose people see different leads."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from firstcall.access.rights import Verb, Visibility
from firstcall.records.models import Module
from tests.api.conftest import data_folder
from tests.api.people import People, Person, make_people, person
from tests.api.world import made
from tests.records.modules import make_leads

__all__ = ["data_folder"]


@dataclass(frozen=True)
class Company:
    """Rita sees every lead and may edit none."""

    people: People
    rita: Person
    leads: Module
    bobs: int
    eves: int


@pytest.fixture
def company(db: None) -> Company:
    people, leads = make_people(), make_leads()
    path = "/modules/leads/records"
    bobs, eves = (
        made(one.api, path, {"values": {"last_name": one.user.name, "employees": 120}})["id"]
        for one in (people.bob, people.eve)
    )
    rita = person("Rita", sees=Visibility.ALL, verbs=[Verb.VIEW])
    return Company(people, rita, leads, bobs, eves)
