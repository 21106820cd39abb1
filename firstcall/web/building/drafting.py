"""A rule that is being built: one text, shown as cards; what is done to a card is done to the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from firstcall.access.viewer import Viewer
from firstcall.scorekeeping.checking import CheckedDraft, check_draft
from firstcall.scoring.documents import Entries, Items, parse_document
from firstcall.scoring.documents.plain import Plain, plain
from firstcall.scoring.documents.rewriting import rewritten
from firstcall.scoring.documents.writing import written
from firstcall.scoring.labelling import labelled_criterion
from firstcall.scoring.phrasing import worth_sentence
from firstcall.scoring.problems import Problem
from firstcall.scoring.rules import Criterion as ReadCriterion
from firstcall.web.building.bodies import UnshownError, body_of
from firstcall.web.building.dressing import Dressed, dress, told_at_places
from firstcall.web.building.offering import Offer, offer
from firstcall.web.building.pictures import Curve, curve
from firstcall.web.building.rows import number_of, shown
from firstcall.web.building.settings_form import Settings, settings_of
from firstcall.web.labelling import FieldLabels

type Tree = dict[str, Plain]

_PART_OF = {
    **dict.fromkeys(("name", "enabled"), "head"),
    **dict.fromkeys(("field", "touchpoint", "days_since", "of", "sum", "max", "min", "latest", "distinct", "distinct_days",
                     "busiest"), "measure"),
    "where": "where",
    **dict.fromkeys(("points", "each", "every", "at_most", "table", "decay"), "worth"),
    "group": "group",
}  # fmt: skip
_SETTINGS = frozenset({"name", "description", "applies_to", "groups", "limits", "grades"})
SLIDER = 50


@dataclass(frozen=True)
class Card:
    """A criterion. `body` is None where a card cannot show it, and `yaml` says it."""

    at: int
    name: str
    is_enabled: bool
    is_touchpoint: bool
    body: Dressed | None
    points: str
    points_key: str
    says: str
    yaml: str
    curve: Curve | None
    problems: Sequence[Problem]
    line: int
    is_opened: bool
    before: int | None = None
    after: int | None = None

    @property
    def number(self) -> float | None:
        found = number_of(self.points)
        return None if found is None or isinstance(found, str | list | dict) else float(found)

    @property
    def sign(self) -> str:
        return "" if not self.number else ("plus" if self.number > 0 else "minus")

    @property
    def slider(self) -> dict[str, float]:
        reach = max(SLIDER, abs(self.number or 0))
        return {"least": -reach, "most": reach, "now": self.number or 0}

    def of(self, part: str) -> list[Problem]:
        """The problems of one part of it."""
        return [problem for problem in self.problems if part_of(problem) == part]

    @property
    def head_problems(self) -> list[Problem]:
        return [*self.of("head"), *self.of("")]

    @property
    def combined_problems(self) -> list[Problem]:
        """Those of a group as a whole, which its members do not tell."""
        told = [] if self.body is None else self.body.problems
        return [problem for problem in told if part_of(problem) == "tests"]

    @property
    def measure_problems(self) -> list[Problem]:
        return self.of("measure")

    @property
    def where_problems(self) -> list[Problem]:
        return self.of("where")

    @property
    def test_problems(self) -> list[Problem]:
        return self.of("tests")

    @property
    def worth_problems(self) -> list[Problem]:
        return self.of("worth")

    @property
    def group_problems(self) -> list[Problem]:
        return self.of("group")

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)


def part_of(problem: Problem) -> str:
    """Which part of a card it is told at; what is of no part, at its head."""
    if len(problem.path) < 3:
        return ""
    return _PART_OF.get(str(problem.path[2]), "tests")


@dataclass(frozen=True)
class Draft:
    """A text, and what it is. `tree` is None where it cannot be read as keys and values; `opened` are the places of the
    criteria that are being edited."""

    text: str
    viewer: Viewer
    opened: frozenset[int] = frozenset()

    @cached_property
    def tree(self) -> Tree | None:
        document = parse_document(self.text, "rule")
        held = None if document.root is None else plain(document.root)
        return held if isinstance(held, dict) and not document.problems else None

    @cached_property
    def lines(self) -> list[int]:
        """In which line of the text each criterion begins."""
        root = parse_document(self.text, "rule").root
        entries = root.entries if isinstance(root, Entries) else ()
        held = next((entry.value for entry in entries if entry.key == "criteria"), None)
        return [item.place.line for item in held.items] if isinstance(held, Items) else []

    @cached_property
    def checked(self) -> CheckedDraft:
        return check_draft(self.text, viewer=self.viewer)

    @cached_property
    def offer(self) -> Offer | None:
        return None if self.checked.module is None else offer(self.checked.module)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.checked.problems if problem.severity == "error"]

    @cached_property
    def criteria(self) -> list[Plain]:
        held = None if self.tree is None else self.tree.get("criteria")
        return held if isinstance(held, list) else []

    @cached_property
    def settings(self) -> Settings:
        return settings_of(self.tree or {}, self.offer)

    @cached_property
    def cards(self) -> list[Card]:
        found = [self._card(at, held) for at, held in enumerate(self.criteria)]
        for kind in (False, True):
            column = [card.at for card in found if card.is_touchpoint is kind]
            for card, before, after in zip(
                [found[at] for at in column], [None, *column], [*column[1:], None], strict=False
            ):
                found[card.at] = replace(card, before=before, after=after)
        return found

    @property
    def fit_cards(self) -> list[Card]:
        return [card for card in self.cards if not card.is_touchpoint]

    @property
    def touchpoint_cards(self) -> list[Card]:
        return [card for card in self.cards if card.is_touchpoint]

    @property
    def setting_problems(self) -> list[Problem]:
        """Those of what stands beside the criteria."""
        return [
            problem for problem in self.checked.problems if problem.path[:1] and problem.path[0] in _SETTINGS
        ]

    @property
    def other_problems(self) -> list[Problem]:
        """Those of no card and of no setting."""
        return [
            problem
            for problem in self.checked.problems
            if not problem.path or (problem.path[0] not in _SETTINGS and len(problem.path) < 2)
        ]

    def _card(self, at: int, held: Plain) -> Card:
        criterion = held if isinstance(held, dict) else {}
        read = self.checked.criteria[at] if at < len(self.checked.criteria) else None
        problems = [problem for problem in self.checked.problems if problem.path[:2] == ("criteria", at)]
        key = next((key for key in ("points", "each") if key in criterion), "")
        return Card(
            at,
            shown(criterion.get("name")),
            criterion.get("enabled") is not False,
            read.is_touchpoint if read is not None else _is_of_touchpoints(criterion),
            self._body(held, problems),
            shown(criterion.get(key)) if key else "",
            key,
            "" if read is None else self._sentence(read),
            written(held),
            _curve(read),
            problems,
            self.lines[at],
            at in self.opened,
        )

    def _sentence(self, read: ReadCriterion) -> str:
        module = self.checked.module
        label = partial(self._labels.label, "" if module is None else module.name)
        return worth_sentence(labelled_criterion(read, label))

    @cached_property
    def _labels(self) -> FieldLabels:
        return FieldLabels()

    def _body(self, held: Plain, problems: Sequence[Problem]) -> Dressed | None:
        if not isinstance(held, dict) or self.offer is None:
            return None
        try:
            return told_at_places(dress(body_of(held), self.offer), problems)
        except UnshownError:
            return None

    def changed(self, tree: Tree) -> Draft:
        return replace(self, text=rewritten(self.text, tree))


def _is_of_touchpoints(held: Plain) -> bool:
    match held:
        case dict():
            return any(
                key in ("touchpoint", "days_since")
                or (key in ("all", "any", "not") and _is_of_touchpoints(value))
                for key, value in held.items()
            )
        case list():
            return any(map(_is_of_touchpoints, held))
    return False


def _curve(read: ReadCriterion | None) -> Curve | None:
    decay = getattr(read.worth, "decay", None) if read is not None else None
    return None if read is None or decay is None else curve(decay, getattr(read.worth, "points", 0))
