"""`make bench`: measures whole commands on made-up data and prints tables for docs/benchmarks.md."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.comparing import count_differing
from benchmarks.dataset import AS_OF, Dataset, prepare
from benchmarks.measuring import Runs, interleaved
from benchmarks.rules import write_rules

PYTHON = sys.executable
FIRSTCALL = str(Path(PYTHON).with_name("firstcall"))


@dataclass(frozen=True)
class Bench:
    """What the sections measure with.

    data       the made-up data; a tenth and a hundredth of it as well
    repeats    how often each program runs, after one run that does not count
    """

    cache: Path
    leads: int
    touchpoints: int
    repeats: int

    @property
    def data(self) -> Dataset:
        return self.sized(1, 1)

    @property
    def rules(self) -> dict[str, Path]:
        return write_rules(self.cache / "rules")

    def sized(self, leads: int, touchpoints: int) -> Dataset:
        """The data with so many times fewer leads and touchpoints."""
        return prepare(self.leads // leads, self.touchpoints // touchpoints, self.cache)

    def out(self, name: str) -> Path:
        return self.cache / f"scores_{name}.parquet"

    def score(
        self,
        rules: Iterable[Path],
        data: Dataset,
        *more: str,
        out: str = "ours",
        touchpoints: Path | None = None,
    ) -> list[str]:
        """The command that scores the data, with `next_change_at`, into a Parquet file."""
        command = [FIRSTCALL, "score", *map(str, rules), "--records", str(data.records), "--touchpoints"]
        written = ["--as-of", AS_OF, "--no-progress", "--out", str(self.out(out))]
        return [*command, str(touchpoints or data.by_type), *written, *more]

    def contend(
        self, tool: str, data: Dataset, *, kind: str = "", touchpoints: Path | None = None
    ) -> list[str]:
        """The command of a contender."""
        program = [PYTHON, "-m", f"benchmarks.contenders.by_{tool}", *([kind] if kind else [])]
        return [*program, str(data.records), str(touchpoints or data.by_type), str(self.out(kind or tool))]


def by_hand(bench: Bench) -> None:
    """Ours, hand-tuned SQL and Polars, with the same figures in the same files, and the bare scan."""
    data, rule = bench.data, bench.rules["twenty_five"]
    commands = {
        "firstcall score": bench.score([rule], data),
        "hand-tuned SQL, same columns": bench.contend("sql", data, kind="scores-and-moments"),
        "hand-tuned SQL without next_change_at": bench.contend("sql", data, kind="scores"),
        "Polars without next_change_at": bench.contend("polars", data),
        "bare scan of the columns": bench.contend("sql", data, kind="scan"),
    }
    show(interleaved(commands, repeats=bench.repeats), data)
    compare(bench, "ours", {"scores-and-moments": True, "scores": False, "polars": False})


def json_text(bench: Bench) -> None:
    """Ours, which checks every text, and hand-tuned SQL, where the properties are one column of JSON text."""
    data, rule = bench.data, bench.rules["twenty_five"]
    touchpoints = data.by_type_json
    commands = {
        "firstcall score": bench.score([rule], data, touchpoints=touchpoints),
        "hand-tuned SQL, same columns": bench.contend(
            "sql", data, kind="scores-and-moments", touchpoints=touchpoints
        ),
        "hand-tuned SQL without next_change_at": bench.contend(
            "sql", data, kind="scores", touchpoints=touchpoints
        ),
    }
    show(interleaved(commands, repeats=bench.repeats), data)
    compare(bench, "ours", {"scores-and-moments": True, "scores": False})


def others(bench: Bench) -> None:
    """Ours, Polars and pandas on a tenth, and a Python loop over records on a hundredth."""
    data, small, rule = bench.sized(10, 10), bench.sized(100, 100), bench.rules["twenty_five"]
    commands = {
        "firstcall score": bench.score([rule], data),
        "Polars": bench.contend("polars", data),
        "pandas": bench.contend("pandas", data),
    }
    show(interleaved(commands, repeats=bench.repeats), data)
    compare(bench, "ours", {"polars": False, "pandas": False})
    reference = bench.score([rule], small, "--engine", "reference", out="reference")
    commands = {"firstcall score": bench.score([rule], small), "a Python loop over records": reference}
    show(interleaved(commands, repeats=1), small)
    compare(bench, "ours", {"reference": True})


def memory(bench: Bench) -> None:
    """The most memory held, as DuckDB wishes and with less allowed."""
    data, rule = bench.data, bench.rules["twenty_five"]
    commands = {
        "no limit": bench.score([rule], data),
        **{f"--memory {size}": bench.score([rule], data, "--memory", size) for size in ("2GB", "1GB")},
    }
    show(interleaved(commands, repeats=max(1, bench.repeats // 2)), data)


def growth(bench: Bench) -> None:
    """What more leads, more touchpoints and more criteria cost."""
    rules = bench.rules
    for leads, touchpoints in ((10, 10), (1, 10), (1, 1)):
        data = bench.sized(leads, touchpoints)
        show(
            interleaved({"25 criteria": bench.score([rules["twenty_five"]], data)}, repeats=bench.repeats),
            data,
        )
    commands = {
        f"{count} criteria": bench.score([rules[name]], bench.data)
        for count, name in ((5, "five"), (25, "twenty_five"), (100, "hundred"))
    }
    show(interleaved(commands, repeats=bench.repeats), bench.data)


def several(bench: Bench) -> None:
    """Five rules in one command, and one: alike but for points, thresholds and fields, and different throughout."""
    rules = bench.rules
    first = rules["twenty_five"]
    commands = {
        "one rule": bench.score([first], bench.data),
        **{
            f"five {kind} rules": bench.score(
                [first, *(rules[f"{name}_{n}"] for n in range(1, 5))], bench.data
            )
            for kind, name in (("related", "related"), ("different", "variant"))
        },
    }
    show(interleaved(commands, repeats=bench.repeats), bench.data)


def explain(bench: Bench) -> None:
    """The why of one record, in files sorted by record and by type."""
    data, rule = bench.data, bench.rules["twenty_five"]
    commands = {
        f"{who}, sorted by {order}": [
            *(FIRSTCALL, "explain", str(rule), "--records", str(data.records), "--touchpoints", str(file)),
            *("--id", str(id), "--as-of", AS_OF, "--no-progress"),
        ]
        for order, file in (("record", data.by_record), ("type", data.by_type))
        for who, id in (("the heaviest lead", data.heaviest), ("a usual lead", data.leads // 2))
    }
    show(interleaved(commands, repeats=bench.repeats), data)


def formats(bench: Bench) -> None:
    """What reading CSV and JSON lines costs beside Parquet, on a tenth."""
    data, rule = bench.sized(10, 10), bench.rules["twenty_five"]
    files = {"Parquet": data.by_type, **{kind: _exported(data, kind) for kind in ("csv", "jsonl")}}
    commands = {
        f"touchpoints as {name}": bench.score([rule], data, touchpoints=file) for name, file in files.items()
    }
    show(interleaved(commands, repeats=max(1, bench.repeats // 2)), data)


def _exported(data: Dataset, kind: str) -> Path:
    path = data.folder / f"touchpoints.{kind}"
    if not path.exists():
        format = "csv, HEADER true" if kind == "csv" else "json"
        with duckdb.connect() as db:
            db.execute(f"COPY (FROM '{data.by_record}') TO '{path}.part' (FORMAT {format})")
        Path(f"{path}.part").rename(path)
    return path


SECTIONS: dict[str, Callable[[Bench], None]] = {
    "by-hand": by_hand,
    "json-text": json_text,
    "others": others,
    "memory": memory,
    "growth": growth,
    "several": several,
    "explain": explain,
    "formats": formats,
}


def show(measured: dict[str, Runs], data: Dataset) -> None:
    """A Markdown table; ratios are to the first row."""
    first = next(iter(measured.values()))
    print(f"| {data.leads:,} leads, {data.touchpoints:,} touchpoints | s | ratio | processor s | MB |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, runs in measured.items():
        ratio = runs.seconds / first.seconds
        print(f"| {name} | {runs.seconds:.2f} | {ratio:.2f} | {runs.worked:.2f} | {runs.megabytes:,.0f} |")
    print(flush=True)


def compare(bench: Bench, ours: str, theirs: dict[str, bool]) -> None:
    """Say, and insist, that the files hold the same figures; with True, the moments of change too."""
    for name, moments in theirs.items():
        rows, differing = count_differing(bench.out(ours), bench.out(name), moments=moments)
        print(f"{name}: {rows:,} scores, {differing} differ")
        if differing:
            sys.exit(f"The scores of {name} are not ours.")
    print(flush=True)


def machine() -> str:
    """What the figures were measured on."""
    with duckdb.connect() as db:
        settings = db.execute(
            "SELECT current_setting('threads'), current_setting('memory_limit')"
        ).fetchall()[0]
    versions = f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    return f"{platform.platform()}; {versions}; {settings[0]} threads, {settings[1]} for DuckDB"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument(
        "--only", action="append", choices=SECTIONS, help="only this section; may be given again"
    )
    parser.add_argument("--repeats", type=int, default=5, help="counted runs of each program")
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--touchpoints", type=int, default=50_000_000)
    parser.add_argument(
        "--cache", type=Path, default=Path("build/bench"), help="where the made-up data is kept"
    )
    chosen = parser.parse_args(arguments)
    scale = 10 if chosen.quick else 1
    bench = Bench(chosen.cache, chosen.leads // scale, chosen.touchpoints // scale, chosen.repeats)
    bench.cache.mkdir(parents=True, exist_ok=True)
    print(f"{machine()}\n")
    for name, section in SECTIONS.items():
        if not chosen.only or name in chosen.only:
            print(f"## {name}: {(section.__doc__ or '').rstrip('.')}\n")
            section(bench)


if __name__ == "__main__":
    main()
