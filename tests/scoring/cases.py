"""Scenarios as data: reads `cases/*.yaml`. They name no engine; every engine runs the same ones.

A file holds one or more YAML documents, each a rule with examples:

    about: what is shown
    as_of: 2025-06-15T12:00:00Z
    fields: {employees: number}             # the kind of each field of the records
    rule: {…}                               # `name` and `module` may be left out
    examples:
      - name: one microsecond outside
        record: {employees: 40}             # fields left out are missing
        touchpoints: [[web.visited, as_of - 3 days - 1 microsecond, {path: /pricing}]]
        expect:
          total: 15                         # any of the figures, in points
          grade: Hot
          next_change_at: as_of + 1 minute
          earning: [Looked]                 # exactly the criteria whose points are not 0
          lines: {Looked: {points: 15, value: 1, next_change_at: null}, Other: 0}
          scored: false                     # outside applies_to
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from firstcall.scoring.evaluating import Record, Touchpoint, evaluate
from firstcall.scoring.numbers import format_points, hundredths
from firstcall.scoring.reading import read_rule
from firstcall.scoring.scores import Line, Score
from firstcall.scoring.times import DAY, HOUR, MINUTE, SECOND, WEEK, format_moment, moment_of, parse_moment
from firstcall.scoring.values import Kind, Value

FOLDER = Path(__file__).parent / "cases"
FIGURES = (
    "positive",
    "negative",
    "touchpoint_positive",
    "touchpoint_negative",
    "touchpoint_total",
    "total",
)
UNSAID = object()  # what an expectation leaves open
_UNITS = {"microsecond": 1, "second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY, "week": WEEK}
_STEP = re.compile(r" ([+-]) ([0-9]+) (microsecond|second|minute|hour|day|week)s?")


class RawTouchpoint(NamedTuple):
    """A touchpoint before any engine: `occurred_at` in microseconds, properties as JSON has them."""

    type: str
    occurred_at: int
    properties: Mapping[str, object]


@dataclass(frozen=True)
class ExpectedLine:
    """What one line of the explanation must show; points in hundredths."""

    points: object = UNSAID
    value: object = UNSAID
    next_change_at: object = UNSAID


@dataclass(frozen=True)
class Expectation:
    """What a score must show; figures in hundredths."""

    scored: bool = True
    figures: Mapping[str, int] = field(default_factory=dict)
    grade: object = UNSAID
    next_change_at: object = UNSAID
    lines: Mapping[str, ExpectedLine] = field(default_factory=dict)
    earning: frozenset[str] | None = None

    def disagreements(self, score: Score | None) -> list[str]:
        """Everything in which the score is not as expected, in words; moments as RFC 3339."""
        if score is None or not self.scored:
            return [] if self.scored == (score is not None) else [f"scored: {score is not None}"]
        found = [
            _difference(name, format_points(getattr(score, name)), format_points(expected))
            for name, expected in self.figures.items()
        ]
        found.append(_difference("grade", score.grade, self.grade))
        found.append(_difference("next_change_at", _shown(score.next_change_at), _shown(self.next_change_at)))
        found += self._line_differences(score.lines)
        return [difference for difference in found if difference]

    def _line_differences(self, lines: Sequence[Line]) -> list[str]:
        by_name = {line.name: line for line in lines}
        found = [f"no line {name}" for name in self.lines if name not in by_name]
        for name, expected in self.lines.items():
            if name in by_name:
                found += _line_difference(by_name[name], expected)
        if self.earning is not None:
            earning = {line.name for line in lines if line.kind == "criterion" and line.points}
            found.append(_difference("earning", sorted(earning), sorted(self.earning)))
        return found


@dataclass(frozen=True)
class Case:
    """One example: a rule's text (JSON), a typed record, touchpoints, a moment, and what must come out."""

    id: str
    file: str
    rule_text: str
    fields: Mapping[str, Kind]
    record: Mapping[str, object]
    touchpoints: Sequence[RawTouchpoint]
    as_of: int
    expect: Expectation


def as_record(fields: Mapping[str, object]) -> Record:
    """The record that the reference evaluates."""
    return Record({name: Value(value) for name, value in fields.items()})


def as_touchpoints(touchpoints: Sequence[RawTouchpoint]) -> list[Touchpoint]:
    """The touchpoints that the reference evaluates."""
    return [
        Touchpoint(raw.type, raw.occurred_at, {name: Value(value) for name, value in raw.properties.items()})
        for raw in touchpoints
    ]


def reference_score(case: Case) -> Score | None:
    """What the reference evaluator makes of the case."""
    rule = read_rule(case.rule_text, "rule.json").rule
    return evaluate(rule, as_record(case.record), as_touchpoints(case.touchpoints), case.as_of)


@cache
def load_cases() -> list[Case]:
    """Every example of every file, in order."""
    return [case for path in sorted(FOLDER.glob("*.yaml")) for case in _read_file(path)]


class _TextDates(SafeConstructor):
    """Dates stay text, as in a rule."""


_TextDates.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def _read_file(path: Path) -> Iterator[Case]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _TextDates
    for document in yaml.load_all(path.read_text(encoding="utf-8")):
        rule = {"name": document["about"], "module": "leads", **document["rule"]}
        fields = {name: Kind(kind) for name, kind in document.get("fields", {}).items()}
        names = [example["name"] for example in document["examples"]]
        assert len(set(names)) == len(names), f"{path.name}: {document['about']}: two examples of one name"
        for example in document["examples"]:
            yield _read_example(example, document, path, rule, fields)


def _read_example(example: dict, document: dict, path: Path, rule: dict, fields: Mapping[str, Kind]) -> Case:
    unknown = set(example) - {"name", "as_of", "record", "touchpoints", "expect"}
    assert not unknown, f"{path.name}: {example['name']}: {unknown}"
    as_of = _moment(example.get("as_of", document["as_of"]), 0)
    given = example.get("record") or {}
    assert set(given) <= set(fields), f"{path.name}: {example['name']}: fields without a kind"
    return Case(
        id=f"{path.stem}: {document['about']}: {example['name']}",
        file=path.name,
        rule_text=json.dumps(rule, ensure_ascii=False),
        fields=fields,
        record={name: _field_value(given.get(name), kind, as_of) for name, kind in fields.items()},
        touchpoints=[
            RawTouchpoint(entry[0], _moment(entry[1], as_of), entry[2] if len(entry) > 2 else {})
            for entry in example.get("touchpoints") or []
        ],
        as_of=as_of,
        expect=_expectation(example["expect"], as_of, rule),
    )


def _field_value(value: object, kind: Kind, as_of: int) -> object:
    match kind:
        case _ if value is None:
            return None
        case Kind.NUMBER:
            return Decimal(str(value))
        case Kind.DATE:
            return date.fromisoformat(str(value))
        case Kind.TIME:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=_moment(value, as_of))
    expected = {Kind.TEXT: str, Kind.TRUTH: bool, Kind.LIST: list}[kind]
    assert isinstance(value, expected), f"{value!r} is no {kind}"
    return value


def _moment(written: object, as_of: int) -> int:
    """`2025-06-15T12:00:00Z`, or `as_of - 3 days + 1 microsecond`."""
    text = str(written)
    if not text.startswith("as_of"):
        moment = parse_moment(text)
        assert moment is not None, f"no moment: {text}"
        return moment
    steps = text.removeprefix("as_of")
    assert _STEP.sub("", steps) == "", f"no moment: {text}"
    return as_of + sum(int(sign + count) * _UNITS[unit] for sign, count, unit in _STEP.findall(steps))


def _expectation(expect: dict, as_of: int, rule: dict) -> Expectation:
    known = {*FIGURES, "grade", "next_change_at", "lines", "earning", "scored"}
    assert set(expect) <= known, set(expect) - known
    names = {criterion["name"] for criterion in rule["criteria"]}
    earning = expect.get("earning")
    assert earning is None or set(earning) <= names, set(earning) - names
    return Expectation(
        scored=expect.get("scored", True),
        figures={name: _points(expect[name]) for name in FIGURES if name in expect},
        grade=expect.get("grade", UNSAID),
        next_change_at=_expected_moment(expect.get("next_change_at", UNSAID), as_of),
        lines={name: _expected_line(line, as_of) for name, line in expect.get("lines", {}).items()},
        earning=None if earning is None else frozenset(earning),
    )


def _expected_line(line: object, as_of: int) -> ExpectedLine:
    if not isinstance(line, dict):
        return ExpectedLine(points=_points(line))
    assert set(line) <= {"points", "value", "next_change_at"}, set(line)
    return ExpectedLine(
        points=_points(line["points"]) if "points" in line else UNSAID,
        value=line.get("value", UNSAID),
        next_change_at=_expected_moment(line.get("next_change_at", UNSAID), as_of),
    )


def _points(written: object) -> int:
    points = hundredths(Decimal(str(written)))
    assert points is not None, f"no points: {written}"
    return points


def _expected_moment(written: object, as_of: int) -> object:
    return written if written is None or written is UNSAID else _moment(written, as_of)


def _line_difference(line: Line, expected: ExpectedLine) -> list[str]:
    found = [
        _difference(f"{line.name}: value", plain_value(line.value), expected.value),
        _difference(
            f"{line.name}: next_change_at", _shown(line.next_change_at), _shown(expected.next_change_at)
        ),
    ]
    if isinstance(expected.points, int):
        found.append(
            _difference(f"{line.name}: points", format_points(line.points), format_points(expected.points))
        )
    return [difference for difference in found if difference]


def plain_value(value: object) -> object:
    """A line's value with moments as text and numbers comparable, as the files write them."""
    if isinstance(value, datetime):
        return format_moment(moment_of(value))
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _shown(moment: object) -> object:
    return format_moment(moment) if isinstance(moment, int) else moment


def _difference(what: str, found: object, expected: object) -> str:
    if expected is UNSAID or (found == expected and isinstance(found, bool) == isinstance(expected, bool)):
        return ""
    return f"{what} is {found!r}, expected {expected!r}"
