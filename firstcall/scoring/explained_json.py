"""An explanation as JSON: the lines of the score in their order, each with what `explaining` knows beyond them."""

from __future__ import annotations

from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.explaining import Explanation, Outside, Told
from firstcall.scoring.line_objects import line_object
from firstcall.scoring.numbers import points_decimal
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score
from firstcall.scoring.times import format_moment


def explanation_object(explanation: Explanation) -> dict[str, object]:
    """For JSON: the spec's lines in their order, each with what `explaining` knows beyond them."""
    by_name = {told.criterion.name: told for told in explanation.told}
    held = {(line.kind, line.name): says for line, says in explanation.held}
    return {
        **_heading(explanation.rule, explanation.id, explanation.as_of, scored=True),
        **score_object(explanation.score),
        "next_grades": [
            {
                "grade": n.grade,
                "points_missing": points_decimal(n.missing),
                **({"part": n.part} if n.part else {}),
            }
            for n in explanation.next_grades
        ],
        "lines": [
            {**line_object(line), **_told_object(by_name[line.name])}
            if line.kind == "criterion"
            else {**line_object(line), "says": held[line.kind, line.name]}
            for line in explanation.score.lines
        ],
    }


def score_object(score: Score) -> dict[str, object]:
    """The six figures, the grade and the next change, for JSON."""
    moment = score.next_change_at
    figures: dict[str, object] = {name: points_decimal(getattr(score, name)) for name in FIGURES[:6]}
    return {
        **figures,
        "grade": score.grade,
        "next_change_at": None if moment is None else format_moment(moment),
    }


def outside_object(found: Outside) -> dict[str, object]:
    """For JSON."""
    return {
        **_heading(found.rule, found.id, found.as_of, scored=False),
        "applies_to": [
            {"condition": says, "holds": holds, "why_not": why_not}
            for says, holds, why_not in found.conditions
        ],
    }


def _heading(rule: Rule, id: str, as_of: int, *, scored: bool) -> dict[str, object]:
    return {"rule": rule.name, "id": id, "as_of": format_moment(as_of), "scored": scored}


def _told_object(told: Told) -> dict[str, object]:
    return {
        "status": told.status,
        "says": told.says,
        "why_not": told.why_not,
        "group": told.criterion.group,
        "held_by_at_most": told.capped,
        "without_at_most": None if told.unheld is None else points_decimal(told.unheld),
        "when_new": None if told.unfaded is None else points_decimal(told.unfaded),
    }
