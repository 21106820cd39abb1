"""The commands that people type are documented, and `firstcall` starts without the heavy libraries."""

import re
import subprocess
import sys

import click
import pytest

from firstcall.cli.commands import COMMANDS, firstcall
from tests.house.repository import ROOT, read

HEAVY = {
    "duckdb",
    "pyarrow",
    "numpy",
    "matplotlib",
    "psycopg",
    "pyspark",
    "pandas",
    "polars",
    "django",
    "xlsxwriter",
}


def make_targets() -> set[str]:
    phony = re.search(r"^\.PHONY: (.+)$", read("Makefile"), flags=re.MULTILINE)
    assert phony
    return set(phony[1].split())


def test_make_lists_every_command():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+) +\S", listed, flags=re.MULTILINE)) == make_targets()


def test_the_map_documents_every_make_command():
    documented = set(re.findall(r"`make ([a-z-]+)`", read("ARCHITECTURE.md")))
    assert documented == make_targets() - {"help"}


def test_the_readme_names_only_make_commands_that_exist():
    named = set(re.findall(r"\bmake ([a-z-]+)\b(?=[`\s]*(?:$|#|`))", read("README.md"), flags=re.MULTILINE))
    assert {"run", "test"} <= named <= make_targets()


def test_ci_runs_the_command_of_the_readme():
    assert re.search(r"^make test\b", read(".ci/run"), flags=re.MULTILINE)


def options_of(command: str) -> set[str]:
    found = firstcall.get_command(click.Context(firstcall), command)
    assert found
    return {word for option in found.params for word in option.opts if word.startswith("--")}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_guide_documents_every_command_and_every_option(command: str) -> None:
    page = read("docs/guide/commands.md")
    assert f"firstcall {command}" in page
    assert {option for option in options_of(command) if not re.search(rf"{option}\b", page)} == set()


def test_the_command_starts_without_heavy_libraries():
    script = "import sys, firstcall.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {name.partition(".")[0] for name in loaded.stdout.split()} & HEAVY == set()


def test_the_core_is_pure():
    script = "import sys, pkgutil, importlib, firstcall.scoring as s\n" + (
        "for m in pkgutil.walk_packages(s.__path__, 'firstcall.scoring.'): importlib.import_module(m.name)\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {name.partition(".")[0] for name in loaded.stdout.split()} & HEAVY == set()
