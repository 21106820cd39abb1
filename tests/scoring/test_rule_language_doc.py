"""`docs/rule-language.md` is true: its rules load, its rows and figures are computed, no key or test is missing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from firstcall.scoring.documents.from_yaml import resolve
from firstcall.scoring.evaluating import evaluate
from firstcall.scoring.measuring import Record, Touchpoint
from firstcall.scoring.numbers import format_points
from firstcall.scoring.operators import meets
from firstcall.scoring.problems import RuleError
from firstcall.scoring.reading import LoadedRule, read_rule
from firstcall.scoring.reading.vocabulary import CRITERION_KEYS, RULE_KEYS, TEST_KEYS
from firstcall.scoring.rules import Measured, Points, Rule
from firstcall.scoring.times import DAY, parse_moment
from firstcall.scoring.values import Value

DOC = (Path(__file__).parents[2] / "docs" / "rule-language.md").read_text("utf-8")
NOON = parse_moment("2026-06-15T12:00:00Z") or 0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HEAD = "name: R\nmodule: leads\ncriteria:\n"


def section(heading: str) -> str:
    return DOC.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(text: str, columns: int) -> list[tuple[str, ...]]:
    """The rows of the tables with so many columns, without their headings."""
    cells = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in text.splitlines()
        if line[:1] == "|"
    ]
    ruled = [index for index, row in enumerate(cells) if set(row[0]) == {"-"}]
    headings = {*ruled, *(index - 1 for index in ruled)}
    return [row for index, row in enumerate(cells) if index not in headings and len(row) == columns]


def blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", DOC, flags=re.DOTALL)


def load(block: str) -> LoadedRule:
    return read_rule(block if block.startswith("name:") else HEAD + block)


def of_criterion(written: str) -> Rule:
    return read_rule(f"{HEAD}- {{name: A, {written}}}\n").rule


@pytest.mark.parametrize("block", blocks())
def test_every_example_loads_without_a_warning(block: str) -> None:
    assert load(block).warnings == ()


def test_every_key_is_shown_in_an_example_or_a_row() -> None:
    shown = set(re.findall(r"(\w+):", DOC))
    assert {
        *RULE_KEYS,
        *CRITERION_KEYS,
        "property",
        "lose",
        "minimum",
        "maximum",
        "at_least",
        "fit",
    } - shown == set()


def cases_of_tests() -> list[tuple[str, str, str]]:
    return [(row[0].strip("`"), row[1], row[2]) for row in rows(section("Which values meet a test"), 3)]


def value_of(cell: str) -> Value:
    """The value a cell shows: nothing, true or false, a number, a date or time, else text."""
    if cell == "nothing":
        return Value(None)
    raw = resolve(cell.strip("`"))
    if isinstance(raw, str) and (moment := parse_moment(raw)) is not None:
        return Value(EPOCH + timedelta(microseconds=moment))
    return Value(raw)


@pytest.mark.parametrize(("written", "met_by", "not_met_by"), cases_of_tests())
def test_the_values_meet_the_tests_as_shown(written: str, met_by: str, not_met_by: str) -> None:
    condition = of_criterion(f"field: f, {written}, points: 1").criteria[0].condition
    assert isinstance(condition, Measured)
    (test,) = condition.tests
    for cell, expected in ((met_by, True), (not_met_by, False)):
        assert (meets(test.operator, value_of(cell), NOON) is not test.negated) is expected, cell


def test_every_test_is_shown_with_values() -> None:
    shown = {written.split(":")[0] for written, _, _ in cases_of_tests()}
    assert set(TEST_KEYS) - shown == set()


def test_each_is_worth_what_is_shown() -> None:
    shown = [row for row in rows(section("What it is worth"), 3) if row[0].startswith("`each")]
    assert len(shown) == 6
    for written, value, points in shown:
        rule = of_criterion(f"touchpoint: a.b, sum: p, {written.strip('`')}")
        touchpoint = Touchpoint("a.b", NOON, {"p": Value(Decimal(value))})
        score = evaluate(rule, Record({}), [touchpoint], NOON)
        assert score is not None
        assert format_points(score.total) == points, written


def test_decay_fades_as_shown() -> None:
    shown = [row for row in rows(section("What it is worth"), 3) if row[1].startswith("`{lose")]
    assert len(shown) == 4
    for points, decay, steps in shown:
        worth = (
            of_criterion(f"touchpoint: a.b, points: {points}, decay: {decay.strip('`')}").criteria[0].worth
        )
        assert isinstance(worth, Points)
        assert worth.decay is not None
        ladder = [format_points(step) for step in worth.decay.ladder(worth.points)]
        expected = steps.removesuffix(" …").split(", ")
        assert (ladder[: len(expected)] if steps.endswith("…") else ladder) == expected


def test_adas_score_is_the_one_shown() -> None:
    rule = load(blocks()[0]).rule
    touchpoints = [Touchpoint("email.replied", NOON - DAY, {})] * 4
    touchpoints += [Touchpoint("email.clicked", NOON - DAY, {})] * 11
    touchpoints += [Touchpoint("web.visited", NOON - 24 * DAY, {})]
    score = evaluate(rule, Record({"job_title": Value("Director of Sales")}), touchpoints, NOON)
    assert score is not None
    shown = rows(section("One rule, one score"), 3)
    lines = [
        (line.name, "" if line.value is None else str(line.value), format_points(line.points))
        for line in score.lines
    ]
    assert lines == shown
    told = dict(re.findall(r"`(\w+)` (-?\d+)", section("One rule, one score")))
    assert {figure: format_points(getattr(score, figure)) for figure in told} == told
    assert len(told) == 6
    assert score.grade == "Warm"


def test_what_contacts_do_counts_for_their_account_as_shown() -> None:
    shown = [row for row in rows(section("What to measure"), 2) if row[0].startswith("`")]
    assert len(shown) == 4
    monday = NOON  # 2026-06-15
    days = (0, 1, 1, 4)
    visits = [Touchpoint("web.visited", monday + day * DAY, {}) for day in days]
    for written, value in shown:
        measure = written.split("`")[1]
        rule = of_criterion(f"{measure}, of: contacts, table: [{{gte: 0, points: 1}}]")
        score = evaluate(rule, Record({}), [], monday + 6 * DAY, of={"contacts": visits})
        assert score is not None
        assert str(score.lines[0].value) == value, written


@pytest.mark.parametrize(
    "written", [row[0].strip("`") for row in rows(section("What is refused, and what to write instead"), 2)]
)
def test_what_is_said_to_be_refused_is(written: str) -> None:
    with pytest.raises(RuleError):
        of_criterion(written)


def test_what_yaml_makes_of_words() -> None:
    table = {row[0]: row[1] for row in rows(section("YAML and JSON"), 2)}
    words = {cell: re.findall(r"`([^`]+)`", cell) for cell in table}
    by_meaning = {table[cell]: [resolve(word) for word in found] for cell, found in words.items()}
    assert by_meaning["true, false: these two words alone"] == [True, False]
    assert by_meaning["text"] == ["NO", "yes", "on", "True"]
    assert by_meaning["text; the last compares with dates"] == ["1:30", "1_000", "2026-01-31"]
    assert by_meaning["the numbers 10, 31, 1000"] == [10, 31, 1000]
    assert by_meaning["nothing, which no key takes"] == [None, None]
