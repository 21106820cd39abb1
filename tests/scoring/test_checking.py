"""Rules against columns: fields and properties that are not there, tests that cannot apply."""

from __future__ import annotations

import pytest

from firstcall.scoring.checking import check_columns
from firstcall.scoring.columns import Column, Columns, RecordColumns, Storage, TouchpointColumns
from firstcall.scoring.reading import read_rule
from firstcall.scoring.values import Kind

FIELDS = {
    "job_title": Kind.TEXT,
    "employees": Kind.NUMBER,
    "subscribed": Kind.TRUTH,
    "signed_on": Kind.DATE,
    "created_at": Kind.TIME,
    "tags": Kind.LIST,
    "blank": Kind.EMPTY,
}


def columns(
    fields: dict[str, Kind] = FIELDS, properties: tuple[str, ...] = (), *, has_json: bool = False
) -> Columns:
    def named(names: dict[str, Kind]) -> dict[str, Column]:
        return {
            name: Column(name, f"c{i}", Storage.TEXT, kind) for i, (name, kind) in enumerate(names.items())
        }

    touchpoints = TouchpointColumns(has_json=has_json, properties=named(dict.fromkeys(properties, Kind.TEXT)))
    return Columns(RecordColumns(named(fields)), touchpoints)


def said(rule: str, known: Columns | None = None) -> list[str]:
    """What checking says, as `column severity code path | says | fix`, of criteria one a line."""
    loaded = read_rule("name: R\nmodule: leads\n" + rule)
    return [
        f"{p.place.line}:{p.place.column} {p.severity} {p.code} {p.json_path} | {p.says} | {p.fix}"
        for p in check_columns(loaded, known or columns())
        if p.place
    ]


def of_field(written: str) -> list[str]:
    return said(f"criteria: [{{name: A, {written}, points: 1}}]\n")


def test_a_fitting_rule_has_no_problem() -> None:
    rule = """criteria:
- {name: A, field: job_title, is: "true", in: [a, 5], contains: x, has_word: y, empty: false, points: 1}
- {name: B, field: employees, is: "5", in: [1, 2.5], between: [1, 10], gt: 5, points: 1}
- {name: C, field: subscribed, is: true, points: 1}
- {name: D, field: signed_on, is: 2026-01-31, before: 2026-01-01, in_last: 3 days, gt: 2026-01-01, points: 1}
- {name: E, field: created_at, in_next: 3 days, older_than: 1 week, is_not: 2026-01-31, points: 1}
- {name: F, field: tags, contains: x, gt: 5, is: true, before: 2026-01-01, points: 1}
- {name: G, field: blank, contains: x, gt: 5, is: true, in_last: 1 day, points: 1}
- {name: H, days_since: web.visited, each: -1}
- {name: I, touchpoint: web.visited, where: {property: path, is: /}, sum: duration, gt: 1, points: 1}
"""
    assert said(rule, columns(properties=("path", "duration"))) == []


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (
            "field: job_titel, is: x",
            "3:29 error unknown-field criteria[0].field | The records have no field `job_titel`. "
            "| Did you mean `job_title`?",
        ),
        (
            "field: zzz, is: x",
            "3:29 error unknown-field criteria[0].field | The records have no field `zzz`. | Their fields are "
            "`blank`, `created_at`, `employees`, `job_title`, `signed_on`, `subscribed`, `tags`.",
        ),
        (
            "field: job_title, is: true",
            "3:40 error unfit-test criteria[0].is | `job_title` is text and can never be true. "
            '| To compare with the text, quote it: "true".',
        ),
        (
            "field: job_title, not_in: [a, false]",
            "3:40 error unfit-test criteria[0].not_in | `job_title` is text and can never be false. "
            '| To compare with the text, quote it: "false".',
        ),
        (
            "field: job_title, gt: 5",
            "3:40 error unfit-test criteria[0].gt | `gt` cannot apply to `job_title`, which is text. "
            "| Tests for text are `is`, `in`, `contains`, `starts_with`, `ends_with`, `has_word` and `empty`.",
        ),
        (
            "field: job_title, in_last: 3 days",
            "3:40 error unfit-test criteria[0].in_last | `in_last` cannot apply to `job_title`, which is text. "
            "| If these are dates, write them as YYYY-MM-DD or RFC 3339 times in the file.",
        ),
        (
            "field: employees, contains: x",
            "3:40 error unfit-test criteria[0].contains | `contains` cannot apply to `employees`, which is a number. "
            "| Tests for numbers are `is`, `in`, `gt`, `gte`, `lt`, `lte`, `between` and `empty`.",
        ),
        (
            "field: employees, is: many",
            "3:40 error unfit-test criteria[0].is | `employees` is a number and can never be “many”. "
            "| Compare with a number.",
        ),
        (
            "field: employees, gt: 2026-01-01",
            "3:40 error unfit-test criteria[0].gt | `gt` cannot apply to `employees`, which is a number. "
            "| Tests for numbers are `is`, `in`, `gt`, `gte`, `lt`, `lte`, `between` and `empty`.",
        ),
        (
            "field: subscribed, is: 'yes'",
            "3:41 error unfit-test criteria[0].is | `subscribed` is true/false and can never be “yes”. "
            "| Write true or false, without quotes.",
        ),
        (
            "field: signed_on, is: soon",
            "3:40 error unfit-test criteria[0].is | `signed_on` is a date and can never be “soon”. "
            "| Compare with a day like 2026-01-31 or a time like 2026-01-31T09:00:00Z.",
        ),
        (
            "field: created_at, gt: 5",
            "3:41 error unfit-test criteria[0].gt | `gt` cannot apply to `created_at`, which is a time. | Tests for "
            "times are `before`, `after`, `between`, `in_last`, `in_next`, `older_than` and `empty`.",
        ),
        (
            "field: tags, in_last: 3 days",
            "3:35 error unfit-test criteria[0].in_last | `in_last` cannot apply to `tags`, which is a list. | Tests "
            "for lists look at each entry: `is`, `contains`, `has_word`, `gt` and so on, and `empty`.",
        ),
    ],
)
def test_fields(written: str, problem: str) -> None:
    assert of_field(written) == [problem]


def test_id_is_no_field() -> None:
    (problem,) = of_field("field: id, is: x")
    assert "The records have no field `id`." in problem


def test_records_without_fields() -> None:
    (problem,) = said("criteria: [{name: A, field: f, is: x, points: 1}]\n", columns({}))
    assert problem.endswith("| They have no fields at all besides `id`.")


def test_every_place_of_a_rule_is_checked_at_once() -> None:
    rule = """applies_to: [{not: {field: job_title, gt: 1}}]
criteria:
- {name: Off, field: nowhere, is: x, points: 1, enabled: false}
- name: A
  all: [{any: [{field: emploies, gt: 1}]}, {touchpoint: "*"}]
  points: 1
- name: B
  field: subscribed
  table: [{is: true, points: 1}, {contains: x, points: 2}, {points: 1}]
"""
    assert [line.split(" | ")[0] for line in said(rule)] == [
        "3:39 error unfit-test applies_to[0].not.gt",
        "7:24 error unknown-field criteria[1].all[0].any[0].field",
        "11:35 error unfit-test criteria[2].table[1].contains",
    ]


def test_properties_that_no_touchpoint_has() -> None:
    rule = """criteria:
- {name: A, touchpoint: a.b, where: {property: pth, is: x}, points: 1}
- {name: B, touchpoint: a.b, where: [{property: path, is: x}, {property: zzz, is: x}], sum: duratoin, gt: 1, points: 1}
- {name: C, days_since: a.b, where: {property: pth, is: x}, each: 1}
"""
    known = columns(properties=("path", "duration"))
    nearest = "No touchpoint has a property `pth`. | Did you mean `path`?"
    assert said(rule, known) == [
        f"4:48 warning unknown-property criteria[0].where.property | {nearest}",
        "5:74 warning unknown-property criteria[1].where[1].property | No touchpoint has a property `zzz`. "
        "| Check its spelling; it counts as missing everywhere.",
        "5:93 warning unknown-property criteria[1].sum | No touchpoint has a property `duratoin`. "
        "| Did you mean `duration`?",
        f"6:48 warning unknown-property criteria[2].where.property | {nearest}",
    ]
    assert said(rule, columns(has_json=True)) == []
    assert said(rule, Columns(columns().records)) == []


@pytest.mark.parametrize(
    ("fields", "which"),
    [
        ({}, "that have no `created_at`"),
        ({"created_at": Kind.EMPTY}, "that have no `created_at`"),
        ({"created_at": Kind.TEXT}, "whose `created_at` is text"),
        ({"created_at": Kind.NUMBER}, "whose `created_at` is a number"),
    ],
)
def test_days_since_wants_created_at(fields: dict[str, Kind], which: str) -> None:
    assert said("criteria: [{name: A, days_since: a.b, each: 1}]\n", columns(fields)) == [
        "3:22 warning no-created-at criteria[0].days_since | `days_since` counts from `created_at` where nothing "
        f"matched, and these are records {which}. "
        "| Give them one with a date or time, or the days are missing there."
    ]
