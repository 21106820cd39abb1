"""docs/guide/commands.md is true: every command and option is in it, and its examples print what it says.

FIRSTCALL_SNAPSHOTS=write writes the page's examples anew, to be reviewed like code.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from firstcall.cli.commands import COMMANDS, firstcall
from tests.cli.conftest import environment

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guide" / "commands.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
COMMON = "What they have in common"


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert found, f"{title} has no section"
    return found[1]


def command(name: str) -> click.Command:
    found = firstcall.get_command(click.Context(firstcall), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str):
    told = set(re.findall(r"`(--[a-z-]+)", section(f"firstcall {name}") + section(COMMON)))
    options = {
        option
        for parameter in command(name).params
        for option in [*parameter.opts, *parameter.secondary_opts]
    }
    assert {option for option in options if option.startswith("--")} - told == set()


def test_no_option_is_documented_that_is_not_there():
    options = {
        option
        for name in COMMANDS
        for one in [command(name), *getattr(command(name), "commands", {}).values()]
        for parameter in one.params
        for option in [*parameter.opts, *parameter.secondary_opts]
    } | {"--help"}
    assert set(re.findall(r"`(?:firstcall \w+ )?(--[a-z-]+)", TEXT)) - options == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example(name: str):
    assert re.search(rf"^\$ firstcall {name}\b", section(f"firstcall {name}"), re.MULTILINE)
    assert f"(#firstcall-{name})" in TEXT


def test_the_exit_codes_are_those_of_the_help():
    assert re.findall(r"^\| (\d+) \|", section(COMMON), re.MULTILINE) == ["0", "1", "2", "130"]


def printed(line: str, folder: Path) -> str:
    """What a line of shell prints, standard error after standard output; spaces at ends of lines left out."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = environment(PATH=path, COLUMNS="120", NO_COLOR="1")
    run = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=variables, capture_output=True, text=True, timeout=120
    )
    assert "unexpected" not in run.stderr
    return "".join(f"{text.rstrip()}\n" for text in (run.stdout + run.stderr).strip("\n").splitlines())


def test_every_example_prints_what_the_page_says(tmp_path: Path):
    shutil.copytree(ROOT / "docs" / "guide" / "rules", tmp_path / "docs" / "guide" / "rules")
    mistakes = re.search(r"```yaml-with-mistakes\n(.*?)```", TEXT, re.DOTALL)
    assert mistakes
    (tmp_path / "first-try.yaml").write_text(mistakes[1], "utf-8")

    def run_again(example: re.Match[str]) -> str:
        lines = [line for line in example[1].splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{line}\n{printed(line[2:], tmp_path)}" for line in lines) + "```"

    again = EXAMPLE.sub(run_again, TEXT)
    if os.environ.get("FIRSTCALL_SNAPSHOTS") == "write":
        PAGE.write_text(again, "utf-8")
    assert again == PAGE.read_text("utf-8")
