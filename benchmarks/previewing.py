"""`python -m benchmarks.previewing`: previews of a draft rule over the columnar copy, and scoring everything through it.

The copy is made straight from the made-up data; with `--follow` out of the database that `benchmarks.keeping` keeps.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.company import FIELDS, load, serve, switch_on, worked
from benchmarks.dataset import Dataset, prepare
from benchmarks.keeping import FOLDER
from benchmarks.rules import write_rules

if TYPE_CHECKING:
    from firstcall.columns.reading import Copy
    from firstcall.scoring.rules import Rule

PROPERTIES = {
    name: f"p{n}" for n, name in enumerate(("campaign", "duration", "form", "machine", "path", "rating"), 1)
}


def lay_out(data: Dataset, folder: Path) -> None:
    """The data as the copy has it."""
    from firstcall.columns.duck import duck
    from firstcall.columns.manifest import FORMAT, Manifest, ModuleCopy, Pile, write_manifest
    from firstcall.columns.piles import Piling
    from firstcall.columns.shapes import RECORDS, TOUCHPOINTS, module_shapes, record_rows, touchpoint_rows
    from firstcall.records.models import Field, Module
    from firstcall.scoring.times import parse_moment

    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    for name, kind in FIELDS.items():
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    [shape] = [shape for shape in module_shapes() if shape.id == module.pk]
    held = ", ".join(f"{name} := CAST({name} AS VARCHAR)" for name in FIELDS)
    records = (
        "(SELECT id + 1 AS id, NULL::BIGINT AS layout_id, NULL::BIGINT AS owner_id, epoch_us(created_at) AS created_at,"
        " epoch_us(created_at) AS updated_at, '[]' AS tags,"
        f" json_merge_patch('{{}}', to_json(struct_pack({held}))) AS held FROM '{data.records}')"
    )
    touchpoints = (
        "(SELECT record_id + 1 AS record_id, type, epoch_us(occurred_at) AS occurred_at,"
        f" CAST(properties AS VARCHAR) AS properties FROM '{data.by_type_json}')"
    )
    as_of = parse_moment("2026-09-01T00:00:00Z") or 0
    with duck(folder / "spill") as db:
        staged = folder / "staged.parquet"
        db.execute(f"COPY ({touchpoint_rows(PROPERTIES, touchpoints)}) TO '{staged}' (FORMAT parquet)")
        parts = Piling(db, folder, TOUCHPOINTS).parts_of(f"SELECT * FROM '{staged}'")
        staged.unlink()
        people = Piling(db, folder, RECORDS).parts_of(record_rows(shape, records))
    copies = (ModuleCopy(shape, Pile(people)),)
    write_manifest(
        folder, Manifest(FORMAT, "", "", as_of, 1, copies, Pile(parts), Pile(), PROPERTIES, {}, {})
    )


def followed(data: Dataset, folder: Path) -> None:
    from firstcall.columns.following import Follower
    from firstcall.moments import now

    follower = Follower(folder, now=now)
    measured("the copy built out of PostgreSQL", lambda: follower.step(anew=True))
    measured("a look where nothing changed", follower.step, repeats=5)


def measured(name: str, work: Callable[[], Any], *, repeats: int = 1) -> None:
    """The median by the clock, with the processor seconds of this process."""
    runs = []
    for _ in range(repeats):
        before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        work()
        seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
        worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        runs.append((seconds, worked))
    seconds, worked = sorted(runs)[len(runs) // 2]
    print(f"| {name} | {seconds:.3f} | {worked:.3f} |", flush=True)


def previews(draft: Rule, before: Rule) -> None:
    """As somebody edits: one thing after the other, each as of the same moment."""
    from firstcall.columns.folder import copy_folder
    from firstcall.columns.reading import find_copy
    from firstcall.insights.previewing.preview import Asked, preview

    as_of = find_copy().seen

    def ask(rule: Rule) -> None:
        preview(Asked(rule, before, as_of=as_of), now=as_of)

    def first() -> None:
        shutil.rmtree(copy_folder() / "kept", ignore_errors=True)
        ask(draft)

    measured("first preview", first, repeats=3)
    measured("the same again", lambda: ask(draft), repeats=5)
    points = iter(range(1, 100))
    measured("changed points", lambda: ask(_with_points(draft, next(points))), repeats=5)
    days = iter(range(1, 100))
    for name in ("Looked at the prices", "Comparing features", "Asked for a demo", "Decision maker"):
        measured(
            f"a changed condition: {name}",
            lambda name=name: ask(_changed(draft, name, next(days))),
            repeats=3,
        )


def _with_points(rule: Rule, points: int) -> Rule:
    from firstcall.scoring.rules import Table

    criteria = tuple(
        c
        if isinstance(c.worth, Table) or getattr(c.worth, "decay", None)
        else replace(c, worth=replace(c.worth, points=points * 100))
        for c in rule.criteria
    )
    return replace(rule, criteria=criteria)


def _changed(rule: Rule, name: str, number: int) -> Rule:
    """The criterion with a window, or a word, that nobody asked for before."""
    from firstcall.scoring.operators import HasWord
    from firstcall.scoring.rules import FieldMeasure, Measured, Test, Window
    from firstcall.scoring.times import DAY

    def other(criterion: Any) -> Any:
        condition = criterion.condition
        assert isinstance(condition, Measured)
        if isinstance(condition.measure, FieldMeasure):
            return replace(
                criterion, condition=replace(condition, tests=(Test("has_word", HasWord((f"x{number}",))),))
            )
        window = Window(in_last=(40 + number) * DAY)
        return replace(
            criterion, condition=replace(condition, measure=replace(condition.measure, window=window))
        )

    return replace(rule, criteria=tuple(other(c) if c.name == name else c for c in rule.criteria))


def score_everything(rule: Rule) -> None:
    from firstcall.columns.reading import find_copy
    from firstcall.columns.scoring import scored_into

    copy: Copy = find_copy()
    with tempfile.TemporaryDirectory() as folder:
        measured(
            "every record scored, to a file",
            lambda: scored_into(Path(folder) / "scores", copy, rule, as_of=copy.seen),
        )


def sweep_everything(data: Dataset) -> None:
    """The job that scores everything, through the copy: into an empty table, and once more where nothing differs."""
    from firstcall.jobs.models import Job, JobStatus
    from firstcall.moments import now
    from firstcall.records.models import Module
    from firstcall.scorekeeping.models import StoredRule, StoredScore
    from firstcall.scorekeeping.sweeping import sweep, sweep_later

    switch_on(1)
    StoredScore.objects.all().delete()
    for name in ("every score computed and stored", "again, where nothing differs"):
        job = sweep_later(Module.objects.get(name="leads"), StoredRule.objects.all(), at=now())
        assert job is not None
        Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING)
        job.refresh_from_db()
        before = worked()
        measured(name, lambda job=job: sweep(job, now=now))
        print(f"| of it the database's | | {worked() - before:.3f} |", flush=True)
        Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.previewing", description=__doc__)
    parser.add_argument("--leads", type=int, default=200_000)
    parser.add_argument("--touchpoints", type=int, default=10_000_000)
    parser.add_argument(
        "--follow", action="store_true", help="make the copy out of the database that is kept"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where that database is kept")
    parser.add_argument("--copy", type=Path, default=None, help="where the copy is kept for the next time")
    parser.add_argument(
        "--cache", type=Path, default=Path("build/bench"), help="where the made-up data is kept"
    )
    chosen = parser.parse_args(arguments)
    chosen.cache.mkdir(parents=True, exist_ok=True)
    files = write_rules(chosen.cache / "rules")
    data = prepare(chosen.leads, chosen.touchpoints, chosen.cache)
    with serve(chosen.folder / f"{chosen.leads}x{chosen.touchpoints}" if chosen.follow else None):
        from django.conf import settings
        from django.core.management import call_command

        from firstcall.columns.folder import copy_folder
        from firstcall.moments import now
        from firstcall.scoring.reading import read_rule

        with tempfile.TemporaryDirectory(dir=chosen.cache) as made:
            settings.CONFIGURATION = settings.CONFIGURATION.model_copy(
                update={"data_folder": chosen.copy or Path(made)}
            )
            copy_folder().mkdir(parents=True, exist_ok=True)
            print(f"| {data.leads:,} leads, {data.touchpoints:,} touchpoints | seconds | processor seconds |")
            print("| --- | ---: | ---: |")
            if chosen.follow:
                load(data, [files["twenty_five"]], until=now())
                followed(data, copy_folder())
            else:
                call_command("migrate", verbosity=0)
                measured("the copy laid out from files", lambda: lay_out(data, copy_folder()))
            before = read_rule(files["twenty_five"].read_text(), "rule").rule
            previews(read_rule(files["related_1"].read_text(), "rule").rule, before)
            score_everything(before)
            if chosen.follow:
                sweep_everything(data)


if __name__ == "__main__":
    main()
