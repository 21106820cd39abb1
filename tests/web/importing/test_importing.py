"""The steps of an import without a script: the file, its columns, the dry run, the import, its undoing; and for whom."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.profiles import Standard
from firstcall.access.rights import EVERY_OTHER, Grant, Right, Verb, Visibility
from firstcall.moments import now
from firstcall.records.actions import change_record
from firstcall.records.importing.models import ImportRun
from firstcall.records.models import Field, Record
from firstcall.records.writing.given import Given
from firstcall.touchpoints.models import Touchpoint
from tests.records.importing.conftest import data_folder
from tests.web.conftest import Company
from tests.web.records.test_bulk import work

__all__ = ["data_folder"]

pytestmark = pytest.mark.usefixtures("data_folder")

PEOPLE = (
    "E-mail;Last name;Employees;Shoe size\nann@acme.example;Millerova;1.234;37\n"
    "new@example.com;New;2.500;44\nnobody@;Bad;3.000;45\n"
)


def begin(client: Client, text: str, into: str = "leads", name: str = "people.csv") -> str:
    """The address of the look at the file, once it is done."""
    answer = client.post("/import/", {"into": into, "file": SimpleUploadedFile(name, text.encode())})
    assert answer.status_code == 302, answer.content
    work()
    return str(answer["Location"])


def go_on(client: Client, address: str, **given: object) -> str:
    answer = client.post(address, given)
    assert answer.status_code == 302, answer.text
    work()
    return str(answer["Location"])


@pytest.fixture
def alice(company: Company) -> Client:
    """May do everything."""
    client = Client()
    client.force_login(company.alice)
    return client


def test_a_file_goes_all_the_way_in_and_out_again(company: Company, alice: Client) -> None:
    look = begin(alice, PEOPLE)
    page = alice.get(look).text
    assert "What each column is" in page
    assert '<option value="email" selected>' in page
    assert "thousands or decimals? Please say" in page
    columns = {
        "to-0": "email",
        "to-1": "last_name",
        "to-2": "employees",
        "decimal-2": ",",
        "to-3": "new_field",
    }
    trial = go_on(alice, look, **columns, tags="Fair, 2026", by="email")
    page = alice.get(trial).text
    assert "Import 2 rows" in page
    assert "takes an e-mail address" in page
    assert "Shoe size · number" in page
    assert Record.objects.filter(module=company.leads).count() == 3
    rejects = b"".join(alice.get(f"{trial}/rejects").streaming_content).decode()
    assert "nobody@;Bad" in rejects
    run = go_on(alice, trial)
    page = alice.get(run).text
    assert "It is done." in page
    record = Record.objects.get(values__email="new@example.com")
    assert (record.values["employees"], record.values["shoe_size"], record.tags) == (
        "2500",
        "44",
        ["fair", "2026"],
    )
    assert Record.objects.get(pk=company.ann.pk).values["last_name"] == "Millerova"
    listed = alice.get(f"/records/leads?import={ImportRun.objects.get().pk}").text
    assert ("New" in listed, "Millerova" in listed, "Cora" in listed) == (True, True, False)
    go_on(alice, run, undo="yes")
    assert "It has been undone." in alice.get(run).text
    assert Record.objects.get(pk=company.ann.pk).values["last_name"] == "Miller"
    assert not Record.objects.filter(values__email="new@example.com", deleted_at=None).exists()
    assert "people.csv" in alice.get("/import/").text


def test_what_is_wrong_is_told_in_the_language_of_who_asked(company: Company, alice: Client) -> None:
    alice.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    look = begin(alice, PEOPLE)
    trial = go_on(alice, look, **{"to-0": "email", "to-1": "last_name"}, by="email")
    assert "erwartet eine E-Mail-Adresse" in alice.get(trial).text
    rejects = b"".join(alice.get(f"{trial}/rejects").streaming_content).decode()
    assert rejects.startswith("Reason for rejection;E-mail;")
    assert "E-mail: erwartet eine E-Mail-Adresse." in rejects
    broken = begin(alice, "PK\x03\x04", name="broken.xlsx")
    assert "kann nicht als Arbeitsmappe von Excel geöffnet werden" in alice.get(broken).text


def test_what_was_asked_is_there_again_on_the_way_back(company: Company, alice: Client) -> None:
    look = begin(alice, PEOPLE)
    trial = go_on(alice, look, **{"to-0": "email", "to-1": "skip"}, tags="x", leave_out="on", by="phone")
    page = alice.get(trial).text
    assert "The file cannot be imported so" in page
    assert "find records by something else" in page
    back = alice.get(f"{look}?trial={trial.rpartition('/')[2]}").text
    assert 'name="leave_out" checked' in back
    assert '<option value="phone" selected>' in back
    assert 'value="x"' in back
    assert '<option value="employees" selected>' not in back


def test_two_columns_for_one_field_are_told_and_all_that_was_said_stays(
    company: Company, alice: Client
) -> None:
    look = begin(alice, PEOPLE)
    answer = alice.post(look, {"to-0": "email", "to-1": "email", "tags": "kept"})
    assert answer.status_code == 422
    assert "E-mail, Last name are all to be email. A field takes one column." in answer.text
    assert 'value="kept"' in answer.text
    answer = alice.post(look, {})
    assert "Say of at least one column what it is." in answer.text


def test_a_file_is_read_otherwise(company: Company, alice: Client) -> None:
    look = begin(alice, "x\nann@acme.example|Ann\nbob@acme.example|Bob\n", name="odd.csv")
    again = go_on(alice, look, again="yes", separator="|", skip="1", header="Email,Last name")
    page = alice.get(again).text
    assert '<option value="email" selected>' in page
    assert "2 rows · 2 columns" in page


def test_nothing_or_no_table_is_told(company: Company, alice: Client) -> None:
    assert alice.post("/import/", {"into": "leads"}).status_code == 422
    look = begin(alice, "PK\x03\x04", name="broken.xlsx")
    page = alice.get(look).text
    assert "The file cannot be used." in page
    assert "cannot be opened as an Excel workbook" in page
    assert "/uploads/" not in page


def test_touchpoints_come_in_and_count_no_longer_when_undone(company: Company, alice: Client) -> None:
    text = "Email,Event,Timestamp,Subject\nann@acme.example,Opened,2026-01-02,Hello\neve@x.example,Opened,2026-01-02,x\n"
    look = begin(alice, text, "touchpoints:leads", "mails.csv")
    page = alice.get(look).text
    assert 'value="mails"' in page
    roles = {"to-0": "person", "to-1": "type", "to-2": "at", "to-3": "property"}
    trial = go_on(alice, look, **roles, source="Mail shots", prefix="email.")
    page = alice.get(trial).text
    assert "email.opened" in page
    assert "Import 1 row" in page
    run = go_on(alice, trial)
    touchpoint = Touchpoint.objects.get(source__name="Mail shots")
    assert (touchpoint.record_id, touchpoint.properties) == (company.ann.pk, {"Subject": "Hello"})
    go_on(alice, run, undo="yes")
    touchpoint.refresh_from_db()
    assert touchpoint.revoked_at is not None


def test_a_touchpoint_needs_a_person_a_type_and_a_moment(company: Company, alice: Client) -> None:
    look = begin(alice, "a,b\n1,2\n", "touchpoints:leads")
    answer = alice.post(look, {"to-0": "at", "to-1": "at", "source": ""})
    assert answer.status_code == 422
    for says in (
        "whose a touchpoint is",
        "the type of a touchpoint",
        "Give the source a name",
        "Only one column",
    ):
        assert says in answer.text


def test_what_somebody_changed_after_the_import_stays(company: Company, alice: Client) -> None:
    look = begin(alice, "Email,Last name\nann@acme.example,Other\n")
    run = go_on(alice, go_on(alice, look, **{"to-0": "email", "to-1": "last_name"}))
    record = Record.objects.get(pk=company.ann.pk)
    change_record(record, Given({"last_name": "Newest"}), at=now(), by=company.bob)
    go_on(alice, run, undo="yes")
    assert "1 value or record stays" in alice.get(run).text
    assert b"changed since" in b"".join(alice.get(f"{run}/stays").streaming_content)


def seller(verbs: set[Verb], rights: tuple[Right, ...] = ()) -> Client:
    grants = {EVERY_OTHER: Grant(frozenset(verbs), Visibility.ALL).to_json()}
    profile = Profile.objects.create(name="Some", grants=grants, rights=[right.value for right in rights])
    client = Client()
    client.force_login(User.objects.create_user("some@example.com", "a long password", profile=profile))
    return client


def test_who_may_not_import_is_refused_and_led_nowhere(company: Company, alice: Client) -> None:
    look = begin(alice, PEOPLE)
    run = go_on(alice, go_on(alice, look, **{"to-0": "email"}))
    reader = seller({Verb.VIEW})
    assert 'href="/import/"' not in reader.get("/").text
    for path in ("/import/", look, run, f"{run}/rejects"):
        assert reader.get(path).status_code == 403
    assert reader.post("/import/", {"into": "leads"}).status_code == 403


def test_imports_of_others_are_not_there(company: Company, alice: Client) -> None:
    look = begin(alice, PEOPLE)
    trial = go_on(alice, look, **{"to-0": "email"})
    run = go_on(alice, trial)
    other = seller({Verb.VIEW, Verb.IMPORT})
    for path in (look, trial, run, f"{trial}/rejects", f"{run}/rejects", "/import/999999"):
        assert other.get(path).status_code == 404
    assert other.post(run, {"undo": "yes"}).status_code == 404
    assert "people.csv" not in other.get("/import/").text


def test_the_files_of_others_are_for_those_who_may_import_there(company: Company, alice: Client) -> None:
    """Whoever manages users sees every import; the rows are the records, which they may not see."""
    look = begin(alice, "Last name;Employees\nNew;2500\nBad;many\n")
    trial = go_on(alice, look, **{"to-0": "last_name", "to-1": "employees"})
    run = go_on(alice, trial)
    change_record(Record.objects.get(values__last_name="New"), {"employees": 7}, at=now())
    go_on(alice, run, undo="yes")
    files = [f"{run}/rejects", f"{run}/stays"]
    assert [alice.get(path).status_code for path in files] == [200, 200]
    everywhere = seller({Verb.VIEW, Verb.IMPORT}, {Right.MANAGE_USERS})
    assert [everywhere.get(path).status_code for path in files] == [200, 200]
    assert f'href="{files[0]}"' in everywhere.get(run).text
    others = {EVERY_OTHER: Grant(frozenset({Verb.VIEW, Verb.IMPORT}), Visibility.ALL).to_json()}
    for of_leads, status in ((frozenset({Verb.VIEW}), 403), (frozenset[Verb](), 404)):
        Profile.objects.filter(name="Some").update(grants={**others, "leads": Grant(of_leads).to_json()})
        page = everywhere.get(run)
        assert page.status_code == 200
        assert not any(f'href="{path}"' in page.text for path in files)
        assert [everywhere.get(path).status_code for path in files] == [status, status]
        assert everywhere.post(run, {"undo": "yes"}).status_code == status


def test_rows_that_were_left_out_are_not_given_once_the_right_is_gone(company: Company) -> None:
    client = seller({Verb.VIEW, Verb.IMPORT, Verb.CREATE, Verb.EDIT})
    look = begin(client, "Last name;Employees\nNew;2500\nBad;many\n")
    trial = go_on(client, look, **{"to-0": "last_name", "to-1": "employees"})
    assert client.get(f"{trial}/rejects").status_code == 200
    others = Grant(frozenset({Verb.VIEW, Verb.IMPORT})).to_json()
    own = Grant(frozenset({Verb.VIEW})).to_json()
    Profile.objects.filter(name="Some").update(grants={EVERY_OTHER: others, "leads": own})
    assert client.get(f"{trial}/rejects").status_code == 403


def test_who_may_not_change_modules_makes_no_field(company: Company) -> None:
    client = seller({Verb.VIEW, Verb.IMPORT, Verb.CREATE, Verb.EDIT})
    look = begin(client, PEOPLE)
    assert 'value="new_field"' not in client.get(look).text
    assert client.post(look, {"to-0": "email", "to-3": "new_field"}).status_code == 403
    assert client.post(look, {"to-0": "email", "add_choices": "on"}).status_code == 403
    assert not Field.objects.filter(name="shoe_size").exists()


def test_a_module_that_is_hidden_takes_nothing(company: Company) -> None:
    client = seller({Verb.IMPORT, Verb.VIEW})
    Profile.objects.filter(name="Some").update(
        grants={"contacts": Grant(frozenset({Verb.VIEW, Verb.IMPORT})).to_json(), "leads": Grant().to_json()}
    )
    file = SimpleUploadedFile("x.csv", b"a,b\n1,2\n")
    assert client.post("/import/", {"into": "leads", "file": file}).status_code == 404
    assert Profile.objects.standard(Standard.REPRESENTATIVE)
