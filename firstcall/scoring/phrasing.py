"""The parts of a rule in plain English, and a sentence for every condition and criterion."""

from __future__ import annotations

import re
from collections.abc import Sequence

from firstcall.scoring.numbers import MILLION, format_points, format_scaled
from firstcall.scoring.operators import Compare
from firstcall.scoring.rules import (
    Aggregate,
    All,
    Any,
    Condition,
    Criterion,
    DaysSinceMeasure,
    Decay,
    Each,
    FieldMeasure,
    Measure,
    Measured,
    Not,
    Points,
    PropertyTest,
    Table,
    Test,
    TouchpointMeasure,
    Window,
    Worth,
)
from firstcall.scoring.times import format_duration, format_moment

# A field of another record, as against a column whose name has a dot in it.
_REACHED = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def sentence(criterion: Criterion) -> str:
    """The criterion as one sentence: `Looked at the prices: +25 when there was a web.visited …`."""
    return f"{criterion.name}: {_worth_phrase(criterion.condition, criterion.worth)}"


def condition_sentence(condition: Condition) -> str:
    """The condition as a clause that can follow `when`."""
    match condition:
        case Measured(measure, tests):
            return _presence(measure, tests) or f"{measure_phrase(measure)} {predicates(tests)}"
        case All(conditions):
            return _joined(conditions, " and ")
        case Any(conditions):
            return _joined(conditions, " or ")
        case Not(inner):
            return f"not ({condition_sentence(inner)})"


def signed(points: int) -> str:
    """Hundredths of points as people read a gain or a loss.

    >>> signed(2500), signed(-50), signed(0)
    ('+25', '-0.5', '0')
    """
    return ("+" if points > 0 else "") + format_points(points)


def measure_phrase(measure: Measure) -> str:
    """What is measured, as the subject of a sentence."""
    match measure:
        case FieldMeasure(name):
            return name.replace(".", " ") if _REACHED.fullmatch(name) else name
        case DaysSinceMeasure():
            return f"the number of days since the last {touchpoints_phrase(measure)}"
        case TouchpointMeasure():
            return _aggregate_phrase(measure)


def _aggregate_phrase(measure: TouchpointMeasure) -> str:
    what, noun = measure.property, touchpoints_phrase(measure, plural=True)
    match measure.aggregate:
        case Aggregate.COUNT:
            return f"the number of {noun}"
        case Aggregate.SUM:
            return f"the sum of {what} over {noun}"
        case Aggregate.MAX:
            return f"the greatest {what} of {noun}"
        case Aggregate.MIN:
            return f"the smallest {what} of {noun}"
        case Aggregate.LATEST:
            return f"the latest {what} of {noun}"
        case Aggregate.DISTINCT:
            return f"the number of different {what} of {noun}"
        case Aggregate.DISTINCT_DAYS:
            return f"the number of days with {noun}"
        case Aggregate.BUSIEST:
            return f"the most {noun} within {format_duration(measure.span or 0)}"


def touchpoints_phrase(measure: TouchpointMeasure | DaysSinceMeasure, *, plural: bool = False) -> str:
    """Which touchpoints are meant: `web.visited in the last 30 days whose path starts with “/pricing”`."""
    window = _window_phrase(measure.window) if isinstance(measure, TouchpointMeasure) else ""
    whose = f" of {measure.of}" if measure.of else ""
    return types_phrase(measure.types, plural=plural) + whose + window + _where_phrase(measure.where)


def types_phrase(types: Sequence[str], *, plural: bool = False) -> str:
    """
    >>> types_phrase(("email.clicked", "web.*")), types_phrase(("*",), plural=True)
    ('email.clicked or web touchpoint', 'touchpoints')
    """
    noun = "touchpoints" if plural else "touchpoint"
    if "*" in types:
        return noun
    return " or ".join(f"{t.removesuffix('.*')} {noun}" if t.endswith(".*") else t for t in types)


def _window_phrase(window: Window) -> str:
    parts = []
    if window.in_last is not None:
        parts.append(f" in the last {_span(window.in_last)}")
    if window.older_than is not None:
        parts.append(f" at least {format_duration(window.older_than)} ago")
    if window.start is not None:
        parts.append(f" from {format_day(window.start)}")
    if window.end is not None:
        parts.append(f" before {format_day(window.end)}")
    return "".join(parts)


def _span(duration: int) -> str:
    return format_duration(duration).removeprefix("1 ")


def format_day(moment: int) -> str:
    """The moment, as a date where it is a midnight.

    >>> format_day(0), format_day(1_000_000)
    ('1970-01-01', '1970-01-01T00:00:01Z')
    """
    return format_moment(moment).removesuffix("T00:00:00Z")


def _where_phrase(where: Sequence[PropertyTest]) -> str:
    clauses = [f"whose {entry.property} {predicates(entry.tests)}" for entry in where]
    return " " + " and ".join(clauses) if clauses else ""


def predicates(tests: Sequence[Test]) -> str:
    """The tests as predicates, after the name of what is tested."""
    return " and ".join(test.operator.phrase(test.negated) for test in tests)


def _presence(measure: Measure, tests: Sequence[Test]) -> str | None:
    """A count that only asks whether there is one, said so."""
    if not isinstance(measure, TouchpointMeasure) or measure.aggregate is not Aggregate.COUNT:
        return None
    noun = touchpoints_phrase(measure)
    if asks_for_one(tests):
        return f"there was {_article(noun)}{noun}"
    if (
        len(tests) == 1
        and not tests[0].negated
        and tests[0].operator.phrase(negated=False) == "is less than 1"
    ):
        return f"there was no {noun}"
    return None


def asks_for_one(tests: Sequence[Test]) -> bool:
    """Whether the tests are the `gte: 1` of a count without a test."""
    match tests:
        case [Test(operator=Compare(">=", operand), negated=False)]:
            return operand.number == MILLION
    return False


def _article(noun: str) -> str:
    return "an " if noun[0] in "aeiou" else "a "


def _joined(conditions: Sequence[Condition], word: str) -> str:
    return word.join(
        f"({condition_sentence(inner)})" if isinstance(inner, All | Any) else condition_sentence(inner)
        for inner in conditions
    )


def _worth_phrase(condition: Condition, worth: Worth) -> str:
    match worth:
        case Points(points, decay):
            fading = f", fading by {loss_phrase(decay)} from the latest one" if decay else ""
            return f"{signed(points)} when {_points_condition(condition, decay)}{fading}"
        case Each(points, every, at_most, decay):
            fading = f", each losing {loss_phrase(decay)}" if decay else ""
            bound = "" if at_most is None else f", {format_points(at_most)} at most"
            return f"{signed(points)} for {_unit(condition, every)}{fading}{bound}"
        case Table(rows):
            subject = measure_phrase(condition.measure) if isinstance(condition, Measured) else ""
            cases = [
                signed(row.points) + (f" when it {predicates(row.tests)}" if row.tests else "")
                for row in rows
            ]
            otherwise = [] if not rows[-1].tests else ["0"]
            return f"by {subject}: " + ", else ".join(cases + otherwise)


def _points_condition(condition: Condition, decay: Decay | None) -> str:
    """A fading criterion carries no tests: it asks for one touchpoint at least."""
    if decay and isinstance(condition, Measured) and isinstance(condition.measure, TouchpointMeasure):
        noun = touchpoints_phrase(condition.measure)
        return f"there was {_article(noun)}{noun}"
    return condition_sentence(condition)


def loss_phrase(decay: Decay) -> str:
    """What is lost each step: `50% every 30 days`."""
    every = _span(decay.every)
    if decay.lose_points is not None:
        points = format_points(decay.lose_points)
        return f"{points} {'point' if decay.lose_points == 100 else 'points'} every {every}"
    return f"{format_points(decay.lose_share or 0)}% every {every}"


def _unit(condition: Condition, every: int) -> str:
    """What `each` counts: `each email.replied`, `every 7 days since the last web.visited`."""
    if not isinstance(condition, Measured):
        return ""
    measure, size = condition.measure, format_scaled(every, 6)
    if isinstance(measure, FieldMeasure):
        return ""
    noun, nouns = touchpoints_phrase(measure), touchpoints_phrase(measure, plural=True)
    match measure:
        case DaysSinceMeasure():
            return (f"every {size} days" if every != MILLION else "each day") + f" since the last {noun}"
        case TouchpointMeasure(aggregate=Aggregate.COUNT):
            return f"each {noun}" if every == MILLION else f"every {size} {nouns}"
        case TouchpointMeasure(aggregate=Aggregate.DISTINCT) if every == MILLION:
            return f"each different {measure.property} of {nouns}"
        case TouchpointMeasure(aggregate=Aggregate.DISTINCT_DAYS) if every == MILLION:
            return f"each day with {nouns}"
    return f"every {size} of {measure_phrase(measure)}"
