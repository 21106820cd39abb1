"""Brings the copy to the state that the database is in: what was written since, or all of it where that is not known.

Everything is read in one transaction that sees one state of the database, and the copy says which: the next time, what
that state did not show is read. So it does not matter in which order transactions take their numbers and end.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from firstcall.columns.building import Build
from firstcall.columns.duck import duck
from firstcall.columns.folder import answered_anew, is_asked_anew, leave_behind, throw_away
from firstcall.columns.manifest import FORMAT, Manifest, read_manifest, write_manifest
from firstcall.columns.piles import is_due
from firstcall.columns.states import (
    Changes,
    changes_since,
    is_current,
    last_seen,
    note_seen,
    one_state,
    origin,
    surroundings,
    this_state,
)
from firstcall.columns.updating import Update
from firstcall.scoring.times import moment_of

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)  # so long the log of changes is kept
MOST = 500_000  # changed rows above which building anew is no slower


class Follower:
    """One process's part in it. The folder is its own while it works."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime]) -> None:
        self.folder, self.now = folder, now
        self.manifest = read_manifest(folder)

    def step(self, *, anew: bool = False) -> bool:
        """Bring the copy up to date; says whether it was not.

        anew  build it as a whole
        """
        at, anew = moment_of(self.now()), anew or is_asked_anew(self.folder)
        if not anew and (known := self._usable(at)) is not None and self._is_done(known, at):
            note_seen(self.folder, known.generation, at)
            return False
        work = self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            with duck(work / "spill") as db:
                made = self._made(db, work, at, anew=anew)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        write_manifest(self.folder, made)
        answered_anew(self.folder)
        leave_behind(self.folder, self.manifest, made)
        self.manifest = made
        throw_away(self.folder, made)
        return True

    def _is_done(self, known: Manifest, at: int) -> bool:
        piles = (known.touchpoints, known.history, *(module.records for module in known.modules))
        return is_current(known) and not any(is_due(pile, at) for pile in piles)

    def _made(self, db: duckdb.DuckDBPyConnection, work: Path, at: int, *, anew: bool) -> Manifest:
        with one_state():
            snapshot, there = this_state(), surroundings()
            known = None if anew else self._usable(at)
            changes = Changes() if known is None else changes_since(known.snapshot)
            if known is not None and changes.count <= MOST + known.touchpoints.rows // 4:
                return Update(db, self.folder, work, known, at).by(changes, snapshot, there)
            log.info("building the columnar copy")
            built = Build(db, self.folder, work).everything(there)
            return Manifest(
                format=FORMAT,
                origin=origin(),
                snapshot=snapshot,
                moment=at,
                generation=(self.manifest.generation if self.manifest else 0) + 1,
                layouts=there.layouts,
                owners=there.owners,
                **built,
            )

    def _usable(self, at: int) -> Manifest | None:
        """The copy, where what was written since is still known."""
        known = self.manifest
        if known is None or known.origin != origin():
            return None
        seen = last_seen(self.folder, known)
        return known if at - seen < KEPT / timedelta(microseconds=1) * 0.8 else None
