"""Scoring again only what can have changed: a criterion keeps its points until its own next moment, or until a
touchpoint that it reads comes in.

The statement reads a relation `kept` (record_id, rule, points, nexts): of each rule, what its criteria came to when the
record was last scored. It is told which types of touchpoints have come to which records since; a record that is told of
without a type, or of which nothing is kept, is scored as a whole. For PostgreSQL alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from firstcall.scoring.compiling.judging import is_wide
from firstcall.scoring.rules import Criterion, FieldMeasure, Rule, leaves

IDS, TOLD_IDS, TOLD_TYPES = "$2", "$3", "$4"
POINTS, NEXTS = "kept_points", "kept_nexts"


def can_keep(rules: Sequence[Rule]) -> bool:
    """Whether the points of all criteria fit the 64 bits that they are kept in."""
    return not any(is_wide(criterion) for rule in rules for criterion in rule.criteria)


@dataclass
class Keeping:
    """What a statement's criteria read, and so for which records each of its expressions is needed.

    needs  by the name of an expression: the conditions on `stale` under which a record needs it
    """

    as_of: str
    id_type: str
    _rules: list[tuple[str, list[str]]] = field(
        default_factory=list
    )  # prefix, and when each criterion is touched
    _touched: dict[str, str] = field(default_factory=dict)  # SQL over `told` -> column
    _needs: dict[str, list[str]] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def add_rule(self, prefix: str, touching: Sequence[str]) -> None:
        """touching  for each criterion: when a touchpoint of `told` is one that it reads, or FALSE"""
        columns = []
        for sql in touching:
            columns.append(
                "FALSE"
                if sql == "FALSE"
                else self._touched.setdefault(sql, f"touched_{len(self._touched) + 1}")
            )
        self._rules.append((prefix, columns))

    def need(self, name: str, condition: str) -> None:
        self._needs.setdefault(name, []).append(condition)

    def ids(self, name: str) -> str:
        """The ids of the records that need the expression, as an array."""
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        return f"CAST((SELECT needed_{number} FROM needed) AS {self.id_type}[])"

    def stages(self) -> list[tuple[str, str]]:
        return [("stale", self._stale_sql()), ("needed", self._needed_sql())]

    def columns(self) -> list[str]:
        """What later stages read of `stale`."""
        found = []
        for prefix, touched in self._rules:
            found += [f"{prefix}{POINTS}", f"{prefix}{NEXTS}"]
            found += [stale_name(prefix, n) for n in range(1, len(touched) + 1)]
        return found

    def _stale_sql(self) -> str:
        selected, joins = ["given.id"], []
        for index, (prefix, touched) in enumerate(self._rules):
            kept = f"kept_{index}"
            joins.append(f"LEFT JOIN kept AS {kept} ON {kept}.record_id = given.id AND {kept}.rule = {index}")
            selected += [f"{kept}.points AS {prefix}{POINTS}", f"{kept}.nexts AS {prefix}{NEXTS}"]
            for number, column in enumerate(touched, 1):
                due = f"COALESCE({kept}.nexts[{number}] <= {self.as_of}, FALSE)"
                parts = ["given.untold", f"{kept}.record_id IS NULL", due]
                parts += [] if column == "FALSE" else [f"given.{column}"]
                selected.append(f"{' OR '.join(parts)} AS {stale_name(prefix, number)}")
        told = [f"COALESCE(bool_or({sql}), FALSE) AS {column}" for sql, column in self._touched.items()]
        given = ",\n         ".join(
            ["ids.id", "COALESCE(bool_or(told.id IS NOT NULL AND told.type IS NULL), FALSE) AS untold", *told]
        )
        columns, joined = ",\n       ".join(selected), "\n".join(joins)
        return (
            f"SELECT {columns}\nFROM (\n  SELECT {given}\n"
            f"  FROM unnest(CAST({IDS} AS {self.id_type}[])) AS ids(id)\n"
            f"  LEFT JOIN unnest(CAST({TOLD_IDS} AS {self.id_type}[]), CAST({TOLD_TYPES} AS TEXT[])) AS told(id, type)"
            " ON told.id = ids.id\n"
            f"  GROUP BY ids.id\n) AS given\n{joined}"
        )

    def _needed_sql(self) -> str:
        selected = []
        for name, number in self._numbers.items():
            conditions = list(dict.fromkeys(self._needs[name]))
            only = "" if "TRUE" in conditions else f" FILTER (WHERE {' OR '.join(conditions)})"
            selected.append(f"array_agg(id ORDER BY id){only} AS needed_{number}")
        columns = ",\n       ".join(selected or ["NULL"])
        return f"SELECT {columns}\nFROM stale"


def stale_name(prefix: str, number: int) -> str:
    """The column that says whether a rule's number-th criterion (from 1) must be judged again."""
    return f"{prefix}stale_{number}"


def types_touching(criterion: Criterion) -> tuple[str, ...] | None:
    """The types of the record's own touchpoints that the criterion reads; None: it reads those of others, too."""
    types: set[str] = set()
    for leaf in leaves(criterion.condition):
        if not isinstance(leaf.measure, FieldMeasure):
            if leaf.measure.of is not None:
                return None
            types.update(leaf.measure.types)
    return tuple(sorted(types))
