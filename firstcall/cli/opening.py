"""From what stands on the command line to rules and a source that fit each other; all that is wrong is said at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from firstcall.cli.failing import RefusedError, line_of, sorted_problems
from firstcall.cli.stopping import interruptible
from firstcall.cli.terminal import Terminal
from firstcall.scoring.problems import Place, Problem, RuleError
from firstcall.scoring.times import format_moment

if TYPE_CHECKING:
    from firstcall.engines.reading import Mapping, Source
    from firstcall.engines.workspace import Workspace
    from firstcall.scoring.columns import Columns
    from firstcall.scoring.reading import LoadedRule

# One more than a rule may have, so that one that is too long is seen to be.
_MOST_BYTES = (1 << 20) + 1


@dataclass(frozen=True)
class Files:
    """The files named on the command line."""

    records: str
    touchpoints: str | None = None
    mapping: Path | None = None
    id_column: str | None = None
    related: tuple[tuple[str, str], ...] = ()  # names of modules with their files


class Opened(NamedTuple):
    """A source and the workspace that its relations are in."""

    workspace: Workspace
    source: Source


def present() -> int:
    """The present moment in microseconds: the one clock of a command, read once."""
    return time.time_ns() // 1_000


def choose_moment(as_of: int | None, terminal: Terminal) -> int:
    """The moment asked for, or the present one, which is then told."""
    if as_of is not None:
        return as_of
    as_of = present()
    terminal.say([f"as of {format_moment(as_of)}"])
    return as_of


def read_rules(paths: Sequence[str]) -> list[LoadedRule]:
    """The rules in the files; raises RuleError with every problem of every file."""
    from firstcall.scoring.reading import read_rule

    loaded: list[LoadedRule] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            loaded.append(read_rule(_rule_text(path), _shown(path)))
        except RuleError as error:
            problems += error.problems
    if problems:
        raise RuleError(problems)
    return loaded


def _shown(path: str) -> str:
    return "stdin" if path == "-" else path


def _rule_text(path: str) -> bytes:
    try:
        if path == "-":
            return sys.stdin.buffer.read(_MOST_BYTES)
        with Path(path).open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        says = "There is no such file." if isinstance(error, FileNotFoundError) else f"{error.strerror}."
        problem = Problem((), "no-file", says, "Check the path of the rule.", Place(_shown(path), 1, 1))
        raise RuleError([problem]) from error


def module_of(loaded: Sequence[LoadedRule], files: Files | None) -> str:
    """The module that the rules are for; related records are related to one kind of records alone."""
    modules = list(dict.fromkeys(rule.rule.module for rule in loaded))
    if len(modules) > 1 and files is not None and files.related:
        raise RefusedError([f"--related: the rules are for {' and '.join(modules)}. Score each by itself."])
    return modules[0] if len(modules) == 1 else ""


def read_mapping(files: Files) -> Mapping | None:
    """The mapping that --mapping and --id-column make together; None without either."""
    from firstcall.engines.reading import Mapping, load_mapping

    if files.mapping is None and files.id_column is None:
        return None
    mapping = load_mapping(str(files.mapping)) if files.mapping else Mapping()
    return mapping.with_id(files.id_column) if files.id_column else mapping


@contextmanager
def opened(
    files: Files,
    terminal: Terminal,
    *,
    memory: str | None = None,
    as_of_field: str | None = None,
    ids: Sequence[str] | None = None,
    alone: bool = False,
    module: str = "",
) -> Iterator[Opened]:
    """The files as relations in a workspace, both gone on leaving; raises SourceError.

    module  what the records are, as `module_of` the rules
    """
    from firstcall.engines.reading import open_source
    from firstcall.engines.workspace import Workspace

    mapping = read_mapping(files)
    with (
        terminal.watching() as watch,
        Workspace(memory=memory, progress=watch) as workspace,
        interruptible(workspace.interrupt),
    ):
        source = open_source(
            workspace.connection,
            files.records,
            files.touchpoints,
            mapping=mapping,
            as_of_field=as_of_field,
            ids=ids,
            alone=alone,
            module=module,
            related=dict(files.related),
            progress=watch,
        )
        try:
            yield Opened(workspace, source)
        finally:
            source.close()


def check_rules(loaded: Sequence[LoadedRule], columns: Columns, terminal: Terminal) -> None:
    """Say the warnings, and raise RuleError when a rule does not fit the columns."""
    from firstcall.scoring.checking import check_columns

    found = [problem for rule in loaded for problem in (*rule.warnings, *check_columns(rule, columns))]
    terminal.say(line_of(p) for p in sorted_problems(found) if p.severity == "warning")
    if errors := [problem for problem in found if problem.severity == "error"]:
        raise RuleError(errors)


def settle_rejects(source: Source, terminal: Terminal, *, to: Path | None, strict: bool) -> None:
    """Say what was left out of the files and write it down; raises RefusedError where that must not be."""
    rejects = source.finish()
    terminal.say(rejects.summary())
    if to is not None:
        rejects.write(str(to))
    elif len(rejects):
        terminal.say(["Write them to a file with --rejects FILE."])
    if strict and len(rejects):
        what = "row or value" if len(rejects) == 1 else "rows or values"
        raise RefusedError(
            [f"{len(rejects):,} {what} could not be used, and --strict allows none. Nothing was written."]
        )
