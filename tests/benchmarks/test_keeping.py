"""The benchmark of the service runs through; how long it takes is not looked at here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_every_measure_is_taken(tmp_path: Path) -> None:
    # A process of its own: Django is set up for one database a process.
    size = ["--leads", "200", "--touchpoints", "5000", "--seconds", "0.2", "--rules", "2"]
    program = [sys.executable, "-m", "benchmarks.keeping", *size, "--temporary", "--cache", str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split("|")[1].strip() for line in done.stdout.splitlines()[2:]]
    assert lines == [
        "2 rules: first scoring",
        "2 rules: all again, nothing differs",
        "2 rules: the clock, hour 1",
        "2 rules: the clock, hour 2",
        "2 rules: the clock, hour 3",
        "2 rules: batches of 100",
        "2 rules: batches of 1,000",
        "2 rules: single taken in, ms",
        "2 rules: single kept, ms",
        "2 rules: the naive way",
    ]
    assert "200 records" in done.stdout
