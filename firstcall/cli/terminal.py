"""Where a command prints: results on stdout, all else on stderr, and progress where a person is watching."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_PATIENCE = 1.0  # seconds before anything is shown
_PIPE_WIDTH = 120


@dataclass(frozen=True)
class Terminal:
    """What the person asked for.

    color     True, False, or None: colours where the output is a terminal
    progress  whether progress may be shown at all
    """

    color: bool | None = None
    progress: bool = True

    def say(self, lines: Iterable[object]) -> None:
        """Lines for the person, apart from the results."""
        sys.stderr.write("".join(f"{plain(str(line))}\n" for line in lines))
        sys.stderr.flush()

    def console(self, stream: TextIO | None = None) -> Console:
        """A rich console on stdout, or on the stream given."""
        from rich.console import Console

        stream = stream or sys.stdout
        width = None if stream.isatty() or os.environ.get("COLUMNS") else _PIPE_WIDTH
        if self.color is False:
            return Console(file=stream, width=width, color_system=None, highlight=False, soft_wrap=False)
        return Console(file=stream, width=width, force_terminal=self.color, highlight=False)

    @contextmanager
    def watching(self) -> Iterator[Watch | None]:
        """What to tell about progress; None where nobody is there to see it."""
        if not self.progress or not sys.stderr.isatty():
            yield None
            return
        watch = Watch(self.console(sys.stderr))
        try:
            yield watch
        finally:
            watch.close()


class Watch:
    """A line of progress that appears once the work takes longer than a moment, and is gone in the end."""

    def __init__(self, console: Console) -> None:
        from rich.progress import TaskID

        self._console = console
        self._began = time.monotonic()
        self._shown: Progress | None = None
        self._task = TaskID(0)

    def __call__(self, doing: str, done: float | None) -> None:
        """Told by engines: what is going on, and how much of it is done (0 to 1, None: nobody knows)."""
        if time.monotonic() - self._began < _PATIENCE:
            return
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        if self._shown is None:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._shown = Progress(*columns, console=self._console, transient=True)
            self._task = self._shown.add_task(doing, total=None)
            self._shown.start()
        total = None if done is None else 1.0
        self._shown.update(self._task, description=plain(doing), total=total, completed=done or 0.0)

    def close(self) -> None:
        if self._shown is not None:
            self._shown.stop()
            self._shown = None


def plain(text: str) -> str:
    """The text without the control characters by which a file could command a terminal; line ends stay.

    >>> plain("a\\x1b[31mb")
    'a\\ufffd[31mb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else " " if c == "\t" else "\ufffd" for c in text)


def print_json(value: object) -> None:
    """The value as indented JSON on stdout; decimals as numbers, every digit kept."""
    import msgspec

    encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
    sys.stdout.write(msgspec.json.format(encoder.encode(value), indent=2).decode() + "\n")
