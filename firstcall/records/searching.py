"""Finding records by the beginning of a name, an e-mail address, a phone number or an external id: an index answers."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from firstcall.access.viewer import Viewer
from firstcall.records.keys import KeyKind, fold_words, phone_start
from firstcall.records.models import Module, RecordKey
from firstcall.records.seeing import seen

SHORTEST, LONGEST = 2, 100  # characters of what is looked for


def search_records(
    text: str, *, viewer: Viewer, modules: Collection[Module | int] | None = None, most: int = 20
) -> list[int]:
    """The ids of records that the viewer sees, those found by a name first. The words of a name may come in any turn:
    "miller ann"."""
    words = fold_words(text).split(" ")
    if not SHORTEST <= len(" ".join(words)) <= LONGEST:
        return []
    keys = RecordKey.objects.filter(seen(viewer, "record__"))
    if modules is not None:
        keys = keys.filter(module__in=modules)
    found: dict[int, None] = {}
    for rows in (
        _by_name(keys, words),
        *(keys.filter(kind=k, value__startswith=p) for k, p in _prefixes(text)),
    ):
        for record in rows.order_by("value", "record_id").values_list("record_id", flat=True)[: 3 * most]:
            found[record] = None
            if len(found) == most:
                return list(found)
    return list(found)


def _by_name(keys: QuerySet[RecordKey], words: list[str]) -> QuerySet[RecordKey]:
    """Those of whose name every word begins so; the longest word leads, since it has the fewest."""
    longest = max(words, key=len)
    rows = keys.filter(kind=KeyKind.NAME, value__startswith=longest)
    others = list(words)
    others.remove(longest)
    for word in others:
        name = RecordKey.objects.filter(
            record_id=OuterRef("record_id"), kind=KeyKind.NAME, value__startswith=word
        )
        rows = rows.filter(Exists(name))
    return rows


def _prefixes(text: str) -> list[tuple[KeyKind, str]]:
    """By what else than a name the text may begin."""
    whole = fold_words(text)
    prefixes = []
    if " " not in whole:
        prefixes = [(KeyKind.EMAIL, whole), (KeyKind.EXTERNAL_ID, text.strip()), (KeyKind.UNIQUE, whole)]
    if (phone := phone_start(whole)) is not None:
        prefixes.append((KeyKind.PHONE, phone))
    return prefixes
