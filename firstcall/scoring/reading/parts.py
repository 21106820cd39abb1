"""The keys of a criterion or condition sorted by what they are for, and which of them go together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from firstcall.scoring.reading.spots import Spot, nearest_word
from firstcall.scoring.reading.vocabulary import (
    AGGREGATES,
    COMBINATIONS,
    CONDITION_KEYS,
    CRITERION_KEYS,
    MOVING_TESTS,
    SUBJECTS,
    TEST_KEYS,
    WINDOW_KEYS,
)
from firstcall.scoring.saying import said

# What is measured, by key: these are numbers always (some may be missing), and those of them that count.
COUNTS = frozenset({"touchpoint", "sum", "distinct", "distinct_days", "busiest"})
NUMBERS = COUNTS | {"max", "min", "days_since"}


@dataclass(frozen=True, slots=True)
class Parts:
    """The keys of a criterion or condition.

    subject   the one key that says what is measured or combined; None where none or several were given
    measured  the subject, or the aggregate that stands beside it; None where that is unclear
    """

    spot: Spot
    subject: Spot | None
    measured: str | None
    where: Spot | None = None
    of: Spot | None = None
    window: dict[str, Spot] = field(default_factory=dict)
    aggregate: Spot | None = None
    tests: dict[str, Spot] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def is_combination(self) -> bool:
        return self.subject is not None and self.subject.key in COMBINATIONS

    @property
    def may_have_meant(self) -> frozenset[str]:
        """The words that the unknown keys were probably meant to be, so that they are not missed too."""
        return frozenset(word for key in self.unknown if (word := nearest_word(key, CRITERION_KEYS)))


def sort_condition(spot: Spot, children: dict[str, Spot], known: Iterable[str], owner: str) -> Parts:
    """Sort the keys, refusing those that are unknown or do not go with what is measured."""
    known = tuple(known)
    unknown = tuple(key for key in children if key not in CRITERION_KEYS)
    for key in unknown:
        children[key].refuse_unknown(known, owner)
    subject = _only(spot, [children[key] for key in SUBJECTS if key in children])
    name = subject.key if subject else None
    _refuse_misplaced(name, children)
    aggregates = [children[key] for key in AGGREGATES if key in children] if name == "touchpoint" else []
    window = {key: children[key] for key in WINDOW_KEYS if key in children and name == "touchpoint"}
    aggregate = _only(spot, aggregates)
    measured = name if not aggregates else aggregate.key if aggregate else None
    return Parts(
        spot=spot,
        subject=subject,
        measured=measured,
        where=children.get("where") if name in ("touchpoint", "days_since", None) else None,
        of=children.get("of") if name in ("touchpoint", "days_since", None) else None,
        window=window,
        aggregate=aggregate,
        tests=_tests(name, children),
        unknown=unknown,
    )


def require_subject(parts: Parts, children: dict[str, Spot]) -> None:
    """Report a criterion or condition without a measure, unless a misspelt key explains it."""
    if any(key in children for key in SUBJECTS) or parts.may_have_meant & {*SUBJECTS}:
        return
    says = said("Nothing is measured here.")
    fix = said("Add one of `field`, `touchpoint`, `days_since`, `all`, `any`, `not`.")
    parts.spot.refuse("no-measure", says, fix)


def _only(spot: Spot, given: list[Spot]) -> Spot | None:
    """The only one of some keys that exclude each other; every further one is refused."""
    for extra in given[1:]:
        says = said(
            "`{key}` does not go with `{other}`: only one of the two can stand here.",
            key=extra.key,
            other=given[0].key,
        )
        extra.refuse_key("several", says, _several_fix(extra.key))
    return given[0] if len(given) == 1 else None


def _several_fix(key: str) -> str:
    return said("Keep one; to combine two, use `all` or `any`.") if key in SUBJECTS else said("Keep one.")


def _tests(name: str | None, children: dict[str, Spot]) -> dict[str, Spot]:
    """The keys that are tests here; where the measure is unclear, those that can be nothing else."""
    moving = () if name == "field" else MOVING_TESTS
    if name in COMBINATIONS:
        return {}
    return {key: children[key] for key in TEST_KEYS if key in children and key not in moving}


def _refuse_misplaced(name: str | None, children: dict[str, Spot]) -> None:
    if name is None:
        return
    for key in CONDITION_KEYS:
        if key in children and key not in SUBJECTS:
            trouble = _misplaced(name, key)
            if trouble:
                children[key].refuse_key("misplaced", *trouble)


def _misplaced(name: str, key: str) -> tuple[str, str] | None:
    """Why a key does not go with what is measured, and how to mend it; None where it does."""
    if name in COMBINATIONS:
        return (
            said("`{key}` cannot stand beside `{name}`.", key=key, name=name),
            said("Move it into the condition of `{name}` it belongs to.", name=name),
        )
    if name == "field":
        return _misplaced_beside_field(key)
    if key == "in_next":
        says = said("`in_next` is a test for fields with dates, not for `{name}`.", name=name)
        return says, said("Remove it.")
    if name == "days_since" and key in WINDOW_KEYS:
        fix = said("Remove it, or count with `touchpoint` to look at a span of time.")
        return said("No window goes with `days_since`."), fix
    if name == "days_since" and key in AGGREGATES:
        return said("`{key}` needs a `touchpoint`, not `days_since`.", key=key), said("Remove one of them.")
    return None


def _misplaced_beside_field(key: str) -> tuple[str, str] | None:
    if key == "where":
        says = said("`where` looks at the properties of touchpoints; a field has none.")
        return says, said("Remove it, or join two fields by `all`.")
    if key == "of":
        says = said(
            "`of` says whose touchpoints are meant; a field of another record is reached by its name."
        )
        return says, said("Write the look-up before the field: `field: account.industry`.")
    if key in ("from", "to"):
        other = "after" if key == "from" else "before"
        fix = said("Remove `{key}`, or use the test `{other}`.", key=key, other=other)
        return said("A window needs a `touchpoint`, not a field."), fix
    if key in AGGREGATES:
        says = said("`{key}` needs a `touchpoint`; a field has one value.", key=key)
        return says, said("Remove `{key}`.", key=key)
    return None
