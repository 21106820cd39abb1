"""The values by which records are found: e-mail addresses, phone numbers, ids of other systems, names.

Each is kept in one form, so that all ways of writing it find the record. The rows are written in the transaction that
writes the values; no row is left of a record in the trash.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import msgspec
import phonenumbers
from django.conf import settings
from django.db import connection

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, RecordKey

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

    region  of phone numbers without a country code: "DE"; where none is said, `phone_region`, and without that they
            have no form that is theirs alone

    >>> normalise("email", " Ann@Example.com "), normalise("phone", "+49 (30) 123-4567")
    ('ann@example.com', '+49301234567')
    """
    value = value.strip()
    match KeyKind(kind):
        case KeyKind.EMAIL:
            folded = _folded(value)
            return folded if "@" in folded and len(folded) <= 400 else None
        case KeyKind.PHONE:
            return _e164(value, region or phone_region())
        case KeyKind.EXTERNAL_ID:
            return value if 0 < len(value) <= LONGEST_KEY else None
        case KeyKind.UNIQUE | KeyKind.NAME:
            return fold_words(value)[:LONGEST_KEY] or None


def phone_region() -> str | None:
    """Where phone numbers without a country code are, as the administrator says: ISO 3166, two letters."""
    region: str = settings.CONFIGURATION.phone_region
    return region or None


def phone_start(text: str) -> str | None:
    """How the form of a phone number begins that is written from its beginning: `+49 30` and, in the region DE, `030`
    and `0049 30` all are `+4930`. None: it is no beginning of a number."""
    if not _BEGINNING.fullmatch(text):
        return None
    digits = "".join(re.findall("[0-9]", text))
    if text.lstrip("( ").startswith("+"):
        return f"+{digits}" if digits else None
    region = phone_region()
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region) if region else None
    if metadata is None:
        return None
    if metadata.international_prefix and (there := re.match(metadata.international_prefix, digits)):
        return f"+{digits[there.end() :]}"
    return f"+{metadata.country_code}{digits.removeprefix(metadata.national_prefix or '')}"


_BEGINNING = re.compile(r"[+(0-9][0-9 ()./-]*")


def fold_words(text: str) -> str:
    """Without regard to case and spaces: how names and tags are compared."""
    return " ".join(_folded(text).split())


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.casefold())


@lru_cache(maxsize=10_000)
def _e164(text: str, region: str | None) -> str | None:
    if quick := _plain_e164(text):
        return quick
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_INTERNATIONAL = re.compile(r"\+[1-9][0-9 ()./-]{5,30}")
_NO_DIGITS = str.maketrans("", "", " ()./-")


def _plain_e164(text: str) -> str | None:
    """The same for most numbers with a country code at a twentieth of the cost: where there is nothing to take off."""
    if not _INTERNATIONAL.fullmatch(text):
        return None
    digits = text[1:].translate(_NO_DIGITS)
    for length in (1, 2, 3):
        known = _country(int(digits[:length]))
        if known:
            lengths, prefix = known
            national = digits[length:]
            plain = len(national) in lengths and not (prefix and prefix.match(national))
            return "+" + digits if plain else None
    return None


@lru_cache(maxsize=1_000)
def _country(code: int) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """How many digits a number may have after the country code, and what must be taken off some."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code)
    metadata = regions and phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
    if not metadata:
        return None
    prefix = metadata.national_prefix_for_parsing
    lengths = metadata.general_desc.possible_length if metadata.general_desc else ()
    return frozenset(lengths), re.compile(prefix) if prefix else None


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
SELECT record, %s, kind, field, value, is_unique
FROM json_to_recordset(%s) AS given(record bigint, kind text, field bigint, value text, is_unique boolean)"""


def add_keys(module: int, keys: Mapping[int, Collection[Key]]) -> None:
    """Write the keys of records that have none yet."""
    if rows := _told(keys):
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [module, msgspec.json.encode(rows).decode()])


def _told(keys: Mapping[int, Collection[Key]]) -> list[dict[str, object]]:
    return [
        {
            "record": record,
            "kind": key.kind,
            "field": key.field,
            "value": key.value,
            "is_unique": key.is_unique,
        }
        for record, of_record in keys.items()
        for key in of_record
    ]


def replace_keys(module: int, keys: Mapping[int, Collection[Key]]) -> None:
    """Write the keys of records in the place of those they have."""
    if keys:
        drop_keys(keys)
        add_keys(module, keys)


_TAKEN = f"{_ADD} ON CONFLICT DO NOTHING"


def make_keys_anew(module: int, kind: KeyKind, keys: Mapping[int, Collection[Key]]) -> int:
    """Write the keys of one kind in the place of those the records have. A value that another record has, where two
    may not have the same, is left out; says how many are."""
    rows = _told(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM records_recordkey WHERE kind = %s AND record_id = ANY(%s)", [kind, list(keys)]
        )
        cursor.execute(_TAKEN, [module, msgspec.json.encode(rows).decode()])
        return len(rows) - int(cursor.rowcount)


def drop_keys(records: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_recordkey WHERE record_id = ANY(%s)", [list(records)])


_HOLDERS = """
SELECT key.field, key.value, key.record_id
FROM unnest(%s::bigint[], %s::text[]) AS asked(field, value)
JOIN records_recordkey AS key ON key.field = asked.field AND key.value = asked.value AND key.is_unique"""


def holders_of(asked: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The records that have these values, each of a field's id and a form, where they can stand but once."""
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [[field for field, _ in asked], [value for _, value in asked]])
        return {(field, value): record for field, value, record in cursor.fetchall()}
