"""States of the database: what one shows that another did not, and what the copy knows beside rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import Error, transaction

from firstcall.access.models import User
from firstcall.columns.folder import SEEN
from firstcall.columns.manifest import Manifest, ModuleShape
from firstcall.columns.models import ChangeKind
from firstcall.columns.shapes import module_shapes
from firstcall.records.models import Layout
from firstcall.records.statements import run, whole
from firstcall.touchpoints.models import PropertySlot

# What a state did not show: of transactions from its xmin on, those that it does not know to have ended well.
_SINCE = """
FROM columns_change
WHERE transaction >= CAST(CAST(pg_snapshot_xmin(CAST($1 AS pg_snapshot)) AS TEXT) AS BIGINT)
      AND NOT pg_visible_in_snapshot(CAST(CAST(transaction AS TEXT) AS xid8), CAST($1 AS pg_snapshot))"""
_ORIGIN = """
SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/'
       || (SELECT timeline_id FROM pg_control_checkpoint())
FROM pg_control_system()"""
_PLAIN_ORIGIN = "SELECT datname || '/' || oid FROM pg_database WHERE datname = current_database()"


@dataclass
class Changes:
    """What was written since a state, by the kind of change."""

    added: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)
    records: set[int] = field(default_factory=set)
    history_added: set[int] = field(default_factory=set)
    history_of: set[int] = field(default_factory=set)

    @property
    def count(self) -> int:
        kinds = (self.added, self.touched, self.records, self.history_added, self.history_of)
        return sum(map(len, kinds))


@contextmanager
def one_state() -> Iterator[None]:
    """A transaction that sees one state of the database from its first query on."""
    with transaction.atomic(durable=True):
        run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def changes_since(snapshot: str) -> Changes:
    changes = Changes()
    of = {
        ChangeKind.TOUCHPOINTS_ADDED: changes.added,
        ChangeKind.TOUCHPOINTS_OF: changes.touched,
        ChangeKind.RECORDS: changes.records,
        ChangeKind.HISTORY_ADDED: changes.history_added,
        ChangeKind.HISTORY_OF: changes.history_of,
    }
    for kind, ids in run(f"SELECT kind, ids {_SINCE}", snapshot).fetchall():
        of[ChangeKind(whole(kind))].update(ids)  # type: ignore[arg-type]
    return changes


def records_changed_since(snapshot: str) -> tuple[str, set[int]]:
    """The state that is seen now, and the records that it shows otherwise than the other one did: themselves, or in the
    touchpoints that count for them."""
    rows = run(f"SELECT CAST(pg_current_snapshot() AS TEXT), kind, ids {_SINCE}", snapshot).fetchall()
    changed, added = set[int](), set[int]()
    # What a field was does not change what it is.
    into = {
        ChangeKind.TOUCHPOINTS_ADDED: added,
        ChangeKind.TOUCHPOINTS_OF: changed,
        ChangeKind.RECORDS: changed,
    }
    for _, kind, ids in rows:
        if (of := into.get(ChangeKind(whole(kind)))) is not None:
            of.update(ids)  # type: ignore[arg-type]
    if added:
        found = run("SELECT DISTINCT record_id FROM touchpoints_touchpoint WHERE id = ANY($1)", list(added))
        changed.update(whole(id) for (id,) in found.fetchall() if id is not None)
    return (str(rows[0][0]) if rows else snapshot), changed


def origin() -> str:
    """Which database this is: of another one, or of an earlier state that was brought back, no change is known."""
    try:
        with transaction.atomic():
            [(said,)] = run(_ORIGIN).fetchall()
    except Error:
        # Some servers keep this to themselves.
        [(said,)] = run(
            "SELECT current_database() || '/' || oid FROM pg_database WHERE datname = current_database()"
        )
    return str(said)


def this_state() -> str:
    """The state that the transaction sees, in PostgreSQL's own words."""
    [(said,)] = run("SELECT CAST(pg_current_snapshot() AS TEXT)").fetchall()
    return str(said)


@dataclass(frozen=True)
class Surroundings:
    """What the copy knows beside rows.

    properties  those that get a column of their own: what active rules read, as slots have them
    """

    shapes: tuple[ModuleShape, ...]
    layouts: dict[int, str]
    owners: dict[int, str]
    properties: tuple[str, ...]


def surroundings() -> Surroundings:
    return Surroundings(
        module_shapes(),
        dict(Layout.objects.order_by("pk").values_list("pk", "name")),
        dict(User.objects.order_by("pk").values_list("pk", "email")),
        tuple(PropertySlot.objects.order_by("property").values_list("property", flat=True)),
    )


# Asked with every step of a sweep: all of the surroundings, read as objects, took a tenth of one.
_STAMP = """
SELECT concat_ws('/',
    (SELECT md5(string_agg(CAST((id, module_id, name, kind, target_id, written_by) AS TEXT), '' ORDER BY id))
     FROM records_field),
    (SELECT md5(string_agg(CAST((id, name, is_people) AS TEXT), '' ORDER BY id)) FROM records_module),
    (SELECT md5(string_agg(CAST((id, name) AS TEXT), '' ORDER BY id)) FROM records_layout),
    (SELECT md5(string_agg(CAST((id, email) AS TEXT), '' ORDER BY id)) FROM access_user),
    (SELECT md5(string_agg(CAST(property AS TEXT), '/' ORDER BY number)) FROM touchpoints_propertyslot))"""


def stamp_of_surroundings() -> str:
    """Another one where the surroundings are others."""
    [(stamp,)] = run(_STAMP).fetchall()
    return str(stamp)


def is_current(manifest: Manifest) -> bool:
    """Whether the copy shows the state that the database is in."""
    [(changed,)] = run(f"SELECT EXISTS (SELECT {_SINCE})", manifest.snapshot).fetchall()
    return not changed and knows_surroundings(manifest)


def knows_surroundings(manifest: Manifest) -> bool:
    """Whether fields, layouts and owners are as the copy has them."""
    there = surroundings()
    return (
        there.shapes == tuple(module.shape for module in manifest.modules)
        and there.layouts == manifest.layouts
        and there.owners == manifest.owners
        and set(there.properties) <= set(manifest.properties)
    )


# --- when the copy was last seen to be up to date


def note_seen(folder: Path, generation: int, moment: int) -> None:
    """Not made durable: after a crash the copy is looked at again anyway."""
    path = folder / f"{SEEN}.new"
    path.write_text(f"{generation} {moment}")
    path.replace(folder / SEEN)


def last_seen(folder: Path, manifest: Manifest) -> int:
    """The latest moment whose state the copy shows, microseconds."""
    try:
        generation, moment = map(int, (folder / SEEN).read_text().split())
    except (OSError, ValueError):
        return manifest.moment
    return max(manifest.moment, moment) if generation == manifest.generation else manifest.moment
