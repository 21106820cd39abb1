"""Where a name with dots leads: to a field of another record, or to the related people whose touchpoints count.

The same ways for every engine: they follow the look-ups that its `Columns` tell of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from firstcall.scoring.columns import Column, Columns, Lookup, RelatedColumns
from firstcall.scoring.documents import shorten
from firstcall.scoring.problems import nearest
from firstcall.scoring.rules import MOST_LOOKUPS
from firstcall.scoring.saying import OR, in_turn, said, whole

type Way = tuple[Lookup, ...]
"""Look-ups from the record on, each from where the one before it leads."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A field, and the way to the record that has it; an empty way is the record itself."""

    way: Way
    column: Column


@dataclass(frozen=True, slots=True)
class People:
    """Related people: those that the way leads to, or where there is `back`, those whose look-up `back` leads to
    where the way ends."""

    way: Way
    module: str
    back: Lookup | None = None


class NowhereError(Exception):
    """A name that leads nowhere; `says` and `fix` as those of a problem."""

    def __init__(self, code: str, says: str, fix: str) -> None:
        super().__init__(f"{says} {fix}")
        self.code, self.says, self.fix = code, says, fix


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where a way has come to: a module by name, what its records have, and how the name began."""

    name: str
    fields: Mapping[str, Column]
    lookups: Mapping[str, Lookup]
    way: Way = ()
    path: str = ""

    def follow(self, step: str, columns: Columns) -> _Stop | None:
        """Where the look-up leads; None where there is no such look-up."""
        lookup = self.lookups.get(step)
        related = columns.related.get(lookup.module) if lookup else None
        if lookup is None or related is None:
            return None
        path = f"{self.path}{step}."
        return _Stop(lookup.module, related.fields, related.lookups, (*self.way, lookup), path)

    @property
    def called(self) -> str:
        return self.name or said("these records")

    @property
    def whose(self) -> str:
        """Of whom it is said that they have no such thing."""
        return said("The records") if not self.way else said("The {name}", name=self.name)


def find_field(columns: Columns, name: str) -> Reached:
    """The record's own field of that name; else that of the record its look-ups lead to. Raises NowhereError."""
    stop, rest = _start(columns), name
    while rest not in stop.fields:
        step, dot, after = rest.partition(".")
        following = stop.follow(step, columns) if dot else None
        if following is None:
            raise _no_field(stop, rest)
        if len(following.way) > MOST_LOOKUPS:
            says = said(
                "`{name}` reaches through more than {most} look-ups.",
                name=shorten(name),
                most=whole(MOST_LOOKUPS),
            )
            raise NowhereError("too-far", says, said("Take a shorter way."))
        stop, rest = following, after
    return Reached(stop.way, stop.fields[rest])


def find_people(columns: Columns, of: str) -> People:
    """Whom the `of` of a measure means. Raises NowhereError.

    A name is a look-up where there is one of that name, and leads on; else it is a module that is linked with the
    record, by a look-up on either side. After a module may stand the look-up that is meant.
    """
    stop, steps = _start(columns), of.split(".")
    for position, step in enumerate(steps):
        following = stop.follow(step, columns)
        if following is None:
            return _people_of(columns, stop, step, steps[position + 1 :])
        stop = following
    return _people(columns, stop.name, People(stop.way, stop.name))


def _people_of(columns: Columns, stop: _Stop, module: str, rest: list[str]) -> People:
    """The people of a module that are linked with where the way has come to."""
    if module not in columns.related:
        raise _no_people(columns, stop, module)
    ways = dict(_ways(columns, stop, module))
    if rest:
        named = ".".join([stop.path + module, *rest])
        if named not in ways:
            says = said(
                "`{lookup}` of {module} does not lead to {called}.",
                lookup=shorten(rest[0]),
                module=module,
                called=stop.called,
            )
            raise NowhereError("no-link", says, _either(ways))
        return ways[named]
    if not ways:
        says = said("No look-up links {module} and {called}.", module=module, called=stop.called)
        raise NowhereError(
            "no-link", says, said("Name the look-ups that lead to them, such as `account.contacts`.")
        )
    if len(set(ways.values())) > 1:
        says = said(
            "{module} and {called} are linked in several ways.",
            module=module.capitalize(),
            called=stop.called,
        )
        raise NowhereError("several-links", says, _either(ways))
    return next(iter(ways.values()))


def _ways(columns: Columns, stop: _Stop, module: str) -> Iterator[tuple[str, People]]:
    """Every link of the module's people with the stop, by how it is written."""
    related = columns.related[module]
    for name, lookup in related.lookups.items():
        if lookup.module == stop.name:
            yield f"{stop.path}{module}.{name}", _people(columns, module, People(stop.way, module, lookup))
    for name, lookup in stop.lookups.items():
        if lookup.module == module:
            yield f"{stop.path}{name}", _people(columns, module, People((*stop.way, lookup), module))


def _people(columns: Columns, module: str, people: People) -> People:
    if not columns.related[module].is_people:
        says = said("The {module} are no people: touchpoints are not theirs.", module=module)
        raise NowhereError("no-people", says, _known_people(columns.related))
    if len(people.way) + (people.back is not None) > MOST_LOOKUPS:
        says = said(
            "The way to these {module} leads through more than {most} look-ups.",
            module=module,
            most=whole(MOST_LOOKUPS),
        )
        raise NowhereError("too-far", says, said("Take a shorter way."))
    return people


def _start(columns: Columns) -> _Stop:
    return _Stop(columns.module, columns.records.fields, columns.records.lookups)


def _no_field(stop: _Stop, rest: str) -> NowhereError:
    step, dot, _ = rest.partition(".")
    if dot and step in stop.fields:
        says = said("`{path}` is no look-up: it leads to no other record.", path=shorten(stop.path + step))
        listed = _listed(said("Look-ups are"), stop.lookups, stop.path)
        return NowhereError(
            "no-lookup", says, listed or said("Give the records it leads to together with these.")
        )
    if dot and (word := nearest(step, stop.lookups)):
        says = said("{whose} have no look-up `{step}`.", whose=stop.whose, step=shorten(step))
        return NowhereError(
            "unknown-field", says, said("Did you mean `{path}`?", path=shorten(stop.path + word))
        )
    word = nearest(rest, stop.fields)
    fix = said("Did you mean `{path}`?", path=shorten(stop.path + word)) if word else ""
    fix = fix or _listed(said("Their fields are"), stop.fields, stop.path)
    says = said("{whose} have no field `{field}`.", whose=stop.whose, field=shorten(rest))
    return NowhereError("unknown-field", says, fix or said("They have no fields at all besides `id`."))


def _no_people(columns: Columns, stop: _Stop, name: str) -> NowhereError:
    word = nearest(name, {*columns.related, *stop.lookups})
    fix = (
        said("Did you mean `{path}`?", path=shorten(stop.path + word))
        if word
        else _known_people(columns.related)
    )
    says = said("No related records are called `{name}`.", name=shorten(name))
    return NowhereError("unknown-people", says, fix)


def _known_people(related: Mapping[str, RelatedColumns]) -> str:
    people = [name for name, columns in related.items() if columns.is_people]
    return _listed(said("Related people are"), people) or said(
        "The related people must be given together with the records."
    )


def _either(ways: Collection[str]) -> str:
    written = in_turn(OR, [f"`of: {shorten(way)}`" for way in ways])
    return said("Write {written}.", written=written) if written else said("No look-up links the two.")


def _listed(begin: str, names: Collection[str], path: str = "") -> str:
    if not names:
        return ""
    ordered = sorted(names)
    listed = ", ".join(f"`{shorten(path + name)}`" for name in ordered[:8])
    if len(ordered) <= 8:
        return f"{begin} {listed}."
    return said("{begin} {listed} and {count} more.", begin=begin, listed=listed, count=str(len(ordered) - 8))
