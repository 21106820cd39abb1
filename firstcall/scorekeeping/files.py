"""Rules pushed from files and pulled into files: all of them or none, and nothing lost that somebody else wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from django.db import transaction

from firstcall.access.models import User
from firstcall.scorekeeping.actions import create_rule, edit_rule
from firstcall.scorekeeping.checking import CheckedRule, check_rule
from firstcall.scorekeeping.errors import EditedMeanwhileError, InvalidRuleError
from firstcall.scorekeeping.models import RuleVersion, StoredRule
from firstcall.scorekeeping.texts import RuleFile, headed
from firstcall.scoring.differing import differences
from firstcall.scoring.problems import Place, Problem

type Did = Literal["created", "edited", "left as it is"]


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a file; `text` is what the file is to hold from now on."""

    file: RuleFile
    version: RuleVersion
    did: Did

    @property
    def text(self) -> str:
        return headed(self.version.text, self.version.rule_id, self.version.number)


@dataclass(frozen=True, slots=True)
class _Asked:
    file: RuleFile
    checked: CheckedRule
    rule: StoredRule | None


@transaction.atomic
def push(files: Sequence[RuleFile], *, at: datetime, by: User | None = None) -> list[Pushed]:
    """Store what is new in the files, all of them or none. Raises InvalidRuleError with every problem of all."""
    asked = _ask(files)
    pushed, problems = [], list[Problem]()
    for one in asked:
        try:
            pushed.append(_push(one, at, by))
        except InvalidRuleError as error:
            problems += [replace(p, place=p.place or Place(one.file.name, 1, 1)) for p in error.problems]
        except EditedMeanwhileError as error:
            problems.append(_edited_meanwhile(one, error))
    if problems:
        raise InvalidRuleError(problems)
    return pushed


def changes(files: Sequence[RuleFile]) -> list[tuple[RuleFile, list[str]]]:
    """What pushing each file would change, in words; nothing where nothing. Raises InvalidRuleError."""
    found = []
    for one in _ask(files):
        if one.rule is None:
            said = [f"{one.checked.rule.name} is a new rule for {one.checked.module}."]
        else:
            said = [difference.says for difference in differences(one.rule.newest.text, one.file.body)]
        found.append((one.file, said))
    return found


def pulled(known: Sequence[RuleFile], rules: Iterable[StoredRule]) -> list[tuple[str, str]]:
    """(file name, text) of each rule's newest version. A file that holds the rule already keeps its name.

    Raises InvalidRuleError where a file holds changes that were not pushed.
    """
    files = {file.rule: file for file in known if file.rule is not None}
    texts = {file.name: file.body for file in known}
    written, problems = [], list[Problem]()
    for rule in rules:
        newest, file = rule.newest, files.get(rule.pk)
        if file is None:
            name = _file_name(rule, newest, texts)
            texts[name] = newest.text
        else:
            name = file.name
            began = rule.versions.filter(number=file.version or 0).first()
            if began is None or began.text != file.body:
                says = f"The file holds changes to {rule} that were not pushed."
                problems.append(
                    Problem((), "not-pushed", says, "Push them, or move the file away.", Place(name, 1, 1))
                )
        written.append((name, headed(newest.text, rule.pk, newest.number)))
    if problems:
        raise InvalidRuleError(problems)
    return written


def _ask(files: Sequence[RuleFile]) -> list[_Asked]:
    """The files that can be stored, each with its rule. Raises InvalidRuleError with every problem of all."""
    asked, problems = [], list[Problem]()
    for file in files:
        try:
            checked = check_rule(file.text, file.name)
        except InvalidRuleError as error:
            problems += error.problems
            continue
        if file.rule is None:
            rule = StoredRule.objects.filter(module=checked.module, name=checked.rule.name).first()
        else:
            rule = StoredRule.objects.filter(pk=file.rule).first()
            if rule is None:
                problems.append(_no_rule(file))
        asked.append(_Asked(file, checked, rule))
    problems += _doubled(asked)
    if problems:
        raise InvalidRuleError(problems)
    return asked


def _push(one: _Asked, at: datetime, by: User | None) -> Pushed:
    if one.rule is None:
        return Pushed(one.file, create_rule(one.file.body, at=at, by=by).newest, "created")
    before = one.rule.newest
    version = edit_rule(one.rule, one.file.body, at=at, by=by, expected=one.file.version)
    return Pushed(one.file, version, "left as it is" if version == before else "edited")


def _no_rule(file: RuleFile) -> Problem:
    says = f"There is no rule {file.rule} here."
    fix = "Take the line away to store it as a rule of its name."
    return Problem((), "unknown-rule", says, fix, Place(file.name, 1, 1))


def _doubled(asked: Sequence[_Asked]) -> list[Problem]:
    """Of two files of one rule only one can be meant."""
    seen: dict[object, str] = {}
    problems = []
    for one in asked:
        key = one.rule.pk if one.rule else (one.checked.module.pk, one.checked.rule.name)
        if key in seen:
            says = f"This is the rule of {seen[key]} too."
            problems.append(
                Problem((), "doubled-rule", says, "Push one of them.", Place(one.file.name, 1, 1))
            )
        seen.setdefault(key, one.file.name)
    return problems


def _edited_meanwhile(one: _Asked, error: EditedMeanwhileError) -> Problem:
    began = error.newest.rule.versions.filter(number=one.file.version or 0).first()
    said = [] if began is None else [found.says for found in differences(began.text, error.newest.text)]
    return Problem((), "edited-meanwhile", str(error), " ".join(said), Place(one.file.name, 1, 1))


def _file_name(rule: StoredRule, newest: RuleVersion, texts: Mapping[str, str]) -> str:
    """One that is free, or of a file that says just this."""
    slug = re.sub(r"[^a-z0-9]+", "-", rule.name.casefold()).strip("-")[:60] or f"rule-{rule.pk}"
    ending = "json" if newest.text.lstrip().startswith("{") else "yaml"
    name = f"{rule.module}-{slug}.{ending}"
    return name if texts.get(name, newest.text) == newest.text else f"{rule.module}-{slug}-{rule.pk}.{ending}"
