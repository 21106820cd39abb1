"""Scoring rules: writing them, their versions, what changed between two, copying and deleting them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from firstcall.api.authority import Request, needs
from firstcall.api.etags import IfMatch, asked_version, etag
from firstcall.api.exact import exactly
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, Refused, invalid
from firstcall.api.types import Given, Id, Moment, Name, Stripped
from firstcall.moments import now
from firstcall.scorekeeping.actions import clone_rule, create_rule, delete_rule, edit_rule
from firstcall.scorekeeping.checking import check_rule
from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.distributing import distribution
from firstcall.scorekeeping.errors import (
    EditedMeanwhileError,
    InvalidRuleError,
    RuleInUseError,
    SwitchedMeanwhileError,
)
from firstcall.scorekeeping.finding import RuleState, get_rule, get_version, narrowed, seen_rules, state_of
from firstcall.scorekeeping.models import PlannedActivation, RuleVersion, StoredRule
from firstcall.scorekeeping.score_fields import map_score_fields, mapped_fields
from firstcall.scoring.differing import differences
from firstcall.scoring.numbers import points_decimal
from firstcall.scoring.problems import problem_object

router = Router(tags=["Scoring rules"])


class Who(Schema):
    """`id` and `name` of a user; both null where nobody did it but the product, or the user is gone."""

    id: int | None
    name: str | None


class VersionRow(Schema):
    number: int
    layouts: list[str]
    created_at: Moment
    created_by: Who


class VersionOut(VersionRow):
    text: str


class PlanOut(Schema):
    version: int
    at: Moment
    records: str
    changed_since: Moment | None
    by: Who


class RuleRow(Schema):
    """A rule in a list.

    `status`: `draft` was never active; `inactive` was stopped, `set_aside` by the product, `set_aside_why` says why.
    `version` is the newest; `active_version` the one that scores, if any. Where they differ, the newest is a draft.
    """

    id: int
    name: str
    module: str
    layouts: list[str]
    status: RuleState
    version: int
    active_version: int | None
    set_aside_why: str
    created_at: Moment
    created_by: Who


class RuleOut(RuleRow):
    description: str
    text: str
    planned: PlanOut | None
    score_fields: dict[str, str]


class RuleText(Given):
    """YAML or JSON, at most 1 MB."""

    text: str


class RuleQuery(Schema):
    """`name` finds what contains it, in any case."""

    name: str = Field("", max_length=200)
    module: str = Field("", max_length=63)
    layout: str = Field("", max_length=63)
    status: RuleState | None = None


class NewName(Given):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200), Stripped]


class ScoreFields(Given):
    """By the figure (positive, negative, touchpoint_positive, touchpoint_negative, touchpoint_total, total) or grade:
    the name of the field that shows it. A field that the module does not have is made."""

    fields: dict[str, Name] = Field(max_length=7)


class BracketOut(Schema):
    """How many totals are at least `low` and less than `high`."""

    low: float
    high: float
    count: int


class GradeCount(Schema):
    """`grade` is null for those that reach none."""

    grade: str | None
    count: int


class DistributionOut(Schema):
    """`grades` from the best to the least, `brackets` from the lowest total to the highest, without a gap."""

    scored: int
    grades: list[GradeCount]
    brackets: list[BracketOut]


class ProblemOut(Schema):
    severity: str
    code: str
    file: str | None
    line: int | None
    column: int | None
    path: str
    says: str
    fix: str


class Checked(Schema):
    """`ok` where nothing but warnings were found."""

    ok: bool
    problems: list[ProblemOut]


class DifferenceOut(Schema):
    kind: str
    part: str
    name: str
    says: str


class DiffQuery(Schema):
    """`to` is the newest version if left out."""

    from_: int = Field(alias="from", ge=1, lt=2**31)
    to: int | None = Field(None, ge=1, lt=2**31)


@router.post("/rules", auth=needs("rules:write"), response={201: RuleOut})
def create(request: Request, given: RuleText, response: HttpResponse) -> Status[RuleOut]:
    """Store a rule, as a draft: it scores once it is activated."""
    rule = create_rule(given.text, at=now(), by=request.auth.user, viewer=request.auth.viewer)
    return Status(201, _answer(rule, response))


@router.get("/rules", auth=needs("rules:read"), response=Page[RuleRow])
def list_rules(request: Request, asked: Query[RuleQuery], paging: Paging) -> Page[RuleRow]:
    rows = narrowed(
        seen_rules(request.auth.viewer),
        name=asked.name,
        module=asked.module,
        layout=asked.layout,
        state=asked.status,
    )
    found, following = page(rows, paging, order=("name", "id"))
    return Page[RuleRow](items=[_row(rule) for rule in found], next=following)


@router.post("/rules/check", auth=needs("rules:read"), response=Checked)
def check(request: Request, given: RuleText) -> Checked:
    """Everything that is wrong with a text, and what is doubtful in it, without storing it."""
    try:
        problems = check_rule(given.text, viewer=request.auth.viewer).warnings
    except InvalidRuleError as error:
        problems = error.problems
    ok = not any(problem.severity == "error" for problem in problems)
    return Checked(
        ok=ok, problems=[ProblemOut.model_validate(problem_object(problem)) for problem in problems]
    )


@router.get("/rules/{id}", auth=needs("rules:read"), response=RuleOut)
def read_rule(request: Request, id: Id, response: HttpResponse) -> RuleOut:
    """With the text of the newest version, whose number is the ETag."""
    return _answer(get_rule(request.auth.viewer, id), response)


@router.put("/rules/{id}", auth=needs("rules:write"), response=RuleOut)
def edit(
    request: Request,
    id: Id,
    given: RuleText,
    response: HttpResponse,
    if_match: IfMatch = "",
) -> RuleOut:
    """Store the next version. `If-Match` is the version that the edit began from; 412 where another was stored since.

    The active version goes on scoring until another is activated. Another `name` in the text renames the rule.
    """
    rule = get_rule(request.auth.viewer, id)
    begun = asked_version(if_match, "rule")
    if begun is None:
        says = 'must say which version the edit began from, such as "3".'
        raise invalid([Fault("If-Match", says, "Send the ETag that came with the rule.")])
    try:
        edit_rule(
            rule,
            given.text,
            at=now(),
            by=request.auth.user,
            expected=begun,
            viewer=request.auth.viewer,
        )
    except EditedMeanwhileError as error:
        raise edited_meanwhile(rule, begun, error) from None
    return _answer(get_rule(request.auth.viewer, id), response)


@router.delete("/rules/{id}", auth=needs("rules:write"), response={204: None})
def delete(request: Request, id: Id, if_match: IfMatch = "") -> Status[None]:
    """With its versions, scores, score changes and score fields; 409 while something uses it, and where somebody switched
    it on while it was being deleted. With an `If-Match` 412 where another version was stored since."""
    rule, known = get_rule(request.auth.viewer, id), asked_version(if_match, "rule")
    try:
        delete_rule(rule, at=now(), by=request.auth.user, expected=known)
    except RuleInUseError as error:
        faults = [Fault("rule", f"is used by {user}.") for user in error.users]
        raise Refused(HTTPStatus.CONFLICT, "in-use", str(error), faults=faults) from None
    except SwitchedMeanwhileError as error:
        says = f"{error} The rule is not deleted."
        raise Refused(HTTPStatus.CONFLICT, "switched-meanwhile", says) from None
    except EditedMeanwhileError as error:
        raise edited_meanwhile(rule, known, error) from None
    return Status(204, None)


@router.post("/rules/{id}/clone", auth=needs("rules:write"), response={201: RuleOut})
def clone(request: Request, id: Id, given: NewName, response: HttpResponse) -> Status[RuleOut]:
    """A draft of its own that says what the newest version says, under another name."""
    rule = clone_rule(get_rule(request.auth.viewer, id), given.name, at=now(), by=request.auth.user)
    return Status(201, _answer(rule, response))


@router.put("/rules/{id}/score-fields", auth=needs("rules:write"), response=RuleOut)
def set_score_fields(request: Request, id: Id, given: ScoreFields, response: HttpResponse) -> RuleOut:
    """Show figures of the rule's scores, or the grade, as fields of the record; these and no others."""
    map_score_fields(get_rule(request.auth.viewer, id), given.fields)
    return _answer(get_rule(request.auth.viewer, id), response)


@router.get("/rules/{id}/distribution", auth=needs("scores:read"), response=DistributionOut)
def read_distribution(request: Request, id: Id) -> HttpResponse:
    """How many records have which grade, and how the totals are spread; of the records that the caller sees."""
    viewer = request.auth.viewer
    found = distribution(get_rule(viewer, id), viewer=viewer)
    brackets = [
        {"low": points_decimal(int(one.low)), "high": points_decimal(int(one.high)), "count": one.count}
        for one in found.brackets
    ]
    grades = [{"grade": grade, "count": count} for grade, count in found.grades.items()]
    return exactly({"scored": found.scored, "grades": grades, "brackets": brackets})


@router.get("/rules/{id}/versions", auth=needs("rules:read"), response=Page[VersionRow])
def list_versions(request: Request, id: Id, paging: Paging) -> Page[VersionRow]:
    """The newest first."""
    rows = get_rule(request.auth.viewer, id).versions.select_related("created_by")
    found, following = page(rows, paging, order=("-number",))
    return Page[VersionRow](items=[_version_row(version) for version in found], next=following)


@router.get("/rules/{id}/versions/{number}", auth=needs("rules:read"), response=VersionOut)
def read_version(request: Request, id: Id, number: Id) -> VersionOut:
    version = get_version(get_rule(request.auth.viewer, id), number)
    return VersionOut(**dict(_version_row(version)), text=version.text)


@router.get("/rules/{id}/diff", auth=needs("rules:read"), response=list[DifferenceOut])
def diff(request: Request, id: Id, asked: Query[DiffQuery]) -> list[DifferenceOut]:
    """What changed from one version to another, in words."""
    rule = get_rule(request.auth.viewer, id)
    old = get_version(rule, asked.from_)
    new = rule.newest if asked.to is None else get_version(rule, asked.to)
    return [
        DifferenceOut(kind=found.kind, part=found.part, name=found.name, says=found.says)
        for found in differences(old.text, new.text)
    ]


def who(user: object) -> Who:
    return Who(id=getattr(user, "pk", None), name=None if user is None else str(user))


def edited_meanwhile(rule: StoredRule, known: int | None, error: EditedMeanwhileError) -> Refused:
    """Says which version came meanwhile, and what it changed of the one that the caller knows."""
    before = rule.versions.filter(number=known or 0).first()
    changed = [] if before is None else differences(before.text, error.newest.text)
    return Refused(
        HTTPStatus.PRECONDITION_FAILED,
        "edited-meanwhile",
        str(error),
        faults=[Fault(f"version {error.newest.number}", found.says) for found in changed],
        headers=etag(error.newest.number),
    )


def _answer(rule: StoredRule, response: HttpResponse) -> RuleOut:
    newest = rule.newest
    for name, told in etag(newest.number).items():
        response[name] = told
    planned = rule.planned.filter(ended_at__isnull=True).select_related("version", "by").first()
    return RuleOut(
        **dict(_row(rule, newest)),
        description=rule_of(newest).description,
        text=newest.text,
        planned=None if planned is None else plan_out(planned),
        score_fields=mapped_fields(rule),
    )


def plan_out(planned: PlannedActivation) -> PlanOut:
    return PlanOut(
        version=planned.version.number,
        at=planned.at,
        records=planned.reach,
        changed_since=planned.changed_since,
        by=who(planned.by),
    )


def _row(rule: StoredRule, newest: RuleVersion | None = None) -> RuleRow:
    newest = newest or rule.newest
    return RuleRow(
        id=rule.pk,
        name=rule.name,
        module=rule.module.name,
        layouts=newest.layouts,
        status=state_of(rule),
        version=newest.number,
        active_version=None if rule.active is None else rule.active.number,
        set_aside_why=rule.set_aside_why,
        created_at=rule.created_at,
        created_by=who(rule.created_by),
    )


def _version_row(version: RuleVersion) -> VersionRow:
    return VersionRow(
        number=version.number,
        layouts=version.layouts,
        created_at=version.created_at,
        created_by=who(version.created_by),
    )
