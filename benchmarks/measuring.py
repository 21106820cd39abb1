"""Running programs as users meet them: from the start of the process to its end, with the most memory it held."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """seconds by the clock and of both processors' work, and the most memory held, in megabytes."""

    seconds: float
    worked: float
    megabytes: float


@dataclass(frozen=True)
class Runs:
    """Several runs of one program. Medians, as the machine may have had other work."""

    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        return statistics.median(run.seconds for run in self.runs)

    @property
    def worked(self) -> float:
        return statistics.median(run.worked for run in self.runs)

    @property
    def megabytes(self) -> float:
        return statistics.median(run.megabytes for run in self.runs)


class FailedError(Exception):
    """A program that was to be measured did not end well; its last words."""


def run(command: Sequence[str]) -> Run:
    """Run one program to its end. Raises FailedError."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise FailedError(f"{' '.join(command)} ended with {process.returncode}:\n{said[-2000:]}")
    # Linux counts kilobytes, macOS bytes.
    scale = 1 if os.uname().sysname == "Darwin" else 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * scale / 1e6)


def interleaved(commands: Mapping[str, Sequence[str]], *, repeats: int) -> dict[str, Runs]:
    """Each program in turn, over and over, so that all meet the same weather; the first round is not counted."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for round in range(repeats + 1):
        for name, command in commands.items():
            measured = run(command)
            if round:
                runs[name].append(measured)
    return {name: Runs(tuple(several)) for name, several in runs.items()}
