"""What a rule says besides its criteria, as it is filled in: its name, whom it is for, grades, groups, limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from firstcall.scoring.documents.plain import Plain
from firstcall.scoring.values import Kind
from firstcall.web.building.offering import PROPERTIES, TESTS, Offer
from firstcall.web.building.rows import MOST_ROWS, Row, entry_like, number_of, read_rows, row_of, shown

type Tree = dict[str, Plain]

PARTS = ("total", "fit", "touchpoints")


@dataclass(frozen=True, slots=True)
class GradeRow:
    at: int
    part: str
    name: str
    threshold: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    at: int
    name: str
    at_most: str
    at_least: str


@dataclass(frozen=True)
class Settings:
    """Each part is None where it is written in a way that no form shows."""

    name: str
    description: str
    minimum: str
    maximum: str
    limits_shown: bool
    grades: Sequence[GradeRow] | None
    groups: Sequence[GroupRow] | None
    conditions: Sequence[Row] | None

    @property
    def two_part(self) -> bool:
        return any(row.part != "total" for row in self.grades or ())

    @property
    def group_names(self) -> list[str]:
        return [row.name for row in self.groups or () if row.name]


def settings_of(tree: Tree, offer: Offer | None) -> Settings:
    limits = tree.get("limits")
    known = limits is None or (isinstance(limits, dict) and limits.keys() <= {"minimum", "maximum"})
    held = limits if isinstance(limits, dict) and known else {}
    return Settings(
        shown(tree.get("name")),
        shown(tree.get("description")),
        shown(held.get("minimum")),
        shown(held.get("maximum")),
        known,
        _grades(tree.get("grades")),
        _groups(tree.get("groups")),
        _conditions(tree.get("applies_to"), offer),
    )


def _grades(held: Plain) -> list[GradeRow] | None:
    if held is None:
        return []
    if not isinstance(held, dict):
        return None
    tables = {"total": held}
    if any(isinstance(value, dict) for value in held.values()):
        if not held.keys() <= {"fit", "touchpoints"}:
            return None
        tables = {part: table for part, table in held.items() if isinstance(table, dict)}
        if len(tables) != len(held):
            return None
    rows = [(part, name, value) for part, table in tables.items() for name, value in table.items()]
    if len(rows) > MOST_ROWS or any(isinstance(value, dict | list) for _, _, value in rows):
        return None
    return [GradeRow(at, part, name, shown(value)) for at, (part, name, value) in enumerate(rows)]


def _groups(held: Plain) -> list[GroupRow] | None:
    if held is None:
        return []
    if not isinstance(held, dict) or len(held) > MOST_ROWS:
        return None
    rows = []
    for at, (name, bounds) in enumerate(held.items()):
        if not isinstance(bounds, dict) or not bounds.keys() <= {"at_most", "at_least"}:
            return None
        if any(isinstance(value, dict | list) for value in bounds.values()):
            return None
        rows.append(GroupRow(at, name, shown(bounds.get("at_most")), shown(bounds.get("at_least"))))
    return rows


def _conditions(held: Plain, offer: Offer | None) -> list[Row] | None:
    if held is None:
        return []
    if not isinstance(held, list) or len(held) > MOST_ROWS:
        return None
    rows = []
    for at, entry in enumerate(held):
        if not isinstance(entry, dict) or len(entry) != 2 or not isinstance(entry.get("field"), str):
            return None
        [key] = [key for key in entry if key != "field"]
        row = row_of(key, entry[key])
        if row is None:
            return None
        rows.append(_dressed(replace(row, about=str(entry["field"])), at, offer))
    return rows


def _dressed(row: Row, at: int, offer: Offer | None) -> Row:
    offered = None if offer is None else offer.fields.get(row.about)
    if offered is None:
        return replace(row, at=at, options=PROPERTIES)
    options = TESTS.get(offered.kind, PROPERTIES)
    return replace(
        row,
        at=at,
        options=options,
        choices=tuple(offered.choices),
        is_number=offered.kind is Kind.NUMBER,
        is_text=offered.kind is Kind.TEXT,
    )


def with_settings(tree: Tree, given: QueryDict, offer: Offer | None) -> Tree:
    """The rule with what was filled in. The parts that the form did not show stay: it says itself which it shows
    (`shows`), as it may have been made of another text than this one."""
    was, changed, shows = settings_of(tree, offer), dict(tree), given.getlist("shows")
    changed["name"] = (
        tree["name"] if was.name == given.get("rule_name") and "name" in tree else given.get("rule_name", "")
    )
    _put(changed, "description", given.get("description", "").replace("\r", "").strip() or None)
    if was.limits_shown and "limits" in shows:
        _put(changed, "limits", _limits(tree.get("limits"), was, given))
    if was.grades is not None and "grades" in shows:
        _put(changed, "grades", _read_grades(given))
    if was.groups is not None and "groups" in shows:
        _put(changed, "groups", _read_groups(given))
    if was.conditions is not None and "conditions" in shows:
        _put(changed, "applies_to", _read_conditions(tree.get("applies_to"), was.conditions, given, offer))
    return {key: changed[key] for key in sorted(changed, key=_place)}


_ORDER = ("name", "module", "description", "applies_to", "criteria", "groups", "limits", "grades")


def _place(key: str) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)


def _put(tree: Tree, key: str, value: Plain) -> None:
    if value is None:
        tree.pop(key, None)
    else:
        tree[key] = value


def _limits(old: Plain, was: Settings, given: QueryDict) -> Plain:
    held = old if isinstance(old, dict) else {}
    found: Tree = {}
    for key in ("minimum", "maximum"):
        typed = given.get(key, "").strip()
        if typed:
            found[key] = held[key] if getattr(was, key) == typed else number_of(typed)
    return found or None


def _numbers(given: QueryDict, prefix: str) -> list[int]:
    return [at for at in range(MOST_ROWS) if f"{prefix}{at}_name" in given]


def _read_grades(given: QueryDict) -> Plain:
    tables: dict[str, Tree] = {}
    for at in _numbers(given, "g"):
        part = given.get(f"g{at}_part", "total")
        name = _unused(given.get(f"g{at}_name", "").strip(), tables.get(part, {}))
        tables.setdefault(part if part in PARTS else "total", {})[name] = number_of(
            given.get(f"g{at}_at", "").strip()
        )
    wish = given.get("grade_parts", "total")
    if wish == "two":
        fit = tables.get("fit") or tables.get("total") or {}
        touchpoints = tables.get("touchpoints") or {"1": 40, "2": 20, "3": 0}
        return {"fit": dict(fit), "touchpoints": dict(touchpoints)} if tables else None
    total = tables.get("total") or tables.get("fit")
    return dict(total) if total else None


def _unused(name: str, names: Tree) -> str:
    """Two of one name would be one: the second is told apart."""
    while name in names:
        name += " 2"
    return name


def _read_groups(given: QueryDict) -> Plain:
    groups: Tree = {}
    for at in _numbers(given, "b"):
        bounds: Tree = {}
        for key in ("at_most", "at_least"):
            typed = given.get(f"b{at}_{key}", "").strip()
            if typed:
                bounds[key] = number_of(typed)
        groups[_unused(given.get(f"b{at}_name", "").strip(), groups)] = bounds
    return groups or None


def _read_conditions(old: Plain, was: Sequence[Row], given: QueryDict, offer: Offer | None) -> Plain:
    found: list[Plain] = []
    for at, row in enumerate(read_rows(given, "a")):
        before = was[at] if at < len(was) else None
        like = entry_like(row, was, old)
        if like is not None:
            found.append(like)
            continue
        fitting = _dressed(row, at, offer)
        if (
            before is not None
            and before.about != row.about
            and fitting.options
            and row.test not in fitting.options
        ):
            fitting = replace(fitting, test=next(iter(fitting.options)), values=())
        key, value = fitting.plain()
        found.append({"field": row.about or None, key: value})
    return found or None
