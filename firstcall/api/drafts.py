"""What helps to write a scoring rule: templates to begin from, and a try of a draft on one record."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from firstcall.access.rights import Verb
from firstcall.access.scopes import Scope
from firstcall.api.authority import Request, needs
from firstcall.api.exact import exactly
from firstcall.api.paging import Page
from firstcall.api.problems import missing
from firstcall.api.types import Given, GivenId, Name
from firstcall.moments import now
from firstcall.records.seeing import get_record
from firstcall.scorekeeping.checking import check_rule
from firstcall.scorekeeping.explaining import explanation_by
from firstcall.scorekeeping.starting import Template, find_template, templates

router = Router(tags=["Scoring rules"])


class TemplateRow(Schema):
    """`industry`: "Every industry" for those that fit all."""

    name: str
    title: str
    industry: str
    module: str


class TemplateOut(TemplateRow):
    """`text`: YAML, to be changed and sent to `POST /rules`."""

    text: str


class TemplatesQuery(Schema):
    """`industry`: as the templates say it, in whatever case."""

    module: Name | None = None
    industry: str | None = Field(None, max_length=100)


class TryAsked(Given):
    """`text`: YAML or JSON. `record`: one of the rule's module."""

    text: str = Field(max_length=1_100_000)
    record: GivenId


@router.get("/rules/templates", auth=needs("rules:read"), response=Page[TemplateRow])
def list_templates(request: Request, asked: Query[TemplatesQuery]) -> Page[TemplateRow]:
    """What a new rule can begin from, for the modules that the caller may see."""
    industry = None if asked.industry is None else asked.industry.casefold()
    found = [
        TemplateRow(name=one.name, title=one.title, industry=one.industry, module=one.module)
        for one in templates()
        if request.auth.viewer.may(Verb.VIEW, one.module)
        and asked.module in (None, one.module)
        and industry in (None, one.industry.casefold())
    ]
    return Page[TemplateRow](items=found, next=None)


@router.get("/rules/templates/{name}", auth=needs("rules:read"), response=TemplateOut)
def read_template(request: Request, name: Name) -> Template:
    """With its text."""
    found = find_template(name)
    if found is None or not request.auth.viewer.may(Verb.VIEW, found.module):
        raise missing("template")
    return found


@router.post("/rules/try", auth=needs("rules:read"), response=dict[str, Any])
def try_rule(request: Request, given: TryAsked) -> HttpResponse:
    """What a draft gives one record as of now, and why, in the form of `firstcall explain --json`. Nothing is stored. It
    needs `records:read` and `scores:read` too."""
    request.auth.needs_scope(Scope.RECORDS_READ)
    request.auth.needs_scope(Scope.SCORES_READ)
    checked = check_rule(given.text, viewer=request.auth.viewer)
    record = get_record(request.auth.viewer, checked.module, given.record, live=True)
    return exactly(explanation_by(record, checked.rule, now()))
