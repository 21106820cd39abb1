"""A rule's text against the module that it is for: all problems at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from firstcall.access.rights import Verb
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.records.models import Module, WrittenBy
from firstcall.records.seeing import seen_modules
from firstcall.scorekeeping.compiled import module_columns
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scoring.checking import check_columns
from firstcall.scoring.operators import Is
from firstcall.scoring.problems import Problem, RuleError, nearest
from firstcall.scoring.reading import LoadedRule, read_draft, read_rule
from firstcall.scoring.rules import Criterion, FieldMeasure, Measured, Rule
from firstcall.scoring.saying import said

FILE = "rule"
"""What a text that comes without a file is called in messages."""


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A text that can be stored; `loaded` has the warnings too."""

    text: str
    loaded: LoadedRule
    module: Module
    warnings: tuple[Problem, ...]

    @property
    def rule(self) -> Rule:
        return self.loaded.rule

    @property
    def layouts(self) -> list[str]:
        return layouts_of(self.rule)


def check_rule(text: str | bytes, file: str = FILE, *, viewer: Viewer = PRODUCT) -> CheckedRule:
    """Raises InvalidRuleError with every problem of the rule, alone and with the fields of its module, which is none where
    the viewer may not look into it."""
    try:
        loaded = read_rule(text, file)
    except RuleError as error:
        raise InvalidRuleError(error.problems) from error
    module = Module.objects.filter(name=loaded.rule.module).first()
    if module is None or not viewer.may(Verb.VIEW, module.name):
        raise InvalidRuleError([_unknown_module(loaded, viewer)])
    found = _of_columns(loaded, module)
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise InvalidRuleError(errors)
    held = text if isinstance(text, str) else text.decode()
    warnings = (*loaded.warnings, *(problem for problem in found if problem.severity == "warning"))
    return CheckedRule(held.removeprefix("\ufeff"), loaded, module, warnings)


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """A text that is being written.

    problems  all of them, warnings too, in the order of their places
    criteria  by their position, disabled ones too; None where something is wrong with one
    module    None where there is none of that name for the viewer
    """

    problems: tuple[Problem, ...]
    criteria: tuple[Criterion | None, ...]
    module: Module | None

    @property
    def is_sound(self) -> bool:
        """Whether it can be stored."""
        return not any(problem.severity == "error" for problem in self.problems)


def check_draft(text: str, *, viewer: Viewer = PRODUCT) -> CheckedDraft:
    """Everything that is wrong with a text, what is right beside it held against the module all the same."""
    draft = read_draft(text, FILE)
    if draft.loaded is None or not draft.loaded.rule.module:
        return CheckedDraft(draft.problems, draft.criteria, None)
    module = Module.objects.filter(name=draft.loaded.rule.module).first()
    if module is None or not viewer.may(Verb.VIEW, module.name):
        problems = (*draft.problems, _unknown_module(draft.loaded, viewer))
        return CheckedDraft(problems, draft.criteria, None)
    found = [*draft.problems, *_of_columns(draft.loaded, module)]
    found.sort(key=lambda problem: (problem.place.line, problem.place.column) if problem.place else (0, 0))
    return CheckedDraft(tuple(found), draft.criteria, module)


def _of_columns(loaded: LoadedRule, module: Module) -> list[Problem]:
    written = set(module.fields.filter(written_by=WrittenBy.RULE).values_list("name", flat=True))
    return [_worded(problem, written) for problem in check_columns(loaded, module_columns(module).columns)]


def _worded(problem: Problem, written: Collection[str]) -> Problem:
    """A field that a rule writes is none for rules; says so, where it is asked for."""
    if problem.code == "unknown-field" and (
        name := next((n for n in written if f"`{n}`" in problem.says), None)
    ):
        says = said(
            "`{name}` is written by a rule, and no rule reads what rules write: they would go round in circles.",
            name=name,
        )
        return replace(problem, code="score-field", says=says, fix=said("Measure what that rule measures."))
    return problem


def _unknown_module(loaded: LoadedRule, viewer: Viewer) -> Problem:
    known = sorted(module.name for module in seen_modules(viewer))
    near = nearest(loaded.rule.module, known)
    there = said("There are: {names}.", names=", ".join(known))
    fix = said("Did you mean {word}?", word=near) if near else there
    says = said("There is no module {name}.", name=loaded.rule.module)
    return Problem(("module",), "unknown-module", says, fix, loaded.places.get(("module",)))


def layouts_of(rule: Rule) -> list[str]:
    """The layouts that `applies_to` asks for; empty where it asks for none."""
    wanted: set[str] | None = None
    for condition in rule.applies_to:
        if isinstance(condition, Measured) and condition.measure == FieldMeasure("layout"):
            for test in condition.tests:
                if isinstance(test.operator, Is) and not test.negated:
                    named = {operand.text for operand in test.operator.operands if operand.text is not None}
                    wanted = named if wanted is None else wanted & named
    return sorted(wanted or ())
