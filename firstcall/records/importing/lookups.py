"""Records as files name them: by #id, by the id of another system, by e-mail address, by name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstcall.access.viewer import Viewer
from firstcall.records.keys import KeyKind, find_by_keys, fold_words
from firstcall.records.models import Module, Record
from firstcall.records.schema import title_of
from firstcall.records.seeing import seen_ids
from firstcall.scoring.saying import Pattern, said, whole

_OWN, _PLAIN = re.compile(r"#([0-9]{1,18})"), re.compile(r"#?([0-9]{1,18})")
_WORDS = {
    "id": Pattern("id", "key"),
    "external_id": Pattern("external id", "key"),
    "email": Pattern("e-mail address", "key"),
    "phone": Pattern("phone number", "key"),
    "name": Pattern("name", "key"),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """Whom the texts mean; what means nobody, or several, has its reason."""

    records: Mapping[str, int]
    reasons: Mapping[str, str]
    several: Mapping[str, Sequence[int]]


class LookupKind(StrEnum):
    ID = "id"
    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"


ANY = (LookupKind.ID, LookupKind.EXTERNAL_ID, LookupKind.EMAIL, LookupKind.NAME)


def look_up(
    module: Module, texts: Collection[str], *, viewer: Viewer, kinds: Sequence[LookupKind] = ANY
) -> Looked:
    """Find the records of the module that the texts mean, of those that the viewer sees.

    kinds  what the texts may be, the first going before the next
    """
    found: dict[str, list[int]] = {}
    for kind in kinds:
        rest = [text for text in texts if text not in found]
        meant: dict[str, list[int]]
        match kind:
            case LookupKind.ID:
                meant = _by_id(module, rest, marked=len(kinds) > 1)
            case LookupKind.NAME:
                meant = _by_name(module, rest)
            case LookupKind.EMAIL:
                meant = find_by_keys(KeyKind.EMAIL, [t for t in rest if "@" in t], modules=[module])
            case _:
                meant = find_by_keys(kind, rest, modules=[module])
        found |= _seen(meant, module, viewer)
    single = len(kinds) == 1
    what = _WORDS[kinds[0]]() if single else said("name, e-mail address or external id")
    records: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for text in texts:
        match found.get(text, []):
            case [one]:
                records[text] = one
            case []:
                reasons[text] = said("no record of {module} has this {what}", module=module, what=what)
            case several:
                reasons[text] = said(
                    "{count} records of {module} have this {what}: {ids}; write one as #id",
                    count=whole(len(several)),
                    module=module,
                    what=what if single else _WORDS["name"](),
                    ids=", ".join(f"#{record}" for record in several[:5]),
                )
    return Looked(records, reasons, {text: ids for text, ids in found.items() if len(ids) > 1})


def _seen(meant: dict[str, list[int]], module: Module, viewer: Viewer) -> dict[str, list[int]]:
    if viewer.owners(module.name) is None:
        return meant
    there = seen_ids(viewer, {id for ids in meant.values() for id in ids})
    left = {text: [id for id in ids if id in there] for text, ids in meant.items()}
    return {text: ids for text, ids in left.items() if ids}


def _by_id(module: Module, texts: Collection[str], *, marked: bool) -> dict[str, list[int]]:
    """`#17`, or where nothing else may be meant just 17."""
    pattern = _OWN if marked else _PLAIN
    ids = {text: int(match[1]) for text in texts if (match := pattern.fullmatch(text.strip()))}
    there = set(
        Record.objects.filter(module=module, pk__in=set(ids.values()), deleted_at=None).values_list(
            "pk", flat=True
        )
    )
    return {text: [id] for text, id in ids.items() if id in there}


def _by_name(module: Module, texts: Collection[str]) -> dict[str, list[int]]:
    """Whole names alone: keys of names are kept for their later words too."""
    candidates = find_by_keys(KeyKind.NAME, texts, modules=[module])
    ids = {record for records in candidates.values() for record in records}
    values = dict(Record.objects.filter(pk__in=ids).values_list("pk", "values"))
    titles = {pk: fold_words(title_of(module, held, otherwise=())) for pk, held in values.items()}
    return {
        text: [record for record in records if titles.get(record) == fold_words(text)]
        for text, records in candidates.items()
    }
