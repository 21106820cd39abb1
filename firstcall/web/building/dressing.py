"""A body with all that can be chosen in it, and what is wrong at each of its places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from firstcall.scoring.problems import Problem
from firstcall.scoring.values import Kind
from firstcall.touchpoints.catalogue import PropertyKind
from firstcall.web.building.bodies import KEPT, Body
from firstcall.web.building.offering import COUNTS, PROPERTIES, TESTS, Offer, Word
from firstcall.web.building.rows import Row, dressed


@dataclass(frozen=True)
class Dressed:
    """A body with what can be chosen in it.

    prefix    of the names of its inputs
    path      where it is in the criterion
    way       the group that it is in: all, any, not, or none
    problems  those of no member of it; of a member alone
    """

    body: Body
    kind: Kind | None
    options: Mapping[str, Word]
    choices: Sequence[str]
    properties: Mapping[str, PropertyKind]
    tests: Sequence[Row] = ()
    where: Sequence[Row] = ()
    rows: Sequence[Row] = ()
    members: Sequence[Dressed] = ()
    prefix: str = ""
    path: tuple[str | int, ...] = ()
    way: str = ""
    problems: Sequence[Problem] = ()

    @property
    def slug(self) -> str:
        """The prefix, as a part of an id."""
        return self.prefix.replace(".", "-")

    @property
    def may_stand_alone(self) -> bool:
        """Whether a group of one can become that one."""
        members = self.body.members
        return (
            self.body.subject in ("all", "any")
            and len(members) == 1
            and not members[0].is_group
            and members[0].subject != KEPT
        )


def dress(
    body: Body, offer: Offer, *, prefix: str = "", path: tuple[str | int, ...] = (), way: str = ""
) -> Dressed:
    if body.is_group:
        members = [
            dress(
                member,
                offer,
                prefix=f"{prefix}m{at}.",
                path=(*path, body.subject, *([] if body.subject == "not" else [at])),
                way=body.subject,
            )
            for at, member in enumerate(body.members)
        ]
        return Dressed(body, None, {}, (), {}, members=members, prefix=prefix, path=path, way=way)
    offered = offer.fields.get(body.field) if body.subject == "field" else None
    kind = offered.kind if offered is not None else None
    options: Mapping[str, Word] = COUNTS
    if body.subject == "field":
        options = TESTS.get(kind, PROPERTIES) if kind is not None else PROPERTIES
    elif body.aggregate == "latest":
        options = PROPERTIES
    is_number = kind is Kind.NUMBER or body.kind == "number"
    is_text = kind is Kind.TEXT
    choices = offered.choices if offered is not None else ()
    known = offer.known_properties(body.types)
    where = [
        replace(
            row, options=PROPERTIES, at=at, is_number=_is_number(row, known), is_text=_is_text(row, known)
        )
        for at, row in enumerate(body.where)
    ]
    return Dressed(
        body,
        kind,
        options,
        choices,
        known,
        dressed(body.tests, options, is_number=is_number, is_text=is_text, choices=choices),
        where,
        dressed(body.rows, options, is_number=is_number, is_text=is_text, choices=choices),
        prefix=prefix,
        path=path,
        way=way,
    )


def told_at_places(dressed: Dressed, problems: Sequence[Problem]) -> Dressed:
    """With each problem at the innermost member that it is of; paths of problems begin with criteria and a number."""
    mine, members = list(problems), []
    for member in dressed.members:
        end = 2 + len(member.path)
        theirs = [problem for problem in mine if problem.path[2:end] == member.path]
        mine = [problem for problem in mine if problem.path[2:end] != member.path]
        members.append(told_at_places(member, theirs))
    return replace(dressed, problems=mine, members=members)


def _is_number(row: Row, known: Mapping[str, PropertyKind]) -> bool:
    compares = row.test in ("gt", "gte", "lt", "lte", "between")
    return compares or known.get(row.about) is PropertyKind.NUMBER


def _is_text(row: Row, known: Mapping[str, PropertyKind]) -> bool:
    return known.get(row.about) is PropertyKind.TEXT
