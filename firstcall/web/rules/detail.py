"""One scoring rule: what it says, how its scores are spread, its versions, how it was switched."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from firstcall.access.rights import Right
from firstcall.scorekeeping.distributing import distribution, last_scoring
from firstcall.scorekeeping.finding import get_rule, get_version
from firstcall.scorekeeping.models import PlannedActivation, RuleVersion, StoredRule
from firstcall.scorekeeping.score_fields import mapped_fields
from firstcall.scoring.differing import Difference
from firstcall.web.frame import Known, is_part, page
from firstcall.web.labelling import FieldLabels
from firstcall.web.numbers import whole
from firstcall.web.rules.listing import lines
from firstcall.web.rules.picture import HEIGHT, WIDTH, picture
from firstcall.web.rules.reading import changes, in_words
from firstcall.web.rules.running import runs_of
from firstcall.web.rules.wording import FIGURES

VERSIONS = 8
SWITCHINGS = 6


@dataclass(frozen=True, slots=True)
class Edit:
    """A version, and what it changed of the one before; nothing of the first."""

    version: RuleVersion
    changes: Sequence[Difference]
    is_active: bool
    is_newest: bool


@page
def rule_detail(request: Known, id: int) -> HttpResponse:
    """`part`: `bar` and `picture`, how the scores are spread; `runs`, what is under way; `versions`, those before one;
    `differences`, what changed between two."""
    rule = get_rule(request.viewer, id)
    part = request.GET.get("part", "") if is_part(request) else ""
    told = {"rule": rule, "may_manage": request.viewer.has(Right.MANAGE_SCORING)}
    if part in ("bar", "picture"):
        spread = distribution(rule, viewer=request.viewer)
        version = last_scoring(rule) or rule.newest
        told |= {"picture": picture(spread, version), "width": WIDTH, "height": HEIGHT}
        return render(request, f"rules/_{part}.html", told)
    if part == "runs":
        return render(request, "rules/_runs.html", told | {"runs": runs_of(rule), "asked_again": True})
    if part == "versions":
        return render(request, "rules/_versions.html", told | _versions(rule, request.GET.get("before", "")))
    if part == "differences":
        return render(request, "rules/_differences.html", _differences(request, rule))
    [line] = lines([rule])
    told |= {
        "here": reverse("rules"),
        "line": line,
        "words": in_words(rule.active or line.newest),
        "shown": rule.active or line.newest,
        "runs": runs_of(rule),
        "failed": _failed(rule),
        "fields": [(FIGURES[figure], name) for figure, name in mapped_fields(rule).items()],
        "switchings": rule.activations.select_related("version", "by").order_by("-pk")[:SWITCHINGS],
        "numbers": list(rule.versions.order_by("-number").values_list("number", flat=True)),
        **_versions(rule, ""),
    }
    return render(request, "rules/rule_detail.html", told)


@page
def rule_text(request: Known, id: int) -> HttpResponse:
    """The text of a version, the newest where none is named, as it was written."""
    rule = get_rule(request.viewer, id)
    number = _number(request.GET.get("version", ""))
    version = get_version(rule, number) if number else rule.newest
    is_json = _is_json(version.text)
    name = re.sub(r"[^a-z0-9]+", "-", rule.name.lower()).strip("-") or f"rule-{rule.pk}"
    kind = "application/json" if is_json else "application/yaml"
    response = HttpResponse(version.text, content_type=f"{kind}; charset=utf-8")
    file = f"{name}.{version.number}.{'json' if is_json else 'yaml'}"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _versions(rule: StoredRule, before: str) -> dict[str, object]:
    """The newest first, and where those before begin."""
    rows = rule.versions.select_related("created_by")
    if number := _number(before):
        rows = rows.filter(number__lt=number)
    found = list(rows.order_by("-number")[: VERSIONS + 1])
    older = {version.number: version for version in found}
    newest, labels = rule.newest.number, FieldLabels()
    edits = [
        Edit(
            version,
            changes(older[version.number - 1], version, labels) if version.number - 1 in older else (),
            version.pk == rule.active_id,
            version.number == newest,
        )
        for version in found[:VERSIONS]
    ]
    more = edits[-1].version.number if len(found) > VERSIONS else None
    return {"edits": edits, "more": more, "newest": newest}


def _differences(request: Known, rule: StoredRule) -> dict[str, object]:
    numbers = [_number(request.GET.get(name, "")) for name in ("from", "to")]
    if not all(numbers):
        raise Http404
    old, new = (get_version(rule, number) for number in numbers)
    return {"rule": rule, "old": old, "new": new, "changes": changes(old, new)}


def _failed(rule: StoredRule) -> PlannedActivation | None:
    """The last plan, where it came to nothing and nobody has switched the rule since."""
    last = rule.planned.select_related("version").order_by("-pk").first()
    if last is None or not last.failed or last.ended_at is None:
        return None
    return None if rule.activations.filter(at__gte=last.ended_at).exists() else last


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _number(asked: str) -> int:
    return whole(asked, digits=9) or 0
