"""A whole rule: its keys, its groups, limits and grades, and what holds between them and the criteria."""

from __future__ import annotations

from firstcall.scoring.documents import Entries, Scalar, shorten
from firstcall.scoring.problems import nearest
from firstcall.scoring.reading.amounts import read_points
from firstcall.scoring.reading.conditions import read_conditions
from firstcall.scoring.reading.criteria import Draft, read_criteria
from firstcall.scoring.reading.spots import Spot, nearest_word, quoting
from firstcall.scoring.reading.vocabulary import (
    CRITERION_ONLY_KEYS,
    MOST_ENTRIES,
    REQUIRED_RULE_KEYS,
    RULE_KEYS,
    SUBJECTS,
)
from firstcall.scoring.rules import Grade, Grades, Group, Limits, Rule
from firstcall.scoring.saying import Pattern, said, whole

_EXAMPLES = {
    "name": Pattern("Name what it is about: `name: Sales readiness`."),
    "module": Pattern("Say whom it scores: `module: leads`."),
    "criteria": Pattern("Add at least one criterion."),
}


def read_whole_rule(spot: Spot) -> Rule | None:
    """The rule of a document's root; where the findings hold errors it is incomplete or None."""
    fix = said("Begin with `name:`, `module:` and `criteria:`.")
    children = spot.children(fix=fix if not isinstance(spot.node, Entries) else "")
    if children is None:
        return None
    _check_keys(spot, children)
    name = children["name"].text() if "name" in children else None
    module = children["module"].text() if "module" in children else None
    applies_to = read_conditions(children["applies_to"]) if "applies_to" in children else ()
    drafts = read_criteria(children["criteria"]) if "criteria" in children else []
    groups = _read_groups(children.get("groups"))
    _check_groups(drafts, groups, children.get("groups"))
    return Rule(
        name=name or "",
        module=module or "",
        criteria=tuple(draft.criterion for draft in drafts if draft.enabled and draft.criterion),
        description=_read_description(children.get("description")),
        applies_to=applies_to,
        groups=tuple(groups.values()),
        limits=_read_limits(children.get("limits")),
        grades=_read_grades(children.get("grades")),
    )


def _check_keys(spot: Spot, children: dict[str, Spot]) -> None:
    meant = {nearest_word(key, RULE_KEYS) for key in children if key not in RULE_KEYS}
    for key in children:
        if key in RULE_KEYS:
            continue
        if key in SUBJECTS or key in CRITERION_ONLY_KEYS:
            says = said("`{key}` belongs to a criterion, not to the rule.", key=key)
            children[key].refuse_key("misplaced", says, said("Move it into an entry of `criteria`."))
        else:
            children[key].refuse_unknown(RULE_KEYS, Pattern("a rule", "a key of")())
    for key in REQUIRED_RULE_KEYS:
        if key not in children and key not in meant:
            spot.refuse("missing-key", said("The rule has no `{key}`.", key=key), _EXAMPLES[key]())


def _read_description(spot: Spot | None) -> str:
    if spot is None:
        return ""
    if isinstance(spot.node, Scalar) and isinstance(spot.node.value, str):
        return spot.node.value
    spot.refuse_type(said("text"), quoting(spot.node) or said("Write some, or remove it."))
    return ""


def _read_groups(spot: Spot | None) -> dict[str, Group]:
    children = spot.children(fix=said("Write `Name: {{at_most: 60}}`.")) if spot else None
    return {name: _read_group(name, child) for name, child in (children or {}).items()}


def _read_group(name: str, spot: Spot) -> Group:
    if not name:
        spot.refuse_key("empty-text", said("A group has an empty name."), said("Name it."))
    keys = spot.children(fix=said("Write {{at_most: 60}}, {{at_least: -20}}, or both."))
    if keys is None:
        return Group(name)
    for key in keys:
        if key not in ("at_most", "at_least"):
            keys[key].refuse_unknown(("at_most", "at_least"), Pattern("a group", "a key of")())
    if not keys:
        spot.refuse(
            "no-bound",
            said("The group {name} has no bound.", name=shorten(name)),
            said("Give it `at_most` or `at_least`."),
        )
    at_most = read_points(keys["at_most"], least=0) if "at_most" in keys else None
    at_least = read_points(keys["at_least"], most=0) if "at_least" in keys else None
    return Group(name, at_most, at_least)


def _check_groups(drafts: list[Draft], groups: dict[str, Group], spot: Spot | None) -> None:
    """A group in use is declared, a declared one is used, and its criteria are all of one kind."""
    used: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.enabled and draft.group is not None:
            used.setdefault(draft.group, []).append(draft)
    if spot is None or isinstance(spot.node, Entries):
        for name, members in used.items():
            if name not in groups:
                _refuse_undeclared(name, members, groups)
    for members in used.values():
        _check_kind(members)
    declared = spot.children() if spot and groups else None
    disabled = {draft.group for draft in drafts if not draft.enabled}
    meant = {nearest(name, groups) for name in used if name not in groups}
    for name, child in (declared or {}).items():
        if name in used or name in meant:
            continue
        fix = said("Remove it, or write `group:` in the criteria it bounds.")
        if name in disabled:
            fix = said("Its criteria are disabled: enable one of them, or remove the group.")
        child.refuse_key(
            "unused-group", said("No criterion is in the group {name}.", name=shorten(name)), fix
        )


def _refuse_undeclared(name: str, members: list[Draft], groups: dict[str, Group]) -> None:
    word = nearest(name, groups)
    fix = (
        said("Did you mean {word}?", word=shorten(word))
        if word
        else said("Add it to `groups`: `{name}: {{at_most: 60}}`.", name=shorten(name))
    )
    for draft in members:
        spot = (draft.spot.children() or {})["group"]
        spot.refuse(
            "undeclared-group", said("There is no group {name} in `groups`.", name=shorten(name)), fix
        )


def _check_kind(members: list[Draft]) -> None:
    known = [(draft, draft.criterion) for draft in members if draft.criterion]
    for draft, criterion in known[1:]:
        if criterion.is_touchpoint != known[0][1].is_touchpoint:
            says = said("This criterion measures fields, but others of its group measure touchpoints alone.")
            if criterion.is_touchpoint:
                says = said(
                    "This criterion measures touchpoints, but others of its group measure fields alone."
                )
            spot = (draft.spot.children() or {})["group"]
            spot.refuse("mixed-group", says, said("Make two groups: one of fields, one of touchpoints."))


def _read_limits(spot: Spot | None) -> Limits:
    keys = spot.children(fix=said("Write {{minimum: 0, maximum: 100}}.")) if spot else None
    if spot is None or keys is None:
        return Limits()
    for key in keys:
        if key not in ("minimum", "maximum"):
            keys[key].refuse_unknown(("minimum", "maximum"), "`limits`")
    minimum = read_points(keys["minimum"]) if "minimum" in keys else None
    maximum = read_points(keys["maximum"]) if "maximum" in keys else None
    if minimum is not None and maximum is not None and minimum > maximum:
        spot.refuse("limits", said("The minimum is above the maximum."), said("Swap them."))
    return Limits(minimum, maximum)


def _read_grades(spot: Spot | None) -> Grades | None:
    keys = spot.children(fix=said("Write {{Hot: 80, Warm: 40, Cold: 0}}.")) if spot else None
    if spot is None or not keys:
        return None
    if not any(isinstance(child.node, Entries) for child in keys.values()):
        return Grades(total=_read_table(spot, keys))
    for key in keys:
        if key not in ("fit", "touchpoints"):
            keys[key].refuse_unknown(("fit", "touchpoints"), Pattern("grades in two parts", "a key of")())
    parts: dict[str, tuple[Grade, ...]] = {}
    for part in ("fit", "touchpoints"):
        if part not in keys:
            says = said("Grades in two parts need `{part}` too.", part=part)
            spot.refuse(
                "missing-key", says, said("Write {{fit: {{A: 40, B: 0}}, touchpoints: {{'1': 50, '2': 0}}}}.")
            )
            continue
        table = keys[part].children(fix=said("Write {{A: 40, B: 20, C: 0}}."))
        if table is not None and not table:
            keys[part].refuse(
                "empty-grades",
                said("`{part}` has no grades.", part=part),
                said("Write {{A: 40, B: 20, C: 0}}."),
            )
        parts[part] = _read_table(keys[part], table or {})
    return Grades(fit=parts.get("fit", ()), touchpoints=parts.get("touchpoints", ()))


def _read_table(spot: Spot, keys: dict[str, Spot]) -> tuple[Grade, ...]:
    """One grade table, highest threshold first."""
    if len(keys) > MOST_ENTRIES:
        spot.refuse(
            "too-many",
            said(
                "{label} has {count} grades; {most} are the most.",
                label=spot.label,
                count=whole(len(keys)),
                most=whole(MOST_ENTRIES),
            ),
        )
        return ()
    grades: dict[int, Grade] = {}
    for name, child in keys.items():
        if not name:
            child.refuse_key("empty-text", said("A grade has an empty name."), said("Name it."))
        threshold = read_points(child)
        if threshold is None:
            continue
        if threshold in grades:
            says = said(
                "{name} and {other} have the same threshold.",
                name=shorten(grades[threshold].name),
                other=shorten(name),
            )
            child.refuse("doubled-threshold", says, said("Make the thresholds differ."))
        grades.setdefault(threshold, Grade(name, threshold))
    return tuple(grades[threshold] for threshold in sorted(grades, reverse=True))
