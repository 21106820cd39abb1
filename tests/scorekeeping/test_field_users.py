"""A field that a rule reads stays, however the rule comes to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firstcall.records.defining.actions import define_modules
from firstcall.records.defining.shapes import shape_of
from firstcall.records.errors import InvalidModulesError
from firstcall.records.models import Field, Module
from firstcall.scorekeeping.field_users import fields_used
from firstcall.scoring.reading import read_rule
from tests.records.modules import make_accounts, make_leads
from tests.scorekeeping.company import found_company

pytestmark = pytest.mark.django_db

REACHING = """
name: Reaching
module: leads
applies_to: [{field: source, is: Web}]
criteria:
  - {name: Industry, field: account.name, is: Acme, points: 5}
  - {name: People, touchpoint: "*", of: accounts.account, points: 5}
  - {name: Any, any: [{field: employees, gt: 5}, {not: {field: email, empty: true}}], points: 5}
"""


def test_a_field_that_a_rule_reads_is_not_taken_away() -> None:
    leads, _ = found_company()
    leads.fields.filter(kind__in=["picklist", "multi_select"]).update(choices=["IT", "crm"])
    shape = shape_of(leads)
    fewer = replace(shape, fields=tuple(field for field in shape.fields if field.name != "job_title"))
    with pytest.raises(InvalidModulesError) as refused:
        define_modules([fewer], exact=True)
    assert str(refused.value) == "modules[0].fields: The rule Fit uses leads.job_title. Change that first."


def test_a_rule_uses_what_stands_on_its_ways_too() -> None:
    leads = make_leads(make_accounts())
    fields = {
        module.name: {field.name: field for field in module.fields.select_related("target")}
        for module in Module.objects.all()
    }
    used = fields_used(read_rule(REACHING).rule, leads.name, fields)
    assert {str(field) for field in used} == {
        "leads.source",
        "leads.account",
        "accounts.name",
        "leads.employees",
        "leads.email",
    }
    assert Field.objects.count() > len(used)
