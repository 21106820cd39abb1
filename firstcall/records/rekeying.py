"""Makes the keys of phone numbers again after the region was set otherwise: which number one without a country code is,
depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import connection, transaction

from firstcall.jobs.actions import start
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.records.keys import KeyKind, make_keys_anew, phone_region
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, MadeWith, Module
from firstcall.records.schema import Schema, load_schema
from firstcall.records.writing.storing import lock_rows
from firstcall.scoring.saying import said, whole

KIND = "records.rekey_phones"
MADE_WITH = "phone_region"
_STEP = 2_000

# $: the module, after which id, the names of its phone fields. A number with its country code is the same everywhere.
_NEXT = """
SELECT id
FROM records_record
WHERE module_id = %s AND id > %s AND deleted_at IS NULL
      AND EXISTS (SELECT FROM unnest(%s::text[]) AS name WHERE values ->> name !~ '^\\s*\\+')
ORDER BY id
LIMIT %s"""


def rekey_later(*, at: datetime) -> Job | None:
    """Have it done, where the keys were made with another region than the one that is set."""
    if _made_with() == (phone_region() or ""):
        return None
    if Job.objects.filter(kind=KIND, status__in=UNFINISHED).exists():
        return None
    if not Field.objects.filter(kind=FieldKind.PHONE, module__record__isnull=False).exists():
        _note(phone_region() or "")
        return None
    return start(KIND, {}, at=at)


@dataclass(frozen=True, slots=True)
class _State:
    """Where the work is: up to which record of which module, and how many numbers were left out."""

    region: str
    module: int = 0
    after: int = 0
    taken: int = 0


def rekey(job: Job) -> None:
    """In steps, each a transaction. Begun anew where the region was set otherwise meanwhile."""
    region = phone_region() or ""
    state, done = _State(region), 0
    if job.state.get("region") == region:
        state, done = _State(**job.state), job.done
    for module, names in _modules(state.module):
        state = state if state.module == module.pk else replace(state, module=module.pk, after=0)
        while ids := _next(module, state.after, names):
            with transaction.atomic():
                taken = _rekey(load_schema(module, to_write=True), ids)
                state, done = replace(state, after=ids[-1], taken=state.taken + taken), done + len(ids)
                job.advance(done=done, message=_told(state.taken), state=asdict(state))
    _note(region)


def _told(taken: int) -> str:
    if not taken:
        return ""
    says = "{count} numbers stay without a key: another record has them, and they are to be unique"
    return said(says, count=whole(taken))


def _modules(first: int) -> Iterator[tuple[Module, list[str]]]:
    for module in Module.objects.filter(pk__gte=first).order_by("pk"):
        names = list(module.fields.filter(kind=FieldKind.PHONE).values_list("name", flat=True))
        if names:
            yield module, names


def _next(module: Module, after: int, names: list[str]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [module.pk, after, names, _STEP])
        return [id for (id,) in cursor.fetchall()]


def _rekey(schema: Schema, ids: list[int]) -> int:
    """Says how many numbers another record has, where two may not have the same."""
    rows = lock_rows(schema.module.pk, ids)
    keys = {
        id: [key for key in schema.keys(row.values) if key.kind is KeyKind.PHONE]
        for id, row in rows.items()
        if row.deleted_at is None
    }
    return make_keys_anew(schema.module.pk, KeyKind.PHONE, keys)


def _made_with() -> str:
    row = MadeWith.objects.filter(name=MADE_WITH).first()
    return "" if row is None else row.value


def _note(region: str) -> None:
    MadeWith.objects.update_or_create(name=MADE_WITH, defaults={"value": region})
