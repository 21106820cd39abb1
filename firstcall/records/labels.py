"""Labels in the words of the moment: those that come with the product. What a company has written itself stays as it is.

It stands below the models, so it reads the standard modules as plain YAML.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

from firstcall.scoring.saying import Pattern

MODULE, FIELD = "", "field"
"""Contexts of the catalogue: “State” of an address is said otherwise than that of a task."""


def module_label(name: str, label: str) -> str:
    """
    >>> module_label("leads", "Leads"), module_label("leads", "{Prospects}")
    ('Leads', '{Prospects}')
    """
    return Pattern(label, MODULE)() if (name, label) in _standard()[MODULE] else label


def field_label(name: str, label: str) -> str:
    """Of a field of any module: one of a company's own that is named and labelled as a standard one is said as that is."""
    return Pattern(label, FIELD)() if (name, label) in _standard()[FIELD] else label


def standard_labels() -> list[tuple[str, str]]:
    """Each label of the standard modules and their fields, behind its context."""
    return sorted({(context, label) for context, pairs in _standard().items() for _, label in pairs})


@cache
def _standard() -> dict[str, frozenset[tuple[str, str]]]:
    """By context: name and label."""
    text = files("firstcall.records").joinpath("standard.yaml").read_text("utf-8")
    modules = YAML(typ="safe").load(text)["modules"]
    fields = [field for module in modules for field in module["fields"]]
    return {
        MODULE: frozenset((module["name"], module["label"]) for module in modules),
        FIELD: frozenset((field["name"], field["label"]) for field in fields),
    }
