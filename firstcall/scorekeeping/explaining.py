"""The explanation of a record's score by a rule as of any moment, in the form of `scoring.explained_json`."""

from __future__ import annotations

from datetime import datetime

from firstcall.records.history import record_as_of
from firstcall.records.models import Record
from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.replay import deciding, score_by
from firstcall.scoring.explained_json import explanation_object, outside_object
from firstcall.scoring.explaining import conditions_rule, explain, outside
from firstcall.scoring.rules import Rule
from firstcall.scoring.times import moment_of


def explanation(record: Record, rule: StoredRule, as_of: datetime) -> dict[str, object] | None:
    """By the version that scored the record then, whose number is added as `version`; where the rule had stopped, as
    of the stop. None: no version scored the record, or the record was not there."""
    found = deciding(record, rule, as_of)
    then = None if found is None else record_as_of(record, found.as_of)
    if found is None or then is None or then.is_deleted:
        return None
    told = explanation_by(record, rule_of(found.version), found.as_of)
    return {**told, "version": found.version.number}


def explanation_by(record: Record, rule: Rule, as_of: datetime) -> dict[str, object]:
    """By a rule that may be stored nowhere, as of a moment at which the record was there."""
    moment, score = moment_of(as_of), score_by(record, rule, as_of)
    if score is not None:
        return explanation_object(explain(rule, str(record.pk), moment, score))
    asked = score_by(record, conditions_rule(rule), as_of)
    assert asked is not None  # noqa: S101  it has no conditions of its own
    return outside_object(outside(rule, str(record.pk), moment, asked))
