"""The collector in a process of its own, as the web server's is."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
import duckdb
from firstcall.processes.collecting import pass_over_what_is_there
there = len(gc.get_objects())
pass_over_what_is_there()
print(there > 10_000, len(gc.get_objects()) < 1_000, gc.get_freeze_count() > 10_000)
"""


def test_the_program_is_passed_over_and_nothing_is_complained_of_at_the_end() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert ended.stdout == "True True True\n"
    assert ended.stderr == ""
