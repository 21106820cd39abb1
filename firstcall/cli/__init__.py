"""The `firstcall` command: reads arguments, runs what stands below, prints; imports nothing heavy before it must."""

from __future__ import annotations


def main() -> None:
    """The console script."""
    import sys

    from firstcall.cli.running import run

    sys.exit(run(sys.argv[1:]))
