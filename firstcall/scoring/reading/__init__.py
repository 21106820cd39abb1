"""From a text to a rule: every problem found at once, each with its place, its reason and its mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from firstcall.scoring.documents import Entries, Items, Node, Scalar, parse_document
from firstcall.scoring.problems import Path, Place, Problem, RuleError
from firstcall.scoring.reading.criteria import read_criteria
from firstcall.scoring.reading.rule import read_whole_rule
from firstcall.scoring.reading.spots import Findings, Spot
from firstcall.scoring.rules import Criterion, Rule
from firstcall.scoring.saying import said

__all__ = ["DraftRule", "LoadedRule", "read_draft", "read_rule"]


@dataclass(frozen=True)
class LoadedRule:
    """A rule that can be used, and where in its text everything stands.

    places      the place of each value by its JSON path
    key_places  the place of each key, by the path of its value
    """

    rule: Rule
    warnings: tuple[Problem, ...] = ()
    places: Mapping[Path, Place] = field(default_factory=dict)
    key_places: Mapping[Path, Place] = field(default_factory=dict)
    file: str = "rule.yaml"


def read_rule(text: str | bytes, file: str = "rule.yaml") -> LoadedRule:
    """The one rule of a YAML or JSON text; `file` names it in messages and tells which of the two it is.

    Raises RuleError with every problem found, in the order of their places.
    """
    document = parse_document(text, file)
    findings = Findings(list(document.problems))
    root = document.root
    rule = None
    if root is not None and not _is_nothing(root):
        rule = read_whole_rule(Spot(root, (), root.place, findings))
    elif not findings.errors:
        says, fix = (
            said("There is no rule in this text."),
            said("Begin with `name:`, `module:` and `criteria:`."),
        )
        findings.errors.append(Problem((), "empty", says, fix, Place(file, 1, 1)))
    if rule is None or root is None or findings.errors:
        raise RuleError(_in_order(findings.errors))
    places, key_places = _places(root)
    return LoadedRule(rule, tuple(_in_order(findings.warnings)), places, key_places, file)


@dataclass(frozen=True)
class DraftRule:
    """A text that is being written, as far as it can be read.

    problems  all of them, warnings too, in the order of their places
    criteria  by their position, disabled ones too; None where something is wrong with one
    loaded    the rule without what is wrong in it; None where there is nothing of a rule
    """

    problems: tuple[Problem, ...]
    criteria: tuple[Criterion | None, ...] = ()
    loaded: LoadedRule | None = None


def read_draft(text: str | bytes, file: str = "rule.yaml") -> DraftRule:
    """What can be read of the text, and every problem; never raises."""
    document = parse_document(text, file)
    root = document.root
    if root is None or _is_nothing(root):
        try:
            read_rule(text, file)
        except RuleError as error:
            return DraftRule(error.problems)
    assert root is not None  # noqa: S101  a text without a root is no rule
    findings = Findings(list(document.problems))
    spot = Spot(root, (), root.place, findings)
    rule = read_whole_rule(spot)
    problems = tuple(_in_order([*findings.errors, *findings.warnings]))
    if rule is None:
        return DraftRule(problems)
    given = (Spot(root, (), root.place, Findings()).children() or {}).get("criteria")
    criteria = [] if given is None else read_criteria(given)
    places, key_places = _places(root)
    loaded = LoadedRule(rule, tuple(_in_order(findings.warnings)), places, key_places, file)
    return DraftRule(problems, tuple(draft.criterion for draft in criteria), loaded)


def _is_nothing(root: Node) -> bool:
    return isinstance(root, Scalar) and root.value is None


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(
        problems, key=lambda problem: (problem.place.line, problem.place.column) if problem.place else (0, 0)
    )


def _places(root: Node) -> tuple[dict[Path, Place], dict[Path, Place]]:
    places: dict[Path, Place] = {}
    key_places: dict[Path, Place] = {}
    for path, node, key_place in _walk(root, ()):
        places[path] = node.place
        if key_place is not None:
            key_places[path] = key_place
    return places, key_places


def _walk(
    node: Node, path: Path, key_place: Place | None = None
) -> Iterator[tuple[Path, Node, Place | None]]:
    yield path, node, key_place
    if isinstance(node, Entries):
        for entry in node.entries:
            yield from _walk(entry.value, (*path, entry.key), entry.place)
    elif isinstance(node, Items):
        for index, item in enumerate(node.items):
            yield from _walk(item, (*path, index))
