"""Which column is which field: by what people say, by the mapping kept from before, by name, by known exports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from firstcall.records.importing.vendor_headers import (
    CREATED_AT,
    EXTERNAL_ID,
    FULL_NAME,
    OWNER,
    RECORD_ID,
    SKIP,
    TAGS,
    table_of,
)
from firstcall.scoring.saying import said

# The column that the reject file adds.
REASON = "Reason for rejection"
# How the columns of scores begin in our own exports: rules set them, nobody else.
SCORE = "Score: "


class Origin(StrEnum):
    TOLD = "told"
    KEPT = "kept"
    NAME = "name"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column stands for.

    target  a field's API name, or one of the names with @; None: nobody knows
    why     of a column without a target: what it looked like
    """

    column: str
    target: str | None = None
    origin: Origin | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the module has: fields by API name with their labels, those that are external ids, those that are look-ups."""

    labels: Mapping[str, str]
    external_ids: Sequence[str] = ()
    lookups: Collection[str] = ()


def simplify(header: str) -> str:
    """The header without case, accents, spaces and signs.

    >>> simplify("Company / Account"), simplify("E-Mail Adresse"), simplify("Prénom")
    ('companyaccount', 'emailadresse', 'prenom')
    """
    plain = unicodedata.normalize("NFKD", header.casefold())
    return re.sub(r"[^\w]|_", "", "".join(c for c in plain if not unicodedata.combining(c)))


def digest(columns: Sequence[str]) -> str:
    """One name for a set of headers, whatever their order."""
    return sha256("\n".join(sorted(map(simplify, columns))).encode()).hexdigest()


def guess_columns(
    module: str,
    columns: Sequence[str],
    known: Known,
    *,
    told: Mapping[str, str] | None = None,
    kept: Mapping[str, str] | None = None,
) -> list[Guess]:
    """A guess for each column. Of several that could be one field, the surer and then the earlier is it.

    told, kept  targets by column
    """
    candidates = [_candidates(module, column, known, told or {}, kept or {}) for column in columns]
    taken: dict[str, int] = {}
    # An id tells more surely than a name which record a look-up means.
    order = sorted(range(len(columns)), key=lambda at: not simplify(columns[at]).endswith(("id", "ids")))
    for origin in Origin:
        for at in order:
            for guess in candidates[at]:
                better = guess.origin is origin and guess.target != SKIP and at not in taken.values()
                if better and str(guess.target) not in taken:
                    taken[str(guess.target)] = at
    chosen = {at: target for target, at in taken.items()}
    guesses = []
    for at, column in enumerate(columns):
        mine = next((g for g in candidates[at] if g.target == chosen.get(at) or g.target == SKIP), None)
        lost = next(
            (said("looks like {field}, which another column is", field=g.target) for g in candidates[at]), ""
        )
        guesses.append(mine or Guess(column, why=lost))
    return guesses


def _candidates(
    module: str, column: str, known: Known, told: Mapping[str, str], kept: Mapping[str, str]
) -> list[Guess]:
    """What the column could be, the surest first."""
    if column == REASON or column.startswith(SCORE):
        return [Guess(column, SKIP, Origin.NAME)]
    if column in told:
        return [Guess(column, told[column], Origin.TOLD)]
    if column in kept:
        return [Guess(column, kept[column], Origin.KEPT)]
    simple = simplify(column)
    named = [
        name for name, label in known.labels.items() if simple and simple in (simplify(name), simplify(label))
    ]
    found = [Guess(column, name, Origin.NAME) for name in named]
    for name in _exports(module).get(simple, ()):
        if target := _known_target(name, known):
            found.append(Guess(column, target, Origin.EXPORT))
            break
    return found


def _known_target(name: str, known: Known) -> str | None:
    if name == EXTERNAL_ID:
        return known.external_ids[0] if known.external_ids else None
    if name == FULL_NAME:
        return FULL_NAME if "last_name" in known.labels else None
    if name in (OWNER, TAGS, CREATED_AT, RECORD_ID, SKIP) or name in known.labels:
        return name
    return None


@lru_cache(maxsize=16)
def _exports(module: str) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for header, names in table_of(module).items():
        table.setdefault(simplify(header), names)
    return table


def looks_like_values(columns: Sequence[str]) -> bool:
    """Whether the names of the columns are rather a row of values: the file has no header."""
    values = [c for c in columns if re.fullmatch(r"[-+]?[0-9][0-9.,:/ T-]*Z?|[^@\s]+@[^@\s]+\.\w+", c)]
    dated = any(re.match(r"\d{4}-\d{2}-\d{2}[ T]\d|[^@\s]+@[^@\s]+\.\w+$", c) for c in columns)
    return dated or len(values) * 2 > len(columns)
