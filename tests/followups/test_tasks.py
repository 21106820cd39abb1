"""Tasks over HTTP: made, changed, put off, done, counted; and by whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from firstcall.access.viewer import PRODUCT
from firstcall.access.viewing import viewer_of
from firstcall.followups.models import Task
from firstcall.followups.tasks import OpenTasks, count_open_tasks, create_task, due_by
from firstcall.records.actions import erase_records
from firstcall.records.models import Record
from tests.api.world import made
from tests.followups.conftest import Company

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
TOMORROW = "2199-01-01"


def test_a_task_is_made_for_the_caller_and_told_whole(company: Company) -> None:
    bob = company.people.bob
    given = {"subject": " Call back ", "due_on": TOMORROW, "priority": "high"}
    answer = bob.api.post(f"/records/{company.bobs}/tasks", given)
    task = answer.body
    assert (answer.status, answer.headers["ETag"]) == (201, '"1"')
    assert (task["subject"], task["priority"], task["due_on"]) == ("Call back", "high", TOMORROW)
    assert (task["owner"], task["created_by"], task["record"]) == (bob.user.pk, bob.user.pk, company.bobs)
    assert (task["is_overdue"], task["done_at"], task["due_at"]) == (False, None, None)
    assert bob.api.get(f"/tasks/{task['id']}").body == task
    assert bob.api.get("/tasks").body["items"] == [task]


def test_the_open_ones_come_in_the_order_in_which_they_are_due_page_by_page(company: Company) -> None:
    api, path = company.people.bob.api, f"/records/{company.bobs}/tasks"
    dues = [{}, {"due_on": "2026-09-02"}, {"due_at": "2026-09-02T10:00:00Z"}, {}, {"due_on": "2026-09-01"}]
    for number, due in enumerate(dues):
        made(api, path, {"subject": str(number), **due})
    for where in ("/tasks", path):
        seen, after = [], ""
        for _ in range(5):
            page = api.get(f"{where}?limit=2{after}").body
            seen += [task["subject"] for task in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert seen == ["4", "2", "1", "0", "3"], where
    overdue = api.get("/tasks?due_before=2026-09-02T12:00:00Z").body["items"]
    assert [task["subject"] for task in overdue] == ["4", "2"]


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (AT, AT),
        (AT.date(), datetime(2026, 9, 2, tzinfo=UTC)),
        (None, datetime(9999, 12, 31, tzinfo=UTC)),
        (date.max, datetime(9999, 12, 31, tzinfo=UTC)),
    ],
)
def test_a_day_is_overdue_once_it_is_over(due: date | None, expected: datetime) -> None:
    assert due_by(due) == expected


def test_a_task_is_done_once_and_opened_again(company: Company) -> None:
    api = company.people.bob.api
    id = made(api, f"/records/{company.bobs}/tasks", {"subject": "Call", "due_on": "2020-01-01"})["id"]
    assert api.get(f"/tasks/{id}").body["is_overdue"] is True
    done = api.post(f"/tasks/{id}/completion").body
    assert (done["done_by"], done["is_overdue"], done["version"]) == (company.people.bob.user.pk, False, 2)
    assert company.people.alice.api.post(f"/tasks/{id}/completion").body == done
    assert api.get("/tasks").body["items"] == []
    assert api.get("/tasks?status=done").body["items"] == [done]
    assert api.get(f"/records/{company.bobs}/tasks?status=all").body["items"] == [done]
    opened = api.delete(f"/tasks/{id}/completion").body
    assert (opened["done_at"], opened["done_by"], opened["version"]) == (None, None, 3)


def test_what_is_left_out_of_a_change_stays(company: Company) -> None:
    api = company.people.bob.api
    task = made(api, f"/records/{company.bobs}/tasks", {"subject": "Call", "due_on": TOMORROW})
    path = f"/tasks/{task['id']}"
    assert api.patch(path, {}).body == task
    assert api.patch(path, {"subject": "Write"}).body == {**task, "subject": "Write", "version": 2}
    moment = "2198-01-01T09:00:00Z"
    changed = api.patch(path, {"due_at": moment, "owner": None}).body
    assert (changed["due_at"], changed["due_on"], changed["owner"]) == (moment, None, None)
    assert [task["id"] for task in api.get("/tasks?owner=nobody").body["items"]] == [task["id"]]
    assert api.patch(path, {"due_on": None}).body["due_at"] is None


def test_two_who_change_one_task_are_told(company: Company) -> None:
    api = company.people.bob.api
    task = made(api, f"/records/{company.bobs}/tasks", {"subject": "Call"})
    path = f"/tasks/{task['id']}"
    assert api.patch(path, {"subject": "First"}, If_Match='"1"').status == 200
    answer = api.patch(path, {"subject": "Second"}, If_Match='"1"')
    says = "The task has been changed since it was read. Read it again, and decide anew."
    assert (answer.status, answer.body["detail"]) == (412, says)
    assert api.get(path).body["subject"] == "First"
    assert api.patch(path, {}, If_Match="x").faults == {"If-Match": "is no version of a task."}


def test_an_open_task_is_put_off_to_what_is_to_come(company: Company) -> None:
    api = company.people.bob.api
    id = made(api, f"/records/{company.bobs}/tasks", {"subject": "Call", "due_on": "2020-01-01"})["id"]
    path = f"/tasks/{id}/snooze"
    later = api.post(path, {"due_on": TOMORROW}).body
    assert (later["due_on"], later["is_overdue"]) == (TOMORROW, False)
    assert api.post(path, {"due_at": "2020-01-02T00:00:00Z"}).faults == {"until": "is past."}
    assert api.post(path, {}).faults == {"due_at": "is missing."}
    both = {"due_on": TOMORROW, "due_at": "2199-01-01T00:00:00Z"}
    assert api.post(path, both).faults == {"due_on": "does not go with due_at."}
    api.post(f"/tasks/{id}/completion")
    assert api.post(path, {"due_on": TOMORROW}).faults == {"until": "is for tasks that are open."}


def test_all_that_is_wrong_with_a_task_is_said_at_once(company: Company) -> None:
    path = f"/records/{company.bobs}/tasks"
    given = {"subject": " ", "due_on": "1.9.2026", "priority": "urgent", "owner": "bob", "colour": "red"}
    answer = company.people.bob.api.post(path, given)
    assert answer.status == 422
    assert set(answer.faults) == set(given)
    assert answer.faults["due_on"] == "must be a day, such as 2026-09-01"
    assert Task.objects.count() == 0


def test_what_belongs_to_a_hidden_record_is_not_there(company: Company) -> None:
    bob, eve = company.people.bob.api, company.people.eve.api
    id = made(eve, f"/records/{company.eves}/tasks", {"subject": "Secret"})["id"]
    for method, path, body in (
        ("GET", f"/records/{company.eves}/tasks", None),
        ("POST", f"/records/{company.eves}/tasks", {"subject": "x"}),
        ("GET", f"/tasks/{id}", None),
        ("PATCH", f"/tasks/{id}", {"subject": "x"}),
        ("DELETE", f"/tasks/{id}", None),
        ("POST", f"/tasks/{id}/completion", None),
        ("DELETE", f"/tasks/{id}/completion", None),
        ("POST", f"/tasks/{id}/snooze", {"due_on": TOMORROW}),
    ):
        answer = bob(method, path, body)
        assert answer.status == 404, path
        assert answer.body == bob(method, path.replace(str(id), "999999"), body).body or "records" in path
    assert bob.get("/tasks?owner=anyone").body["items"] == []
    assert bob.get(f"/task-counts?record={company.eves}").body["items"] == []
    assert eve.get(f"/tasks/{id}").body["subject"] == "Secret"


def test_who_sees_a_record_may_add_and_change_their_own_but_not_those_of_others(company: Company) -> None:
    rita, bob = company.rita, company.people.bob
    id = made(bob.api, f"/records/{company.bobs}/tasks", {"subject": "Bob's"})["id"]
    for method, path, body in (
        ("PATCH", f"/tasks/{id}", {"subject": "x"}),
        ("POST", f"/tasks/{id}/completion", None),
        ("DELETE", f"/tasks/{id}", None),
    ):
        answer = rita.api(method, path, body)
        assert answer.status == 403
        assert "needs the right to edit leads" in answer.body["detail"]
    hers = made(rita.api, f"/records/{company.bobs}/tasks", {"subject": "Hers"})["id"]
    assert rita.api.post(f"/tasks/{hers}/completion").status == 200
    bob.api.patch(f"/tasks/{id}", {"owner": rita.user.pk})
    assert rita.api.post(f"/tasks/{id}/completion").status == 200
    assert rita.api.delete(f"/tasks/{hers}").status == 204
    assert rita.api.get(f"/tasks/{hers}").status == 404


def test_an_owner_must_see_the_record(company: Company) -> None:
    path = f"/records/{company.bobs}/tasks"
    eve = company.people.eve.user.pk
    answer = company.people.bob.api.post(path, {"subject": "x", "owner": eve})
    assert (answer.status, answer.faults) == (422, {"owner": "does not see this record."})
    answer = company.people.bob.api.post(path, {"subject": "x", "owner": 10**9})
    assert answer.faults == {"owner": "There is no active user 1000000000."}


def test_open_tasks_are_counted_for_a_list_in_one_query(company: Company) -> None:
    alice = viewer_of(company.people.alice.user)
    records = Record.objects.in_bulk([company.bobs, company.eves])
    at_once = [
        create_task(records[company.bobs], name, viewer=alice, at=AT, due=AT + timedelta(hours=hours))
        for name, hours in (("late", -1), ("now", 0), ("soon", 1))
    ]
    ids = [company.bobs, company.eves, 10**9]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        counts = count_open_tasks(ids, viewer=PRODUCT, now=AT)
    assert sum("followups_task" in query["sql"] for query in queries) == 1
    assert counts == {company.bobs: OpenTasks(3, 2, at_once[0].pk), company.eves: OpenTasks()}
    bobs = count_open_tasks(ids, viewer=viewer_of(company.people.bob.user), now=AT)
    assert list(bobs) == [company.bobs]
    told = company.people.bob.api.get(f"/task-counts?record={company.bobs}&record={company.eves}").body[
        "items"
    ]
    assert [(row["record"], row["open"], row["next"]) for row in told] == [(company.bobs, 3, at_once[0].pk)]


def test_tasks_of_what_is_in_the_trash_are_hidden_and_go_with_it(company: Company) -> None:
    api = company.people.bob.api
    id = made(api, f"/records/{company.bobs}/tasks", {"subject": "Call"})["id"]
    api.delete(f"/modules/leads/records/{company.bobs}")
    assert api.get("/tasks").body["items"] == []
    assert api.get(f"/tasks/{id}").status == 404
    erase_records([company.bobs], at=AT)
    assert Task.objects.count() == 0
