"""Every operation of the API, asked by Charlie, whose token has every scope and who may see nothing. An operation that
nobody has classified here fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from firstcall.api.routes import api as described
from tests.api.conftest import Caller
from tests.api.people import person
from tests.api.world import World, standing_world

pytestmark = pytest.mark.django_db

OPEN = "open"  # for everybody who is known; it tells nothing of records
EMPTY = "empty"  # a list of what Charlie may see: nothing
HIDDEN = "hidden"  # 404, in the words for what is not there
FORBIDDEN = "forbidden"  # 403, which names the right that is missing
REFUSED = "refused"  # 422: a body that names what is hidden

SCORING, SETTINGS, USERS = "manage scoring", "manage settings", "manage users"
VALUES = {"values": {"last_name": "x"}}
RULE = "name: N\nmodule: leads\ncriteria: [{name: C, field: employees, gte: 1, points: 1}]\n"
UPLOAD = "0" * 32

# By operation: what comes of it, with which body, and of what is forbidden the right.
OPERATIONS: dict[str, tuple[str, Any, str]] = {
    "GET /jobs": (EMPTY, None, ""),
    "GET /jobs/{id}": (HIDDEN, None, ""),
    "DELETE /jobs/{id}": (HIDDEN, None, ""),
    "GET /modules": (EMPTY, None, ""),
    "POST /modules": (FORBIDDEN, {"name": "new"}, SETTINGS),
    "GET /modules/{module}": (HIDDEN, None, ""),
    "PATCH /modules/{module}": (FORBIDDEN, {}, SETTINGS),
    "DELETE /modules/{module}": (FORBIDDEN, None, SETTINGS),
    "POST /modules/{module}/fields": (FORBIDDEN, {"name": "x", "kind": "text"}, SETTINGS),
    "GET /modules/{module}/fields/{field}": (HIDDEN, None, ""),
    "PATCH /modules/{module}/fields/{field}": (FORBIDDEN, {}, SETTINGS),
    "DELETE /modules/{module}/fields/{field}": (FORBIDDEN, None, SETTINGS),
    "POST /modules/{module}/layouts": (FORBIDDEN, {"name": "x"}, SETTINGS),
    "GET /modules/{module}/layouts/{layout}": (HIDDEN, None, ""),
    "PATCH /modules/{module}/layouts/{layout}": (FORBIDDEN, {}, SETTINGS),
    "DELETE /modules/{module}/layouts/{layout}": (FORBIDDEN, None, SETTINGS),
    "GET /search": (EMPTY, None, ""),
    "GET /modules/{module}/records": (HIDDEN, None, ""),
    "POST /modules/{module}/records": (HIDDEN, VALUES, ""),
    "POST /modules/{module}/upserts": (HIDDEN, {**VALUES, "by": "email"}, ""),
    "GET /modules/{module}/records/{id}": (HIDDEN, None, ""),
    "PATCH /modules/{module}/records/{id}": (HIDDEN, VALUES, ""),
    "DELETE /modules/{module}/records/{id}": (HIDDEN, None, ""),
    "POST /modules/{module}/records/{id}/restoration": (HIDDEN, None, ""),
    "GET /modules/{module}/records/{id}/history": (HIDDEN, None, ""),
    "GET /tasks": (EMPTY, None, ""),
    "GET /task-counts": (EMPTY, None, ""),
    "GET /records/{id}/tasks": (HIDDEN, None, ""),
    "POST /records/{id}/tasks": (HIDDEN, {"subject": "x"}, ""),
    "GET /tasks/{id}": (HIDDEN, None, ""),
    "PATCH /tasks/{id}": (HIDDEN, {}, ""),
    "DELETE /tasks/{id}": (HIDDEN, None, ""),
    "POST /tasks/{id}/completion": (HIDDEN, None, ""),
    "DELETE /tasks/{id}/completion": (HIDDEN, None, ""),
    "POST /tasks/{id}/snooze": (HIDDEN, {"due_on": "2199-01-01"}, ""),
    "GET /records/{id}/notes": (HIDDEN, None, ""),
    "POST /records/{id}/notes": (HIDDEN, {"text": "x"}, ""),
    "GET /notes/{id}": (HIDDEN, None, ""),
    "PATCH /notes/{id}": (HIDDEN, {}, ""),
    "DELETE /notes/{id}": (HIDDEN, None, ""),
    "GET /notes/{id}/history": (HIDDEN, None, ""),
    "GET /records/{id}/files": (HIDDEN, None, ""),
    "POST /records/{id}/files": (HIDDEN, "x", ""),
    "GET /files/{id}": (HIDDEN, None, ""),
    "DELETE /files/{id}": (HIDDEN, None, ""),
    "GET /files/{id}/content": (HIDDEN, None, ""),
    "GET /records/{id}/timeline": (HIDDEN, None, ""),
    "GET /snoozes": (EMPTY, None, ""),
    "PUT /records/{id}/snooze": (HIDDEN, {"until": "2199-01-01T00:00:00Z"}, ""),
    "DELETE /records/{id}/snooze": (HIDDEN, None, ""),
    "GET /records/{id}/calls": (HIDDEN, None, ""),
    "POST /records/{id}/calls": (HIDDEN, {"outcome": "busy"}, ""),
    "GET /calls/{id}": (HIDDEN, None, ""),
    "DELETE /calls/{id}": (HIDDEN, None, ""),
    "GET /records/{id}/feedback": (HIDDEN, None, ""),
    "PUT /records/{id}/scores/{rule}/feedback": (HIDDEN, {"verdict": "good"}, ""),
    "GET /feedback/{id}": (HIDDEN, None, ""),
    "DELETE /feedback/{id}": (HIDDEN, None, ""),
    "GET /rules/{id}/feedback": (HIDDEN, None, ""),
    "GET /rules/{id}/feedback-counts": (HIDDEN, None, ""),
    "POST /modules/{module}/batches": (HIDDEN, {"do": "create", "records": [VALUES]}, ""),
    "POST /uploads": (FORBIDDEN, None, "import"),
    "PUT /uploads/{id}": (HIDDEN, "x", ""),
    "GET /uploads/{id}": (HIDDEN, None, ""),
    "POST /imports/records": (REFUSED, {"upload": UPLOAD, "module": "leads"}, "module"),
    "POST /imports/touchpoints": (REFUSED, {"upload": UPLOAD, "source": "s", "module": "leads"}, "module"),
    "GET /imports": (EMPTY, None, ""),
    "GET /imports/{id}": (HIDDEN, None, ""),
    "DELETE /imports/{id}": (HIDDEN, None, ""),
    "GET /imports/{id}/rejects": (HIDDEN, None, ""),
    "GET /imports/{id}/stays": (HIDDEN, None, ""),
    "POST /import-trials": (REFUSED, {"upload": UPLOAD, "module": "leads"}, "module"),
    "POST /import-trials/touchpoints": (
        REFUSED,
        {"upload": UPLOAD, "source": "s", "module": "leads"},
        "module",
    ),
    "POST /import-looks": (REFUSED, {"upload": UPLOAD, "module": "leads"}, "upload"),
    "GET /import-looks/{id}": (HIDDEN, None, ""),
    "GET /import-trials/{id}": (HIDDEN, None, ""),
    "GET /import-trials/{id}/rejects": (HIDDEN, None, ""),
    "POST /exports": (REFUSED, {"module": "leads"}, "module"),
    "GET /exports": (EMPTY, None, ""),
    "DELETE /exports/{id}": (HIDDEN, None, ""),
    "GET /exports/{id}": (HIDDEN, None, ""),
    "GET /exports/{id}/file": (HIDDEN, None, ""),
    "POST /bulk-updates": (REFUSED, {"module": "leads", "set": {"employees": 1}}, "module"),
    "GET /bulk-updates": (EMPTY, None, ""),
    "GET /bulk-updates/{id}": (HIDDEN, None, ""),
    "DELETE /bulk-updates/{id}": (HIDDEN, None, ""),
    "GET /bulk-updates/{id}/refused": (HIDDEN, None, ""),
    "GET /bulk-updates/{id}/stays": (HIDDEN, None, ""),
    "POST /rules": (FORBIDDEN, {"text": RULE}, SCORING),
    "GET /rules": (EMPTY, None, ""),
    "POST /backtests": (FORBIDDEN, {"rule": 1, "won": "employees=7"}, SCORING),
    "GET /backtests": (EMPTY, None, ""),
    "GET /backtests/{id}": (HIDDEN, None, ""),
    "POST /rules/check": (OPEN, {"text": RULE}, ""),
    "POST /rules/preview": (REFUSED, {"text": RULE}, "module"),
    "GET /rules/templates": (EMPTY, None, ""),
    "GET /rules/templates/{name}": (HIDDEN, None, ""),
    "POST /rules/try": (REFUSED, {"text": RULE, "record": 1}, "module"),
    "GET /rules/{id}": (HIDDEN, None, ""),
    "PUT /rules/{id}": (FORBIDDEN, {"text": RULE}, SCORING),
    "DELETE /rules/{id}": (FORBIDDEN, None, SCORING),
    "POST /rules/{id}/clone": (FORBIDDEN, {"name": "x"}, SCORING),
    "PUT /rules/{id}/score-fields": (FORBIDDEN, {"fields": {}}, SCORING),
    "GET /rules/{id}/versions": (HIDDEN, None, ""),
    "GET /rules/{id}/versions/{number}": (HIDDEN, None, ""),
    "GET /rules/{id}/diff": (HIDDEN, None, ""),
    "GET /views": (EMPTY, None, ""),
    "POST /views": (REFUSED, {"module": "leads", "name": "x"}, "module"),
    "GET /views/{id}": (HIDDEN, None, ""),
    "PATCH /views/{id}": (HIDDEN, {}, ""),
    "DELETE /views/{id}": (HIDDEN, None, ""),
    "PUT /views/{id}/first": (HIDDEN, None, ""),
    "DELETE /views/{id}/first": (HIDDEN, None, ""),
    "GET /records/{id}/scores": (HIDDEN, None, ""),
    "GET /records/{id}/scores/{rule}": (HIDDEN, None, ""),
    "GET /records/{id}/scores/{rule}/explanation": (HIDDEN, None, ""),
    "GET /records/{id}/scores/{rule}/evidence": (HIDDEN, None, ""),
    "GET /rules/{id}/distribution": (HIDDEN, None, ""),
    "GET /score-changes": (EMPTY, None, ""),
    "GET /rankings/{rule}": (HIDDEN, None, ""),
    "POST /session": (OPEN, {"email": "charlie@example.com", "password": "a long enough password"}, ""),
    "GET /session": (OPEN, None, ""),
    "DELETE /session": (OPEN, None, ""),
    "POST /rules/{id}/activation": (FORBIDDEN, {}, SCORING),
    "DELETE /rules/{id}/activation": (FORBIDDEN, None, SCORING),
    "DELETE /rules/{id}/planned-activation": (FORBIDDEN, None, SCORING),
    "GET /rules/{id}/activations": (HIDDEN, None, ""),
    "POST /rules/{id}/runs": (FORBIDDEN, {}, SCORING),
    "POST /score-runs": (FORBIDDEN, {"module": "leads"}, SCORING),
    "GET /colleagues": (EMPTY, None, ""),
    "GET /users": (FORBIDDEN, None, USERS),
    "POST /users": (FORBIDDEN, {"email": "x@example.com", "profile": 1}, USERS),
    "GET /users/{id}": (FORBIDDEN, None, USERS),
    "PATCH /users/{id}": (FORBIDDEN, {}, USERS),
    "POST /users/{id}/password": (FORBIDDEN, {}, USERS),
    "DELETE /users/{id}/sessions": (FORBIDDEN, None, USERS),
    "DELETE /users/{id}/second-factor": (FORBIDDEN, None, USERS),
    "GET /teams": (FORBIDDEN, None, USERS),
    "POST /teams": (FORBIDDEN, {"name": "x"}, USERS),
    "GET /teams/{id}": (FORBIDDEN, None, USERS),
    "PUT /teams/{id}": (FORBIDDEN, {"name": "x"}, USERS),
    "DELETE /teams/{id}": (FORBIDDEN, None, USERS),
    "GET /profiles": (FORBIDDEN, None, USERS),
    "POST /profiles": (FORBIDDEN, {"name": "x"}, USERS),
    "GET /profiles/{id}": (FORBIDDEN, None, USERS),
    "PUT /profiles/{id}": (FORBIDDEN, {"name": "x"}, USERS),
    "DELETE /profiles/{id}": (FORBIDDEN, None, USERS),
    "GET /audit-log": (FORBIDDEN, None, USERS),
    "GET /audit-log/file": (FORBIDDEN, None, USERS),
    "GET /tokens": (OPEN, None, ""),
    "POST /tokens": (OPEN, {"name": "mine", "scopes": ["records:read"]}, ""),
    "DELETE /tokens/{id}": (HIDDEN, None, ""),
    "GET /sources": (FORBIDDEN, None, SETTINGS),
    "POST /sources": (FORBIDDEN, {"name": "x"}, SETTINGS),
    "GET /sources/{id}": (FORBIDDEN, None, SETTINGS),
    "PATCH /sources/{id}": (FORBIDDEN, {}, SETTINGS),
    "DELETE /sources/{id}": (FORBIDDEN, None, SETTINGS),
    "POST /sources/{id}/write-keys": (FORBIDDEN, None, SETTINGS),
    "DELETE /sources/{id}/write-keys/{key_id}": (FORBIDDEN, None, SETTINGS),
    "POST /touchpoints": (HIDDEN, {"type": "web.visited", "email": "ann@example.com"}, ""),
    "GET /touchpoints": (EMPTY, None, ""),
    "GET /touchpoints/{id}": (HIDDEN, None, ""),
    "POST /revocations": (FORBIDDEN, {"ids": [1]}, "edit"),
    "GET /revocations": (EMPTY, None, ""),
    "DELETE /revocations/{id}": (HIDDEN, None, ""),
    "POST /touchpoint-moves": (FORBIDDEN, {"ids": [1], "to": 1}, "edit"),
    "GET /ambiguities": (EMPTY, None, ""),
    "PUT /ambiguities/{id}": (HIDDEN, {"status": "ignored"}, ""),
    "GET /touchpoint-types": (OPEN, None, ""),
    "POST /touchpoint-types": (FORBIDDEN, {"channel": "a", "event": "b", "label": "c"}, SETTINGS),
    "DELETE /touchpoint-types/{type}": (FORBIDDEN, None, SETTINGS),
    "GET /sightings": (FORBIDDEN, None, SETTINGS),
}
# What stands in the query of those that need one.
QUERIES = {
    "GET /search": "q=ann",
    "GET /tasks": "owner=anyone",
    "POST /uploads": "name=x.csv",
    "POST /records/{id}/files": "name=x.txt",
    "GET /rules/{id}/diff": "from=1",
}
# Nothing of these may be told to Charlie: names of people, companies, rules and files.
SECRETS = ("ann@", "bob@", "Acme", "Size", "Planned", "people.csv", "+4930", "alice")


def operations() -> list[str]:
    prefix = "/api/v1"
    return [
        f"{method.upper()} {path.removeprefix(prefix)}"
        for path, of_path in described.get_openapi_schema()["paths"].items()
        for method in of_path
    ]


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[World, Caller]]:
    with django_db_blocker.unblock(), standing_world(tmp_path_factory.mktemp("data")) as (_, made):
        yield made, person("Charlie", verbs=()).api


@pytest.fixture
def data_folder(world: object) -> None:
    """That of the world, instead of a folder of each test's own."""


def named(world: World, path: str, *, missing: bool = False) -> str:
    """The path of what exists, or of what does not."""
    for part in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        before = path.partition("{" + part + "}")[0].rstrip("/").rpartition("/")[2]
        known = world.names.get(before if part == "id" else part, ["x"])
        none = 10**9 if isinstance(known[0], int) else "nothing"
        last = path.rstrip("/").endswith("{" + part + "}") or part in ("module", "id", "rule")
        path = path.replace("{" + part + "}", str(none if missing and last else known[0]))
    return path


def test_every_operation_is_classified() -> None:
    assert sorted(OPERATIONS) == sorted(operations())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_charlie_is_told_nothing(operation: str, world: tuple[World, Caller]) -> None:
    made, charlie = world
    outcome, body, words = OPERATIONS[operation]
    method, path = operation.split(" ")
    query = f"?{QUERIES[operation]}" if operation in QUERIES else ""
    with transaction.atomic():
        answer = charlie(method, named(made, path) + query, body)
        none = charlie(method, named(made, path, missing=True) + query, body)
        transaction.set_rollback(True)
    match outcome:
        case "open":
            assert answer.status // 100 == 2, answer.body
        case "empty":
            assert (answer.status, answer.body["items"]) == (200, [])
        case "hidden":
            assert (answer.status, answer.body["type"]) == (404, "urn:firstcall:not-found")
            assert answer.body == none.body
        case "forbidden":
            assert answer.status == 403
            assert f"the right to {words}" in answer.body["detail"]
        case "refused":
            assert (answer.status, list(answer.faults)) == (422, [words])
    said = json.dumps(answer.body) if not isinstance(answer.body, bytes) else answer.body.decode()
    assert not [secret for secret in SECRETS if secret in said]


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o != "POST /session"])
def test_a_stranger_is_asked_who_they_are(operation: str, world: tuple[World, Caller]) -> None:
    method, path = operation.split(" ")
    answer = Caller()(method, named(world[0], path), OPERATIONS[operation][1])
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
