"""`firstcall check`: everything that is wrong with rules, alone or with the files that they are meant for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from firstcall.cli.failing import PROBLEMS, line_of, sorted_problems
from firstcall.cli.opening import Files, module_of, opened, read_rules
from firstcall.cli.options import files_options, json_option, memory_option, rules_argument, terminal_options
from firstcall.cli.terminal import Terminal, plain, print_json
from firstcall.scoring.problems import Problem, RuleError, problem_object

if TYPE_CHECKING:
    from firstcall.scoring.reading import LoadedRule


@click.command(short_help="Find everything that is wrong with rules.")
@rules_argument
@files_options(required=False)
@memory_option
@json_option
@terminal_options
def command(
    rules: tuple[str, ...], files: Files | None, memory: str | None, as_json: bool, terminal: Terminal
) -> int:
    """Find everything that is wrong with rules, all at once: file, line, column, place in the rule, what is
    wrong and how to mend it.

    With --records also fields that the file does not have and tests that cannot apply to them; with
    --touchpoints also types that occur nowhere. Ends with 1 when there is an error; warnings alone are fine.
    """
    loaded, problems = _read(rules)
    if files is not None:
        problems += _check_with_files(loaded, files, memory, terminal)
    problems = sorted_problems(problems)
    errors = sum(problem.severity == "error" for problem in problems)
    if as_json:
        print_json({"ok": not errors, "problems": [problem_object(problem) for problem in problems]})
    else:
        sys.stdout.writelines(f"{plain(line_of(problem))}\n" for problem in problems)
        terminal.say([_summary(len(rules), errors, len(problems) - errors)])
    return PROBLEMS if errors else 0


def _read(paths: Sequence[str]) -> tuple[list[LoadedRule], list[Problem]]:
    """The rules that can be read, and the problems and warnings of all."""
    loaded: list[LoadedRule] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            [rule] = read_rules([path])
        except RuleError as error:
            problems += error.problems
        else:
            loaded.append(rule)
            problems += rule.warnings
    return loaded, problems


def _check_with_files(
    loaded: Sequence[LoadedRule], files: Files, memory: str | None, terminal: Terminal
) -> list[Problem]:
    from firstcall.engines.reading import SourceError
    from firstcall.scoring.checking import check_columns, check_types

    try:
        with opened(files, terminal, memory=memory, module=module_of(loaded, files)) as (workspace, source):
            found = [problem for rule in loaded for problem in check_columns(rule, source.columns)]
            if source.columns.touchpoints is not None:
                rows = workspace.run("SELECT DISTINCT type FROM touchpoints", doing="looking for types")
                types = {type for (type,) in rows.fetchall()}
                found += [problem for rule in loaded for problem in check_types(rule, types)]
            terminal.say(source.finish().summary())
            return found
    except SourceError as error:
        return list(error.problems)


def _summary(rules: int, errors: int, warnings: int) -> str:
    checked = f"{rules} rule{'' if rules == 1 else 's'} checked"
    counts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    return f"{checked}: {', '.join(counts) or 'nothing is wrong'}."
