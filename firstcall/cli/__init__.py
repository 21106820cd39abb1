"""The `firstcall` command: reads arguments, runs what stands below, prints. Nothing heavy is imported before it is needed."""

from __future__ import annotations


def main() -> None:
    """The console script."""
    import sys

    from firstcall.cli.running import run

    sys.exit(run(sys.argv[1:]))
