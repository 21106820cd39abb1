"""`firstcall modules` on a database of its own: out, edited, and in again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from firstcall.records.models import Field, Module
from tests.journeys.upping import environment

pytestmark = pytest.mark.django_db(transaction=True)

PLANTS = """modules:
  - name: plants
    title: [name]
    fields:
      - {name: name, kind: text, required: true}
      - {name: colour, kind: picklist, choices: [Red, Green]}
"""


def modules(*arguments: object) -> subprocess.CompletedProcess[str]:
    from django.db import connection

    told = connection.get_connection_params()
    dsn = f"postgresql:///{told['dbname']}?host={told['host']}&user={told['user']}"
    command = [sys.executable, "-m", "firstcall", "modules", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment(DATABASE_URL=dsn))


def test_modules_go_in_and_out(tmp_path: Path) -> None:
    file = tmp_path / "plants.yaml"
    file.write_text(PLANTS)
    said = "plants: a new module\nplants.name: a new field, text\nplants.colour: a new field, picklist\n"
    said += "plants, layout standard: a new layout\n"
    for action in (("diff", file), ("push", file, "--dry-run"), ("push", file)):
        done = modules(*action)
        assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
        assert Module.objects.exists() is (action == ("push", file))
    assert modules("push", file).stdout == "Nothing has changed.\n"
    assert modules("pull", file).stdout == f"{file}: written\n"
    assert modules("pull").stdout == file.read_text()
    file.write_text(
        file.read_text().replace("Green", "Blue").replace("      - {name: name", "      # {name: name")
    )
    done = modules("push", file, "--exact")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{file}:4:13: modules[0].title[0]: There is no field name.")
    file.write_text(file.read_text().replace("title: [name]", ""))
    assert modules("diff", file).stdout == "plants.colour: choices come: Blue; choices go: Green\n"
    done = modules("push", file, "--exact")
    assert done.stdout == (
        "plants: title was name and is nothing\nplants.colour: choices come: Blue; choices go: Green\n"
        "plants.name: goes, with its values\n"
    )
    assert list(Field.objects.values_list("name", flat=True)) == ["colour"]


def test_every_problem_of_every_file_is_said_at_its_line(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("modules:\n  - {name: pots, fields: [{name: plant, kind: lookup, target: plants}]}\n")
    second.write_text(PLANTS.replace("colour", "owner").replace("text", "txt"))
    done = modules("push", first, second)
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [
            f"{second}:5:28: modules[0].fields[0].kind: `txt` is no kind of field. Did you mean text?",
            f"{second}:6:16: modules[0].fields[1].name: `owner` is what every record has by itself."
            " Call the field something else.",
        ],
    )
    second.write_text("modules: 5\n")
    done = modules("push", first, second, tmp_path / "none.yaml")
    assert done.stderr.splitlines() == [
        f"{second}:1:10: modules: `modules` takes a list, not the number 5.",
        f"{tmp_path / 'none.yaml'}: No such file or directory.",
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("push",), "push takes at least one file."),
        (("pull", "a", "b"), "pull takes one file, or none."),
        (("diff", "a", "--dry-run"), "--dry-run goes with push."),
        (("pull", "--exact"), "--exact goes with push and diff."),
    ],
)
def test_wrong_usage_says_what_is_meant(arguments: tuple[str, ...], says: str) -> None:
    done = modules(*arguments)
    assert (done.returncode, says in done.stderr) == (2, True)
