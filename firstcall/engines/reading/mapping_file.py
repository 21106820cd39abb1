"""Reading a mapping from YAML; all that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast, get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from firstcall.engines.reading.errors import SourceError
from firstcall.engines.reading.mapping import (
    ColumnType,
    Mapping,
    RecordsMapping,
    TouchpointsMapping,
    TypeColumn,
    TypeName,
)
from firstcall.scoring.problems import Path, Problem, json_path, nearest

_FILE_KEYS = ("id", "header", "empty", "rename", "types", "separator", "encoding", "sheet")
_RECORDS_KEYS = (*_FILE_KEYS, "number_rows", "lookups")
_TOUCHPOINTS_KEYS = (*_FILE_KEYS, "record_id", "occurred_at", "type", "properties", "where")
_TYPE_NAMES = get_args(TypeName.__value__)


def load_mapping(path: str) -> Mapping:
    """The mapping in a YAML file. Raises SourceError."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        says = f"{path}: the mapping cannot be read ({error})."
        raise SourceError([Problem((), "unreadable", says, "Check the path.")]) from error
    return parse_mapping(text, path)


def parse_mapping(text: str, shown: str = "mapping") -> Mapping:
    """The mapping that a YAML text holds. Raises SourceError with every problem."""
    yaml = YAML(typ="safe", pure=True)
    try:
        document = yaml.load(text)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        where = f"{shown}:{mark.line + 1}" if mark else shown
        says = f"{where}: this is no valid YAML: {getattr(error, 'problem', None) or error}."
        raise SourceError([Problem((), "yaml", says, "Check indents, colons and quotes there.")]) from error
    reader = _Reader(shown)
    mapping = reader.mapping(document)
    if reader.problems:
        raise SourceError(reader.problems)
    return mapping


class _Reader:
    """Walks the document and gathers problems; what is wrong reads as if it were left out."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.problems: list[Problem] = []

    def wrong(self, path: Path, code: str, says: str, fix: str = "") -> None:
        where = f"{json_path(path)}: " if path else ""
        self.problems.append(Problem((), code, f"{self.shown}: {where}{says}", fix))

    # --- shapes

    def table(self, value: Any, path: Path, keys: Iterable[str] | None = None) -> dict[str, Any]:
        """A mapping with text keys, and just the known ones where `keys` says which."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(path, "type", "this must be a mapping of keys to values.", "Write `key: value` lines.")
            return {}
        found = {str(key): item for key, item in value.items()}
        if keys is None:
            return found
        known = tuple(keys)
        for key in found:
            if key not in known:
                near = nearest(key, known)
                fix = f"Did you mean `{near}`?" if near else f"Known are: {', '.join(known)}."
                self.wrong((*path, key), "unknown-key", f"there is no key `{key}` here.", fix)
        return {key: item for key, item in found.items() if key in known}

    def text(self, value: Any, path: Path) -> str | None:
        if value is None:
            return None
        if isinstance(value, dict | list) or value == "":
            self.wrong(path, "type", "this must be a text.", "Put the text in quotes.")
            return None
        return ("true" if value else "false") if isinstance(value, bool) else str(value)

    def texts(self, value: Any, path: Path) -> tuple[str, ...]:
        items = value if isinstance(value, list) else [] if value is None else [value]
        found = [self.text(item, (*path, position)) for position, item in enumerate(items)]
        return tuple(text for text in found if text is not None)

    def text_table(self, value: Any, path: Path) -> dict[str, str]:
        table = self.table(value, path)
        found = {key: self.text(item, (*path, key)) for key, item in table.items()}
        return {key: text for key, text in found.items() if text is not None}

    # --- parts

    def mapping(self, document: Any) -> Mapping:
        parts = self.table(document, (), ("records", "touchpoints", "related"))
        related = self.table(parts.get("related"), ("related",))
        return Mapping(
            self.records(parts.get("records"), ("records",)),
            self.touchpoints(parts.get("touchpoints")),
            {name: self.records(value, ("related", name)) for name, value in related.items()},
        )

    def records(self, value: Any, path: Path) -> RecordsMapping:
        found = self.table(value, path, _RECORDS_KEYS)
        number_rows = found.get("number_rows", False)
        if not isinstance(number_rows, bool):
            self.wrong((*path, "number_rows"), "type", "this must be true or false.")
        if number_rows is True and "id" in found:
            self.wrong(path, "combination", "`id` and `number_rows` exclude each other.", "Keep one of them.")
        lookups = self.text_table(found.get("lookups"), (*path, "lookups"))
        return RecordsMapping(**self._file(found, path), number_rows=number_rows is True, lookups=lookups)

    def touchpoints(self, value: Any) -> TouchpointsMapping:
        path: Path = ("touchpoints",)
        found = self.table(value, path, _TOUCHPOINTS_KEYS)
        moment, format = self._moment(found.get("occurred_at"), (*path, "occurred_at"))
        where = self.table(found.get("where"), (*path, "where"))
        return TouchpointsMapping(
            **self._file(found, path),
            record_id=self.text(found.get("record_id"), (*path, "record_id")),
            occurred_at=moment,
            occurred_format=format,
            type=self._type(found.get("type"), (*path, "type")),
            properties=self.text(found.get("properties"), (*path, "properties")),
            where={key: self.texts(item, (*path, "where", key)) for key, item in where.items()},
        )

    def _file(self, found: dict[str, Any], path: Path) -> dict[str, Any]:
        types = self.table(found.get("types"), (*path, "types"))
        read = {name: self._column_type(item, (*path, "types", name)) for name, item in types.items()}
        separator = self.text(found.get("separator"), (*path, "separator"))
        if separator is not None and len(separator) != 1:
            says = "a separator is one character."
            self.wrong((*path, "separator"), "separator", says, 'Write for example "^" or "\\t".')
            separator = None
        return {
            "id": self.text(found.get("id"), (*path, "id")),
            "header": self.texts(found.get("header"), (*path, "header")),
            "empty": self.texts(found.get("empty"), (*path, "empty")),
            "rename": self.text_table(found.get("rename"), (*path, "rename")),
            "types": {name: of for name, of in read.items() if of is not None},
            "separator": separator,
            "encoding": self._encoding(found.get("encoding"), (*path, "encoding")),
            "sheet": self.text(found.get("sheet"), (*path, "sheet")),
        }

    def _encoding(self, value: Any, path: Path) -> str | None:
        name = self.text(value, path)
        if name is None:
            return None
        try:
            "".encode(name)
        except LookupError:
            self.wrong(
                path, "encoding", f"there is no encoding `{name}`.", "Common are utf-8, cp1252, utf-16."
            )
            return None
        return name

    def _moment(self, value: Any, path: Path) -> tuple[str | None, str | None]:
        if not isinstance(value, dict):
            return self.text(value, path), None
        found = self.table(value, path, ("column", "format"))
        format = self._format(found.get("format"), (*path, "format"))
        return self.text(found.get("column"), (*path, "column")), format

    def _type(self, value: Any, path: Path) -> TypeColumn:
        if not isinstance(value, dict):
            return TypeColumn(column=self.text(value, path))
        found = self.table(value, path, ("column", "fixed", "values", "prefix"))
        column = self.text(found.get("column"), (*path, "column"))
        fixed = self.text(found.get("fixed"), (*path, "fixed"))
        if fixed is not None and len(found) > 1:
            says = "`fixed` is the type of all rows and goes with no other key."
            self.wrong(path, "combination", says, "Keep `fixed`, or the others.")
        values = self.text_table(found.get("values"), (*path, "values"))
        prefix = self.text(found.get("prefix"), (*path, "prefix")) or ""
        return TypeColumn(column, fixed, values, prefix)

    def _column_type(self, value: Any, path: Path) -> ColumnType | None:
        found = (
            self.table(value, path, ("type", "format", "remove"))
            if isinstance(value, dict)
            else {"type": value}
        )
        name = self.text(found.get("type"), (*path, "type"))
        if name not in _TYPE_NAMES:
            near = nearest(name or "", _TYPE_NAMES)
            fix = f"Did you mean `{near}`?" if near else ""
            self.wrong(path, "column-type", f"a type is one of {', '.join(_TYPE_NAMES)}.", fix)
            return None
        format = self._format(found.get("format"), (*path, "format"))
        remove = self.text(found.get("remove"), (*path, "remove")) or ""
        for key, given, fitting in (("format", format, ("date", "time")), ("remove", remove, ("number",))):
            if given and name not in fitting:
                says = f"`{key}` goes with the type {' or '.join(fitting)}."
                self.wrong((*path, key), "combination", says, "Remove it, or change the type.")
        return ColumnType(cast(TypeName, name), format, remove)

    def _format(self, value: Any, path: Path) -> str | None:
        format = self.text(value, path)
        if format is not None and (fault := format_fault(format)):
            self.wrong(path, "format", fault, 'An example is "%d %b, %Y %H:%M:%S".')
            return None
        return format


def format_fault(format: str) -> str:
    """What is wrong with a format of dates and times; empty when nothing is."""
    letters = "aAbBdmyYHIMSfpzZjqtn%-gG"
    after = [format[i + 1 : i + 2] for i in range(len(format)) if _starts(format, i)]
    unknown = [f"%{letter}" for letter in after if letter not in letters or not letter]
    if unknown:
        return f"the format has {', '.join(unknown)}, which stands for nothing."
    if not set(after) & set("dmyYjgG"):
        return "the format has no part of a date, such as %Y, %m and %d."
    return ""


def _starts(format: str, position: int) -> bool:
    """Whether a directive begins here: a % that no % before it takes."""
    before = len(format[:position]) - len(format[:position].rstrip("%"))
    return format[position] == "%" and before % 2 == 0
