"""What would be gone with a rule, for somebody to read before it is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.records.uses import users_of_field
from firstcall.scorekeeping.models import ScoreChange, ScoreField, StoredRule, StoredScore
from firstcall.scorekeeping.uses import users_of


@dataclass(frozen=True, slots=True)
class LostField:
    """A field that shows a figure of the rule's scores; `users` are those that show or read it, but for the rule."""

    label: str
    users: Sequence[str]


@dataclass(frozen=True, slots=True)
class Loss:
    """`users` keep the rule from being deleted."""

    versions: int
    scores: int
    changes: int
    fields: Sequence[LostField]
    users: Sequence[str]


def loss_of(rule: StoredRule) -> Loss:
    mapped = ScoreField.objects.filter(rule=rule).select_related("field__module").order_by("field__label")
    return Loss(
        rule.versions.count(),
        StoredScore.objects.filter(rule=rule).count(),
        ScoreChange.objects.filter(rule=rule).count(),
        [LostField(one.field.called, _others(one, rule)) for one in mapped],
        users_of(rule),
    )


def _others(mapped: ScoreField, rule: StoredRule) -> list[str]:
    own = f"the rule {rule},"
    return [user for user in users_of_field(mapped.field) if not user.startswith(own)]
