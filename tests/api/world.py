"""A small company in which every kind of thing exists that a path of the API can name, and requests that name it."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from firstcall.access.models import User
from firstcall.access.scopes import Scope
from firstcall.access.tokens import issue_token
from firstcall.columns import following
from firstcall.columns.folder import copy_folder
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.actions import delete_records
from firstcall.records.models import Module
from firstcall.scorekeeping.keeper import keep_all
from tests.api.conftest import AT, Answer, Caller
from tests.records.modules import make_accounts, make_layouts, make_leads

RULE = """
name: Size
module: leads
applies_to: [{field: employees, is_not: 0}]
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
  - {name: Seen, touchpoint: web.visited, in_last: 30 days, each: 2, at_most: 10}
  - {name: Partner, field: tags, contains: partner, points: 5}
grades: {Hot: 20, Cold: 0}
"""
PEOPLE = b"Email,Last Name,Employees\ncora@example.com,Cora,5\nbob@,Bob,many\n"


@dataclass
class World:
    """`names` are those of what exists, by the address under which it is found or by what it is called in requests."""

    names: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, name: str, *ids: Any) -> None:
        self.names.setdefault(name, []).extend(ids)

    # --- requests
    def name_real_things(self, case: Case) -> None:
        """In most requests, let fit parts name what exists. Unfit ones stay as they are: they must be refused."""
        for name, value in (case.query or {}).items():
            if value in ([], {}, None):
                case.query[name] = ""  # else it would not be sent, and an unfit request would be fit
        chance = random.Random(zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode()))
        if chance.random() < 0.15:
            return
        if _is_fit(case, ParameterLocation.PATH):
            for name in case.path_parameters:
                if known := self._of_path(case.path, name):
                    case.path_parameters[name] = chance.choice(known)
        if _is_fit(case, ParameterLocation.QUERY) and case.query:
            self._fill(case.query, chance)
        if _is_fit(case, ParameterLocation.BODY) and isinstance(case.body, dict):
            self._fill(case.body, chance)

    def _of_path(self, path: str, name: str) -> list[Any]:
        before = path.partition("{" + name + "}")[0].rstrip("/").rpartition("/")[2]
        return self.names.get(before, []) if name == "id" else self.names.get(name, [])

    def _fill(self, given: dict[str, Any], chance: random.Random) -> None:
        for name, value in given.items():
            known = [one for one in self.names.get(name, []) if type(one) is type(value)]
            if known and chance.random() < 0.8:
                given[name] = chance.choice(known)


def _is_fit(case: Case, part: ParameterLocation) -> bool:
    if case.meta is None or part not in case.meta.components:
        return False
    return case.meta.components[part].mode == GenerationMode.POSITIVE


@contextmanager
def standing_world(folder: Path) -> Iterator[tuple[str, World]]:
    """The secret of a token that may do everything, and the world; undone in the end. Requests do not close the
    connection meanwhile, and with it end the transaction."""
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        told = settings.CONFIGURATION.model_copy(update={"data_folder": folder})
        patch.setattr(settings, "CONFIGURATION", told)
        alice = User.objects.create_administrator("alice@example.com", "a long enough password")
        _, secret = issue_token(alice, "all", Scope, at=AT)
        world = found_world(Caller(secret), alice)
        patch.setattr(following, "one_state", nullcontext)  # the world is a transaction of its own
        following.Follower(copy_folder(), now=lambda: AT).step()
        _found_backtests(world, Caller(secret))
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        try:
            yield secret, world
        finally:
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)
            transaction.set_rollback(True)


def found_world(api: Caller, user: User) -> World:
    world = World()
    accounts = make_accounts()
    leads = make_leads(accounts)
    make_layouts(leads)
    world.add("module", "leads", "leads", "leads", "accounts")
    world.add("modules", "leads")
    world.add("layout", "all", "short")
    world.add("field", *leads.fields.values_list("name", flat=True))
    world.add("fields", "email,last_name", "employees")
    _found_records(world, api, leads)
    _found_rules(world, api)
    _found_touchpoints(world, api)
    _found_files(world, api)
    _found_followups(world, api)
    world.add("owner", user.pk, user.email)
    world.add("tokens", api.post("/tokens", {"name": "other", "scopes": ["records:read"]}).body["id"])
    world.add("jobs", *Job.objects.values_list("pk", flat=True))
    return world


def _found_records(world: World, api: Caller, leads: Module) -> None:
    account = made(api, "/modules/accounts/records", {"values": {"name": "Acme"}})
    people: list[dict[str, Any]] = [
        {"email": "ann@example.com", "last_name": "Ann", "employees": 250, "account": account["id"]},
        {"email": "bob@example.com", "last_name": "Bob", "employees": "2.5", "phone": "+49 30 1234567"},
        {"email": "bob@example.com", "last_name": "Bo", "crm_id": "7", "source": "Web"},
    ]
    records = [made(api, "/modules/leads/records", {"values": v, "tags": ["partner"]}) for v in people]
    ids = [record["id"] for record in records]
    gone = made(api, "/modules/leads/records", {"values": {"last_name": "Gone"}})["id"]
    delete_records(leads, [gone], at=now())
    for name in ("records", "record", "record_id", "to"):
        world.add(name, *ids, gone)
    world.add("ids", ids, [gone], [account["id"], ids[0]])
    world.add(
        "values", *people, {"last_name": None}, {"source": "Fair"}, {"employees": "many"}, {"nome": "x"}
    )
    world.add("by", "email", "phone", "crm_id", "vat")
    world.add("tags", ["partner"], ["VIP", "old"])
    world.add("tag", ["partner"])
    world.add("filter", '[{"field": "employees", "gte": 50}]', '{"field": "account.name", "is": "Acme"}', "[")
    world.add("sort", "employees", "-last_name", "-id")
    world.add("q", "ann", "+49 30")
    for name in ("Large", "Larger"):
        given = {"module": "leads", "name": name, "query": {"f": ["employees"]}, "shared": "everyone"}
        world.add("views", made(api, "/views", given)["id"])
    asks = {
        "f": ["employees", "did:*"],
        "t": ["gte", "never"],
        "v": ["5", ""],
        "col": ["email"],
        "sort": ["-email"],
    }
    some = made(api, "/views", {"module": "leads", "name": "Some", "query": asks})["id"]
    world.add("view", *world.names["views"], some)
    world.add("set", {"employees": 7}, {"last_name": None})


def _found_rules(world: World, api: Caller) -> None:
    active = made(api, "/rules", {"text": RULE})["id"]
    made(api, f"/rules/{active}/activation", {})
    hot = {"grade": ["Hot"], "rule": [str(active)], "sort": [f"-score:{active}"]}
    world.add("view", made(api, "/views", {"module": "leads", "name": "Hot", "query": hot})["id"])
    world.add("sort", f"-score:{active}", f"score:{active}")
    fine(api.put(f"/rules/{active}", {"text": RULE.replace("20, C", "15, C")}, If_Match='"1"'))
    fine(api.put(f"/rules/{active}/score-fields", {"fields": {"total": "size_score"}}))
    planned = made(api, f"/rules/{active}/clone", {"name": "Planned"})["id"]
    made(api, f"/rules/{planned}/activation", {"at": "2100-01-01T00:00:00Z"})
    stopped = made(api, f"/rules/{active}/clone", {"name": "Stopped"})["id"]
    made(api, f"/rules/{stopped}/activation", {})
    work()
    fine(api.delete(f"/rules/{stopped}/activation"))
    for name in ("rules", "rule", "rankings"):
        world.add(name, active, active, planned, stopped)
    world.add("number", 1, 2)
    world.add("version", 1, 2)
    world.add("from", 1)
    world.add("grade", ["Hot"])
    world.add(
        "text",
        RULE,
        RULE.replace("Size", "New"),
        RULE.replace("leads", "accounts"),
        RULE.replace("gte", "gt"),
    )


def _found_backtests(world: World, api: Caller) -> None:
    """Once there is a copy to ask."""
    for again in range(2):
        asked = {"rule": world.names["rules"][0], "won": "employees=7"}
        world.add("backtests", made(api, "/backtests", asked)["id"])
        if not again:  # the second waits
            work()
    world.add("won", "employees=7", "web.visited within 9 days")
    world.add("lost", "employees=8")
    world.add("as_of_field", "created_at", "created_at + 3 days")


def _found_touchpoints(world: World, api: Caller) -> None:
    source = made(api, "/sources", {"name": "site"})
    record = world.names["records"][0]
    sent = [{"type": "web.visited", "record_id": record, "message_id": f"m{i}"} for i in range(3)]
    sent += [{"type": "shop.paid", "email": "bob@example.com", "message_id": "m9"}]
    fine(api.post("/touchpoints?source=site", sent))
    world.add("sources", source["id"])
    world.add("source", source["id"], "site")
    world.add("key_id", source["write_keys"][0]["id"])
    touchpoints = [row["id"] for row in api.get("/touchpoints").body["items"]]
    world.add("touchpoints", *touchpoints)
    world.add("ids", touchpoints[:2])
    world.add("revocations", made(api, "/revocations", {"ids": touchpoints[:1]})["id"])
    world.add("ambiguities", *(row["id"] for row in api.get("/ambiguities").body["items"]))
    given = {"channel": "shop", "event": "looked", "label": "Looked", "properties": {"amount": "number"}}
    made(api, "/touchpoint-types", given)
    world.add("type", "shop.looked", "web.visited", "web.*")
    world.add("mapping", {"group": None, "events": {"*": "app.*"}}, {"traits": {"x": "nowhere"}})


def _found_files(world: World, api: Caller) -> None:
    upload = made(api, "/uploads?name=people.csv", None)["id"]
    fine(api.put(f"/uploads/{upload}?offset=0", PEOPLE))
    world.add("uploads", upload)
    world.add("upload", upload)
    for again in range(2):
        world.add(
            "imports",
            made(api, "/imports/records", {"upload": upload, "module": "leads", "by": "none"})["id"],
        )
        bulk = {"module": "leads", "set": {"employees": 7 + again}}
        world.add("bulk-updates", made(api, "/bulk-updates", bulk)["id"])
        world.add("exports", made(api, "/exports", {"module": "leads", "format": "csv"})["id"])
        trial = {"upload": upload, "module": "leads"}
        world.add("import-trials", made(api, "/import-trials", trial)["id"])
        world.add("import-looks", made(api, "/import-looks", trial)["id"])
        if not again:  # the second of each waits
            work()


def _found_followups(world: World, api: Caller) -> None:
    record = world.names["records"][0]
    for subject, due in (("Call Ann", {"due_on": "2026-09-02"}), ("Write", {})):
        world.add("tasks", made(api, f"/records/{record}/tasks", {"subject": subject, **due})["id"])
    note = made(api, f"/records/{record}/notes", {"text": "Ann likes tea"})["id"]
    fine(api.patch(f"/notes/{note}", {"text": "Ann likes coffee"}))
    world.add("notes", note)
    world.add("files", fine(api.post(f"/records/{record}/files?name=people.csv", PEOPLE)).body["id"])
    world.add("calls", made(api, f"/records/{record}/calls", {"outcome": "reached", "text": "Ann"})["id"])
    for verdict in ("bad", "good"):
        path = f"/records/{record}/scores/{world.names['rules'][0]}/feedback"
        world.add("feedback", fine(api.put(path, {"verdict": verdict})).body["id"])
    world.add("reason", "other", "engaged", "no_need")


def made(api: Caller, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = fine(api.post(path, body)).body
    return told


def fine(answer: Answer) -> Answer:
    assert answer.status // 100 == 2, (answer.status, answer.body)
    return answer


def work() -> None:
    for job in Job.objects.filter(status="waiting").order_by("pk"):
        do_job(job.pk, now=now)
    keep_all(now=now)
