"""The explanation of a record's score by a rule as of any moment, in the form of `scoring.explained_json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from firstcall.records.history import RecordThen, record_as_of
from firstcall.records.models import Record
from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.models import RuleVersion, StoredRule
from firstcall.scorekeeping.replay import deciding, score_by
from firstcall.scoring.explained_json import explanation_object, outside_object
from firstcall.scoring.explaining import Explanation, conditions_rule, explain, outside
from firstcall.scoring.labelling import Labelling, labelled
from firstcall.scoring.rules import Rule
from firstcall.scoring.times import moment_of


@dataclass(frozen=True, slots=True)
class Explained:
    """
    as_of  where the rule had stopped, the moment of the stop
    why    None where the rule does not apply
    told   the same as JSON has it, with the number of the version as `version`
    """

    version: RuleVersion
    as_of: datetime
    why: Explanation | None
    told: Mapping[str, Any]


def explained(
    record: Record, rule: StoredRule, as_of: datetime, *, labels: Labelling | None = None
) -> Explained | None:
    """By the version that scored the record then. None: no version scored it, or the record was not there. With labels,
    the sentences that are told have these."""
    found = deciding(record, rule, as_of)
    then = None if found is None else record_as_of(record, found.as_of)
    if found is None or then is None or then.is_deleted:
        return None
    why, told = _explained_by(record, rule_of(found.version), found.as_of, then, labels)
    return Explained(found.version, found.as_of, why, {**told, "version": found.version.number})


def explanation(record: Record, rule: StoredRule, as_of: datetime) -> Mapping[str, Any] | None:
    """The same as JSON has it."""
    found = explained(record, rule, as_of)
    return None if found is None else found.told


def explanation_by(
    record: Record, rule: Rule, as_of: datetime, *, labels: Labelling | None = None
) -> dict[str, object]:
    """By a rule that may be stored nowhere, as of a moment at which the record was there."""
    return _explained_by(record, rule, as_of, None, labels, is_draft=True)[1]


def _explained_by(
    record: Record,
    rule: Rule,
    as_of: datetime,
    then: RecordThen | None,
    labels: Labelling | None,
    *,
    is_draft: bool = False,
) -> tuple[Explanation | None, dict[str, object]]:
    moment, score = moment_of(as_of), score_by(record, rule, as_of, then, is_draft=is_draft)
    said = rule if labels is None else labelled(rule, labels)
    if score is not None:
        why = explain(rule, str(record.pk), moment, score)
        told = why if said is rule else explain(said, str(record.pk), moment, score)
        return why, explanation_object(told)
    asked = score_by(record, conditions_rule(rule), as_of, then, is_draft=is_draft)
    assert asked is not None  # noqa: S101  it has no conditions of its own
    return None, outside_object(outside(said, str(record.pk), moment, asked))
