"""Rules as tests write them: one criterion in a rule, and what is said of a rule in the form of `bad_rules/`."""

from __future__ import annotations

import pytest

from firstcall.scoring.problems import RuleError
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Criterion

HEAD = "name: R\nmodule: leads\ncriteria:\n"


def said_of(text: str | bytes, file: str = "rule.yaml") -> list[str]:
    """The problems of a rule in the form of `bad_rules/`."""
    with pytest.raises(RuleError) as caught:
        read_rule(text, file)
    return [
        f"{p.place.line}:{p.place.column} {p.code} {p.json_path or '-'} | {p.says} | {p.fix}".rstrip(" |")
        for p in caught.value.problems
        if p.place
    ]


def read_criterion(criterion: str) -> Criterion:
    """A criterion named A, of its other keys in flow style."""
    (read,) = read_rule(f"{HEAD}- {{name: A, {criterion}}}\n").rule.criteria
    return read
