"""deploy/ names only commands, options and settings that exist, and its units agree with each other."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from firstcall.cli.commands import COMMANDS, firstcall
from firstcall.configuration import Configuration, read_configuration, variable_of
from firstcall.processes.working import WORKS
from tests.house.repository import ROOT, read

UNITS = sorted((ROOT / "deploy").glob("*.service"))


class Unit(configparser.RawConfigParser):
    """A key may come several times: its values stand on a line each."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, comment_prefixes=("#",), delimiters=("=",))
        self.optionxform = str  # type: ignore[assignment,method-assign]
        lines: dict[str, int] = {}
        text = []
        for line in path.read_text().splitlines():
            key = line.partition("=")[0]
            lines[key] = lines.get(key, 0) + 1
            text.append(
                line if lines[key] == 1 or "=" not in line else f"{key}.{lines[key]}{line[len(key) :]}"
            )
        self.read_string("\n".join(text))

    def all(self, key: str) -> list[str]:
        return [value for name, value in self["Service"].items() if name.partition(".")[0] == key]


@pytest.fixture(params=UNITS, ids=lambda path: path.name)
def unit(request: pytest.FixtureRequest) -> Unit:
    return Unit(request.param)


def test_there_is_one_for_everything_and_a_pair_for_a_database_of_ones_own() -> None:
    assert [path.name for path in UNITS] == [
        "firstcall-web.service",
        "firstcall-worker@.service",
        "firstcall.service",
    ]


def test_each_command_exists_and_takes_its_options(unit: Unit) -> None:
    commands = unit.all("ExecStart") + unit.all("ExecStartPre")
    assert commands
    for line in commands:
        for instance in WORKS if "%i" in line else ("",):
            program, name, *options = shlex.split(line.replace("%i", instance))
            assert program == "/opt/firstcall/bin/firstcall"
            assert name in COMMANDS
            command = firstcall.get_command(click.Context(firstcall), name)
            assert command is not None
            command.make_context(name, options)  # raises where an option or its value is none


def test_each_setting_exists(unit: Unit) -> None:
    known = {variable_of(name) for name in Configuration.model_fields} | {"FIRSTCALL_CONFIG"}
    assert {value.partition("=")[0] for value in unit.all("Environment")} <= known


def test_each_has_as_few_rights_as_the_others(unit: Unit) -> None:
    section = unit["Service"]
    assert section["User"] == "firstcall"
    hard = {
        name: section[name]
        for name in section
        if re.match(r"Protect|Private|Restrict.+|NoNew|SystemCall", name)
    }
    hard.pop("RestartSec", None)
    first = Unit(UNITS[0])["Service"]
    assert len(hard) > 15
    assert hard == {name: first[name] for name in hard}
    assert section["CapabilityBoundingSet"] == ""


def test_the_example_file_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Configuration.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)
    values = tomllib.loads(read("deploy/firstcall.toml"))
    assert read_configuration(values).public_url == "https://leads.example.com"


def test_the_guide_names_each() -> None:
    page = read("docs/guide/running.md")
    assert [path.name for path in UNITS if f"deploy/{path.name}" not in page] == []
    assert "deploy/firstcall.toml" in page
