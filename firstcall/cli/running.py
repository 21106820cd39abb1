"""Runs the command line once: signals, exceptions and a closed pipe become exit codes."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence

import click

from firstcall.cli.commands import firstcall
from firstcall.cli.failing import DONE, PROBLEMS, explain_failure
from firstcall.cli.stopping import Stop


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    stop, output = Stop(), sys.stdout
    with stop.listening():
        try:
            code = _called(arguments)
            sys.stdout.flush()
        except BrokenPipeError:
            return _forget_output()
        except SystemExit as error:
            # How click ends when the reader of the output has gone; by now it may have forgotten why, and has put
            # another output in the place of the one that failed.
            if sys.stdout is not output or _reader_left(error):
                return _forget_output()
            raise
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


def _reader_left(error: BaseException | None) -> bool:
    """What is closed on the way out may fail as well, and stand between."""
    while error is not None and not isinstance(error, BrokenPipeError):
        error = error.__context__
    return error is not None


def _forget_output() -> int:
    """Whoever read the output is gone, and has seen what they wanted. Python would complain again on exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE
