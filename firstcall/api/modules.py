"""Modules with their fields and layouts: reading and shaping them."""

from __future__ import annotations

from dataclasses import fields as attributes
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Path, Router, Schema, Status
from pydantic import Field, StrictBool, StringConstraints

from firstcall.access.rights import Right
from firstcall.api.authority import Request, needs
from firstcall.api.etags import IfMatch, asked_stamp, etag
from firstcall.api.finding import find_definition
from firstcall.api.problems import missing
from firstcall.api.types import Given, Name
from firstcall.records.defining import parts
from firstcall.records.defining.actions import delete_module
from firstcall.records.defining.checking import LONGEST_CHOICE, MOST_CHOICES, MOST_FIELDS, MOST_LAYOUTS
from firstcall.records.defining.reading import label_of
from firstcall.records.defining.shapes import EntryShape, FieldShape, LayoutShape, ModuleShape, shape_of
from firstcall.records.models import Module
from firstcall.records.seeing import seen_modules

router = Router(tags=["Modules"])

ApiName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
PathName = Annotated[str, Path(max_length=63)]
Choice = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CHOICE)]
Choices = Annotated[list[Choice], Field(max_length=MOST_CHOICES)]
Kind = Literal[
    "text", "long_text", "number", "currency", "date", "date_time", "yes_no", "picklist", "multi_select", "email",
    "phone", "url", "lookup",
]  # fmt: skip
WrittenBy = Literal["anyone", "rule"]
Title = Annotated[list[ApiName], Field(max_length=3)]


class FieldGiven(Given):
    """`target` is the module that a lookup leads to. `written_by: rule` makes a score field, read-only for others."""

    name: ApiName
    kind: Kind
    label: Name | None = None
    choices: Choices = Field(default_factory=list)
    required: StrictBool = False
    unique: StrictBool = False
    external_id: StrictBool = False
    default: Any = None
    target: ApiName | None = None
    currency: Annotated[str, StringConstraints(max_length=3)] = ""
    written_by: WrittenBy = "anyone"

    def shape(self) -> FieldShape:
        label = self.label or label_of(self.name)
        return FieldShape(**{**self.model_dump(), "label": label, "choices": tuple(self.choices)})


class FieldChanges(Given):
    """What is left out stays. The kind changes only where every value stays what it is."""

    kind: Kind | None = None
    label: Name | None = None
    choices: Choices | None = None
    required: StrictBool | None = None
    unique: StrictBool | None = None
    external_id: StrictBool | None = None
    default: Any = None
    currency: Annotated[str, StringConstraints(max_length=3)] | None = None


class FieldOut(Schema):
    name: str
    label: str
    kind: Kind
    choices: list[str]
    required: bool
    unique: bool
    external_id: bool
    default: Any
    target: str | None
    currency: str
    written_by: WrittenBy
    is_standard: bool


class Entry(Given):
    """A field of a layout; null is as the field says. The choices are some of the field's."""

    field: ApiName
    required: StrictBool | None = None
    choices: Choices | None = None

    def shape(self) -> EntryShape:
        choices = None if self.choices is None else tuple(self.choices)
        return EntryShape(self.field, self.required, choices)


class LayoutGiven(Given):
    """With `all_fields` it has every field, those to come too, and `fields` says of which it asks something else."""

    name: ApiName
    label: Name | None = None
    default: StrictBool = False
    all_fields: StrictBool = False
    fields: Annotated[list[Entry], Field(max_length=MOST_FIELDS)] = Field(default_factory=list)

    def shape(self) -> LayoutShape:
        entries = tuple(entry.shape() for entry in self.fields)
        label = self.label or label_of(self.name)
        return LayoutShape(self.name, label, self.default, self.all_fields, entries)


class LayoutChanges(Given):
    """What is left out stays. One layout is the default: make another one it to take it from this."""

    label: Name | None = None
    default: Literal[True] | None = None
    all_fields: StrictBool | None = None
    fields: Annotated[list[Entry], Field(max_length=MOST_FIELDS)] | None = None


class LayoutOut(Schema):
    name: str
    label: str
    default: bool
    all_fields: bool
    fields: list[dict[str, Any]]


class ModuleGiven(Given):
    """`title`: the fields whose values together are what a record is called. Without layouts it gets one with all."""

    name: ApiName
    label: Name | None = None
    people: StrictBool = False
    title: Title = Field(default_factory=list)
    fields: Annotated[list[FieldGiven], Field(max_length=MOST_FIELDS)] = Field(default_factory=list)
    layouts: Annotated[list[LayoutGiven], Field(max_length=MOST_LAYOUTS)] = Field(default_factory=list)


class ModuleChanges(Given):
    """What is left out stays."""

    label: Name | None = None
    people: StrictBool | None = None
    title: Title | None = None


class ModuleRow(Schema):
    name: str
    label: str
    people: bool
    title: list[str]
    is_standard: bool


class ModuleOut(ModuleRow):
    fields: list[FieldOut]
    layouts: list[LayoutOut]


class Modules(Schema):
    items: list[ModuleRow]


@router.get("/modules", auth=needs("records:read"), response=Modules)
def list_modules(request: Request) -> Modules:
    """All that the caller may look into, or manage: there are 200 at most."""
    viewer = request.auth.viewer
    modules = Module.objects.order_by("pk") if viewer.has(Right.MANAGE_SETTINGS) else seen_modules(viewer)
    return Modules(items=[ModuleRow(**_row(module)) for module in modules])


@router.post("/modules", auth=needs("modules:write"), response={201: ModuleOut})
def create_module(request: Request, given: ModuleGiven, response: HttpResponse) -> Status[ModuleOut]:
    shape = ModuleShape(
        given.name,
        given.label or label_of(given.name),
        given.people,
        tuple(given.title),
        tuple(field.shape() for field in given.fields),
        tuple(layout.shape() for layout in given.layouts),
    )
    return Status(201, _told_module(response, parts.make_module(shape)))


@router.get("/modules/{module}", auth=needs("records:read"), response=ModuleOut)
def read_module(request: Request, module: PathName, response: HttpResponse) -> ModuleOut:
    """The ETag is that of what a change of the module takes: each field and layout has one of its own."""
    return _told_module(response, find_definition(request.auth.viewer, module))


@router.patch("/modules/{module}", auth=needs("modules:write"), response=ModuleOut)
def change_module(
    request: Request, module: PathName, given: ModuleChanges, response: HttpResponse, if_match: IfMatch = ""
) -> ModuleOut:
    """With an If-Match only where nobody has changed it since."""
    found = find_definition(request.auth.viewer, module)
    said = given.model_dump(exclude_unset=True)
    if said.get("title") is not None:
        said["title"] = tuple(said["title"])
    changes = {name: value for name, value in said.items() if value is not None}
    parts.change_module(found, stamp=asked_stamp(if_match, "module"), **changes)
    return _told_module(response, find_definition(request.auth.viewer, module))


@router.delete("/modules/{module}", auth=needs("modules:write"), response={204: None})
def remove_module(request: Request, module: PathName) -> Status[None]:
    """Refused while it has records, in the trash too, or something uses it."""
    delete_module(find_definition(request.auth.viewer, module))
    return Status(204, None)


@router.post("/modules/{module}/fields", auth=needs("modules:write"), response={201: FieldOut})
def create_field(
    request: Request, module: PathName, given: FieldGiven, response: HttpResponse
) -> Status[FieldOut]:
    """It comes last, and onto every layout that has all fields."""
    parts.add_field(find_definition(request.auth.viewer, module), given.shape())
    return Status(201, _field_out(request, module, given.name, response))


@router.get("/modules/{module}/fields/{field}", auth=needs("records:read"), response=FieldOut)
def read_field(request: Request, module: PathName, field: PathName, response: HttpResponse) -> FieldOut:
    return _field_out(request, module, field, response)


@router.patch("/modules/{module}/fields/{field}", auth=needs("modules:write"), response=FieldOut)
def change_field(
    request: Request,
    module: PathName,
    field: PathName,
    given: FieldChanges,
    response: HttpResponse,
    if_match: IfMatch = "",
) -> FieldOut:
    """`default: null` takes the default away. A choice that is taken away stays where a record has it. With an If-Match
    only where nobody has changed it since."""
    said = given.model_dump(exclude_unset=True)
    if said.get("choices") is not None:
        said["choices"] = tuple(said["choices"])
    changes = {name: value for name, value in said.items() if value is not None or name == "default"}
    found, stamp = find_definition(request.auth.viewer, module), asked_stamp(if_match, "field")
    parts.change_field(found, field, stamp=stamp, **changes)
    return _field_out(request, module, field, response)


@router.delete("/modules/{module}/fields/{field}", auth=needs("modules:write"), response={204: None})
def remove_field(request: Request, module: PathName, field: PathName) -> Status[None]:
    """With its values, now and in the past. Refused while a scoring rule or a layout uses it."""
    parts.remove_field(find_definition(request.auth.viewer, module), field)
    return Status(204, None)


@router.post("/modules/{module}/layouts", auth=needs("modules:write"), response={201: LayoutOut})
def create_layout(
    request: Request, module: PathName, given: LayoutGiven, response: HttpResponse
) -> Status[LayoutOut]:
    parts.add_layout(find_definition(request.auth.viewer, module), given.shape())
    return Status(201, _layout_out(request, module, given.name, response))


@router.get("/modules/{module}/layouts/{layout}", auth=needs("records:read"), response=LayoutOut)
def read_layout(request: Request, module: PathName, layout: PathName, response: HttpResponse) -> LayoutOut:
    return _layout_out(request, module, layout, response)


@router.patch("/modules/{module}/layouts/{layout}", auth=needs("modules:write"), response=LayoutOut)
def change_layout(
    request: Request,
    module: PathName,
    layout: PathName,
    given: LayoutChanges,
    response: HttpResponse,
    if_match: IfMatch = "",
) -> LayoutOut:
    """`fields` replaces all that were there. With an If-Match only where nobody has changed it since."""
    said: dict[str, Any] = given.model_dump(exclude_unset=True, exclude_none=True, exclude={"fields"})
    if given.fields is not None:
        said["fields"] = tuple(entry.shape() for entry in given.fields)
    found, stamp = find_definition(request.auth.viewer, module), asked_stamp(if_match, "layout")
    parts.change_layout(found, layout, stamp=stamp, **said)
    return _layout_out(request, module, layout, response)


@router.delete("/modules/{module}/layouts/{layout}", auth=needs("modules:write"), response={204: None})
def remove_layout(request: Request, module: PathName, layout: PathName) -> Status[None]:
    """Refused while records have it, or it is the default."""
    parts.remove_layout(find_definition(request.auth.viewer, module), layout)
    return Status(204, None)


def _row(module: Module) -> dict[str, Any]:
    return {
        "name": module.name,
        "label": module.label,
        "people": module.is_people,
        "title": list(module.title),
        "is_standard": module.is_standard,
    }


def _told_module(response: HttpResponse, module: Module) -> ModuleOut:
    shape = shape_of(module)
    _tag(response, parts.bare(shape))
    standard = _standard(module)
    return ModuleOut(
        **_row(module),
        fields=[_told_field(field, field.name in standard) for field in shape.fields],
        layouts=[_told_layout(layout) for layout in shape.layouts],
    )


def _field_out(request: Request, module: str, name: str, response: HttpResponse) -> FieldOut:
    found = find_definition(request.auth.viewer, module)
    shape = shape_of(found).field(name)
    if shape is None:
        raise missing("field")
    _tag(response, shape)
    return _told_field(shape, name in _standard(found))


def _layout_out(request: Request, module: str, name: str, response: HttpResponse) -> LayoutOut:
    shape = shape_of(find_definition(request.auth.viewer, module)).layout(name)
    if shape is None:
        raise missing("layout")
    _tag(response, shape)
    return _told_layout(shape)


def _standard(module: Module) -> set[str]:
    return set(module.fields.filter(is_standard=True).values_list("name", flat=True))


def _tag(response: HttpResponse, part: parts.Part) -> None:
    for name, value in etag(parts.stamp_of(part)).items():
        response.headers[name] = value


def _told_field(shape: FieldShape, is_standard: bool) -> FieldOut:
    told = {each.name: getattr(shape, each.name) for each in attributes(shape)}
    return FieldOut(**{**told, "choices": list(shape.choices)}, is_standard=is_standard)


def _told_layout(shape: LayoutShape) -> LayoutOut:
    entries = [
        {
            "field": entry.field,
            "required": entry.required,
            "choices": None if entry.choices is None else list(entry.choices),
        }
        for entry in shape.fields
    ]
    return LayoutOut(
        name=shape.name, label=shape.label, default=shape.default, all_fields=shape.all_fields, fields=entries
    )
