"""What happened to a record, as the page words it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from firstcall.access.models import User
from firstcall.followups.effects import Effect
from firstcall.followups.models import Verdict
from firstcall.followups.timeline import Entry, Kind, Place, timeline
from firstcall.records.models import Field, Record
from firstcall.scoring.times import datetime_of, moment_of
from firstcall.touchpoints.catalogue import label_of
from firstcall.web.followups.forms import VERDICTS, WORDED
from firstcall.web.numbers import whole
from firstcall.web.properties import properties_in_words
from firstcall.web.records.showing import cell

LINES = 30
_SHOWN_TEXT = 300
ICONS = {
    Kind.SCORE_CHANGE: {"icon": "trending-up"},
    Kind.TASK_DONE: {"icon": "check-circle"},
    Kind.TASK_ADDED: {"icon": "check-square"},
    Kind.NOTE: {"icon": "edit-3"},
    Kind.FILE: {"icon": "paperclip"},
    Kind.FEEDBACK: {"icon": "thumbs-up"},
    Kind.CALL: {"icon": "phone"},
    Kind.TOUCHPOINT: {"icon": "zap"},
    Kind.FIELD_CHANGE: {"icon": "edit-2"},
    Kind.CREATED: {"icon": "plus-circle"},
}
# What one can look at alone: a name, the kinds, a label.
FILTERS = (
    ("did", (Kind.TOUCHPOINT, Kind.CALL), gettext_lazy("What they did")),
    ("scores", (Kind.SCORE_CHANGE, Kind.FEEDBACK), gettext_lazy("Scores")),
    ("changes", (Kind.FIELD_CHANGE, Kind.CREATED), gettext_lazy("Fields")),
    ("work", (Kind.TASK_ADDED, Kind.TASK_DONE, Kind.NOTE, Kind.FILE, Kind.CALL), gettext_lazy("Our work")),
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened.

    by    of a score change: how many hundredths the score went up
    call  of a call: its touchpoint, by which whoever logged it takes it back
    """

    at: datetime
    icon: str
    title: str
    about: str = ""
    who: str = ""
    before: Decimal | None = None
    after: Decimal | None = None
    by: Decimal | None = None
    effects: Sequence[Effect] = field(default=())
    call: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of it is looked at."""

    filter: str = ""
    after: Place | None = None

    @classmethod
    def read(cls, query: QueryDict) -> Asked:
        """What cannot be read stands for the beginning."""
        known = {name for name, _, _ in FILTERS}
        only = query.get("only", "")
        return cls(only if only in known else "", _place(query.get("after", "")))

    @property
    def kinds(self) -> Sequence[Kind]:
        return next((kinds for name, kinds, _ in FILTERS if name == self.filter), ())


def happenings(
    record: Record, fields: Mapping[str, Field], asked: Asked, *, until: datetime
) -> tuple[list[Happening], str]:
    """A page of them, and the place where the next begins; empty at the end."""
    entries, last = timeline(record, until=until, most=LINES, kinds=asked.kinds, after=asked.after)
    people = User.objects.in_bulk(_people(entries))
    found = [_worded(one, fields, people) for one in entries]
    return found, "" if last is None else f"{moment_of(last.at)}.{last.kind}.{last.id}"


def _place(text: str) -> Place | None:
    try:
        at, kind, id = text.split(".")
        moment, number = whole(at), whole(id)
        return None if moment is None or number is None else Place(datetime_of(moment), Kind(kind), number)
    except (ValueError, OverflowError):
        return None


def _people(entries: Sequence[Entry]) -> set[int]:
    owners = {
        id
        for one in entries
        if one.kind is Kind.FIELD_CHANGE and one.thing.field == "owner"
        for id in (one.thing.old, one.thing.new)
        if isinstance(id, int)
    }
    return owners | {one.by for one in entries if one.by is not None}


def _worded(one: Entry, fields: Mapping[str, Field], people: Mapping[int, User]) -> Happening:
    who = "" if one.by is None else str(people.get(one.by, ""))
    icon, thing = ICONS[one.kind]["icon"], one.thing
    match one.kind:
        case Kind.SCORE_CHANGE:
            return _score(one, icon)
        case Kind.TOUCHPOINT:
            return Happening(
                one.at,
                icon,
                label_of(thing.type),
                properties_in_words(thing.properties),
                who,
                effects=one.effects,
            )
        case Kind.CALL:
            said = str(thing.properties.get("text", ""))[:_SHOWN_TEXT]
            return Happening(
                one.at, icon, label_of(thing.type), said, who, effects=one.effects, call=thing.pk
            )
        case Kind.FIELD_CHANGE:
            return _change(one, icon, who, fields, people)
        case Kind.TASK_ADDED:
            return Happening(one.at, icon, gettext("Task added"), thing.subject, who)
        case Kind.TASK_DONE:
            return Happening(one.at, icon, gettext("Task done"), thing.subject, who)
        case Kind.NOTE:
            return Happening(one.at, icon, gettext("Note"), thing.text[:_SHOWN_TEXT], who)
        case Kind.FILE:
            return Happening(one.at, icon, gettext("File attached"), thing.name, who)
        case Kind.FEEDBACK:
            parts = (str(WORDED.get(thing.reason, "")), thing.comment[:_SHOWN_TEXT])
            about = " · ".join(part for part in (thing.rule.name, *parts) if part)
            return Happening(one.at, icon, str(VERDICTS[Verdict(thing.verdict)]), about, who)
    return Happening(one.at, icon, gettext("Created"), who=who)


def _score(one: Entry, icon: str) -> Happening:
    row = one.thing
    grades = f"{row.old_grade or '–'} → {row.new_grade or '–'}" if row.old_grade != row.new_grade else ""
    by = (row.new_total or Decimal(0)) - (row.old_total or Decimal(0))
    return Happening(one.at, icon, row.rule.name, grades, _cause(row.cause), row.old_total, row.new_total, by)


def _change(
    one: Entry, icon: str, who: str, fields: Mapping[str, Field], people: Mapping[int, User]
) -> Happening:
    row = one.thing
    old, new = (_value(row.field, held, fields, people) for held in (row.old, row.new))
    label = fields[row.field].called if row.field in fields else _own_label(row.field)
    return Happening(one.at, icon, label, f"{old or '–'} → {new or '–'}", who)


def _cause(cause: str) -> str:
    return {
        "touchpoint": gettext("by a touchpoint"),
        "revoke": gettext("by a touchpoint that counts no longer"),
        "merge": gettext("by a merge"),
        "field": gettext("by a field"),
        "rule": gettext("by a new version of the rule"),
        "time": gettext("by time alone"),
    }.get(cause, cause)


def _own_label(name: str) -> str:
    return {
        "owner": gettext("Owner"),
        "tags": gettext("Tags"),
        "layout": gettext("Layout"),
        "deleted_at": gettext("Put into the trash, or taken out"),
    }.get(name, name)


def _value(name: str, held: object, fields: Mapping[str, Field], owners: Mapping[int, User]) -> str:
    if held is None:
        return ""
    if name == "owner" and isinstance(held, int):
        return str(owners.get(held, ""))
    if name in fields:
        return cell(fields[name], held, {}).text
    return (
        ", ".join(map(str, held)) if isinstance(held, Sequence) and not isinstance(held, str) else str(held)
    )
