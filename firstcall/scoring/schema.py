"""The JSON Schema of a rule, made from the tables that `reading` uses, for editors to complete and check with.

It says what JSON Schema can say; `read_rule` alone knows the rest: sums, names, days that exist, decimals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from firstcall.scoring.operators import NEGATIVE_TESTS, POSITIVE_TESTS
from firstcall.scoring.reading.vocabulary import (
    AGGREGATES,
    COMBINATIONS,
    CONDITION_KEYS,
    DURATION,
    EACH_KEYS,
    LARGEST_POINTS,
    MOST_CRITERIA,
    MOST_ENTRIES,
    MOVING_TESTS,
    PEOPLE,
    PROPERTY_TEST_KEYS,
    REQUIRED_RULE_KEYS,
    SHARE,
    SUBJECTS,
    TEST_KEYS,
    TYPE,
    WINDOW_KEYS,
    WORTH_KEYS,
    WORTHS,
)

type Schema = Mapping[str, object]

_NUMERIC_TEXT = r"[+-]?[0-9]+(\.[0-9]+)?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"

# What each key means, as an editor shows it beside the key.
_MEANINGS = {
    "field": "A field of the record, or of one that it leads to: account.industry.",
    "touchpoint": "How many touchpoints of a type, such as web.visited, email.* or *, or of a list of types.",
    "days_since": "Whole days since the latest touchpoint of a type; from created_at where there is none.",
    "all": "All of these conditions hold.",
    "any": "At least one of these conditions holds.",
    "not": "This condition does not hold.",
    "of": "Whose touchpoints: those of the related people, such as contacts or account.contacts.",
    "where": "Conditions on the properties of the touchpoint; all of them must hold.",
    "in_last": "Not longer ago than this.",
    "older_than": "At least this long ago.",
    "in_next": "Ahead, but not further than this.",
    "from": "Touchpoints from this day or time on.",
    "to": "Touchpoints before this day or time.",
    "sum": "The sum of a property over the touchpoints.",
    "max": "The greatest number of a property.",
    "min": "The smallest number of a property.",
    "latest": "The property of the newest touchpoint that has it.",
    "distinct": "How many different values a property has.",
    "distinct_days": "On how many different days (UTC) the touchpoints fall.",
    "busiest": "The most touchpoints within any span of this length.",
    "is": "Equals this; text is equal but for capitals.",
    "in": "Equals one of these.",
    "contains": "Text with this part, or any of these.",
    "starts_with": "Text that begins with this, or any of these.",
    "ends_with": "Text that ends with this, or any of these.",
    "has_word": "Text with this as a whole word, or any of these.",
    "gt": "More than this, or later.",
    "gte": "This or more.",
    "lt": "Less than this, or earlier.",
    "lte": "This or less.",
    "between": "From the first to the second, both included.",
    "before": "A date or time before this one.",
    "after": "A date or time after this one.",
    "empty": "true: missing, an empty text or an empty list; false: the opposite.",
    "points": "Points gained, or lost when below 0, once.",
    "each": "Points for every full step of the value.",
    "table": "Rows of tests with points; the first row that holds decides.",
    "every": "How much of the value makes a step; 1 if left out.",
    "at_most": "The criterion's points stay within this size.",
    "decay": "How the points fade with age.",
    "name": "What the criterion is about; each name once.",
    "group": "The group whose bounds this criterion shares.",
    "enabled": "false: as if the criterion were not there.",
}


def rule_schema() -> dict[str, object]:
    """The schema of a rule, JSON Schema draft 2020-12."""
    module = "Whom it scores: leads, contacts, accounts, deals or a custom module."
    applies_to = "Only records that meet all of these conditions are scored."
    keys = {
        "name": _described(_text(), "What the rule is about."),
        "module": _described(_text(), module),
        "description": {"type": "string", "description": "More about the rule."},
        "applies_to": _described(_list(_ref("condition")), applies_to),
        "criteria": _described(_list(_ref("criterion"), MOST_CRITERIA), "What earns or loses points."),
        "groups": _groups(),
        "limits": _described(
            _mapping(dict.fromkeys(("minimum", "maximum"), _ref("points"))), "Bounds of the total."
        ),
        "grades": _grades(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Firstcall scoring rule",
        "description": "What earns or loses points, and how they add up to a score.",
        **_mapping(keys, REQUIRED_RULE_KEYS),
        "$defs": {**_value_definitions(), **_part_definitions()},
    }


def _value_definitions() -> dict[str, Schema]:
    bound, size = LARGEST_POINTS // 100, 10**12
    return {
        "points": {
            "type": "number",
            "minimum": -bound,
            "maximum": bound,
            "description": "Points, with at most two decimals.",
        },
        "size": {"type": "number", "minimum": 0, "maximum": bound},
        "number": {"type": "number", "exclusiveMinimum": -size, "exclusiveMaximum": size},
        "duration": {
            "type": "string",
            "pattern": f"^{DURATION.pattern}$",
            "examples": ["30 days", "2 weeks"],
        },
        "moment": {"type": "string", "pattern": f"^{_DAY}({_CLOCK})?$", "examples": ["2026-01-31"]},
        "comparable": _any_of(_ref("number"), _pattern(_NUMERIC_TEXT), _ref("moment")),
        "operand": _any_of(_text(), {"type": "boolean"}, _ref("number")),
        "texts": _any_of(_text(), _list(_text())),
        "type": {
            "type": "string",
            "pattern": f"^({TYPE.pattern})$",
            "examples": ["web.visited", "email.*", "*"],
        },
        "types": _any_of(_ref("type"), _list(_ref("type"))),
    }


def _part_definitions() -> dict[str, Schema]:
    property_test = _mapping({"property": _text(), **_tests(PROPERTY_TEST_KEYS)}, ("property",))
    row = _mapping({"points": _ref("points"), **_tests(TEST_KEYS)}, ("points",))
    return {
        "property_test": {**property_test, "minProperties": 2},
        "where": _any_of(_ref("property_test"), _list(_ref("property_test"))),
        "lose": _any_of(_pattern(SHARE.pattern), {**_ref("size"), "exclusiveMinimum": 0}),
        "decay": _mapping({"lose": _ref("lose"), "every": _ref("duration")}, ("lose", "every")),
        "row": row,
        "grade_table": {
            "type": "object",
            "additionalProperties": _ref("points"),
            "minProperties": 1,
            "maxProperties": MOST_ENTRIES,
        },
        "condition": {**_mapping(_condition_keys()), "allOf": [_one_of(SUBJECTS), *_subject_rules()]},
        "criterion": _criterion(),
    }


def _criterion() -> Schema:
    name = {"type": ["string", "number", "boolean"]}
    keys = {
        "name": _text(),
        "points": _ref("points"),
        "each": _ref("points"),
        "table": _list(_ref("row")),
        "every": {"type": "number", "minimum": 0.01, "exclusiveMaximum": 10**12},
        "at_most": _ref("size"),
        "decay": _ref("decay"),
        "group": name,
        "enabled": {"type": "boolean"},
    }
    described = {key: _described(schema, _MEANINGS[key]) for key, schema in keys.items()}
    return {
        **_mapping({**described, **_condition_keys()}, ("name",)),
        "allOf": [_one_of(SUBJECTS), _one_of(WORTHS), *_subject_rules(), *_worth_rules()],
    }


def _condition_keys() -> dict[str, Schema]:
    conditions = _list(_ref("condition"))
    keys: dict[str, Schema] = {
        "field": _text(),
        "touchpoint": _ref("types"),
        "days_since": _ref("types"),
        "all": conditions,
        "any": conditions,
        "not": _ref("condition"),
        "of": _pattern(PEOPLE.pattern),
        "where": _ref("where"),
        "from": _ref("moment"),
        "to": _ref("moment"),
        **dict.fromkeys(AGGREGATES, _text()),
        "distinct_days": {"const": True},
        "busiest": _ref("duration"),
    }
    described = {key: _described(schema, _MEANINGS[key]) for key, schema in keys.items()}
    return {**described, **_tests(TEST_KEYS)}


def _tests(keys: Iterable[str]) -> dict[str, Schema]:
    """A schema for each test, opposites included."""
    operands: dict[str, Schema] = {
        "is": _ref("operand"),
        "in": _list(_ref("operand")),
        **dict.fromkeys(("contains", "starts_with", "ends_with", "has_word"), _ref("texts")),
        **dict.fromkeys(("gt", "gte", "lt", "lte"), _ref("comparable")),
        "between": {"type": "array", "items": _ref("comparable"), "minItems": 2, "maxItems": 2},
        **dict.fromkeys(("before", "after"), _ref("moment")),
        **dict.fromkeys(MOVING_TESTS, _ref("duration")),
        "empty": {"type": "boolean"},
    }
    schemas = {key: _described(operands[key], _MEANINGS[key]) for key in POSITIVE_TESTS}
    for key, positive in NEGATIVE_TESTS.items():
        schemas[key] = _described(
            operands[positive], f"The exact opposite of {positive}; holds for a missing value."
        )
    return {key: schemas[key] for key in keys}


def _subject_rules() -> list[Schema]:
    """Which keys go with which measure."""
    beside = [key for key in CONDITION_KEYS if key not in SUBJECTS]
    exclusive = [_at_most_one(AGGREGATES)]
    return [
        _when("field", _forbid(("of", "where", "from", "to", *AGGREGATES))),
        _when("touchpoint", {**_forbid(("in_next",)), "allOf": exclusive}),
        _when("days_since", _forbid((*WINDOW_KEYS, "in_next", *AGGREGATES))),
        *(_when(key, _forbid(beside)) for key in COMBINATIONS),
        *(_when(key, _forbid(("empty",))) for key in ("sum", "distinct", "distinct_days", "busiest")),
    ]


def _worth_rules() -> list[Schema]:
    """Which keys go with which worth."""
    still_tests = [key for key in TEST_KEYS if key not in MOVING_TESTS]
    decay_excludes = ("table", *AGGREGATES, *still_tests)
    only_points = _forbid([key for key in WORTH_KEYS if key != "points"])
    needs_test = _any_of(*({"required": [key]} for key in TEST_KEYS))
    return [
        *(_when(key, only_points) for key in COMBINATIONS),
        _when("each", _forbid(("field", "latest", *still_tests))),
        _when("table", _forbid(still_tests)),
        _when("decay", {"required": ["touchpoint"], **_forbid(decay_excludes)}),
        {"dependentRequired": {key: ["each"] for key in EACH_KEYS}},
        *(
            {"if": {"required": [key]}, "then": {"properties": {"table": {"items": _forbid(MOVING_TESTS)}}}}
            for key in ("touchpoint", "days_since")
        ),
        {"if": {"required": ["decay", "each"]}, "then": _forbid(("every",))},
        *(
            {"if": {"required": [key, "table"]}, "then": _forbid(MOVING_TESTS)}
            for key in ("field", "days_since")
        ),
        *(
            {"if": {"required": [key, "points"]}, "then": needs_test}
            for key in ("field", "days_since", *AGGREGATES)
        ),
    ]


def _groups() -> Schema:
    low = {"type": "number", "minimum": -LARGEST_POINTS // 100, "maximum": 0}
    bounds = {**_mapping({"at_most": _ref("size"), "at_least": low}), "minProperties": 1}
    return {
        "type": "object",
        "description": "Bounds of the sum of the criteria of a group.",
        "additionalProperties": bounds,
    }


def _grades() -> Schema:
    parts = dict.fromkeys(("fit", "touchpoints"), _ref("grade_table"))
    return {
        "description": "The least total of each grade; or a table each for fit and touchpoints.",
        "type": "object",
        "anyOf": [
            _mapping(parts, parts),
            {"additionalProperties": _ref("points"), "maxProperties": MOST_ENTRIES},
        ],
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _text() -> Schema:
    return {"type": "string", "minLength": 1}


def _pattern(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _described(schema: Schema, meaning: str) -> Schema:
    return {**schema, "description": meaning}


def _list(items: Schema, most: int = MOST_ENTRIES) -> Schema:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most}


def _mapping(keys: Mapping[str, Schema], required: Iterable[str] = ()) -> dict[str, object]:
    schema = {"type": "object", "properties": dict(keys), "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def _any_of(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _one_of(keys: Iterable[str]) -> Schema:
    return {"oneOf": [{"required": [key]} for key in keys]}


def _at_most_one(keys: Iterable[str]) -> Schema:
    return {
        "oneOf": [
            *({"required": [key]} for key in keys),
            {"not": _any_of(*({"required": [key]} for key in keys))},
        ]
    }


def _forbid(keys: Iterable[str]) -> dict[str, object]:
    return {"properties": dict.fromkeys(keys, False)}


def _when(key: str, then: Schema) -> Schema:
    return {"if": {"required": [key]}, "then": then}
