"""Runs the command line once: signals, exceptions and a closed pipe become exit codes."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType

import click

from firstcall.cli.commands import firstcall
from firstcall.cli.failing import DONE, INTERRUPTED, PROBLEMS, TERMINATED, explain_failure


class Stop:
    """Turns SIGTERM and SIGHUP into an exception, as Ctrl-C is one, so that nothing half made stays.

    DuckDB answers a signal during a query with a plain RuntimeError; `signal` tells it from others.
    """

    def __init__(self) -> None:
        self.signal: int | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        before = {name: signal.signal(getattr(signal, name), self._stop) for name in names}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(getattr(signal, name), handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        raise KeyboardInterrupt

    @property
    def code(self) -> int:
        return TERMINATED if self.signal not in (None, signal.SIGINT) else INTERRUPTED


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    stop = Stop()
    with stop.listening():
        try:
            code = _called(arguments)
            sys.stdout.flush()
        except BrokenPipeError:
            _forget_output()
            return DONE
        except (KeyboardInterrupt, click.Abort):
            return _say(["Stopped."], stop.code)
        except Exception as error:
            if stop.signal is not None:
                return _say(["Stopped."], stop.code)
            return _say(explain_failure(error), PROBLEMS)
    return code


def _called(arguments: Sequence[str]) -> int:
    try:
        result = firstcall.main(list(arguments), prog_name="firstcall", standalone_mode=False)
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return result if isinstance(result, int) else DONE


def _say(lines: Sequence[str], code: int) -> int:
    with contextlib.suppress(OSError):
        sys.stderr.write("".join(f"{line.rstrip()}\n" for line in lines))
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    return code


def _forget_output() -> None:
    """Whoever read the output is gone; without this, Python complains again when it exits."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
