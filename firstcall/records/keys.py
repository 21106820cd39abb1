"""The values by which records are found: e-mail addresses, phone numbers, ids of other systems, names.

Each is kept in one form, so that all ways of writing it find the record. The rows are written in the transaction that
writes the values; no row is left of a record in the trash.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from django.db import connection

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, Record, RecordKey

LONGEST_KEY = 255  # characters of an external id or a unique text
MOST_STARTS = 3  # a name is found by so many of its words


class KeyKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    EXTERNAL_ID = "external_id"
    UNIQUE = "unique"  # of other fields that no two records have the same value in
    NAME = "name"  # for prefixes: the whole name, and from the second and third word on


@dataclass(frozen=True, slots=True)
class Key:
    """A row to be; `field` is the field's id, 0 for names."""

    kind: KeyKind
    field: int
    value: str
    is_unique: bool = False


def normalise(kind: str, value: str, *, region: str | None = None) -> str | None:
    """The one form in which a value is kept and looked for; None: it can be no such value.

    region  of phone numbers without a country code: "DE"; without it they have no form that is theirs alone

    >>> normalise("email", " Ann@Example.com "), normalise("phone", "+49 (30) 123-4567"), normalise("phone", "030 12")
    ('ann@example.com', '+49301234567', None)
    """
    value = value.strip()
    match KeyKind(kind):
        case KeyKind.EMAIL:
            folded = unicodedata.normalize("NFC", value.casefold())
            return folded if "@" in folded and len(folded) <= 400 else None
        case KeyKind.PHONE:
            return _e164(value, region)
        case KeyKind.EXTERNAL_ID:
            return value if 0 < len(value) <= LONGEST_KEY else None
        case KeyKind.UNIQUE | KeyKind.NAME:
            return fold_words(value)[:LONGEST_KEY] or None


def fold_words(text: str) -> str:
    """Without regard to case and spaces: how names and tags are compared."""
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


@lru_cache(maxsize=10_000)
def _e164(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def key_kind_of(field: Field) -> KeyKind | None:
    """What kind of key the field's values are, if any."""
    if field.is_external_id:
        return KeyKind.EXTERNAL_ID
    match FieldKind(field.kind):
        case FieldKind.EMAIL:
            return KeyKind.EMAIL
        case FieldKind.PHONE:
            return KeyKind.PHONE
    return KeyKind.UNIQUE if field.is_unique else None


def keys_of(fields: Iterable[Field], title: Iterable[str], values: Mapping[str, object]) -> set[Key]:
    """All keys of a record with these values."""
    keys = set()
    for field in fields:
        kind = key_kind_of(field)
        if kind and (value := values.get(field.name)) is not None and (key := normalise(kind, str(value))):
            keys.add(Key(kind, field.pk, key, field.is_unique or field.is_external_id))
    words = fold_words(" ".join(str(values[name]) for name in title if values.get(name))).split(" ")
    for start in range(min(len(words), MOST_STARTS)):
        if name := " ".join(words[start:])[:LONGEST_KEY]:
            keys.add(Key(KeyKind.NAME, 0, name))
    return keys


def find_by_key(kind: str, value: str, *, modules: Collection[Module | int] | None = None) -> list[int]:
    """The ids of all records that have the key, in their order; several is the caller's matter."""
    return find_by_keys(kind, [value], modules=modules).get(value, [])


def find_by_keys(
    kind: str, values: Collection[str], *, modules: Collection[Module | int] | None = None
) -> dict[str, list[int]]:
    """The same of many values in one statement: the values as given that are found, each with its records."""
    forms: dict[str, list[str]] = defaultdict(list)
    for value in dict.fromkeys(values):
        if form := normalise(kind, value):
            forms[form].append(value)
    rows = RecordKey.objects.filter(kind=kind, value__in=list(forms)) if forms else RecordKey.objects.none()
    if modules is not None:
        rows = rows.filter(module__in=modules)
    found: dict[str, list[int]] = defaultdict(list)
    for form, record in rows.order_by("record_id").values_list("value", "record_id").distinct():
        for value in forms[form]:
            found[value].append(record)
    return dict(found)


_ADD = """
INSERT INTO records_recordkey (record_id, module_id, kind, field, value, is_unique)
SELECT *
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::boolean[])"""


def add_keys(module: int, keys: Mapping[int, Collection[Key]]) -> None:
    """Write the keys of records that have none yet."""
    rows = [(record, key) for record, of_record in keys.items() for key in of_record]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                [record for record, _ in rows],
                [module] * len(rows),
                [key.kind.value for _, key in rows],
                [key.field for _, key in rows],
                [key.value for _, key in rows],
                [key.is_unique for _, key in rows],
            ],
        )


def replace_keys(module: int, keys: Mapping[int, Collection[Key]]) -> None:
    """Write the keys of records in the place of those they have."""
    RecordKey.objects.filter(record_id__in=list(keys)).delete()
    add_keys(module, keys)


def holder_of(field: Field, value: object) -> int | None:
    """The record that has the value in a field where it can stand but once."""
    kind = key_kind_of(field)
    form = normalise(kind, str(value)) if kind else None
    row = RecordKey.objects.filter(field=field.pk, kind=kind, value=form).first() if form else None
    return row.record_id if row else None


def rebuild_keys(records: Iterable[Record]) -> None:
    """Make the keys of records again from their values: after a field became a key, or ceased to be one."""
    by_module: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        by_module[record.module_id].append(record)
    for module in Module.objects.filter(pk__in=by_module):
        fields = list(module.fields.all())
        replace_keys(module.pk, {r.pk: keys_of(fields, module.title, r.values) for r in by_module[module.pk]})
