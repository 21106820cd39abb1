"""Modules from YAML: shapes, and where in the text each part stands, so that later problems have their line too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from firstcall.records.defining.shapes import EntryShape, FieldShape, LayoutShape, ModuleShape
from firstcall.records.errors import InvalidModulesError
from firstcall.records.models import WrittenBy
from firstcall.scoring.documents import Entries, Items, Node, Scalar, parse_document
from firstcall.scoring.problems import Path, Place, Problem
from firstcall.scoring.reading.spots import Findings, Spot

_MODULE = ("name", "label", "people", "title", "fields", "layouts")
_FIELD = (
    "name", "label", "kind", "choices", "required", "unique", "external_id", "default", "target", "currency",
    "written_by",
)  # fmt: skip
_LAYOUT = ("name", "label", "default", "all_fields", "fields")
_ENTRY = ("name", "required", "choices")


@dataclass(frozen=True, slots=True)
class LoadedModules:
    """The modules of a file. `file` and `places` say where a problem is that is found later."""

    shapes: tuple[ModuleShape, ...]
    places: Mapping[Path, Place]
    file: str

    def place(self, path: Path) -> Place:
        """Of what stands at the path; where nothing does, of what would hold it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path) or Place(self.file, 1, 1)


def placed_in(files: Sequence[LoadedModules], problems: Sequence[Problem]) -> list[Problem]:
    """The problems of the shapes of all files, one after the other, each at its file and line."""
    found = []
    for problem in problems:
        match problem.path:
            case ("modules", int(number), *rest):
                file, number = _file_of(files, number)
                path: Path = ("modules", number, *rest)
                found.append(replace(problem, path=path, place=file.place(path)))
            case _:
                found.append(replace(problem, place=files[0].place(problem.path)))
    return sorted(
        found, key=lambda p: (p.place.file, p.place.line, p.place.column) if p.place else ("", 0, 0)
    )


def _file_of(files: Sequence[LoadedModules], number: int) -> tuple[LoadedModules, int]:
    for file in files:
        if number < len(file.shapes):
            return file, number
        number -= len(file.shapes)
    raise LookupError(number)


def read_modules(text: str | bytes, file: str = "modules.yaml") -> LoadedModules:
    """The modules of a YAML or JSON text. Raises InvalidModulesError with every problem of its form."""
    document = parse_document(text, file)
    findings = Findings(list(document.problems))
    shapes: list[ModuleShape] = []
    root = document.root
    if root is not None and not (isinstance(root, Scalar) and root.value is None):
        children = _keys(
            Spot(root, (), root.place, findings), ("modules",), "a file of modules", ("modules",)
        )
        if children and "modules" in children:
            shapes = [shape for spot in children["modules"].items() or () if (shape := _module(spot))]
    elif not findings.errors:
        place = Place(file, 1, 1)
        findings.errors.append(
            Problem((), "empty", "There are no modules in this text.", "Begin with `modules:`.", place)
        )
    if findings.errors or root is None:
        ordered = sorted(findings.errors, key=lambda p: (p.place.line, p.place.column) if p.place else (0, 0))
        raise InvalidModulesError(ordered)
    return LoadedModules(tuple(shapes), dict(_places(root, ())), file)


def _keys(spot: Spot, known: Sequence[str], owner: str, needed: Sequence[str]) -> dict[str, Spot] | None:
    """The values by key, those that are unknown or missing reported."""
    children = spot.children()
    if children is None:
        return None
    for key, child in children.items():
        if key not in known:
            child.refuse_unknown(known, owner)
    for key in needed:
        if key not in children:
            spot.refuse("missing-key", f"{owner.capitalize()} needs `{key}`.", f"Add `{key}:`.")
    return children


def _module(spot: Spot) -> ModuleShape | None:
    keys = _keys(spot, _MODULE, "a module", ("name",))
    if keys is None:
        return None
    name = _text(keys, "name")
    fields = [field for one in _items(keys, "fields") if (field := _field(one))]
    layouts = [layout for one in _items(keys, "layouts") if (layout := _layout(one))]
    return ModuleShape(
        name,
        _text(keys, "label") or label_of(name),
        _truth(keys, "people"),
        tuple(text for one in _items(keys, "title") if (text := one.text())),
        tuple(fields),
        tuple(layouts),
    )


def label_of(name: str) -> str:
    """What people read where nobody says: `annual_revenue` is Annual revenue."""
    return name.replace("_", " ").strip().capitalize() or name


def _field(spot: Spot) -> FieldShape | None:
    keys = _keys(spot, _FIELD, "a field", ("name", "kind"))
    if keys is None:
        return None
    name = _text(keys, "name")
    return FieldShape(
        name,
        _text(keys, "label") or label_of(name),
        _text(keys, "kind"),
        _choices(keys),
        _truth(keys, "required"),
        _truth(keys, "unique"),
        _truth(keys, "external_id"),
        _value(keys["default"]) if "default" in keys else None,
        _text(keys, "target") or None,
        _text(keys, "currency"),
        _text(keys, "written_by") or WrittenBy.ANYONE.value,
    )


def _layout(spot: Spot) -> LayoutShape | None:
    keys = _keys(spot, _LAYOUT, "a layout", ("name",))
    if keys is None:
        return None
    name = _text(keys, "name")
    return LayoutShape(
        name,
        _text(keys, "label") or label_of(name),
        _truth(keys, "default"),
        _truth(keys, "all_fields"),
        tuple(entry for one in _items(keys, "fields") if (entry := _entry(one))),
    )


def _entry(spot: Spot) -> EntryShape | None:
    """A field's name alone, or with what the layout asks of it."""
    if isinstance(spot.node, Scalar):
        name = spot.text("a field's name")
        return EntryShape(name) if name else None
    keys = _keys(spot, _ENTRY, "a layout's field", ("name",))
    if keys is None:
        return None
    required = keys["required"].truth() if "required" in keys else None
    return EntryShape(_text(keys, "name"), required, _choices(keys) if "choices" in keys else None)


def _text(keys: Mapping[str, Spot], key: str) -> str:
    return (keys[key].text() or "") if key in keys else ""


def _truth(keys: Mapping[str, Spot], key: str) -> bool:
    return bool(keys[key].truth()) if key in keys else False


def _items(keys: Mapping[str, Spot], key: str) -> list[Spot]:
    return (keys[key].items() or []) if key in keys else []


def _choices(keys: Mapping[str, Spot]) -> tuple[str, ...]:
    """Choices are text whatever they look like: a list of years is fine."""
    return tuple(choice for one in _items(keys, "choices") if (choice := one.name()))


def _value(spot: Spot) -> object:
    if isinstance(spot.node, Items):
        return [text for one in spot.items() or () if (text := one.name())]
    if isinstance(spot.node, Scalar):
        return spot.node.value
    spot.refuse_type("a value or a list of texts")
    return None


def _places(node: Node, path: Path) -> list[tuple[Path, Place]]:
    found = [(path, node.place)]
    if isinstance(node, Entries):
        for entry in node.entries:
            found += _places(entry.value, (*path, entry.key))
    elif isinstance(node, Items):
        for index, item in enumerate(node.items):
            found += _places(item, (*path, index))
    return found
