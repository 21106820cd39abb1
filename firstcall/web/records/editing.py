"""One field of a record in a form: what is put into it, and what comes out as the record takes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from firstcall.access.models import User
from firstcall.access.viewer import Viewer
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Record, WrittenBy
from firstcall.records.schema import LayoutSchema, load_schema, name_of, title_of
from firstcall.records.searching import search_records
from firstcall.records.seeing import seen_records
from firstcall.records.writing.given import Given
from firstcall.scoring.times import datetime_of, format_moment, moment_of
from firstcall.web.numbers import whole

_TYPES = {
    FieldKind.NUMBER: "number",
    FieldKind.CURRENCY: "number",
    FieldKind.DATE: "date",
    FieldKind.DATE_TIME: "datetime-local",
    FieldKind.EMAIL: "email",
    FieldKind.PHONE: "tel",
    FieldKind.URL: "url",
}
OWN = ("owner", "tags")
MOST_USERS = 500


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


class UnclearError(ValueError):
    """What was typed names no record, or several: `options` are those that it may be."""

    def __init__(self, says: str, options: Sequence[Option] = ()) -> None:
        super().__init__(says)
        self.options = options


@dataclass(frozen=True)
class Editor:
    """A field of a record as it is edited; `name` may be `owner` or `tags`, which every record has."""

    record: Record
    viewer: Viewer
    name: str
    label: str
    field: Field | None
    choices: Sequence[str] = ()
    is_required: bool = False

    @property
    def kind(self) -> str:
        if self.field is None:
            return self.name
        return self.field.kind

    @property
    def input(self) -> str:
        return _TYPES.get(FieldKind(self.kind), "text") if self.field else "text"

    @property
    def held(self) -> object:
        if self.name == "owner":
            return self.record.owner_id
        if self.name == "tags":
            return list(self.record.tags)
        return self.record.values.get(self.name)

    @property
    def was(self) -> str:
        """What the record holds, to be compared when it is saved."""
        return json.dumps(self.held, sort_keys=True)

    @property
    def typed(self) -> str:
        """The value as an input shows it."""
        held = self.held
        if held is None:
            return ""
        match self.kind, held:
            case FieldKind.DATE_TIME, int():
                local = timezone.localtime(datetime_of(held))
                return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")
            case FieldKind.LOOKUP, _:
                linked = self._seen(int(str(held)))
                return "" if linked is None else name_of(linked)
            case _, list():
                return ", ".join(map(str, held))
        return str(held)

    @property
    def options(self) -> list[Option]:
        held = self.held
        if self.name == "owner":
            users = User.objects.filter(is_active=True).order_by("name", "email")[:MOST_USERS]
            return [Option(str(user.pk), str(user), user.pk == held) for user in users]
        if self.kind == FieldKind.YES_NO:
            return [Option("yes", gettext("Yes"), held is True), Option("no", gettext("No"), held is False)]
        chosen = held if isinstance(held, list) else [held]
        # A choice that was taken away since may stay where it is.
        every = dict.fromkeys([*self.choices, *(str(one) for one in chosen if one is not None)])
        return [Option(choice, choice, choice in chosen) for choice in every]

    def _seen(self, id: int) -> Record | None:
        return seen_records(self.viewer).select_related("module").filter(pk=id).first()

    def given(self, data: QueryDict) -> Given:
        """What the form says. Raises UnclearError."""
        typed = data.get("value", "").strip()
        if self.name == "owner":
            return Given({}, owner=whole(typed))
        if self.name == "tags":
            return Given({}, tags=[tag.strip() for tag in typed.split(",") if tag.strip()])
        if self.kind == FieldKind.MULTI_SELECT:
            return Given({self.name: data.getlist("value") or None})
        return Given({self.name: self._taken(typed)})

    def _taken(self, typed: str) -> object:
        if typed == "":
            return None
        match self.kind:
            case FieldKind.YES_NO:
                return typed == "yes"
            case FieldKind.DATE_TIME:
                return _moment(typed)
            case FieldKind.LOOKUP:
                return self._linked(typed)
        return typed

    def _linked(self, typed: str) -> int:
        assert self.field is not None  # noqa: S101
        assert self.field.target is not None  # noqa: S101
        if typed == self.typed and self.held is not None:
            return int(str(self.held))
        ids = search_records(typed, viewer=self.viewer, modules=[self.field.target])
        rows = Record.objects.select_related("module").in_bulk(ids)
        titles = {id: title_of(row.module, row.values) for id, row in rows.items()}
        same = [id for id, title in titles.items() if title.casefold() == typed.casefold()]
        if typed.startswith("#") and (id := whole(typed[1:])) is not None:
            return id
        if len(same) == 1:
            return int(same[0])
        options = [Option(f"#{id}", f"{title} (#{id})", False) for id, title in titles.items()]
        if not options:
            raise UnclearError(gettext("Nothing is called so."))
        raise UnclearError(gettext("Which one is meant?"), options)


def typed_value(kind: FieldKind, typed: str) -> object:
    """What one input holds, for many records or as a default: nothing clears the field, a comma parts what there are
    several of; what is no value of the kind is told by whoever takes it.

    >>> typed_value(FieldKind.YES_NO, "Yes"), typed_value(FieldKind.MULTI_SELECT, "A, B,")
    (True, ['A', 'B'])
    >>> typed_value(FieldKind.NUMBER, "many"), typed_value(FieldKind.TEXT, "")
    ('many', None)
    """
    if typed == "":
        return None
    if kind is FieldKind.YES_NO:
        return {"yes": True, "no": False}.get(typed.casefold(), typed)
    if kind is FieldKind.MULTI_SELECT:
        return [part.strip() for part in typed.split(",") if part.strip()]
    return typed


def _moment(typed: str) -> str:
    try:
        local = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    aware = local if local.tzinfo else timezone.make_aware(local)
    return format_moment(moment_of(aware))


def layout_of(record: Record) -> LayoutSchema:
    schema = load_schema(record.module)
    return schema.layouts.get(record.layout_id) or schema.layouts[None]


def find_editor(record: Record, name: str, viewer: Viewer) -> Editor | None:
    """None: the record has no such field, or it is not for people to write."""
    if name in OWN:
        return Editor(record, viewer, name, gettext("Owner") if name == "owner" else gettext("Tags"), None)
    slot = layout_of(record).slots.get(name)
    if slot is None or slot.field.written_by == WrittenBy.RULE:
        return None
    return Editor(record, viewer, name, slot.field.called, slot.field, slot.choices, slot.is_required)
