"""Switching scoring rules on and off, now or later, and scoring again because somebody wants it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from ninja import Router, Schema, Status
from pydantic import Field, StrictBool

from firstcall.access.rights import Verb
from firstcall.api.authority import Request, needs
from firstcall.api.etags import IfMatch, asked_version
from firstcall.api.finding import given_module
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, Refused, invalid, missing
from firstcall.api.rules import PlanOut, Who, edited_meanwhile, plan_out, who
from firstcall.api.types import Given, GivenId, Id, Moment
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.models import Layout, Module
from firstcall.scorekeeping.errors import AlreadyPlannedError, EditedMeanwhileError, PastPlanError
from firstcall.scorekeeping.finding import get_rule, get_version
from firstcall.scorekeeping.models import Activation, Reach, StoredRule
from firstcall.scorekeeping.sweeping import sweep_later
from firstcall.scorekeeping.switching import Rescoring, activate, cancel_plan, deactivate, plan

router = Router(tags=["Scoring rules"])

MOST_IDS = 100_000


class Switch(Given):
    """What to activate, when, and what becomes of the records that are there already.

    `version`: the newest if left out. `at`: now if left out. `records`: `all` are scored again; `changed`, only those
    created or changed in their fields from `changed_since` on; `new`, none: they keep their score until something
    happens to them. `tell_automations`: whether automations are told of the scores that change by it.
    """

    version: int | None = Field(None, ge=1, lt=2**31, strict=True)
    at: Moment | None = None
    records: Reach = Reach.ALL
    changed_since: Moment | None = None
    tell_automations: StrictBool = False


class ActivationOut(Schema):
    """`version` is null where the rule was stopped, `why` says the reason where the product stopped it. `complete_at`
    is since when the version scores every record; `job` the job that sees to it, if any."""

    version: int | None
    at: Moment
    by: Who
    records: str
    changed_since: Moment | None
    complete_at: Moment | None
    job: int | None
    why: str


class Switched(Schema):
    """One of the two is null: `planned` where `at` was given."""

    activation: ActivationOut | None
    planned: PlanOut | None


class Run(Given):
    """Which records to score again; all where nothing is said."""

    ids: Annotated[list[GivenId], Field(min_length=1, max_length=MOST_IDS)] | None = None
    layout: str | None = Field(None, max_length=63)
    changed_since: Moment | None = None
    tell_automations: StrictBool = False


class ModuleRun(Run):
    """By every active rule of the module."""

    module: str = Field(max_length=63)


class Started(Schema):
    """`GET /jobs/{job}` says how far it is, `DELETE /jobs/{job}` ends it."""

    job: int


@router.post("/rules/{id}/activation", auth=needs("rules:write"), response=Switched)
def switch_on(request: Request, id: Id, given: Switch, if_match: IfMatch = "") -> Switched:
    """Let a version score from now on, or from a moment to come. To roll back, activate an older version.

    With `If-Match`, the ETag of the rule as it was read, 412 where another version was stored since.
    """
    rule, known = get_rule(request.auth.viewer, id), asked_version(if_match, "rule")
    version = rule.newest if given.version is None else get_version(rule, given.version)
    try:
        rescoring = Rescoring(given.records, given.changed_since, given.tell_automations)
    except ValueError:
        says = "goes with the records `changed`, and only with them."
        raise invalid([Fault("changed_since", says)]) from None
    by, at = request.auth.user, now()
    try:
        if given.at is None:
            activation = activate(version, at=at, by=by, rescoring=rescoring, expected=known)
            return Switched(activation=_out(activation), planned=None)
        planned = plan(version, at=given.at, now=at, by=by, rescoring=rescoring, expected=known)
    except EditedMeanwhileError as error:
        raise edited_meanwhile(rule, known, error) from None
    except PastPlanError as error:
        raise invalid([Fault("at", str(error))]) from None
    except AlreadyPlannedError as error:
        raise Refused(HTTPStatus.CONFLICT, "already-planned", str(error)) from None
    return Switched(activation=None, planned=plan_out(planned))


@router.delete("/rules/{id}/activation", auth=needs("rules:write"), response={204: None})
def switch_off(request: Request, id: Id, if_match: IfMatch = "") -> Status[None]:
    """Stop scoring: the scores stay as they are. With an `If-Match` 412 where another version was stored since."""
    rule, known = get_rule(request.auth.viewer, id), asked_version(if_match, "rule")
    try:
        deactivate(rule, at=now(), by=request.auth.user, expected=known)
    except EditedMeanwhileError as error:
        raise edited_meanwhile(rule, known, error) from None
    return Status(204, None)


@router.delete("/rules/{id}/planned-activation", auth=needs("rules:write"), response={204: None})
def forget_plan(request: Request, id: Id) -> Status[None]:
    if not cancel_plan(get_rule(request.auth.viewer, id), at=now(), by=request.auth.user):
        raise missing("planned activation")
    return Status(204, None)


@router.get("/rules/{id}/activations", auth=needs("rules:read"), response=Page[ActivationOut])
def list_activations(request: Request, id: Id, paging: Paging) -> Page[ActivationOut]:
    """Who switched it, and when; the last first."""
    rows = get_rule(request.auth.viewer, id).activations.select_related("version", "by")
    found, following = page(rows, paging, order=("-at", "-id"))
    return Page[ActivationOut](items=[_out(activation) for activation in found], next=following)


@router.post("/rules/{id}/runs", auth=needs("rules:write"), response={202: Started})
def run_rule(request: Request, id: Id, given: Run) -> Status[Started]:
    """Score records again by the rule, now."""
    rule = get_rule(request.auth.viewer, id)
    return _run(request, rule.module, [rule], given)


@router.post("/score-runs", auth=needs("rules:write"), response={202: Started})
def run_module(request: Request, given: ModuleRun) -> Status[Started]:
    """Score records again by every active rule of their module, now."""
    module = given_module(request.auth.viewer, given.module, Verb.VIEW)
    return _run(request, module, list(StoredRule.objects.filter(module=module)), given)


def _run(request: Request, module: Module, rules: list[StoredRule], given: Run) -> Status[Started]:
    layout = None
    if given.layout is not None:
        layout = Layout.objects.filter(module=module, name=given.layout).values_list("pk", flat=True).first()
        if layout is None:
            raise invalid([Fault("layout", f"is no layout of {module}.")])
    job: Job | None = sweep_later(
        module,
        rules,
        at=now(),
        by=request.auth.user,
        ids=given.ids,
        layout=layout,
        changed_since=given.changed_since,
        tells=given.tell_automations,
    )
    if job is None:
        raise Refused(HTTPStatus.CONFLICT, "not-active", "No rule is active that could score them.")
    return Status(202, Started(job=job.pk))


def _out(activation: Activation) -> ActivationOut:
    return ActivationOut(
        version=None if activation.version is None else activation.version.number,
        at=activation.at,
        by=who(activation.by),
        records=activation.reach,
        changed_since=activation.changed_since,
        complete_at=activation.complete_at,
        job=activation.job_id,
        why=activation.why,
    )
