"""From a draft's text to its preview: checked, held against the rule that scores by its name, with the records' titles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

import duckdb

from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.insights.previewing.preview import MOST, Asked, Preview, preview
from firstcall.records.models import Module, Record
from firstcall.records.schema import title_of
from firstcall.scorekeeping.checking import CheckedRule, check_rule
from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.models import StoredRule
from firstcall.scoring.labelling import Labelling
from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import said
from firstcall.scoring.times import moment_of


@dataclass(frozen=True)
class Previewed:
    """against  the rule that it is held against, with its active version, if there is one
    titles   of the records that are named, by their ids; one that is gone since has none
    """

    preview: Preview
    module: Module
    against: StoredRule | None
    warnings: tuple[Problem, ...]
    titles: Mapping[int, str]


class OtherModuleError(ValueError):
    """The two rules are of different modules."""


def preview_text(
    text: str,
    *,
    now: datetime,
    against: StoredRule | None = None,
    viewer: Viewer = PRODUCT,
    as_of: datetime | None = None,
    most: int = MOST,
    hot_days: int = 0,
    labels: Labelling | None = None,
    noun: Callable[[Module], str] = attrgetter("name"),
) -> Previewed:
    """What the draft would do. Raises InvalidRuleError, OtherModuleError, NoCopyError,
    TooLongError.

    against  None: the rule of the draft's name and module, if it is active
    labels   sentences have these instead of the names of fields
    noun     what many records of the module are called within a sentence
    """
    checked = check_rule(text, viewer=viewer)
    owners = viewer.owners(checked.module.name)
    stored = _scoring(checked) if against is None else against
    before = None if stored is None or stored.active is None else rule_of(stored.active)
    if before is not None and before.module != checked.rule.module:
        raise OtherModuleError(
            said(
                "is a rule of {module}, and the draft is one of {other}.",
                module=before.module,
                other=checked.rule.module,
            )
        )
    asked = Asked(
        checked.rule,
        before,
        owners,
        None if as_of is None else moment_of(as_of),
        most,
        hot_days,
        noun(checked.module),
        labels,
    )
    try:
        found = preview(asked, now=moment_of(now))
    except duckdb.IOException:
        # The view had been left for so long that its files went while they were read.
        found = preview(asked, now=moment_of(now))
    there = stored if asked.before is not None else None
    return Previewed(
        found, checked.module, there, checked.warnings, _titles(checked.module, found.ids.values(), owners)
    )


def _scoring(checked: CheckedRule) -> StoredRule | None:
    named = StoredRule.objects.filter(module=checked.module, name=checked.rule.name, active__isnull=False)
    return named.select_related("active").first()


def _titles(module: Module, ids: Collection[int], owners: Collection[int] | None) -> dict[int, str]:
    """Of those that the viewer may still see."""
    rows = Record.objects.filter(pk__in=ids, deleted_at=None)
    seen = rows if owners is None else rows.filter(owner__in=owners)
    return {id: title_of(module, values) for id, values in seen.values_list("pk", "values")}
