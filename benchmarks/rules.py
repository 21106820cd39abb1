"""The rules that are measured: `rules/twenty_five.yaml` and, made from it, smaller, larger and different ones."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

TWENTY_FIVE = Path(__file__).parent / "rules" / "twenty_five.yaml"
FIVE = ("Decision maker", "Company size", "Looked at the prices", "Answers", "Gone quiet")

# A variant asks for other types, pages and lengths of time than the rule that it is made from.
_TYPES: tuple[Mapping[str, str], ...] = (
    {},
    {
        "email.replied": "sms.replied",
        "chat.completed": "survey.responded",
        "webinar.attended": "event.attended",
    },
    {
        "email.clicked": "email.opened",
        "campaign.clicked": "campaign.opened",
        "web.form_submitted": "web.downloaded",
    },
    {"call.attended": "call.made", "survey.responded": "chat.completed", "webinar.attended": "product.used"},
    {"email.replied": "quote.opened", "campaign.clicked": "ads.clicked", "email.bounced": "invoice.overdue"},
)
_PATHS: tuple[Mapping[str, str], ...] = (
    {},
    {"/pricing": "/docs", "/features": "/blog"},
    {"/pricing": "/features/api", "/features": "/careers"},
    {"/pricing": "/about", "/features": "/docs"},
    {"/pricing": "/blog/growth", "/features": "/pricing"},
)
_FACTORS = (1.0, 1.5, 0.5, 2.0, 0.75)
VARIANTS = len(_FACTORS)


def write_rules(folder: Path) -> dict[str, Path]:
    """Files of all rules by name: five, twenty_five, hundred, and four each of

    related_1 …  the same touchpoints and windows, but other points, thresholds and fields
    variant_1 …  other types, pages and windows, so that hardly anything is shared
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = YAML(typ="safe").load(TWENTY_FIVE)
    documents = {
        "five": _few(base),
        "hundred": _together([_variant(base, n) for n in range(4)]),
        **{f"related_{n}": _related(base, n) for n in range(1, VARIANTS)},
        **{f"variant_{n}": _variant(base, n) for n in range(1, VARIANTS)},
    }
    files = {"twenty_five": TWENTY_FIVE}
    for name, document in documents.items():
        files[name] = folder / f"{name}.json"
        files[name].write_text(json.dumps(document, default=str, indent=1))
    return files


def _few(base: Mapping[str, Any]) -> dict[str, Any]:
    criteria = [criterion for criterion in base["criteria"] if criterion["name"] in FIVE]
    return {**base, "name": "Five", "criteria": criteria}


def _variant(base: Mapping[str, Any], number: int) -> dict[str, Any]:
    criteria = [_changed(copy.deepcopy(criterion), number) for criterion in base["criteria"]]
    for criterion in criteria:
        criterion["name"] += f" {number}" if number else ""
    return {**base, "name": f"Variant {number}", "criteria": criteria}


def _related(base: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Such as a company has for each of its products."""
    criteria = copy.deepcopy(base["criteria"])
    for criterion in criteria:
        for worth in ("points", "each"):
            if worth in criterion:
                criterion[worth] += number if criterion[worth] > 0 else -number
        for test in ("gt", "gte"):
            if "touchpoint" in criterion and test in criterion:
                criterion[test] += number
        if criterion["name"] == "Our industries":
            criterion["in"] = criterion["in"][:1] + ["Retail", "Energy", "Travel", "Education"][:number]
    return {**base, "name": f"Product {number}", "criteria": criteria}


def _together(documents: list[dict[str, Any]]) -> dict[str, Any]:
    criteria = [criterion for document in documents for criterion in document["criteria"]]
    return {**documents[0], "name": "A hundred", "criteria": criteria}


def _changed(value: Any, number: int) -> Any:
    if isinstance(value, dict):
        return {key: _changed(inner, number) for key, inner in value.items()}
    if isinstance(value, list):
        return [_changed(inner, number) for inner in value]
    if not isinstance(value, str):
        return value
    duration = re.fullmatch(r"([0-9]+) (days?|weeks?)", value)
    if duration:
        return f"{max(1, round(int(duration[1]) * _FACTORS[number]))} {duration[2]}"
    return _TYPES[number].get(value, _PATHS[number].get(value, value))
