"""From what is given to what a record holds: every value checked by its field, all faults at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from firstcall.access.models import User
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.records.errors import Fault, FaultCode
from firstcall.records.keys import LONGEST_KEY, fold_words, holders_of, normalise
from firstcall.records.kinds import FieldKind, UnfitValueError, take_value
from firstcall.records.models import Field
from firstcall.records.schema import LayoutSchema, Schema, Slot
from firstcall.records.seeing import seen_ids
from firstcall.records.writing.given import UNSAID, Given
from firstcall.scoring.problems import nearest
from firstcall.scoring.saying import said, whole

LONGEST_TAG, MOST_TAGS = 100, 100


@dataclass(slots=True)
class Taken:
    """What was given, as a record holds it; `faults` grows while the batch is checked.

    record  the id, of a change
    layout  the layout that the record is to have; None: the one it has
    """

    given: Given
    values: dict[str, object]
    faults: list[Fault]
    record: int | None = None
    owner: int | None = None
    tags: tuple[str, ...] = ()
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    layout: LayoutSchema | None = None
    unique: list[tuple[Field, str]] = field(default_factory=list)  # the field and the form of its value

    @property
    def claims(self) -> list[tuple[str, str]]:
        return [(str(field.pk), form) for field, form in self.unique]


def take_all(
    schema: Schema, rows: Sequence[Given], *, by_rule: bool = False, viewer: Viewer = PRODUCT
) -> list[Taken]:
    """Check what each says by itself, and that users and looked-up records are there. The layout is judged by
    `fit_layout`, once it is known.

    by_rule  a scoring rule writes: score fields may be set
    """
    batch = [_take(schema, given, by_rule=by_rule) for given in rows]
    _take_owners(batch)
    _check_lookups(schema, batch, viewer)
    return batch


def _take(schema: Schema, given: Given, *, by_rule: bool) -> Taken:
    taken = Taken(given, {}, [])
    whole = schema.layouts[None].slots
    for name, value in given.values.items():
        slot = whole.get(name)
        if slot is None:
            taken.faults.append(_unknown(schema, name))
            continue
        if slot.is_written_by_rule and not by_rule:
            taken.faults.append(Fault(name, said("is a score field: its scoring rule alone writes it")))
            continue
        try:
            taken.values[name] = held = None if value is None or value == "" else take_value(slot.kind, value)
            if slot.is_unique and held is not None:
                taken.unique.append((slot.field, _unique_form(slot, held)))
        except UnfitValueError as error:
            taken.faults.append(Fault(name, str(error)))
    _take_tags(taken)
    _take_layout(schema, taken)
    return taken


def _unknown(schema: Schema, name: str) -> Fault:
    near = nearest(name, schema.fields)
    return Fault(
        name,
        said("is no field of {module}", module=schema.module)
        + (said("; did you mean {near}", near=near) if near else ""),
    )


def _unique_form(slot: Slot, held: object) -> str:
    text = str(held)
    if len(text) > LONGEST_KEY:
        raise UnfitValueError(
            said(
                "takes at most {longest} characters; this has {count}",
                longest=LONGEST_KEY,
                count=whole(len(text)),
            )
        )
    form = normalise(slot.key_kind or "", text)
    if form is None:
        what = (
            said("a phone number with its country code") if slot.kind is FieldKind.PHONE else said("a text")
        )
        raise UnfitValueError(said("takes {what}, since no two records may have the same", what=what))
    return form


def _take_tags(taken: Taken) -> None:
    given = taken.given
    try:
        taken.tags = () if given.tags is UNSAID else take_tags(given.tags)
        taken.tags_added, taken.tags_removed = take_tags(given.tags_added), take_tags(given.tags_removed)
    except UnfitValueError as error:
        taken.faults.append(Fault("tags", str(error)))


def take_tags(given: object) -> tuple[str, ...]:
    """Tags in small letters, each once, in their order; raises UnfitValueError."""
    if not isinstance(given, list | tuple) or len(given) > MOST_TAGS:
        raise UnfitValueError(said("takes a list of at most {most} texts", most=MOST_TAGS))
    tags: dict[str, None] = {}
    for entry in given:
        if not isinstance(entry, str) or "\0" in entry:
            raise UnfitValueError(said("takes a list of texts"))
        tag = fold_words(entry)
        if not 0 < len(tag) <= LONGEST_TAG:
            raise UnfitValueError(said("takes texts of 1 to {longest} characters", longest=LONGEST_TAG))
        tags[tag] = None
    return tuple(tags)


def _take_layout(schema: Schema, taken: Taken) -> None:
    name = taken.given.layout
    if name is UNSAID:
        return
    taken.layout = schema.by_name.get(name)
    if taken.layout is None:
        known = ", ".join(schema.by_name) or "none"
        taken.faults.append(
            Fault(
                "layout",
                said("is no layout of {module}; there are: {known}", module=schema.module, known=known),
            )
        )


def fit_layout(schema: Schema, taken: Taken, layout: LayoutSchema) -> None:
    """Add the faults of what is given as the layout sees it: fields that it has not, choices that it has not."""
    for name, held in taken.values.items():
        slot = layout.slots.get(name)
        if slot is None:
            if held is not None:
                taken.faults.append(Fault(name, said("is not on the layout {name}", name=layout.name)))
        elif held is None and slot.is_required:
            taken.faults.append(Fault(name, said("is required")))
        elif slot.choices and held is not None:
            chosen = held if isinstance(held, list) else [held]
            if strange := [entry for entry in chosen if entry not in slot.choices]:
                says = said(
                    "takes one of {choices}; {strange} is none",
                    choices=", ".join(slot.choices),
                    strange=strange[0],
                )
                taken.faults.append(Fault(name, says))


def _take_owners(batch: Iterable[Taken]) -> None:
    """One statement for all that name an owner; who can no longer sign in is none."""
    asked: dict[object, list[Taken]] = defaultdict(list)
    for taken in batch:
        owner = taken.given.owner
        if isinstance(owner, User):
            taken.owner = owner.pk
        elif owner is not UNSAID and owner is not None:
            asked[owner.strip().casefold() if isinstance(owner, str) else owner].append(taken)
    if not asked:
        return
    ids = [key for key in asked if isinstance(key, int) and 0 < key < 2**63]
    users = User.objects.filter(is_active=True)
    found: dict[object, int] = {pk: pk for pk in users.filter(pk__in=ids).values_list("pk", flat=True)}
    emails = [key for key in asked if isinstance(key, str)]
    found |= dict(users.filter(email__in=emails).values_list("email", "pk"))
    for key, of_key in asked.items():
        for taken in of_key:
            if key in found:
                taken.owner = found[key]
            else:
                taken.faults.append(Fault("owner", said("is no user: {key}", key=str(key)[:100])))


_KEEP = """
SELECT id, module_id, owner_id
FROM records_record
WHERE id = ANY(%s) AND deleted_at IS NULL
ORDER BY id
FOR KEY SHARE"""


def _check_lookups(schema: Schema, batch: Sequence[Taken], viewer: Viewer) -> None:
    """One statement for all records that are looked up; they stay until the transaction ends. One that the viewer does
    not see is none."""
    lookups = schema.lookups
    ids = {taken.values[f.name] for f in lookups for taken in batch if taken.values.get(f.name) is not None}
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [list(ids)])
        found = {id: (module, owner) for id, module, owner in cursor.fetchall()}
    for looking in lookups:
        there = {
            id for id, (module, owner) in found.items()
            if module == looking.target_id and (viewer is PRODUCT or viewer.sees(str(looking.target), owner))
        }  # fmt: skip
        for taken in batch:
            target = taken.values.get(looking.name)
            if target is not None and target not in there:
                says = said(
                    "takes the id of a record of {module}; {value} is none",
                    module=looking.target,
                    value=target,
                )
                taken.faults.append(Fault(looking.name, says, FaultCode.UNKNOWN_RECORD))


def _taken_by(field: str, value: object, holder: int, *, is_told: bool) -> Fault:
    whose, records = (
        (said("record {holder}", holder=holder), (holder,)) if is_told else (said("another record"), ())
    )
    return Fault(
        field,
        said("is to be unique, and {whose} has {value} already", whose=whose, value=value),
        FaultCode.DUPLICATE,
        records,
    )


def check_unique(batch: Sequence[Taken], viewer: Viewer) -> None:
    """Add the faults of unique values that another record has, or another of the batch before. The values must be
    claimed. A record that the viewer does not see is not named."""
    asked = [(field.pk, form) for taken in batch for field, form in taken.unique]
    holders = holders_of(asked)
    told = seen_ids(viewer, holders.values()) if holders else set()
    earlier: dict[tuple[int, str], int] = {}
    for number, taken in enumerate(batch):
        for unique, form in taken.unique:
            key, value = (unique.pk, form), taken.given.values[unique.name]
            holder = holders.get(key)
            if holder is not None and holder != taken.record:
                taken.faults.append(_taken_by(unique.name, value, holder, is_told=holder in told))
            elif key in earlier:
                says = said(
                    "is to be unique, and number {earlier} here has {value} already",
                    earlier=earlier[key],
                    value=value,
                )
                taken.faults.append(Fault(unique.name, says, FaultCode.DUPLICATE))
            elif not taken.faults:
                earlier[key] = number
