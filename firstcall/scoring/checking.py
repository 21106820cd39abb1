"""A loaded rule against the columns it will meet: unknown fields and properties, tests that cannot apply."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from firstcall.scoring.columns import Columns, TouchpointColumns
from firstcall.scoring.documents import shorten
from firstcall.scoring.links import NowhereError, find_field, find_people
from firstcall.scoring.operators import InLast, InNext, Is, OlderThan, Operator, written
from firstcall.scoring.problems import Path, Place, Problem, nearest
from firstcall.scoring.reading import LoadedRule
from firstcall.scoring.rules import (
    All,
    Any,
    Condition,
    Criterion,
    DaysSinceMeasure,
    FieldMeasure,
    Measure,
    Measured,
    Not,
    PropertyTest,
    Table,
    Test,
    TouchpointMeasure,
)
from firstcall.scoring.saying import Pattern, said
from firstcall.scoring.values import Kind

_ARTICLES = {
    Kind.NUMBER: Pattern("a number"),
    Kind.TRUTH: Pattern("true/false"),
    Kind.DATE: Pattern("a date"),
    Kind.TIME: Pattern("a time"),
    Kind.TEXT: Pattern("text"),
    Kind.LIST: Pattern("a list"),
}
_SUITABLE = {
    Kind.NUMBER: Pattern(
        "Tests for numbers are `is`, `in`, `gt`, `gte`, `lt`, `lte`, `between` and `empty`."
    ),
    Kind.TRUTH: Pattern("Tests for true/false are `is: true`, `is: false` and `empty`."),
    Kind.DATE: Pattern(
        "Tests for dates are `before`, `after`, `between`, `in_last`, `in_next`, `older_than` and `empty`."
    ),
    Kind.TIME: Pattern(
        "Tests for times are `before`, `after`, `between`, `in_last`, `in_next`, `older_than` and `empty`."
    ),
    Kind.TEXT: Pattern(
        "Tests for text are `is`, `in`, `contains`, `starts_with`, `ends_with`, `has_word` and `empty`."
    ),
    Kind.LIST: Pattern(
        "Tests for lists look at each entry: `is`, `contains`, `has_word`, `gt` and so on, and `empty`."
    ),
}


def check_columns(loaded: LoadedRule, columns: Columns) -> list[Problem]:
    """Every problem and warning of the rule with these columns, in the order of their places."""
    problems = [problem for leaf in _leaves(loaded) for problem in _check_leaf(leaf, columns, loaded)]
    return sorted(problems, key=lambda p: (p.place.line, p.place.column) if p.place else (0, 0))


def check_types(loaded: LoadedRule, types: Collection[str]) -> list[Problem]:
    """A warning for every touchpoint type of the rule that none of these types is, in the order of their places."""
    problems: list[Problem] = []
    for leaf in _leaves(loaded):
        if not isinstance(leaf.measure, FieldMeasure):
            key = "touchpoint" if isinstance(leaf.measure, TouchpointMeasure) else "days_since"
            problems += _check_types((*leaf.path, key), leaf.measure.types, types, loaded)
    return sorted(problems, key=lambda p: (p.place.line, p.place.column) if p.place else (0, 0))


def _check_types(
    path: Path, patterns: tuple[str, ...], types: Collection[str], loaded: LoadedRule
) -> Iterator[Problem]:
    for index, pattern in enumerate(patterns):
        prefix = pattern.removesuffix("*")
        if pattern in types or (prefix != pattern and any(type.startswith(prefix) for type in types)):
            continue
        listed = (*path, index) in loaded.places
        place_path: Path = (*path, index) if listed else path
        known = {type.partition(".")[0] + ".*" for type in types} if prefix != pattern else types
        word = nearest(pattern, known)
        says = said("No touchpoint is of the type `{pattern}`.", pattern=shorten(pattern))
        fix = said("Did you mean `{word}`?", word=shorten(word)) if word else ""
        yield _warning(place_path, "unknown-type", says, fix, loaded.places.get(place_path))


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A measure and its tests with the paths under which they stand."""

    path: Path
    measure: Measure
    tests: tuple[tuple[Path, Test], ...]


def _leaves(loaded: LoadedRule) -> Iterator[_Leaf]:
    for index, condition in enumerate(loaded.rule.applies_to):
        yield from _condition_leaves(condition, ("applies_to", index))
    for criterion in loaded.rule.criteria:
        yield from _criterion_leaves(criterion)


def _criterion_leaves(criterion: Criterion) -> Iterator[_Leaf]:
    path: Path = ("criteria", criterion.position)
    rows: list[tuple[Path, Test]] = []
    if isinstance(criterion.worth, Table):
        for index, row in enumerate(criterion.worth.rows):
            rows += _placed((*path, "table", index), row.tests)
    for leaf in _condition_leaves(criterion.condition, path):
        yield _Leaf(leaf.path, leaf.measure, (*leaf.tests, *rows))


def _condition_leaves(condition: Condition, path: Path) -> Iterator[_Leaf]:
    match condition:
        case Measured(measure, tests):
            yield _Leaf(path, measure, tuple(_placed(path, tests)))
        case Not(inner):
            yield from _condition_leaves(inner, (*path, "not"))
        case All(conditions) | Any(conditions):
            key = "all" if isinstance(condition, All) else "any"
            for index, inner in enumerate(conditions):
                yield from _condition_leaves(inner, (*path, key, index))


def _placed(path: Path, tests: Iterable[Test]) -> list[tuple[Path, Test]]:
    return [((*path, test.key), test) for test in tests]


def _check_leaf(leaf: _Leaf, columns: Columns, loaded: LoadedRule) -> Iterator[Problem]:
    match leaf.measure:
        case FieldMeasure(name):
            yield from _check_field(leaf, name, columns, loaded)
        case TouchpointMeasure() as measure:
            yield from _check_people((*leaf.path, "touchpoint"), measure.of, columns, loaded)
            if measure.property is not None:
                path = (*leaf.path, measure.aggregate.value)
                yield from _check_property(path, measure.property, columns.touchpoints, loaded)
            yield from _check_where(leaf.path, measure.where, columns.touchpoints, loaded)
        case DaysSinceMeasure() as measure:
            yield from _check_people((*leaf.path, "days_since"), measure.of, columns, loaded)
            yield from _check_where(leaf.path, measure.where, columns.touchpoints, loaded)
            yield from _check_created_at((*leaf.path, "days_since"), columns.records.kinds, loaded)


def _check_field(leaf: _Leaf, name: str, columns: Columns, loaded: LoadedRule) -> Iterator[Problem]:
    path = (*leaf.path, "field")
    try:
        kind = find_field(columns, name).column.kind
    except NowhereError as error:
        yield Problem(path, error.code, error.says, error.fix, loaded.places.get(path))
        return
    for test_path, test in leaf.tests:
        if not test.operator.fits(kind):
            says = said(
                "`{key}` cannot apply to `{name}`, which is {kind}.",
                key=test.key,
                name=shorten(name),
                kind=_ARTICLES[kind](),
            )
            if isinstance(test.operator, Is):
                says = said(
                    "`{name}` is {kind} and can never be {value}.",
                    name=shorten(name),
                    kind=_ARTICLES[kind](),
                    value=_unfit(test.operator, kind),
                )
            fix = _mend(test.operator, kind)
            yield Problem(test_path, "unfit-test", says, fix, loaded.key_places.get(test_path))


def _check_people(path: Path, of: str | None, columns: Columns, loaded: LoadedRule) -> Iterator[Problem]:
    """Whose touchpoints are measured: of related people that there are, or the record's own."""
    if of is None:
        own = columns.related.get(columns.module)
        if own is not None and not own.is_people:
            says = said("The {module} have no touchpoints of their own.", module=columns.module)
            fix = said("Measure those of related people, such as `of: contacts`.")
            yield Problem(path, "no-touchpoints", says, fix, loaded.key_places.get(path))
        return
    try:
        find_people(columns, of)
    except NowhereError as error:
        path = (*path[:-1], "of")
        yield Problem(path, error.code, error.says, error.fix, loaded.places.get(path))


def _unfit(operator: Is, kind: Kind) -> str:
    """The first operand that no value of the kind equals."""
    operand = next(operand for operand in operator.operands if not Is((operand,)).fits(kind))
    return shorten(written(operand))


def _mend(operator: Operator, kind: Kind) -> str:
    if isinstance(operator, Is):
        return _mend_equality(operator, kind)
    if isinstance(operator, InLast | InNext | OlderThan) and kind is Kind.TEXT:
        return said("If these are dates, write them as YYYY-MM-DD or RFC 3339 times in the file.")
    return _SUITABLE[kind]()


def _mend_equality(operator: Is, kind: Kind) -> str:
    match kind:
        case Kind.TEXT:
            truth = next(operand.truth for operand in operator.operands if operand.truth is not None)
            return said('To compare with the text, quote it: "{truth}".', truth=str(truth).lower())
        case Kind.NUMBER:
            return said("Compare with a number.")
        case Kind.TRUTH:
            return said("Write true or false, without quotes.")
    return said("Compare with a day like 2026-01-31 or a time like 2026-01-31T09:00:00Z.")


def _check_where(
    path: Path, where: tuple[PropertyTest, ...], touchpoints: TouchpointColumns | None, loaded: LoadedRule
) -> Iterator[Problem]:
    listed = (*path, "where", 0) in loaded.places
    for index, entry in enumerate(where):
        inner: Path = (*path, "where", index) if listed else (*path, "where")
        yield from _check_property((*inner, "property"), entry.property, touchpoints, loaded)


def _check_property(
    path: Path, name: str, touchpoints: TouchpointColumns | None, loaded: LoadedRule
) -> Iterator[Problem]:
    if touchpoints is None or touchpoints.has_json or name in touchpoints.properties:
        return
    word = nearest(name, touchpoints.properties)
    fix = (
        said("Did you mean `{word}`?", word=shorten(word))
        if word
        else said("Check its spelling; it counts as missing everywhere.")
    )
    says = said("No touchpoint has a property `{name}`.", name=shorten(name))
    yield _warning(path, "unknown-property", says, fix, loaded.places.get(path))


def _check_created_at(path: Path, kinds: dict[str, Kind], loaded: LoadedRule) -> Iterator[Problem]:
    kind = kinds.get("created_at", Kind.EMPTY)
    if kind.is_moment:
        return
    has = (
        said("whose `created_at` is {kind}", kind=_ARTICLES[kind]())
        if kind in _ARTICLES
        else said("that have no `created_at`")
    )
    says = said(
        "`days_since` counts from `created_at` where nothing matched, and these are records {has}.", has=has
    )
    fix = said("Give them one with a date or time, or the days are missing there.")
    yield _warning(path, "no-created-at", says, fix, loaded.key_places.get(path))


def _warning(path: Path, code: str, says: str, fix: str, place: Place | None) -> Problem:
    return Problem(path, code, says, fix, place, "warning")
