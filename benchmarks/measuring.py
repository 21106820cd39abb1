"""Running programs as users meet them: from the start of the process to its end, with the most memory it held."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
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


# A small process between: the most memory of a process counts from its parent's, whose memory it shares at first.
_LAUNCHER = """
import json, os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
said = process.stdout.read()
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - started
process.returncode = os.waitstatus_to_exitcode(status)
# Linux counts kilobytes, macOS bytes.
held = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
worked = usage.ru_utime + usage.ru_stime
print(json.dumps([seconds, worked, held, process.returncode, said.decode(errors="replace")[-2000:]]))
"""


def run(command: Sequence[str]) -> Run:
    """Run one program to its end. Raises FailedError."""
    # With its modules compiled once, as an installed program is.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    launched = [sys.executable, "-S", "-c", _LAUNCHER, *command]
    done = subprocess.run(launched, capture_output=True, text=True, check=True, env=environment)
    seconds, worked, held, code, said = json.loads(done.stdout)
    if code:
        raise FailedError(f"{' '.join(command)} ended with {code}:\n{said}")
    return Run(seconds, worked, held)


def interleaved(commands: Mapping[str, Sequence[str]], *, repeats: int) -> dict[str, Runs]:
    """Each program in turn, over and over, so that all meet the same weather; the first round is not counted."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for round in range(repeats + 1):
        for name, command in commands.items():
            measured = run(command)
            if round:
                runs[name].append(measured)
    return {name: Runs(tuple(several)) for name, several in runs.items()}
