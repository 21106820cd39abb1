"""What a new rule begins from: templates by industry, each a rule of its own in `starts/`, or next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from firstcall.records.models import Module
from firstcall.scoring.documents.plain import Plain
from firstcall.scoring.documents.writing import written
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule

_FOLDER = Path(__file__).parent / "starts"


@dataclass(frozen=True)
class Template:
    """`name` is that of its file; the first line of it says the industry and what it is."""

    name: str
    industry: str
    title: str
    text: str
    rule: Rule

    @property
    def module(self) -> str:
        return self.rule.module


@cache
def templates() -> tuple[Template, ...]:
    """By industry, those of every industry first."""
    found = [_read(path) for path in sorted(_FOLDER.glob("*.yaml"))]
    return tuple(sorted(found, key=lambda one: (one.industry != "Every industry", one.industry, one.title)))


def find_template(name: str) -> Template | None:
    return next((template for template in templates() if template.name == name), None)


def _read(path: Path) -> Template:
    head, _, text = path.read_text("utf-8").partition("\n")
    industry, _, title = head.removeprefix("# ").partition(" · ")
    return Template(path.stem, industry, title, text, read_rule(text, path.name).rule)


def blank_rule(module: Module, name: str) -> str:
    """The text of a rule that can be stored, to be built on."""
    fields = module.fields.order_by("position", "pk").values_list("name", flat=True)
    first = next(iter(fields), "created_at")
    criterion: Plain = {"name": "First criterion", "field": first, "empty": False, "points": 10}
    grades: Plain = {"Hot": 60, "Warm": 30, "Cold": 0}
    return written({"name": name, "module": module.name, "criteria": [criterion], "grades": grades})
