"""Building a rule: choosing how to begin, the builder itself, and what becomes of a draft by each thing done to it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from firstcall.access.rights import Right
from firstcall.moments import now
from firstcall.records.models import Module
from firstcall.records.seeing import get_module, seen_modules
from firstcall.scorekeeping.estimating import estimate
from firstcall.scorekeeping.finding import get_rule
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.starting import blank_rule, find_template, templates
from firstcall.scorekeeping.switching import last_switched
from firstcall.scoring.documents import MOST_BYTES
from firstcall.web.building.doing import done
from firstcall.web.building.drafting import Draft
from firstcall.web.building.offering import AGGREGATES, UNITS
from firstcall.web.frame import Known, page
from firstcall.web.numbers import whole


@page
def rule_new(request: Known) -> HttpResponse:
    """What is scored, and what to begin from; with a module and a beginning, the builder."""
    request.viewer.require_right(Right.MANAGE_SCORING)
    modules = seen_modules(request.viewer)
    name = request.GET.get("module", "")
    if not name or "from" not in request.GET:
        chosen = next((module for module in modules if module.name == name), modules[0] if modules else None)
        offered = [] if chosen is None else [one for one in templates() if one.module == chosen.name]
        return render(
            request,
            "building/new.html",
            {"modules": modules, "chosen": chosen, "offered": offered, "here": reverse("rules")},
        )
    module = get_module(request.viewer, name)
    text = _beginning(module, request.GET["from"], request.GET.get("name", "").strip()[:200])
    return _builder(request, text, module, None)


@page
def rule_edit(request: Known, id: int) -> HttpResponse:
    rule = get_rule(request.viewer, id)
    request.viewer.require_right(Right.MANAGE_SCORING)
    return _builder(request, rule.newest.text, rule.module, rule)


@page
@require_POST
def rule_draft(request: Known) -> JsonResponse:
    """The text after what was done to it, and all that is shown of it; `do` empty shows it alone."""
    request.viewer.require_right(Right.MANAGE_SCORING)
    opened = frozenset(at for at in map(whole, request.POST.getlist("open")) if at is not None)
    return JsonResponse(told(request, done(Draft(given_text(request), request.viewer, opened), request.POST)))


def given_text(request: HttpRequest) -> str:
    """As it was typed, but for the line ends that browsers send."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if len(text) > MOST_BYTES:
        raise Http404
    return text


def told(request: HttpRequest, draft: Draft) -> dict[str, object]:
    """What a page is told of a draft."""
    errors, warnings = draft.errors, len(draft.checked.problems) - len(draft.errors)
    if errors:
        says = ngettext("%d problem", "%d problems", len(errors)) % len(errors)
    elif warnings:
        says = ngettext("%d remark", "%d remarks", warnings) % warnings
    else:
        says = gettext("No problems")
    return {
        "text": draft.text,
        "isReadable": draft.tree is not None,
        "isSound": draft.checked.is_sound,
        "says": says,
        "name": draft.settings.name,
        "cards": render_to_string("building/_draft.html", _context(draft), request)
        if draft.tree is not None
        else "",
        "problems": render_to_string("building/_problems.html", {"draft": draft}, request),
    }


def _builder(request: Known, text: str, module: Module, rule: StoredRule | None) -> HttpResponse:
    draft = Draft(text, request.viewer)
    newest, last = (None, None) if rule is None else (rule.newest, last_switched(rule))
    return render(
        request,
        "building/builder.html",
        {
            "rule": rule,
            "version": newest,
            "after": 0 if last is None else last.pk,
            "module": module,
            "estimate": estimate(module),
            "now": now(),
            "here": reverse("rules"),
            **_context(draft),
            "told": told(request, draft),
        },
    )


def _context(draft: Draft) -> dict[str, object]:
    return {"draft": draft, "offer": draft.offer, "aggregates": AGGREGATES, "units": UNITS}


def _beginning(module: Module, name: str, title: str) -> str:
    template = find_template(name)
    if template is not None and template.module == module.name:
        return template.text
    if name != "blank":
        raise Http404
    return blank_rule(module, title or gettext("New rule"))
