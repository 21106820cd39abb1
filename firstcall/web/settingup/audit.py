"""The audit log on a page: who did what, when, narrowed and read in words."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy

from firstcall.access.auditing.models import AuditEntry
from firstcall.access.auditing.reading import AuditFilter
from firstcall.access.models import User
from firstcall.web.frame import Known
from firstcall.web.numbers import whole
from firstcall.web.settingup.sections import section, show

PAGE = 50
DID = {
    "created": gettext_lazy("created"),
    "changed": gettext_lazy("changed"),
    "deleted": gettext_lazy("deleted"),
    "signed_in": gettext_lazy("signed in"),
    "signed_out": gettext_lazy("signed out"),
    "failed_to_sign_in": gettext_lazy("failed to sign in"),
}
KINDS = {
    "user": gettext_lazy("user"),
    "second_factor": gettext_lazy("second factor"),
    "team": gettext_lazy("team"),
    "profile": gettext_lazy("profile"),
    "token": gettext_lazy("API token"),
    "session": gettext_lazy("session"),
    "module": gettext_lazy("module"),
    "field": gettext_lazy("field"),
    "layout": gettext_lazy("layout"),
    "layout_field": gettext_lazy("field of a layout"),
    "rule": gettext_lazy("scoring rule"),
    "rule_version": gettext_lazy("version of a rule"),
    "activation": gettext_lazy("switching a rule"),
    "planned_activation": gettext_lazy("planned switching"),
    "score_field": gettext_lazy("score field"),
    "source": gettext_lazy("source"),
    "write_key": gettext_lazy("write key"),
    "touchpoint_type": gettext_lazy("type of touchpoints"),
    "revocation": gettext_lazy("revocation"),
    "import": gettext_lazy("import"),
    "export": gettext_lazy("export"),
}


@section("set-up-audit")
def audit_log(request: Known) -> HttpResponse:
    """The newest first, from behind `after`."""
    asked = _asked(request)
    entries = asked.entries().order_by("-pk")
    after = whole(request.GET.get("after", ""))
    rows = list((entries if after is None else entries.filter(pk__lt=after))[: PAGE + 1])
    page = rows[:PAGE]
    people = {user.pk: str(user) for user in User.objects.filter(pk__in={row.user for row in page})}
    kept = request.GET.copy()
    kept.pop("after", None)
    told = {
        "rows": [_row(row, people) for row in page],
        "following": page[-1].pk if len(rows) > PAGE else None,
        "kept": kept.urlencode(),
        "users": User.objects.order_by("name", "email"),
        "kinds": _kinds(),
        "dids": DID.items(),
        "asked": request.GET,
        "user": whole(request.GET.get("user", "")),
    }
    return show(request, "settingup/audit_log.html", told)


def _asked(request: Known) -> AuditFilter:
    given = request.GET
    return AuditFilter(
        whole(given.get("user", "")),
        _name(given.get("kind", "")),
        whole(given.get("thing", "")),
        _name(given.get("did", "")),
        _day(given.get("since", "")),
        _day(given.get("until", ""), after=timedelta(days=1)),
    )


def _row(row: AuditEntry, people: dict[int, str]) -> dict[str, Any]:
    before, after = row.before or {}, row.after or {}
    names = [name for name in dict.fromkeys([*before, *after]) if name != "id"]
    changes = [(name, _short(before.get(name)), _short(after.get(name))) for name in names]
    return {
        "entry": row,
        "who": "" if row.user is None else people.get(row.user, f"#{row.user}"),
        "did": DID.get(row.did, row.did),
        "kind": KINDS.get(row.kind, row.kind),
        "changes": changes if row.did == "changed" else [],
        "all": changes if row.did in ("created", "deleted") else [],
    }


def _short(value: object) -> str:
    text = "–" if value is None or value == "" else str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"


def _kinds() -> list[tuple[str, Any]]:
    return sorted(KINDS.items(), key=lambda kind: str(kind[1]))


def _name(text: str) -> str:
    return text if text in KINDS or text in DID else ""


def _day(text: str, after: timedelta = timedelta()) -> datetime | None:
    """Its beginning in the reader's time zone, or so long after it."""
    try:
        day = parse_date(text)
        return None if day is None else timezone.make_aware(datetime.combine(day, time.min) + after)
    except (ValueError, OverflowError):
        return None
