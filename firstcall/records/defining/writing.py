"""Modules as YAML that `reading` reads: what is as it would be anyway is left out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from decimal import Decimal

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from firstcall.records.defining.reading import label_of
from firstcall.records.defining.shapes import EntryShape, FieldShape, LayoutShape, ModuleShape
from firstcall.records.models import WrittenBy

# What every reader of YAML takes for a text as it stands.
_PLAIN = re.compile(r"(?!(?:true|false|null|yes|no|on|off)\Z)[A-Za-z_][A-Za-z0-9_ .&/()'-]*", re.IGNORECASE)


def write_modules(shapes: Iterable[ModuleShape]) -> str:
    yaml = YAML()
    yaml.width = 118
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump({"modules": [_module(shape) for shape in shapes]}, out)
    return out.getvalue()


def _module(shape: ModuleShape) -> dict[str, object]:
    written: dict[str, object] = {"name": shape.name, "label": _text(shape.label)}
    if shape.people:
        written["people"] = True
    if shape.title:
        written["title"] = _flow(shape.title)
    if shape.fields:
        written["fields"] = [_field(field) for field in shape.fields]
    if shape.layouts:
        written["layouts"] = [_layout(layout) for layout in shape.layouts]
    return written


def _field(shape: FieldShape) -> CommentedMap:
    written: dict[str, object] = {"name": shape.name}
    if shape.label != label_of(shape.name):
        written["label"] = shape.label
    written["kind"] = shape.kind
    for flag in ("required", "unique", "external_id"):
        if getattr(shape, flag):
            written[flag] = True
    if shape.default is not None:
        written["default"] = _value(shape)
    for name in ("target", "currency"):
        if getattr(shape, name):
            written[name] = getattr(shape, name)
    if shape.written_by != WrittenBy.ANYONE:
        written["written_by"] = shape.written_by
    if shape.choices:
        written["choices"] = _flow(shape.choices)
    return _flow_map(written)


def _value(shape: FieldShape) -> object:
    if isinstance(shape.default, list):
        return _flow(shape.default)
    if shape.kind in ("number", "currency") and isinstance(shape.default, str):
        number = Decimal(shape.default)
        return int(number) if number == number.to_integral_value() else float(number)
    return shape.default


def _layout(shape: LayoutShape) -> CommentedMap:
    written: dict[str, object] = {"name": shape.name}
    if shape.label != label_of(shape.name):
        written["label"] = shape.label
    for flag in ("default", "all_fields"):
        if getattr(shape, flag):
            written[flag] = True
    if shape.fields:
        written["fields"] = _flow(_entry(entry) for entry in shape.fields)
    return _flow_map(written)


def _entry(shape: EntryShape) -> object:
    if shape.required is None and shape.choices is None:
        return shape.field
    written: dict[str, object] = {"name": shape.field}
    if shape.required is not None:
        written["required"] = shape.required
    if shape.choices is not None:
        written["choices"] = _flow(shape.choices)
    return _flow_map(written)


def _text(value: object) -> object:
    return (
        DoubleQuotedScalarString(value) if isinstance(value, str) and not _PLAIN.fullmatch(value) else value
    )


def _flow(items: Iterable[object]) -> CommentedSeq:
    written = CommentedSeq(_text(item) for item in items)
    written.fa.set_flow_style()
    return written


def _flow_map(items: dict[str, object]) -> CommentedMap:
    written = CommentedMap({name: _text(value) for name, value in items.items()})
    written.fa.set_flow_style()
    return written
