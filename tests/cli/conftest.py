"""A small company's files, and two ways to run the command: in this process, and for real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from firstcall.cli.running import run

AS_OF = "2026-09-01"

RULE = """\
name: Readiness
module: leads
criteria:
  - {name: Decision maker, field: job_title, has_word: [director, vp], points: 20}
  - {name: Student, field: job_title, has_word: student, points: -30}
  - {name: Visits, touchpoint: web.visited, each: 5, at_most: 12, in_last: 30 days}
  - name: Asked for a demo
    touchpoint: web.form_submitted
    where: {property: form, is: demo}
    points: 40
    decay: {lose: 50%, every: 10 days}
limits: {minimum: -20, maximum: 50}
grades: {Hot: 40, Warm: 15, Cold: 0}
"""

SIZE = """\
name: Size
module: leads
applies_to:
  - {field: employees, gte: 10}
criteria:
  - {name: Large, field: employees, gte: 100, points: 7.25}
  - {name: Known, touchpoint: "web.*", points: 1}
"""

RECORDS = """\
id,job_title,employees,created_at
a1,Sales Director,250,2026-01-01
a2,Student,,2026-02-01
a3,VP,12,2026-03-01
a4,,5,2026-04-01
"""

TOUCHPOINTS = """\
record_id,type,occurred_at,properties
a1,web.visited,2026-08-30T10:00:00Z,
a1,web.visited,2026-08-29T10:00:00Z,
a1,web.visited,2026-08-28T10:00:00Z,
a1,web.form_submitted,2026-08-20T00:00:00Z,"{""form"": ""demo""}"
a3,web.visited,2026-08-15T12:00:00.5Z,
a4,web.visited,2026-06-01T00:00:00Z,
"""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Company:
    """Its folder, with rule.yaml, size.yaml, records.csv and touchpoints.csv."""

    folder: Path

    @property
    def rule(self) -> str:
        return str(self.folder / "rule.yaml")

    @property
    def size(self) -> str:
        return str(self.folder / "size.yaml")

    @property
    def records(self) -> list[str]:
        return ["--records", str(self.folder / "records.csv")]

    @property
    def files(self) -> list[str]:
        return [*self.records, "--touchpoints", str(self.folder / "touchpoints.csv")]

    @property
    def now(self) -> list[str]:
        return ["--as-of", AS_OF]

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return str(path)

    def append(self, name: str, text: str) -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def leftovers(self) -> list[str]:
        """Names of half-written files."""
        return [path.name for path in self.folder.iterdir() if path.name.endswith(".part")]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company(tmp_path)
    company.write("rule.yaml", RULE)
    company.write("size.yaml", SIZE)
    company.write("records.csv", RECORDS)
    company.write("touchpoints.csv", TOUCHPOINTS)
    return company


type Invoke = Callable[..., Result]


@pytest.fixture
def invoke(capsys: pytest.CaptureFixture[str]) -> Invoke:
    """Run a command line in this process."""

    def invoke(*arguments: object) -> Result:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return invoke


def real(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command line as a process of its own."""
    return subprocess.run(command_line(*arguments), capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload, no-any-return]


def command_line(*arguments: object) -> list[str]:
    return [
        sys.executable,
        "-c",
        "from firstcall.cli import main; main()",
        *(str(argument) for argument in arguments),
    ]


def environment(**changes: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
    }
    return {**kept, **changes}
