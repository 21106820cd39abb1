"""Conditions on scores, for filters: {"score": 7, "gte": 40}, {"score": "Call first", "grade": ["Hot", "Warm"]}."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from firstcall.access.viewer import Viewer
from firstcall.records.measures import Asked, tell_condition
from firstcall.records.models import Module
from firstcall.records.statements import server_major
from firstcall.scorekeeping.models import StoredRule
from firstcall.scoring.compiling import SIX_FIGURES
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.problems import Problem, nearest
from firstcall.scoring.saying import said

KEY = "score"
_SIGNS = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<", "is": "="}
_KEYS = (KEY, "figure", "grade", "scored", *_SIGNS)
_DIGITS = 13  # of whole points, beyond the first


@tell_condition(KEY)
def read_score_condition(
    module: Module, viewer: Viewer, given: Mapping[str, object]
) -> Asked | list[Problem]:
    """`score` is the id or the name of a rule; `figure` one of the six, total where none is named; `scored: false` asks
    for those that have none."""
    return _Reading(module, given).read()


class _Reading:
    def __init__(self, module: Module, given: Mapping[str, object]) -> None:
        self.module = module
        self.given = given
        self.problems: list[Problem] = []

    def read(self) -> Asked | list[Problem]:
        for key in self.given:
            if key not in _KEYS:
                near = nearest(key, _KEYS)
                fix = (
                    said("Did you mean {near}?", near=near)
                    if near
                    else said("It takes {keys}.", keys=", ".join(_KEYS))
                )
                self._refuse(key, "unknown-key", said("A condition on a score has no {key}.", key=key), fix)
        rule, asked = self._rule(), self._asked()
        if not asked and "scored" not in self.given and not self.problems:
            self._refuse(
                KEY,
                "no-test",
                said("A condition on a score needs a test."),
                said("Add one, such as gte: 40."),
            )
        if self.problems or rule is None:
            return self.problems
        conditions = [f"s.rule_id = {rule.pk}", *asked]
        exists = (
            "EXISTS (SELECT 1 FROM scorekeeping_storedscore AS s"
            f" WHERE s.record_id = records_record.id AND {' AND '.join(conditions)})"
        )
        return Asked(f"NOT {exists}" if self.given.get("scored") is False else exists)

    def _rule(self) -> StoredRule | None:
        asked = self.given[KEY]
        rules = StoredRule.objects.filter(module=self.module)
        if isinstance(asked, int) and not isinstance(asked, bool) and 0 < asked < 2**63:
            found = rules.filter(pk=asked).first()
        elif isinstance(asked, str) and "\0" not in asked:
            found = rules.filter(name__iexact=asked[:500]).first()
        else:
            found = None
        if found is None:
            names = ", ".join(rules.order_by("name").values_list("name", flat=True)[:20])
            fix = said("There are: {names}.", names=names) if names else said("There is none yet.")
            self._refuse(KEY, "no-rule", said("{module} has no such rule.", module=self.module), fix)
        return found

    def _asked(self) -> list[str]:
        figure = self.given.get("figure", "total")
        if figure not in SIX_FIGURES:
            fix = said("Choose one of {names}.", names=", ".join(SIX_FIGURES))
            self._refuse("figure", "unknown-figure", said("There is no such figure."), fix)
            figure = "total"
        asked = [
            f"s.{figure} {sign} {points}"
            for key, sign in _SIGNS.items()
            if key in self.given and (points := self._points(key)) is not None
        ]
        if "grade" in self.given:
            asked += self._grades()
        if not isinstance(self.given.get("scored", True), bool):
            self._refuse("scored", "type", said("scored takes true or false."))
        if self.given.get("scored") is False and (asked or "grade" in self.given):
            self._refuse("scored", "contradiction", said("What has no score has no points and no grade."))
        return asked

    def _points(self, key: str) -> int | None:
        """Hundredths."""
        held = self.given[key]
        try:
            if isinstance(held, bool) or not isinstance(held, int | float | str):
                raise InvalidOperation
            given = Decimal(str(held))
            if not given.is_finite() or given.adjusted() > _DIGITS:
                raise InvalidOperation
            points = given * 100
            if points != points.to_integral_value():
                raise InvalidOperation
        except InvalidOperation:
            self._refuse(
                key, "type", said("{key} takes points, a number with two decimals at most.", key=key)
            )
            return None
        return int(points)

    def _grades(self) -> list[str]:
        held = self.given["grade"]
        names = held if isinstance(held, list) else [held]
        if not 0 < len(names) <= 50 or not all(isinstance(name, str) and "\0" not in name for name in names):
            self._refuse("grade", "type", said("grade takes the name of a grade, or a list of names."))
            return []
        literal = Postgres(server_major()).literal
        return [f"s.grade IN ({', '.join(map(literal, names))})"]

    def _refuse(self, key: str, code: str, says: str, fix: str = "") -> None:
        self.problems.append(Problem((key,), code, says, fix))
