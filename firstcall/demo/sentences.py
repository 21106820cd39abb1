"""The table of all touchpoints that can be said: some hundred variants of each kind with their properties.

A made-up touchpoint is a row of it, so properties cost an index and are written by looking them up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from firstcall.demo.behaviour import ALL_KINDS, Kind, Value
from firstcall.demo.draws import Draws, Ints

VARIANTS = 96  # of each kind
_KEY = 20_260_901  # the table is the same for every seed


@dataclass(frozen=True, slots=True)
class Sentences:
    """`types`, `texts` (the properties as JSON) and `columns` (each property typed) have a row a variant;
    kind k of ALL_KINDS has the rows k x VARIANTS to (k + 1) x VARIANTS - 1."""

    types: pa.Array
    texts: pa.Array
    columns: dict[str, pa.Array]


@cache
def sentences() -> Sentences:
    draws = Draws(_KEY)
    rows = [(kind.type, _variant(kind, draws)) for kind in ALL_KINDS for _ in range(VARIANTS)]
    names = sorted({name for kind in ALL_KINDS for name in kind.properties})
    texts = [
        json.dumps(said, ensure_ascii=False, separators=(",", ":")) if said else None for _, said in rows
    ]
    return Sentences(
        types=pa.array([type_ for type_, _ in rows]),
        texts=pa.array(texts, pa.string()),
        columns={name: _column([said.get(name) for _, said in rows]) for name in names},
    )


def say(draws: Draws, kinds: Ints) -> Ints:
    """A row of the table for each kind (an index of ALL_KINDS)."""
    return np.asarray(kinds * VARIANTS + draws.below(VARIANTS, len(kinds)))


def _variant(kind: Kind, draws: Draws) -> dict[str, Value]:
    chosen = {name: values[int(draws.below(len(values), 1)[0])] for name, values in kind.properties.items()}
    return {name: value for name, value in chosen.items() if value is not None}


def _column(values: list[Value]) -> pa.Array:
    """One property of all rows, in its type."""
    some = next(value for value in values if value is not None)
    if isinstance(some, tuple):
        return pa.array(values, pa.list_(pa.string()))
    if isinstance(some, bool):
        return pa.array(values, pa.bool_())
    return pa.array(values, pa.int64() if isinstance(some, int) else pa.string())
