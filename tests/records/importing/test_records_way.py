"""Rows become records: found by their keys, changed by what the file says, rejected with every reason."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from firstcall.access.models import User
from firstcall.records.importing.asking import Asked
from firstcall.records.importing.errors import ImportRefusedError
from firstcall.records.importing.plan import ReadingOptions
from firstcall.records.importing.planning import Wishes
from firstcall.records.importing.rejecting import find_rejects
from firstcall.records.importing.rows import RowOptions
from firstcall.records.kinds import FieldKind
from firstcall.records.models import DirtyRecord, Field, FieldChange, Record, WrittenBy
from firstcall.scoring.times import parse_time
from tests.records.importing.company import imported, make_leads, make_module

pytestmark = pytest.mark.django_db


def counts(run: object) -> tuple[int, ...]:
    return tuple(getattr(run, name) for name in ("created", "changed", "unchanged", "rejected"))


def held() -> list[dict[str, object]]:
    return list(Record.objects.filter(deleted_at=None).order_by("pk").values_list("values", flat=True))


def test_every_kind_of_field_takes_what_exports_write(tmp_path: Path) -> None:
    text = (
        "Last Name;E-mail;Phone;Employees;Born on;Seen at;Is hot;Lead Source;Topics;Website;Tags;Notes\n"
        "Ärger;ann@example.com;+49 30 1234567;1.234,5;31.12.1990;15 Apr, 2021 00:03:00;ja;web;"
        "demo|Price;example.com;Hot|VIP;=1+1\n"
        "Bob;bob@example.com;;12;N/A;;nein;TRADE FAIR;;-;;\n"
    )
    run = imported(make_leads(), tmp_path, text)
    assert (counts(run), run.status) == ((2, 0, 0, 0), "done")
    ann, bob = held()
    assert ann == {
        "last_name": "Ärger",
        "email": "ann@example.com",
        "phone": "+49 30 1234567",
        "employees": "1234.5",
        "born_on": "1990-12-31",
        "seen_at": parse_time("2021-04-15T00:03:00Z"),
        "is_hot": True,
        "lead_source": "Web",
        "topics": ["Demo", "Price"],
        "website": "https://example.com",
        "description": "=1+1",
    }
    assert bob == {
        "last_name": "Bob",
        "email": "bob@example.com",
        "employees": "12",
        "is_hot": False,
        "lead_source": "Trade fair",
    }
    assert Record.objects.order_by("pk")[0].tags == ["hot", "vip"]
    assert DirtyRecord.objects.count() == 2


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    leads = make_leads()
    text = "Last Name,Email\nAnn,ann@example.com\nBob,BOB@example.com\n"
    assert counts(imported(leads, tmp_path, text)) == (2, 0, 0, 0)
    assert counts(imported(leads, tmp_path, text)) == (0, 0, 2, 0)
    changed = text.replace("Ann,", "Anna,").replace("BOB", "bob") + "Cy,cy@example.com\n"
    assert counts(imported(leads, tmp_path, changed)) == (1, 2, 0, 0)
    assert [values["last_name"] for values in held()] == ["Anna", "Bob", "Cy"]


def test_records_are_found_by_what_is_asked_or_the_surest_that_is_there(tmp_path: Path) -> None:
    leads = make_leads()
    imported(leads, tmp_path, "LEADID,Last Name,Email,Phone\n7,Ann,ann@example.com,+4930123456\n")
    by_id = imported(leads, tmp_path, "LEADID,Last Name,Email\n7,Anna,anna@example.com\n")
    assert (by_id.plan["by"], by_id.plan["key"], counts(by_id)) == (
        "external_id",
        "external_id",
        (0, 1, 0, 0),
    )
    by_phone = imported(leads, tmp_path, "Phone,Last Name\n+49 (30) 123-456,Annika\n")
    assert (by_phone.plan["by"], counts(by_phone)) == ("phone", (0, 1, 0, 0))
    asked = Asked(wishes=Wishes(by="email"))
    by_email = imported(leads, tmp_path, "LEADID,Last Name,Email\n8,Anni,Anna@Example.com\n", asked)
    assert counts(by_email) == (0, 1, 0, 0)
    new = imported(
        leads, tmp_path, "Last Name,Email\nAnni,anna@example.com\n", Asked(wishes=Wishes(by="none"))
    )
    assert counts(new) == (1, 0, 0, 0)
    own = Record.objects.order_by("pk")[0]
    again = imported(leads, tmp_path, f"firstcall_id,Last Name\n{own.pk},Z\n999999,Y\nx,W\n")
    assert counts(again) == (0, 1, 0, 2)
    assert held()[0]["last_name"] == "Z"


def test_an_ambiguous_key_is_rejected_and_not_guessed(tmp_path: Path) -> None:
    leads = make_leads()
    none = Asked(wishes=Wishes(by="none"))
    imported(leads, tmp_path, "Last Name,Email\nAnn,info@example.com\nBob,info@example.com\n", none)
    run = imported(leads, tmp_path, "Last Name,Email\nCy,info@example.com\n")
    assert counts(run) == (0, 0, 0, 1)
    [_, [reason, *_]] = rejects(run)
    assert reason.startswith("Email: is ambiguous: records ")


def rejects(run: object) -> list[list[str]]:
    path = find_rejects(run.folder)  # type: ignore[attr-defined]
    assert path is not None
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_rejected_rows_stand_in_a_file_with_every_reason_and_come_in_once_mended(tmp_path: Path) -> None:
    leads = make_leads()
    text = (
        "Last Name,Email,Employees,Born on,Lead Source\n"
        'Ann,ann@,many,31/02/2020,"Moon"\nBob,bob@example.com,5,13/12/2020,web\nragged,row\n'
        '"Cy\nCyrus",cy@example.com,,soon,\n'
    )
    run = imported(leads, tmp_path, text)
    assert counts(run) == (1, 0, 0, 3)
    assert rejects(run) == [
        ["Reason for rejection", "Last Name", "Email", "Employees", "Born on", "Lead Source"],
        ["2 cells where the header has 5", "ragged", "row"],
        [
            "Employees: is no number. Born on: is no date. Email: takes an e-mail address.",
            *("Ann", "ann@", "many", "31/02/2020", "Moon"),
        ],
        ["Born on: is no date.", "Cy\nCyrus", "cy@example.com", "", "soon", ""],
    ]
    path = find_rejects(run.folder)
    assert path is not None
    mended = path.read_text("utf-8").replace("ann@,many,31/02/2020,Moon", "ann@example.com,7,28/02/2020,Web")
    mended = mended.replace("ragged,row", "Dee,dee@example.com,,,").replace("soon", "")
    again = imported(leads, tmp_path, mended)
    assert counts(again) == (3, 0, 0, 0)


def test_a_cell_that_cannot_be_used_may_be_left_out_instead(tmp_path: Path) -> None:
    text = "Last Name,Email,Employees,Lead Source\nAnn,ann@,many,Moon\n,bob@example.com,5,Web\n"
    run = imported(
        make_leads(), tmp_path, text, Asked(rows=RowOptions(leave_out=True), wishes=Wishes(by="none"))
    )
    assert counts(run) == (2, 0, 0, 0)
    assert {"last_name": "Ann"} in held()
    assert "Employees is no number; cells left out: 1." in run.notes


@pytest.mark.parametrize("leave_out", [False, True])
def test_rows_that_hold_nothing_make_no_records(tmp_path: Path, leave_out: bool) -> None:
    text = "Last Name,Email,Shoe size\nAnn,ann@example.com,37\n,,\n , n/a,\n,,40\n"
    asked = Asked(rows=RowOptions(leave_out=leave_out, tags=("fair",)), wishes=Wishes(by="email"))
    run = imported(make_leads(), tmp_path, text, asked)
    assert counts(run) == (1, 0, 0, 3)
    assert held() == [{"last_name": "Ann", "email": "ann@example.com"}]
    assert {row[0] for row in rejects(run)[1:]} == {"the row: holds nothing in the columns that come in."}


def test_empty_cells_leave_a_field_as_it_is_unless_they_are_to_clear_it(tmp_path: Path) -> None:
    leads = make_leads()
    imported(leads, tmp_path, "Email,Employees\nann@example.com,5\n")
    assert counts(imported(leads, tmp_path, "Email,Employees\nann@example.com,\n")) == (0, 0, 1, 0)
    run = imported(
        leads, tmp_path, "Email,Employees\nann@example.com,\n", Asked(rows=RowOptions(clear_empty=True))
    )
    assert counts(run) == (0, 1, 0, 0)
    assert held() == [{"email": "ann@example.com"}]


def test_the_same_person_three_times_in_a_file_is_one_record_and_the_last_row_wins(tmp_path: Path) -> None:
    text = (
        "Last Name,Email,Employees\nAnn,ann@example.com,5\nAnn B,ANN@example.com,\nAnn C,ann@example.com ,7\n"
    )
    run = imported(make_leads(), tmp_path, text)
    assert counts(run) == (1, 2, 0, 0)
    assert [(values["last_name"], values["employees"]) for values in held()] == [("Ann C", "7")]


def test_unknown_columns_are_told_or_become_fields_of_their_kind(tmp_path: Path) -> None:
    leads = make_leads()
    text = "Email,Budget,Plan ZIP,Visited,Newsletter,When\nann@example.com,$1.5K,01234,2026-01-02,no,2026-01-02 10:00\n"
    run = imported(leads, tmp_path, text)
    assert run.notes == [
        "Columns left out: Budget, Plan ZIP, Visited, Newsletter, When."
        " Map them (--map) or make fields of them (--create-fields)."
    ]
    imported(leads, tmp_path, text, Asked(wishes=Wishes(create_fields=True)))
    made = dict(
        leads.fields.filter(name__in=["budget", "plan_zip", "visited", "newsletter", "when"]).values_list(
            "name", "kind"
        )
    )
    assert made == {
        "budget": FieldKind.NUMBER,
        "plan_zip": FieldKind.TEXT,
        "visited": FieldKind.DATE,
        "newsletter": FieldKind.YES_NO,
        "when": FieldKind.DATE_TIME,
    }
    assert held()[0]["budget"] == "1500"
    assert held()[0]["plan_zip"] == "01234"


def test_a_column_may_become_the_id_of_another_system(tmp_path: Path) -> None:
    module = make_module("plants", last_name={"kind": FieldKind.TEXT})
    asked = Asked(wishes=Wishes(external_id="Plant No"))
    text = "Plant No,Last Name\n007,Ann\n"
    assert counts(imported(module, tmp_path, text, asked)) == (1, 0, 0, 0)
    assert counts(imported(module, tmp_path, "Plant No,Last Name\n007,Anna\n")) == (0, 1, 0, 0)


def test_unknown_choices_reject_their_rows_or_are_added(tmp_path: Path) -> None:
    leads = make_leads()
    text = "Email,Lead Source,Topics\na@example.com,Moon,Price;Sun\nb@example.com,Web,\n"
    run = imported(leads, tmp_path, text)
    assert counts(run) == (1, 0, 0, 1)
    assert (
        run.notes[0]
        == "lead_source has no choice Moon (1). Those rows are rejected; --add-choices adds them."
    )
    again = imported(leads, tmp_path, text, Asked(wishes=Wishes(add_choices=True)))
    assert counts(again) == (1, 0, 1, 0)
    assert leads.fields.get(name="topics").choices == ["Price", "Demo", "Support", "Sun"]


def test_owners_are_users_by_address_or_name_and_unknown_ones_are_told(tmp_path: Path) -> None:
    ann = User.objects.create_administrator("ann@example.com", "a long enough password", name="Ann Arbor")
    bob = User.objects.create_user("bob@example.com")
    text = "Email,Lead Owner\na@example.com,ann  ARBOR\nb@example.com,Bob@example.com\nc@example.com,Nobody\n"
    run = imported(make_leads(), tmp_path, text, by=ann)
    owners = list(Record.objects.order_by("pk").values_list("owner", flat=True))
    assert owners == [ann.pk, bob.pk, ann.pk]
    assert "These are no users, so the owner of 1 rows is as if nothing were said: Nobody." in run.notes


def test_look_ups_find_records_by_id_external_id_address_and_name(tmp_path: Path) -> None:
    accounts = make_module(
        "accounts",
        title=("name",),
        name={"kind": FieldKind.TEXT},
        number={"kind": FieldKind.TEXT, "is_external_id": True},
    )
    imported(accounts, tmp_path, "Name,Number\nAcme Corp,A1\nZ Ltd,A2\nZ Ltd,A3\n")
    acme = Record.objects.order_by("pk")[0]
    contacts = make_module(
        "contacts", last_name={"kind": FieldKind.TEXT}, account={"kind": FieldKind.LOOKUP, "target": accounts}
    )
    text = f"Last Name,Account\na,A1\nb,acme CORP\nc,#{acme.pk}\nd,Corp\ne,Z Ltd\nf,\n"
    run = imported(contacts, tmp_path, text, Asked(wishes=Wishes(by="none")))
    assert counts(run) == (4, 0, 0, 2)
    found = [values.get("account") for values in held() if "last_name" in values]
    assert found == [acme.pk, acme.pk, acme.pk, None]
    reasons = [row[0] for row in rejects(run)[1:]]
    assert reasons[0] == "Account: no record of accounts has this name, e-mail address or external id."
    assert reasons[1].startswith("Account: 2 records of accounts have this name: #")


def test_a_whole_name_is_taken_apart_and_when_a_record_was_made_is_kept(tmp_path: Path) -> None:
    text = "id,created_time,full_name,email\nl:1,2026-01-02T10:00:00+0100,Ann Mary Arbor,a@example.com\n"
    imported(make_leads(), tmp_path, text)
    [record] = Record.objects.all()
    assert (record.values["first_name"], record.values["last_name"]) == ("Ann Mary", "Arbor")
    assert record.created_at.isoformat() == "2026-01-02T09:00:00+00:00"


def test_a_mapping_is_kept_for_the_next_such_file(tmp_path: Path) -> None:
    leads = make_leads()
    asked = Asked(wishes=Wishes(columns={"Firma-Mail": "email", "Größe": "Employees", "Email": "skip"}))
    imported(leads, tmp_path, "Firma-Mail,Größe,Email\na@example.com,5,x\n", asked)
    again = imported(leads, tmp_path, "Email,Firma-Mail,Größe\ny,b@example.com,6\n")
    assert counts(again) == (1, 0, 0, 0)
    assert held()[1] == {"email": "b@example.com", "employees": "6"}


def test_every_problem_of_a_file_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    asked = Asked(wishes=Wishes(columns={"Email": "colour", "Mail": "email"}, by="phone"))
    with pytest.raises(ImportRefusedError) as refused:
        imported(make_leads(), tmp_path, "Email,Born on,Employees\na,01/02/2020,1.234\n", asked)
    assert [problem.code for problem in refused.value.problems] == [
        *("unknown-field", "unknown-column", "uncertain-dates", "uncertain-numbers", "no-key-column"),
    ]
    assert str(refused.value).splitlines()[2] == (
        "columns['Born on']: its dates could have the day or the month first; no value tells. Say which:"
        " day-first, month-first, or a format such as %d/%m/%Y. For example: --date-format 'Born on=day-first'."
    )
    assert not Record.objects.exists()


def test_what_is_said_settles_what_is_uncertain(tmp_path: Path) -> None:
    reading = ReadingOptions(dates={"*": "month-first"}, decimals={"Employees": ","}, empty=("Select",))
    run = imported(
        make_leads(), tmp_path, "Email,Born on,Employees,Last Name\na@example.com,01/02/2020,1.234,Select\n",
        Asked(wishes=Wishes(reading=reading)),
    )  # fmt: skip
    assert counts(run) == (1, 0, 0, 0)
    assert held() == [{"email": "a@example.com", "born_on": "2020-01-02", "employees": "1234"}]


def test_values_and_tags_for_all_rows(tmp_path: Path) -> None:
    options = RowOptions(constants={"lead_source": "Trade fair"}, tags=("Fair 2026",))
    imported(make_leads(), tmp_path, "Email\na@example.com\n", Asked(rows=options))
    [record] = Record.objects.all()
    assert (record.values["lead_source"], record.tags) == ("Trade fair", ["fair 2026"])


def test_json_lines_and_their_rejects(tmp_path: Path) -> None:
    lines = (
        '{"email": "a@example.com", "employees": 1.5, "is_hot": true, "topics": ["demo"]}\n{"email": 7}\nx\n'
    )
    run = imported(make_leads(), tmp_path, lines, name="leads.jsonl")
    assert counts(run) == (1, 0, 0, 2)
    assert held() == [{"email": "a@example.com", "employees": "1.5", "is_hot": True, "topics": ["Demo"]}]
    path = find_rejects(run.folder)
    assert path is not None
    assert path.read_text("utf-8").splitlines()[1] == (
        '{"Reason for rejection": "email: takes an e-mail address.", "email": 7}'
    )


def test_only_what_differs_is_kept_as_a_change(tmp_path: Path) -> None:
    leads = make_leads()
    imported(leads, tmp_path, "Email,Employees,Last Name\na@example.com,5,Ann\n")
    imported(leads, tmp_path, "Email,Employees,Last Name\na@example.com,6,Ann\n")
    assert list(FieldChange.objects.values_list("field", "old", "new")) == [("employees", "5", "6")]


def test_records_of_modules_with_one_name_are_found_by_it_where_that_is_asked(tmp_path: Path) -> None:
    accounts = make_module(
        "accounts", title=("name",), name={"kind": FieldKind.TEXT}, city={"kind": FieldKind.TEXT}
    )
    asked = Asked(wishes=Wishes(by="name"))
    text = "Name,City\nAcme Corp,Rome\nZ Ltd,\nACME  corp,Oslo\n"
    assert counts(imported(accounts, tmp_path, text, asked)) == (2, 1, 0, 0)
    assert counts(imported(accounts, tmp_path, text, asked)) == (0, 2, 1, 0)
    imported(accounts, tmp_path, "Name\nZ Ltd\n", Asked(wishes=Wishes(by="none")))
    run = imported(accounts, tmp_path, "Name,City\nZ Ltd,Bonn\n", asked)
    assert counts(run) == (0, 0, 0, 1)
    assert rejects(run)[1][0].startswith("Name: is ambiguous: 2 records of accounts have this name: #")


def test_what_a_rule_writes_is_left_out_and_said_and_refused_where_it_is_told(
    tmp_path: Path,
) -> None:
    leads = make_leads()
    Field.objects.create(
        module=leads, name="interest", label="Interest", kind=FieldKind.NUMBER, written_by=WrittenBy.RULE
    )
    text = "Email,Interest\na@example.com,12\n"
    run = imported(leads, tmp_path, text)
    assert (run.created, Record.objects.get().values) == (1, {"email": "a@example.com"})
    assert "Columns left out: Interest (a scoring rule writes it)." in run.notes[0]
    told = Asked(wishes=Wishes(columns={"Interest": "interest"}))
    with pytest.raises(ImportRefusedError) as refused:
        imported(leads, tmp_path, text, told)
    assert [problem.code for problem in refused.value.problems] == ["written-by-rule"]
    assert "a scoring rule writes interest: no import does." in str(refused.value)


def test_a_header_that_cannot_be_read_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError) as refused:
        imported(make_leads(), tmp_path, "Em\0ail,Last Name\na@example.com,Ann\n")
    says = "the row of its header, 'Em\\x00ail,Last Name', cannot be read: a NUL character in the row."
    assert says in str(refused.value)
