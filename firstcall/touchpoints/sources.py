"""Sources and their write keys: making, changing and deleting them, and finding the one that a key writes to."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from firstcall.access.auditing.reading import changed_meanwhile
from firstcall.access.errors import HiddenError
from firstcall.records.models import Field, Module
from firstcall.records.statements import run, whole
from firstcall.scoring.saying import said
from firstcall.touchpoints.companies import ACCOUNTS
from firstcall.touchpoints.errors import InUseError, InvalidSourceError, SourceFault, TakenError
from firstcall.touchpoints.mapping import mapping_faults
from firstcall.touchpoints.models import SHARED, Source, SourceKind, Touchpoint, WriteKey

# Asked with every request: so it is a prepared statement, and the source is only read when it has been changed.
_FIND = """
SELECT source.id, CONCAT(source.xmin, source.ctid)
FROM touchpoints_source AS source
JOIN touchpoints_writekey AS key ON key.source_id = source.id
WHERE key.key = $1 AND key.revoked_at IS NULL AND source.is_active"""
_LETTERS = string.ascii_letters + string.digits
KEY_LENGTH = 32  # 190 bits: nobody guesses one


@dataclass(frozen=True, slots=True)
class SourceShape:
    """A source as it is to be; `module` by its name, none: leads."""

    name: str
    kind: SourceKind = SourceKind.OTHER
    module: str | None = None
    namespace: str = SHARED
    mapping: Mapping[str, Any] = field(default_factory=dict)
    is_active: bool = True


def shape_of(source: Source) -> SourceShape:
    module = source.module.name if source.module else None
    return SourceShape(
        source.name, SourceKind(source.kind), module, source.namespace, source.mapping, source.is_active
    )


def stamp_of(source: Source) -> str:
    """Another one after each change: who writes what they read says which it was."""
    told = json.dumps(asdict(shape_of(source)), sort_keys=True)
    return sha256(told.encode()).hexdigest()[:16]


def make_source(shape: SourceShape, *, at: datetime) -> Source:
    """With its first write key. Raises InvalidSourceError, TakenError."""
    given = _columns(shape)
    try:
        with transaction.atomic():
            made = Source.objects.create(**given, created_at=at)
            issue_key(made, at=at)
            return made
    except IntegrityError:
        raise _taken(shape) from None


def change_source(source: Source, *, stamp: str | None = None, **said: Any) -> None:
    """
    said   what of its `SourceShape` becomes otherwise; what is left out stays
    stamp  what `stamp_of` gave when it was read. Raises ChangedMeanwhileError, HiddenError where the source is gone,
           InvalidSourceError, TakenError
    """
    with transaction.atomic():
        current = Source.objects.select_for_update().filter(pk=source.pk).first()
        if current is None:
            raise HiddenError("source")
        if stamp is not None and stamp != stamp_of(current):
            raise changed_meanwhile("source", thing=source.pk)
        shape = replace(shape_of(current), **said)
        given = _columns(shape)
        try:
            with transaction.atomic():
                Source.objects.filter(pk=source.pk).update(**given)
        except IntegrityError:
            raise _taken(shape) from None


def _columns(shape: SourceShape) -> dict[str, Any]:
    module = _checked(shape)
    return {
        "name": shape.name,
        "kind": shape.kind,
        "module": module,
        "namespace": shape.namespace,
        "mapping": dict(shape.mapping),
        "is_active": shape.is_active,
    }


def _taken(shape: SourceShape) -> TakenError:
    return TakenError(said("There is a source {name} already.", name=shape.name))


def _checked(shape: SourceShape) -> Module | None:
    """The module, once it and the mapping are found right."""
    name = shape.module
    people = Module.objects.filter(is_people=True)
    module = people.filter(name=name or "leads").first() if "\0" not in (name or "") else None
    faults = []
    if name is not None and module is None:
        known = ", ".join(people.order_by("name").values_list("name", flat=True))
        faults.append(
            SourceFault(
                "module", said("is no module of people."), said("There are: {names}.", names=known or "none")
            )
        )
    fields = set(module.fields.values_list("name", flat=True)) if module else set()
    accounts = set(Field.objects.filter(module__name=ACCOUNTS).values_list("name", flat=True))
    wrong = mapping_faults(shape.mapping, fields, accounts)
    faults += [SourceFault(f"mapping.{at}", says) for at, says in wrong]
    if faults:
        raise InvalidSourceError(faults)
    return module if name is not None else None


def delete_source(source: Source) -> None:
    """Raises InUseError for one that touchpoints have come from."""
    in_use = InUseError(said("Touchpoints have come from it. Make it inactive instead."))
    if Touchpoint.objects.filter(source=source).exists():
        raise in_use
    try:
        source.delete()
    except (ProtectedError, IntegrityError):
        raise in_use from None


@transaction.atomic
def create_source(
    name: str,
    *,
    at: datetime,
    kind: SourceKind = SourceKind.OTHER,
    module: Module | None = None,
    namespace: str = SHARED,
) -> Source:
    """A source with its first write key."""
    source = Source.objects.create(name=name, kind=kind, module=module, namespace=namespace, created_at=at)
    issue_key(source, at=at)
    return source


def issue_key(source: Source, *, at: datetime) -> WriteKey:
    """One more key; those before it go on until they are revoked, so that a key is changed without losing anything."""
    key = "".join(secrets.choice(_LETTERS) for _ in range(KEY_LENGTH))
    return WriteKey.objects.create(source=source, key=key, created_at=at)


def revoke_key(key: WriteKey, *, at: datetime) -> None:
    """From now on nothing comes in by this key."""
    WriteKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at)


def find_source(key: str) -> Source | None:
    """The active source that the key lets write to; not to be changed, as others may have been given the same."""
    if not key or "\0" in key:
        return None
    found = run(_FIND, key, prepared=True).fetchone()
    return None if found is None else _source(whole(found[0]), found[1])


@lru_cache(maxsize=1_000)
def _source(id: int, _row: object) -> Source:
    """`_row`: the one that holds it; another one after each change."""
    return Source.objects.get(pk=id)


def source_of_the_api(*, at: datetime) -> Source:
    """Of what is sent with an API token and names no source."""
    source, _ = Source.objects.get_or_create(
        name="API", defaults={"kind": SourceKind.SERVER, "created_at": at}
    )
    return source
