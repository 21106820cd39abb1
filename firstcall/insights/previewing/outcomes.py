"""Who was won and who was lost, as far as the records say: by a status of their own, or by the deals that look them up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstcall.columns.duck import quoted
from firstcall.columns.shapes import module_relation
from firstcall.insights.previewing.keeping import View
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field
from firstcall.scoring.saying import OR, Pattern, in_turn, said

UNDECIDED, LOST, WON = 0, 1, 2
_WON = frozenset({"won", "closed won", "converted", "signed", "customer", "success", "successful"})
_LOST = frozenset(
    {"lost", "closed lost", "not qualified", "unqualified", "disqualified", "junk", "lost lead", "junk lead"}
)
_NAMES = ("status", "stage", "outcome", "result")


@dataclass(frozen=True)
class Telling:
    """A picklist that says it: the field's id, and its words for won and lost."""

    field: int
    module: int
    label: str
    won: tuple[str, ...]
    lost: tuple[str, ...]

    def sql(self) -> str:
        column = f"f{self.field}"
        won, lost = (", ".join(map(quoted, words)) for words in (self.won, self.lost))
        lost_sql = f" WHEN {column} IN ({lost}) THEN {LOST}" if lost else ""
        return f"CASE WHEN {column} IN ({won}) THEN {WON}{lost_sql} ELSE {UNDECIDED} END"

    def __str__(self) -> str:
        won = in_turn(OR, list(self.won))
        if not self.lost:
            return said("won: {field} is {won}", field=self.label, won=won)
        lost = in_turn(OR, list(self.lost))
        return said("won: {field} is {won}; lost: {lost}", field=self.label, won=won, lost=lost)


@dataclass(frozen=True)
class Outcomes:
    """of    for each record whether it was won, lost, or is neither yet
    says  how that is told; empty where nothing tells it
    """

    of: NDArray[np.int8]
    says: str


def outcomes(view: View) -> Outcomes:
    own = next((shape for shape in view.copy.manifest.modules if shape.shape.name == view.module), None)
    assert own is not None  # noqa: S101
    module, tellings = own.shape.id, tellings_of_modules()
    ways = [
        (field.id, tellings[copy.shape.id])
        for copy in view.copy.manifest.modules
        for field in copy.shape.fields
        if field.kind == FieldKind.LOOKUP and field.target == module and copy.shape.id in tellings
    ]
    if module not in tellings and not ways:
        return Outcomes(np.zeros(len(view.ids), dtype=np.int8), "")
    told = [str(tellings[module])] if module in tellings else []
    told += [_by(_name(view, telling.module), telling) for _, telling in _once(ways)]
    own_sql = tellings[module].sql() if module in tellings else str(UNDECIDED)
    found = view.column("outcome", lambda: _read(view, own_sql, ways))
    return Outcomes(np.asarray(found, dtype=np.int8), in_turn(_ELSE, told))


_ELSE = Pattern("{first}; else {other}")


def _by(module: str, telling: Telling) -> str:
    return said("by the {modules} that look it up, {telling}", modules=module, telling=str(telling))


def tellings_of_modules() -> dict[int, Telling]:
    """By the module: its first picklist that has a word for won, one that is called a status or stage before others."""
    found: dict[int, tuple[int, Telling]] = {}
    fields = Field.objects.filter(kind=FieldKind.PICKLIST).order_by("module", "position", "pk")
    for field in fields:
        won = tuple(choice for choice in field.choices if choice.casefold() in _WON)
        lost = tuple(choice for choice in field.choices if choice.casefold() in _LOST)
        rank = 0 if any(name in field.name for name in _NAMES) else 1
        if won and (field.module_id not in found or rank < found[field.module_id][0]):
            found[field.module_id] = rank, Telling(field.pk, field.module_id, field.called, won, lost)
    return {module: telling for module, (_, telling) in found.items()}


def _read(view: View, own: str, ways: Iterable[tuple[int, Telling]]) -> NDArray[np.int8]:
    sql, joined = f"SELECT r.id, {own} AS own", ""
    deals = " UNION ALL ".join(
        f"SELECT f{field} AS id, {telling.sql()} AS outcome FROM {module_relation(telling.module)}"
        for field, telling in ways
    )
    if deals:
        joined = (
            f" LEFT JOIN (SELECT id, MAX(outcome) AS by_deals FROM ({deals}) GROUP BY id) AS d ON d.id = r.id"
        )
    sql += f", {'COALESCE(by_deals, 0)' if deals else UNDECIDED} AS by_deals FROM records AS r{joined}"
    rows = view.arrays(f"SELECT id, CASE own WHEN 0 THEN by_deals ELSE own END AS outcome FROM ({sql})")
    placed = np.zeros(len(view.ids), dtype=np.int8)
    placed[np.searchsorted(view.ids, rows["id"])] = np.asarray(rows["outcome"], dtype=np.int8)
    return placed


def _name(view: View, module: int) -> str:
    return next(copy.shape.name for copy in view.copy.manifest.modules if copy.shape.id == module)


def _once(ways: Iterable[tuple[int, Telling]]) -> list[tuple[int, Telling]]:
    return list({telling.module: (field, telling) for field, telling in ways}.values())
