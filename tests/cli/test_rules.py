"""`firstcall rules` on a database of its own: files out, edited, and in again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from firstcall.records.models import Field, Module
from firstcall.scorekeeping.models import StoredRule
from tests.journeys.upping import environment

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "name: Size\nmodule: leads\ncriteria:\n  - {name: Large, field: employees, gte: 100, points: 20}\n"


def rules(*arguments: object) -> subprocess.CompletedProcess[str]:
    from django.db import connection

    told = connection.get_connection_params()
    dsn = f"postgresql:///{told['dbname']}?host={told['host']}&user={told['user']}"
    command = [sys.executable, "-m", "firstcall", "rules", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment(DATABASE_URL=dsn))


def test_rules_go_out_and_in(tmp_path: Path) -> None:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    Field.objects.create(module=module, name="employees", label="Employees", kind="number")
    file = tmp_path / "size.yaml"
    file.write_text(TEXT)
    done = rules("push", file, "--activate")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"{file}: Size, version 1: created, active\n",
        "",
    )
    rule = StoredRule.objects.get()
    assert rule.active == rule.newest
    assert file.read_text() == f"# firstcall rule {rule.pk}, version 1\n{TEXT}"

    file.write_text(file.read_text().replace("points: 20", "points: 25"))
    done = rules("diff", file)
    assert done.stdout == f"{file}: Criterion “Large” now gives 25 points instead of 20.\n"
    assert rules("push", file).stdout == f"{file}: Size, version 2: edited\n"
    assert rules("diff", file).stdout == f"{file}: Nothing would change.\n"

    folder = tmp_path / "pulled"
    done = rules("pull", folder)
    assert done.stdout == f"{folder / 'leads-size.yaml'}: written\n"
    assert (folder / "leads-size.yaml").read_text() == file.read_text()

    file.write_text(TEXT.replace("gte: 100", "gte: many"))
    other = tmp_path / "other.yaml"
    other.write_text("name: 1")
    done = rules("push", file, other)
    assert done.returncode == 1
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [
        f"{other}:1:1", f"{other}:1:1", f"{other}:1:7", f"{file}:4:42",
    ]  # fmt: skip


def test_wrong_usage_says_what_is_meant(tmp_path: Path) -> None:
    done = rules("pull", tmp_path, tmp_path)
    assert (done.returncode, "pull takes one folder." in done.stderr) == (2, True)
    done = rules("diff", tmp_path / "none.yaml", "--activate")
    assert (done.returncode, "--activate goes with push." in done.stderr) == (2, True)
    done = rules("push", tmp_path / "none.yaml")
    assert (done.returncode, done.stderr) == (1, f"{tmp_path / 'none.yaml'}: No such file or directory.\n")
