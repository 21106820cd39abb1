"""What is done with many records of a list at once."""

from __future__ import annotations

import pytest
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.profiles import Standard
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.actions import create_records
from firstcall.records.models import Record
from firstcall.scorekeeping.models import StoredScore
from tests.records.importing.conftest import data_folder
from tests.web.conftest import Company

__all__ = ["data_folder"]

pytestmark = pytest.mark.usefixtures("data_folder")


def work() -> None:
    for job in Job.objects.filter(status="waiting").order_by("pk"):
        do_job(job.pk, now=now)


def change(client: Client, **given: object) -> str:
    """Follows to the page of the work, once it is done."""
    answer = client.post("/records/leads/bulk", {"do": "change", **given})
    assert answer.status_code == 302, answer
    work()
    return answer["Location"]


def values(company: Company, field: str) -> list[object]:
    records = Record.objects.filter(module=company.leads).order_by("pk")
    return [record.values.get(field) for record in records]


def test_those_that_are_chosen_are_changed_and_it_can_be_undone(company: Company, bob: Client) -> None:
    ids = [company.ann.pk, company.eve.pk]
    address = change(
        bob, id=ids, owner=company.alice.pk, add_tags="VIP, trade fair", field="employees", value="7"
    )
    page = bob.get(address).text
    assert "Done." in page
    assert values(company, "employees") == ["7", "10", "7"]
    record = Record.objects.get(pk=company.eve.pk)
    assert (record.owner, record.tags) == (company.alice, ["vip", "trade fair"])
    assert bob.post(address).status_code == 302
    work()
    assert "It has been undone" in bob.get(address).text
    assert values(company, "employees") == ["250", "10", None]


def test_all_that_match_are_changed_beyond_the_page(company: Company, bob: Client) -> None:
    rows = [{"last_name": f"L{n}", "employees": 500} for n in range(80)]
    create_records(company.leads, rows, at=now())
    asked = "?f=employees&t=gte&v=100"
    change(bob, id=[company.ann.pk], everything="yes", asked=asked, field="source", value="Fair")
    assert (
        Record.objects.filter(module=company.leads, values__source="Fair").count() == 82
    )  # with Ann and Eve


def test_those_of_a_grade_are_changed_by_what_they_are_now(company: Company, bob: Client) -> None:
    change(bob, everything="yes", asked="?grade=Hot", add_tags="hot")
    assert list(Record.objects.filter(tags=["hot"])) == [company.ann]


def test_what_no_record_takes_is_said_and_nothing_begins(company: Company, bob: Client) -> None:
    given = {"do": "change", "id": company.ann.pk, "field": "employees", "value": "many", "asked": "?sort=id"}
    page = bob.post("/records/leads/bulk", given, follow=True)
    assert page.redirect_chain == [("/records/leads?sort=id", 303)]
    assert "employees takes a number" in page.text
    page = bob.post("/records/leads/bulk", {"do": "change", "id": company.ann.pk}, follow=True)
    assert "Say what is to be changed." in page.text
    assert not Job.objects.filter(kind="records.bulk").exists()


def test_nothing_chosen_is_nothing_changed(company: Company, bob: Client) -> None:
    change(bob, add_tags="x", id=["x", "-1", "9" * 30])
    assert not Record.objects.filter(tags=["x"]).exists()


def test_a_list_is_written_into_a_file_of_its_columns(company: Company, bob: Client) -> None:
    given = {"do": "export", "everything": "yes", "asked": "?col=employees&f=employees&t=empty"}
    answer = bob.post("/records/leads/bulk", given)
    work()
    page = bob.get(answer["Location"]).text
    assert "The file is ready: 1 records." in page
    file = b"".join(bob.get(f"{answer['Location']}/file").streaming_content).decode("utf-8-sig")
    assert "Eve" in file
    assert "Ann" not in file
    assert "Call first" in file.splitlines()[0]


def test_others_see_nothing_of_it_and_a_reader_may_not(company: Company, bob: Client) -> None:
    address = change(bob, id=[company.ann.pk], add_tags="x")
    reader = Client()
    profile = Profile.objects.standard(Standard.READ_ONLY)
    reader.force_login(User.objects.create_user("reader@example.com", "a long password", profile=profile))
    assert reader.get(address).status_code == 404
    assert reader.post(address).status_code == 404
    for does in ("change", "export"):
        assert reader.post("/records/leads/bulk", {"do": does, "id": company.ann.pk}).status_code == 403
    assert 'data-opens="change"' not in reader.get("/records/leads").text


def test_what_charlie_does_not_see_he_does_not_change(company: Company) -> None:
    charlie = Client()
    profile = Profile.objects.standard(Standard.REPRESENTATIVE)
    charlie.force_login(User.objects.create_user("charlie@example.com", "a long password", profile=profile))
    change(charlie, id=[company.ann.pk, company.eve.pk], add_tags="mine")
    change(charlie, everything="yes", add_tags="mine")
    assert not Record.objects.filter(tags=["mine"]).exists()


def test_records_are_scored_again_by_those_who_manage_scoring(company: Company, bob: Client) -> None:
    answer = bob.post("/records/leads/bulk", {"do": "rescore", "id": [company.ann.pk]})
    assert answer.status_code == 403
    assert 'value="rescore"' not in bob.get("/records/leads").text
    alice = Client()
    alice.force_login(company.alice)
    assert 'value="rescore"' in alice.get("/records/leads").text
    StoredScore.objects.filter(record=company.ann).update(total=1)
    StoredScore.objects.filter(record=company.cora).update(total=1)
    answer = alice.post("/records/leads/bulk", {"do": "rescore", "id": [company.ann.pk]})
    work()
    assert "1 record has been scored again." in alice.get(answer["Location"]).text
    assert bob.get(answer["Location"]).status_code == 404
    totals = dict(StoredScore.objects.values_list("record", "total"))
    assert totals == {company.ann.pk: 4500, company.cora.pk: 1}
    asked = f"?f=score:{company.rule.pk}&t=lt&v=40"
    answer = alice.post("/records/leads/bulk", {"do": "rescore", "everything": "yes", "asked": asked})
    work()
    assert StoredScore.objects.get(record=company.cora).total == -1500
    nothing = alice.post(
        "/records/leads/bulk", {"do": "rescore", "everything": "yes", "asked": "?tag=no"}, follow=True
    )
    assert "There is nothing to score" in nothing.text
