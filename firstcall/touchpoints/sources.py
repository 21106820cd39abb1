"""Sources and their write keys."""

from __future__ import annotations

import secrets
import string
from datetime import datetime
from functools import lru_cache

from django.db import transaction

from firstcall.records.models import Module
from firstcall.records.statements import run, whole
from firstcall.touchpoints.models import SHARED, Source, SourceKind, WriteKey

# Asked with every request: so it is a prepared statement, and the source is only read when it has been changed.
_FIND = """
SELECT source.id, CONCAT(source.xmin, source.ctid)
FROM touchpoints_source AS source
JOIN touchpoints_writekey AS key ON key.source_id = source.id
WHERE key.key = $1 AND key.revoked_at IS NULL AND source.is_active"""
_LETTERS = string.ascii_letters + string.digits
KEY_LENGTH = 32  # 190 bits: nobody guesses one


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
