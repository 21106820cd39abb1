"""A backtest of a stored rule, over the columnar copy of what is stored: the same that is made of files.

Of one moment for all, fields are as they were then, but the outcome's, and records that came later are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import duckdb
import msgspec

from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.columns.reading import Copy, find_copy
from firstcall.engines.engine import Scope
from firstcall.engines.reading import Source
from firstcall.engines.reading.records import shifted_field
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.workspace import Progress, Workspace
from firstcall.insights.backtesting import Backtest, backtest
from firstcall.insights.looking import field_reading, one_row
from firstcall.insights.winning import FieldOutcome, Outcome, OutcomeError, parse_outcome
from firstcall.scorekeeping.compiled import loaded_rule
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scoring.checking import check_columns
from firstcall.scoring.columns import Columns
from firstcall.scoring.problems import nearest
from firstcall.scoring.saying import said
from firstcall.scoring.times import FIRST_MOMENT, LAST_MOMENT

MEMORY, THREADS = "2GB", 2


@dataclass(frozen=True)
class Asked:
    """
    won, lost    as `winning.parse_outcome` takes them; without `lost` all are lost who were not won
    as_of        microseconds; None: as of the state that the copy shows, or each as of its own moment
    as_of_field  the field of that moment, or so long before or after: `created_at + 30 days`
    """

    won: str
    lost: str = ""
    as_of: int | None = None
    as_of_field: str = ""

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Asked:
        return msgspec.convert(told, cls)

    def outcomes(self) -> tuple[Outcome, FieldOutcome | None]:
        """Raises AskedError."""
        won = _outcome("won", self.won)
        if not self.lost:
            return won, None
        lost = _outcome("lost", self.lost)
        if not isinstance(lost, FieldOutcome) or not isinstance(won, FieldOutcome):
            raise AskedError("lost", said("is a field with a value, and goes with a field in won."))
        return won, lost


class AskedError(Exception):
    """What was asked for cannot be: which part of it, and why."""

    def __init__(self, part: str, says: str) -> None:
        super().__init__(f"{part}: {says}")
        self.part, self.says = part, says


def backtest_stored(
    version: RuleVersion,
    asked: Asked,
    *,
    viewer: Viewer = PRODUCT,
    memory: str = MEMORY,
    progress: Progress | None = None,
    watched: Callable[[Workspace], AbstractContextManager[None]] = lambda workspace: nullcontext(),
) -> Backtest:
    """Of the records that the viewer sees. Raises AskedError, NoCopyError, and InvalidRuleError where the version no longer
    fits the fields.

    watched  made of the workspace, and held while it works
    """
    asked.outcomes()
    try:
        return _backtest(version, asked, viewer, memory, progress, watched)
    except duckdb.IOException:
        # The copy went on so far that its files went while they were read.
        return _backtest(version, asked, viewer, memory, progress, watched)


def check(version: RuleVersion, asked: Asked) -> None:
    """Whether it can be made of the fields that there are: raises what `backtest_stored` would before it begins."""
    copy = find_copy()
    loaded, columns = loaded_rule(version.text), copy.columns(copy.module(_module(version)).shape.name)
    won, lost = asked.outcomes()
    for part, outcome in (("won", won), ("lost", lost)):
        if isinstance(outcome, FieldOutcome):
            _known(part, outcome.field, columns)
    if asked.as_of_field:
        _own_moment(asked.as_of_field, columns)
    if errors := [one for one in check_columns(loaded, columns) if one.severity == "error"]:
        raise InvalidRuleError(errors)


def _backtest(
    version: RuleVersion,
    asked: Asked,
    viewer: Viewer,
    memory: str,
    progress: Progress | None,
    watched: Callable[[Workspace], AbstractContextManager[None]],
) -> Backtest:
    check(version, asked)
    won, lost = asked.outcomes()
    copy, module = find_copy(), _module(version)
    scope = Scope(None if asked.as_of_field else copy.seen if asked.as_of is None else asked.as_of)
    kept = [outcome.field for outcome in (won, lost) if isinstance(outcome, FieldOutcome)]
    with (
        Workspace(memory=memory, threads=THREADS, progress=progress) as workspace,
        watched(workspace),
        copy_source(
            copy, module, workspace, viewer=viewer, scope=scope, as_of_field=asked.as_of_field, kept=kept
        ) as source,
    ):
        try:
            return backtest(loaded_rule(version.text).rule, won, source, scope, workspace, lost=lost)
        except OutcomeError as error:
            raise AskedError("won", str(error)) from error


@contextmanager
def copy_source(
    copy: Copy,
    module: str,
    workspace: Workspace,
    *,
    viewer: Viewer,
    scope: Scope,
    as_of_field: str = "",
    kept: list[str],
) -> Iterator[Source]:
    """The copy as a source: the module's records that the viewer sees, with all touchpoints and related records that rules
    look at. Of a moment for all, as they were then but for the fields of `kept`."""
    columns = copy.columns(module)
    further, only = "", "TRUE"
    if scope.as_of is None:
        moment = _own_moment(as_of_field, columns)
        further, only = f", {moment} AS as_of", f"({moment}) IS NOT NULL"
    else:
        only = f"created_at <= {scope.as_of}"
    owners = viewer.owners(module)
    if owners is not None:
        only += f" AND owner_id IN ({', '.join(map(str, sorted(owners)))})" if owners else " AND FALSE"
    names = [_known("won", name, columns) for name in kept]
    copy.lay_out(workspace.connection, module, as_of=scope.as_of, kept=names, only=only, further=further)
    (records,) = one_row(workspace, "SELECT count(*) FROM records", doing="opening the copy")
    (touchpoints,) = one_row(workspace, "SELECT count(*) FROM touchpoints")
    source = Source(workspace.connection, columns, records, touchpoints, Rejects(), has_history=True)
    try:
        yield source
    finally:
        source.close()


def _module(version: RuleVersion) -> str:
    return loaded_rule(version.text).rule.module


def _outcome(part: str, text: str) -> Outcome:
    try:
        return parse_outcome(text)
    except OutcomeError as error:
        raise AskedError(part, str(error)) from error


def _known(part: str, name: str, columns: Columns) -> str:
    """The field's name as it is written, capitals aside."""
    fields = columns.records.fields
    alike = [name] if name in fields else [known for known in fields if known.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    guess = nearest(name, fields)
    hint = said(" Did you mean {near}?", near=guess) if guess else ""
    raise AskedError(part, said("The records have no field {name}.", name=name) + hint)


def _own_moment(given: str, columns: Columns) -> str:
    """SQL of each record's own moment."""
    fields = columns.records.fields
    name, shift = (given, 0) if given in fields else shifted_field(given)
    column = fields[_known("as_of_field", name, columns)]
    moment = field_reading(column).moment
    if moment is None or not column.kind.is_moment:
        raise AskedError(
            "as_of_field", said("{name} holds no dates or times: name a field that does.", name=column.name)
        )
    moved = f"({moment}) + ({shift})"
    return f"CASE WHEN {moved} BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT} THEN {moved} END" if shift else moment
