"""The words of the rule language and its bounds. `reading` and `schema` are both made from these tables."""

from __future__ import annotations

import re

from firstcall.scoring.operators import NEGATIVE_TESTS, POSITIVE_TESTS
from firstcall.scoring.rules import Aggregate

RULE_KEYS = ("name", "module", "description", "applies_to", "criteria", "groups", "limits", "grades")
REQUIRED_RULE_KEYS = ("name", "module", "criteria")

MEASURES = ("field", "touchpoint", "days_since")
COMBINATIONS = ("all", "any", "not")
SUBJECTS = (*MEASURES, *COMBINATIONS)
AGGREGATES = {
    "sum": Aggregate.SUM,
    "max": Aggregate.MAX,
    "min": Aggregate.MIN,
    "distinct": Aggregate.DISTINCT,
    "distinct_days": Aggregate.DISTINCT_DAYS,
    "busiest": Aggregate.BUSIEST,
    "latest": Aggregate.LATEST,
}
# The first two are tests on a field.
WINDOW_KEYS = ("in_last", "older_than", "from", "to")
TEST_KEYS = (*POSITIVE_TESTS, *NEGATIVE_TESTS)
# Tests that move with time; they are for fields alone.
MOVING_TESTS = ("in_last", "in_next", "older_than")
WORTHS = ("points", "each", "table")
EACH_KEYS = ("every", "at_most")
WORTH_KEYS = (*WORTHS, *EACH_KEYS, "decay")

CONDITION_KEYS = tuple(dict.fromkeys((*SUBJECTS, "of", "where", *WINDOW_KEYS, *AGGREGATES, *TEST_KEYS)))
CRITERION_ONLY_KEYS = ("name", "group", "enabled", *WORTH_KEYS)
CRITERION_KEYS = (*CRITERION_ONLY_KEYS, *CONDITION_KEYS)
PROPERTY_TEST_KEYS = tuple(key for key in TEST_KEYS if key not in MOVING_TESTS)

# What people write who know other tools; the right word is nearer to these than any spelling tells.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "activity": ("touchpoint",),
    "activities": ("touchpoint",),
    "event": ("touchpoint",),
    "signal": ("touchpoint",),
    "attribute": ("field",),
    "column": ("field",),
    "title": ("name",),
    "label": ("name",),
    "score": ("points",),
    "weight": ("points",),
    "value": ("points",),
    "cap": ("at_most",),
    "limit": ("at_most",),
    "max_points": ("at_most",),
    "and": ("all",),
    "or": ("any",),
    "none": ("not",),
    "count": ("gte",),
    "at_least": (
        "gte",
        "minimum",
    ),
    "min_count": ("gte",),
    "equals": ("is",),
    "eq": ("is",),
    "not_equals": ("is_not",),
    "neq": ("is_not",),
    "greater_than": ("gt",),
    "more_than": ("gt",),
    "less_than": ("lt",),
    "one_of": ("in",),
    "within": ("in_last",),
    "since": ("from",),
    "until": ("to",),
    "filter": ("where",),
    "filters": ("where",),
    "related": ("of",),
    "among": ("of",),
    "average": ("sum",),
    "unique": ("distinct",),
    "last": ("latest",),
    "rows": ("table",),
    "default": ("points",),
    "disabled": ("enabled",),
    "active": ("enabled",),
    "conditions": ("applies_to",),
    "filter_by": ("applies_to",),
    "rules": ("criteria",),
    "field": ("property",),
    "key": ("property",),
    "name": ("property",),
    "prop": ("property",),
    "min": ("minimum", "at_least"),
    "max": ("maximum", "at_most"),
    "at_most": ("maximum",),
    "touchpoint": ("touchpoints",),
    "half_life": ("decay",),
    "lose_every": ("every",),
}

MOST_CRITERIA = 200
MOST_ENTRIES = 1_000
DEEPEST_CONDITION = 10

LARGEST_POINTS = 1_000_000_00  # hundredths
LEAST_EVERY = 1  # hundredths
LEAST_SHARE, MOST_SHARE = 100, 10_000  # hundredths of a percent

TYPE = re.compile(r"\*|[a-z0-9_]+\.(\*|[a-z0-9_]+)")
DURATION = re.compile(r"[0-9]+ (minute|hour|day|week)s?")
# A module or a look-up, or several that lead from one to the next.
PEOPLE = re.compile(r"[^.]+(\.[^.]+)*")
SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?)%")
