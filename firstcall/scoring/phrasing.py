"""The parts of a rule in plain words, and a sentence for every condition and criterion."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from firstcall.scoring.numbers import MILLION, format_points, format_scaled
from firstcall.scoring.operators import Compare, format_day, written
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
    Row,
    Table,
    Test,
    TouchpointMeasure,
    Window,
    Worth,
)
from firstcall.scoring.saying import AND, OR, Pattern, in_turn, number, said
from firstcall.scoring.spans import BENT, EVERY, LAST, span_phrase

# A field of another record, as against a column whose name has a dot in it.
_REACHED = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def sentence(criterion: Criterion) -> str:
    """The criterion as one sentence: `Looked at the prices: +25 when there was a web.visited …`."""
    return f"{criterion.name}: {worth_sentence(criterion)}"


def worth_sentence(criterion: Criterion) -> str:
    """The same without the criterion's name."""
    return _worth_phrase(criterion.condition, criterion.worth)


def condition_sentence(condition: Condition) -> str:
    """The condition as a clause that can follow `when`."""
    match condition:
        case Measured(measure, tests):
            return _presence(measure, tests) or _holds(measure_phrase(measure), tests)
        case All(conditions):
            return _joined(conditions, AND)
        case Any(conditions):
            return _joined(conditions, OR)
        case Not(inner):
            return said("not ({condition})", condition=condition_sentence(inner))


def _holds(subject: str, tests: Sequence[Test]) -> str:
    return said("{subject} {predicates}", subject=subject, predicates=predicates(tests))


def signed(points: int) -> str:
    """Hundredths of points as people read a gain or a loss.

    >>> signed(2500), signed(-50), signed(0)
    ('+25', '-0.5', '0')
    """
    return ("+" if points > 0 else "") + points_phrase(points)


def points_phrase(points: int) -> str:
    return number(format_points(points))


def measure_phrase(measure: Measure) -> str:
    """What is measured, as the subject of a sentence."""
    match measure:
        case FieldMeasure(name):
            return name.replace(".", " ") if _REACHED.fullmatch(name) else name
        case DaysSinceMeasure():
            touchpoint = touchpoints_phrase(measure)
            return said("the number of days since the last {touchpoint}", touchpoint=touchpoint)
        case TouchpointMeasure():
            return _aggregate_phrase(measure, _AGGREGATES)


_AGGREGATES = {
    Aggregate.COUNT: Pattern("the number of {touchpoints}"),
    Aggregate.SUM: Pattern("the sum of {property} over {touchpoints}"),
    Aggregate.MAX: Pattern("the greatest {property} of {touchpoints}"),
    Aggregate.MIN: Pattern("the smallest {property} of {touchpoints}"),
    Aggregate.LATEST: Pattern("the latest {property} of {touchpoints}"),
    Aggregate.DISTINCT: Pattern("the number of different {property} of {touchpoints}"),
    Aggregate.DISTINCT_DAYS: Pattern("the number of days with {touchpoints}"),
    Aggregate.BUSIEST: Pattern("the most {touchpoints} within {span}"),
}
_EVERY_OF = {
    Aggregate.SUM: Pattern("every {size} of the sum of {property} over {touchpoints}"),
    Aggregate.MAX: Pattern("every {size} of the greatest {property} of {touchpoints}"),
    Aggregate.MIN: Pattern("every {size} of the smallest {property} of {touchpoints}"),
    Aggregate.LATEST: Pattern("every {size} of the latest {property} of {touchpoints}"),
    Aggregate.DISTINCT: Pattern("every {size} of the number of different {property} of {touchpoints}"),
    Aggregate.DISTINCT_DAYS: Pattern("every {size} of the number of days with {touchpoints}"),
    Aggregate.BUSIEST: Pattern("every {size} of the most {touchpoints} within {span}"),
}


def _aggregate_phrase(
    measure: TouchpointMeasure, patterns: Mapping[Aggregate, Pattern], **places: str
) -> str:
    return patterns[measure.aggregate](
        touchpoints=touchpoints_phrase(measure, plural=True),
        property=str(measure.property),
        span=span_phrase(measure.span or 0, BENT),
        **places,
    )


def touchpoints_phrase(measure: TouchpointMeasure | DaysSinceMeasure, *, plural: bool = False) -> str:
    """Which touchpoints are meant: `web.visited in the last 30 days whose path starts with “/pricing”`."""
    phrase = types_phrase(measure.types, plural=plural)
    if measure.of:
        phrase = said("{touchpoints} of {people}", touchpoints=phrase, people=measure.of)
    if isinstance(measure, TouchpointMeasure):
        phrase = _windowed(phrase, measure.window)
    if measure.where:
        whose = in_turn(AND, [_whose(entry, plural=plural) for entry in measure.where])
        phrase = said("{touchpoints} {whose}", touchpoints=phrase, whose=whose)
    return phrase


def types_phrase(types: Sequence[str], *, plural: bool = False) -> str:
    """
    >>> types_phrase(("email.clicked", "web.*")), types_phrase(("*",), plural=True)
    ('email.clicked or web touchpoint', 'touchpoints')
    """
    if "*" in types:
        return said("touchpoints") if plural else said("touchpoint")
    parts = in_turn(OR, [_type_phrase(type, plural=plural) for type in types])
    return _TYPES[plural](types=parts)


_TYPES = Pattern("{types}", "one touchpoint"), Pattern("{types}", "several touchpoints")


def _type_phrase(type: str, *, plural: bool) -> str:
    if not type.endswith(".*"):
        return type
    channel = type.removesuffix(".*")
    if plural:
        return said("{channel} touchpoints", channel=channel)
    return said("{channel} touchpoint", channel=channel)


def _windowed(phrase: str, window: Window) -> str:
    if window.in_last is not None:
        span = span_phrase(window.in_last, LAST)
        phrase = said("{touchpoints} {in_the_last}", touchpoints=phrase, in_the_last=span)
    if window.older_than is not None:
        span = span_phrase(window.older_than, BENT)
        phrase = said("{touchpoints} at least {span} ago", touchpoints=phrase, span=span)
    if window.start is not None:
        phrase = said("{touchpoints} from {day}", touchpoints=phrase, day=format_day(window.start))
    if window.end is not None:
        phrase = said("{touchpoints} before {day}", touchpoints=phrase, day=format_day(window.end))
    return phrase


_WHOSE = (
    Pattern("whose {property} {predicates}", "one touchpoint"),
    Pattern("whose {property} {predicates}", "several touchpoints"),
)


def _whose(entry: PropertyTest, *, plural: bool) -> str:
    return _WHOSE[plural](property=entry.property, predicates=predicates(entry.tests))


def predicates(tests: Sequence[Test]) -> str:
    """The tests as predicates, after the name of what is tested."""
    return in_turn(AND, [test.operator.phrase(test.negated) for test in tests])


def _presence(measure: Measure, tests: Sequence[Test]) -> str | None:
    """A count that only asks whether there is one, said so."""
    if not isinstance(measure, TouchpointMeasure) or measure.aggregate is not Aggregate.COUNT:
        return None
    if asks_for_one(tests):
        return _there_was(measure)
    match tests:
        case [Test(operator=Compare("<", operand), negated=False)] if written(operand) == "1":
            return said("there was no {touchpoint}", touchpoint=touchpoints_phrase(measure))
    return None


def asks_for_one(tests: Sequence[Test]) -> bool:
    """Whether the tests are the `gte: 1` of a count without a test."""
    match tests:
        case [Test(operator=Compare(">=", operand), negated=False)]:
            return operand.number == MILLION
    return False


def _there_was(measure: TouchpointMeasure) -> str:
    touchpoint = touchpoints_phrase(measure)
    if touchpoint.startswith(("a", "e", "i", "o", "u")):
        return said("there was an {touchpoint}", touchpoint=touchpoint)
    return said("there was a {touchpoint}", touchpoint=touchpoint)


def _joined(conditions: Sequence[Condition], word: Pattern) -> str:
    parts = [
        f"({condition_sentence(inner)})" if isinstance(inner, All | Any) else condition_sentence(inner)
        for inner in conditions
    ]
    return in_turn(word, parts)


def _worth_phrase(condition: Condition, worth: Worth) -> str:
    match worth:
        case Points(points, decay):
            held = _points_condition(condition, decay)
            phrase = said("{points} when {condition}", points=signed(points), condition=held)
            if decay is None:
                return phrase
            loss = loss_phrase(decay)
            return said("{worth}, fading by {loss} from the latest one", worth=phrase, loss=loss)
        case Each(points, every, at_most, decay):
            phrase = said("{points} for {unit}", points=signed(points), unit=_unit(condition, every))
            if decay is not None:
                phrase = said("{worth}, each losing {loss}", worth=phrase, loss=loss_phrase(decay))
            if at_most is None:
                return phrase
            return said("{worth}, {points} at most", worth=phrase, points=points_phrase(at_most))
        case Table(rows):
            subject = measure_phrase(condition.measure) if isinstance(condition, Measured) else ""
            cases = [_row_phrase(row) for row in rows] + (["0"] if rows[-1].tests else [])
            return said("by {measure}: {cases}", measure=subject, cases=in_turn(_ELSE, cases))


_ELSE = Pattern("{first}, else {other}")


def _row_phrase(row: Row) -> str:
    if not row.tests:
        return signed(row.points)
    return said("{points} when it {predicates}", points=signed(row.points), predicates=predicates(row.tests))


def _points_condition(condition: Condition, decay: Decay | None) -> str:
    """A fading criterion carries no tests: it asks for one touchpoint at least."""
    if decay and isinstance(condition, Measured) and isinstance(condition.measure, TouchpointMeasure):
        return _there_was(condition.measure)
    return condition_sentence(condition)


def loss_phrase(decay: Decay) -> str:
    """What is lost each step: `50% every 30 days`."""
    every = span_phrase(decay.every, EVERY)
    if decay.lose_points is None:
        return said("{share}% {every}", share=points_phrase(decay.lose_share or 0), every=every)
    points = points_phrase(decay.lose_points)
    if decay.lose_points == 100:
        return said("{points} point {every}", points=points, every=every)
    return said("{points} points {every}", points=points, every=every)


def _unit(condition: Condition, every: int) -> str:
    """What `each` counts: `each email.replied`, `every 7 days since the last web.visited`."""
    if not isinstance(condition, Measured) or isinstance(condition.measure, FieldMeasure):
        return ""
    measure, size = condition.measure, number(format_scaled(every, 6))
    noun, nouns = touchpoints_phrase(measure), touchpoints_phrase(measure, plural=True)
    match measure:
        case DaysSinceMeasure() if every == MILLION:
            return said("each day since the last {touchpoint}", touchpoint=noun)
        case DaysSinceMeasure():
            return said("every {size} days since the last {touchpoint}", size=size, touchpoint=noun)
        case TouchpointMeasure(aggregate=Aggregate.COUNT) if every == MILLION:
            return said("each {touchpoint}", touchpoint=noun)
        case TouchpointMeasure(aggregate=Aggregate.COUNT):
            return said("every {size} {touchpoints}", size=size, touchpoints=nouns)
        case TouchpointMeasure(aggregate=Aggregate.DISTINCT, property=what) if every == MILLION:
            return said("each different {property} of {touchpoints}", property=str(what), touchpoints=nouns)
        case TouchpointMeasure(aggregate=Aggregate.DISTINCT_DAYS) if every == MILLION:
            return said("each day with {touchpoints}", touchpoints=nouns)
    return _aggregate_phrase(measure, _EVERY_OF, size=size)
