"""The rows of the filter builder in words: what a condition can be about, and what it can ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field
from firstcall.saved_views.conditions import DID, FIGURES, GRADE, Subject
from firstcall.scorekeeping.listing import SCORE
from firstcall.scorekeeping.models import StoredRule
from firstcall.touchpoints.catalogue import TouchpointType, channel_label

type Word = str | Promise

# What is asked: in words, by the name of the test.
_WORDS: Mapping[str, Word] = {
    "is": _("is"),
    "is_not": _("is not"),
    "contains": _("contains"),
    "not_contains": _("does not contain"),
    "starts_with": _("begins with"),
    "gte": _("is at least"),
    "lte": _("is at most"),
    "gt": _("is more than"),
    "lt": _("is less than"),
    "after": _("is after"),
    "before": _("is before"),
    "in_last": _("is within the last days:"),
    "older_than": _("is longer ago than days:"),
    "within": _("within the last days:"),
    "not_within": _("not within the last days:"),
    "in_7": _("in 7 days, at least so often:"),
    "in_30": _("in 30 days, at least so often:"),
    "in_90": _("in 90 days, at least so often:"),
    "ever": _("ever, at least so often:"),
    "never": _("never"),
    "scored": _("is there"),
    "unscored": _("is not there"),
    "filled": _("is filled"),
    "empty": _("is empty"),
    "yes": _("is yes"),
    "no": _("is no"),
}
_OF_LISTS: Mapping[str, Word] = {"contains": _("has"), "not_contains": _("has not")}
_OWN: Mapping[str, Word] = {
    "owner": _("Owner's e-mail"),
    "tags": _("Tags"),
    "created_at": _("Created"),
    "updated_at": _("Changed"),
}
_FIGURES: Mapping[str, Word] = {
    "positive": _("who they are, for"),
    "negative": _("who they are, against"),
    "touchpoint_positive": _("what they do, for"),
    "touchpoint_negative": _("what they do, against"),
}


@dataclass(frozen=True, slots=True)
class Asked(Subject):
    """What a row can be about, as it is called, and among what it stands."""

    label: Word = ""
    group: Word = ""

    @property
    def words(self) -> dict[str, Word]:
        """Its tests."""
        said = {**_WORDS, **_OF_LISTS} if self.kind == FieldKind.MULTI_SELECT else _WORDS
        return {test: said[test] for test in self.tests}


def worded(
    subjects: Iterable[Subject],
    fields: Mapping[str, Field],
    rules: Iterable[StoredRule],
    types: Sequence[TouchpointType],
) -> list[Asked]:
    labels: dict[str, Word] = {name: field.called for name, field in fields.items()}
    labels |= {**_OWN, **_of_scores(rules), **_of_types(types)}
    return [Asked(one.name, one.kind, one.choices, labels[one.name], _group(one.name)) for one in subjects]


def _group(name: str) -> Word:
    if name.startswith(DID):
        return _("Touchpoints")
    return _("Scores") if name.startswith(SCORE) else _("Fields")


def _of_scores(rules: Iterable[StoredRule]) -> dict[str, Word]:
    said: dict[str, Word] = {}
    for rule in rules:
        said[f"{SCORE}{rule.pk}"] = rule.name
        said[f"{SCORE}{rule.pk}{GRADE}"] = gettext("%(rule)s: grade") % {"rule": rule.name}
        said |= {f"{SCORE}{rule.pk}.{figure}": f"{rule.name}: {_FIGURES[figure]}" for figure in FIGURES}
    return said


def _of_types(types: Sequence[TouchpointType]) -> dict[str, Word]:
    """All, those of a channel, and each."""
    channels = {one.channel: channel_label(one.channel) for one in types}
    said: dict[str, Word] = {f"{DID}*": gettext("Any touchpoint")}
    for channel, named in channels.items():
        said[f"{DID}{channel}.*"] = gettext("%(channel)s: any") % {"channel": named}
    return said | {f"{DID}{one.type}": f"{channels[one.channel]}: {one.called}" for one in types}
