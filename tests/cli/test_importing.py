"""`firstcall import` and `imports` on a database of their own: in, out again, and every problem told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from firstcall.records.models import Module, Record
from firstcall.touchpoints.models import Touchpoint
from tests.journeys.upping import environment
from tests.records.importing.company import make_leads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leads() -> Module:
    return make_leads()


def firstcall(data: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    from django.db import connection

    told = connection.get_connection_params()
    dsn = f"postgresql:///{told['dbname']}?host={told['host']}&user={told['user']}"
    command = [sys.executable, "-m", "firstcall", *map(str, arguments), "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, env=environment(DATABASE_URL=dsn))


def test_a_file_goes_in_is_listed_and_is_undone(tmp_path: Path, leads: Module) -> None:
    file = tmp_path / "fair.csv"
    file.write_text("Mail,Name,Born on\nann@example.com,Ann Arbor,01/02/1990\nbob@,Bob,\n")
    options = (
        "--map",
        "Mail=email",
        "--date-format",
        "Born on=day-first",
        "--set",
        "lead_source=Web",
        "--tag",
        "Fair",
    )
    tried = firstcall(tmp_path, "import", "leads", file, *options, "--dry-run")
    assert (tried.returncode, tried.stderr) == (1, "")
    assert tried.stdout.splitlines() == [
        "2 rows: 1 would be created, 0 changed, 0 unchanged, 1 rejected. Nothing was written.",
        "Records are found by: email",
        "  Mail -> email (email)",
        "  Name -> full_name (text)",
        "  Born on -> born_on (date)",
        "Mail: takes an e-mail address: 1 rows, first: line 3; like aaa@",
    ]
    done = firstcall(tmp_path, "import", "leads", file, *options, "--rejects", tmp_path / "left.csv")
    assert (done.returncode, done.stderr) == (0, "")
    first, _, last = done.stdout.splitlines()
    assert first == "fair.csv: 2 rows: 1 created, 0 changed, 0 unchanged, 1 rejected."
    assert (tmp_path / "left.csv").read_text().splitlines()[1] == "Mail: takes an e-mail address.,bob@,Bob,"
    number = last.rpartition(" ")[2]
    [record] = Record.objects.all()
    assert record.values == {
        "email": "ann@example.com", "first_name": "Ann", "last_name": "Arbor", "born_on": "1990-02-01",
        "lead_source": "Web",
    }  # fmt: skip
    assert record.tags == ["fair"]
    [listed] = json.loads(firstcall(tmp_path, "imports", "list", "--json").stdout)
    assert (listed["id"], listed["status"], listed["created"]) == (int(number), "done", 1)
    undone = firstcall(tmp_path, "imports", "undo", number)
    assert (undone.returncode, undone.stdout) == (0, f"Import {number} is undone.\n")
    assert not Record.objects.filter(deleted_at=None).exists()
    again = firstcall(tmp_path, "imports", "undo", number)
    assert (again.returncode, again.stderr) == (1, f"Import {number} has been undone already.\n")


def test_touchpoints_go_in(tmp_path: Path, leads: Module) -> None:
    people, mail = tmp_path / "people.csv", tmp_path / "mail.csv"
    people.write_text("LEADID,Last Name\n7,Ann\n")
    mail.write_text(
        "LEADID,Event,When,Kind,Note\n7,Opened,3 Jan 2026 10:00,m,x\n7,sent,3 Jan 2026 09:00,m,\n7,y,,n,\n"
    )
    firstcall(tmp_path, "import", "leads", people)
    options = (
        "--at",
        "When",
        "--type-map",
        "Opened=email.opened",
        "--type-prefix",
        "mail.",
        "--where",
        "Kind=m",
    )
    done = firstcall(tmp_path, "import", "touchpoints", mail, *options, "--without", "Kind", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["created"] == 2
    found = Touchpoint.objects.order_by("occurred_at").values_list("type", "properties", "source__name")
    assert list(found) == [("mail.sent", {}, "mail"), ("email.opened", {"Note": "x"}, "mail")]


def test_a_module_is_made_of_a_file_where_that_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "quotes.csv"
    file.write_text("No,Total,Valid till\nQ-1,$1.50,2026-01-02\n")
    refused = firstcall(tmp_path, "import", "quotes", file)
    assert refused.returncode == 1
    assert refused.stderr.startswith("There is no module quotes. ")
    done = firstcall(
        tmp_path, "import", "quotes", file, "--create-module", "--create-fields", "--external-id", "No"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Record.objects.get(module__name="quotes").values == {
        "no": "Q-1",
        "total": "1.5",
        "valid_till": "2026-01-02",
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["leads", "--type", "x"], "--type goes with touchpoints."),
        (["touchpoints", "--create-fields"], "--create-fields goes with records."),
        (["touchpoints", "--dry-run"], "--dry-run goes with records."),
        (["leads", "--map", "x"], "--map takes two parts with = between, such as 'A=B', not 'x'."),
        (["leads", "--decimal", "dot"], "--decimal takes point or comma, not dot."),
        (
            ["leads", "--time-zone", "Mars/Base"],
            "There is no time zone Mars/Base. Write one such as Europe/Berlin.",
        ),
        (["leeds"], "There is no module leeds. Did you mean leads?"),
        (["leads", "--user", "x@example.com"], "There is no user x@example.com."),
        (["leads", "--by", "email"], "no column holds the email by which records are to be found."),
    ],
)
def test_what_is_asked_wrongly_is_told(
    tmp_path: Path, leads: Module, arguments: list[str], says: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Last Name\nAnn\n")
    done = firstcall(tmp_path, "import", arguments[0], file, *arguments[1:])
    assert done.returncode in (1, 2)
    assert says in done.stderr


def test_what_is_exported_comes_back_unchanged(tmp_path: Path, leads: Module) -> None:
    people, out = tmp_path / "people.csv", tmp_path / "out.xlsx"
    people.write_text("Email,Last Name\nann@example.com,=Ann\nbob@example.com,Bob\n")
    firstcall(tmp_path, "import", "leads", people)
    done = firstcall(tmp_path, "export", "leads", out, "--filter", '{"field": "last_name", "is": "=Ann"}')
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{out}: 1 records\n", "")
    back = json.loads(firstcall(tmp_path, "import", "leads", out, "--json").stdout)
    assert (back["created"], back["changed"], back["unchanged"]) == (0, 0, 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["out.doc"], "FILE ends in .csv, .xlsx, .parquet or .jsonl; or say --format."),
        (["out.csv", "--ids", "x"], "--ids takes the ids of records, with commas between."),
        (["out.csv", "--columns", "e_mail"], "leads has no field e_mail. Did you mean email?"),
        (["out.csv", "--filter", '{"field": "e_mail", "is": "x"}'], "e_mail"),
        (["nowhere/out.csv"], "there is no folder nowhere. Make it first."),
    ],
)
def test_an_export_that_cannot_be_is_told(
    tmp_path: Path, leads: Module, arguments: list[str], says: str
) -> None:
    done = firstcall(tmp_path, "export", "leads", *arguments)
    assert done.returncode in (1, 2)
    assert says in done.stderr
