"""The demo's files: the same everywhere, true to the channel catalogue, and believable."""

import csv
import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from firstcall.demo import AS_OF, Demo, generate

# The channel catalogue, less what would tell the outcome: deals, purchases, cancelled subscriptions.
CATALOGUE = {
    "web": "visited form_submitted downloaded searched clicked",
    "email": "received opened clicked replied bounced unsubscribed complained",
    "campaign": "sent opened clicked hard_bounced soft_bounced unsubscribed",
    "call": "made received attended unattended missed",
    "message": "received sent",
    "chat": "started missed completed rated",
    "survey": "visited responded",
    "webinar": "registered attended left missed",
    "event": "purchased checked_in cancelled",
    "desk": "ticket_opened commented responded escalated overdue rated mentioned",
    "facebook": "commented liked unliked lead_form",
    "x": "mentioned messaged",
    "meeting": "booked attended cancelled no_show",
    "product": "signed_up activated used",
    "consent": "opted_in opted_out",
}
# Other digests mean that everyone's demo changes: on another platform or version, that is a fault.
PINNED = ["15a9ec3cd1438791", "6037f334cdf89104"]
TYPES = {f"{channel}.{event}" for channel, events in CATALOGUE.items() for event in events.split()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return generate(tmp_path_factory.mktemp("demo"), leads=4_000, format="parquet")


@pytest.fixture(scope="module")
def leads(demo: Demo) -> pa.Table:
    return pq.read_table(demo.leads_path)


@pytest.fixture(scope="module")
def touchpoints(demo: Demo, leads: pa.Table) -> pa.Table:
    """The touchpoints with what is known of their leads."""
    table = pq.read_table(demo.touchpoints_path)
    known = leads.take(pc.index_in(table["record_id"], leads["id"]))
    for name in ("created_at", "decided_at", "converted"):
        table = table.append_column(name, known[name])
    return table


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def share(flags: pa.ChunkedArray) -> float:
    return float(pc.mean(flags.cast(pa.int64())).as_py())


class TestTheFiles:
    def test_the_rows_are_pinned(self, tmp_path: Path) -> None:
        demo = generate(tmp_path, leads=50, touchpoints_per_lead=4)
        rows = [read_csv(demo.leads_path), read_csv(demo.touchpoints_path)]
        assert [hashlib.sha256(json.dumps(row).encode()).hexdigest()[:16] for row in rows] == PINNED

    def test_another_seed_makes_other_leads(self, tmp_path: Path) -> None:
        one = generate(tmp_path / "one", leads=20, seed=1).leads_path.read_text(encoding="utf-8")
        two = generate(tmp_path / "two", leads=20, seed=2).leads_path.read_text(encoding="utf-8")
        assert one != two

    @pytest.mark.parametrize("leads", [1, 3, 10_000, 10_001])
    def test_there_are_as_many_leads_as_asked_for_each_with_its_own_id(
        self, tmp_path: Path, leads: int
    ) -> None:
        demo = generate(tmp_path, leads=leads, touchpoints_per_lead=1, format="parquet")
        ids = pq.read_table(demo.leads_path)["id"]
        assert len(ids) == leads == demo.leads
        assert pc.count_distinct(ids).as_py() == leads
        assert pq.read_metadata(demo.touchpoints_path).num_rows == demo.touchpoints

    def test_all_formats_say_the_same(self, tmp_path: Path) -> None:
        demos = {form: generate(tmp_path, leads=300, format=form) for form in ("csv", "jsonl", "parquet")}
        rows = read_csv(demos["csv"].touchpoints_path)
        lines = [json.loads(line) for line in demos["jsonl"].touchpoints_path.read_text("utf-8").splitlines()]
        table = pq.read_table(demos["parquet"].touchpoints_path).to_pylist()
        assert len(rows) == len(lines) == len(table) == demos["csv"].touchpoints
        for row, line, typed in zip(rows, lines, table, strict=True):
            assert (row["record_id"], row["type"], row["occurred_at"]) == (
                line["record_id"],
                line["type"],
                line["occurred_at"],
            )
            assert json.loads(row["properties"] or "{}") == line.get("properties", {})
            fixed = {name: typed.pop(name) for name in ("record_id", "type", "occurred_at")}
            assert fixed["occurred_at"] == datetime.fromisoformat(row["occurred_at"])
            assert {name: value for name, value in typed.items() if value is not None} == line.get(
                "properties", {}
            )

    def test_leads_as_json_lines_leave_out_what_is_missing(self, tmp_path: Path) -> None:
        demo = generate(tmp_path, leads=200, format="jsonl")
        found = [json.loads(line) for line in demo.leads_path.read_text("utf-8").splitlines()]
        assert {type(lead["converted"]) for lead in found} == {bool}
        assert {type(lead.get("employees", 0)) for lead in found} == {int}
        assert any("employees" not in lead for lead in found)
        assert all(value not in (None, "") for lead in found for value in lead.values())

    def test_progress_is_told_up_to_the_end(self, tmp_path: Path) -> None:
        told: list[tuple[int, int]] = []
        generate(
            tmp_path, leads=25_000, touchpoints_per_lead=1, progress=lambda done, of: told.append((done, of))
        )
        assert told == [(10_000, 25_000), (20_000, 25_000), (25_000, 25_000)]

    def test_no_half_file_stays_when_it_is_stopped(self, tmp_path: Path) -> None:
        def stop(done: int, of: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            generate(tmp_path, leads=10, progress=stop)
        assert list(tmp_path.iterdir()) == []

    def test_all_that_is_wrong_with_the_arguments_is_said_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="leads") as error:
            generate(
                tmp_path,
                leads=0,
                seed=-1,
                touchpoints_per_lead=-1,
                as_of=AS_OF.replace(tzinfo=None),
                format="xls",
            )  # type: ignore[arg-type]
        assert str(error.value).splitlines() == [
            "leads: 0 is too few. Ask for 1 or more.",
            "seed: -1 is below 0. Give 0 or more.",
            "touchpoints_per_lead: -1 is not between 0 and 10000.",
            "as_of: 2026-09-01 00:00:00 has no time zone. Give one, such as UTC.",
            "format: xls is not known. Use csv, jsonl or parquet.",
        ]

    def test_as_of_moves_everything(self, tmp_path: Path) -> None:
        as_of = datetime(2024, 2, 29, 12, tzinfo=UTC)
        table = pq.read_table(generate(tmp_path, leads=500, as_of=as_of, format="parquet").leads_path)
        assert pc.max(table["decided_at"]).as_py() == as_of
        assert pc.min(table["created_at"]).as_py() >= as_of - timedelta(days=730)

    def test_without_touchpoints_there_is_a_file_with_a_header(self, tmp_path: Path) -> None:
        demo = generate(tmp_path, leads=5, touchpoints_per_lead=0)
        assert demo.touchpoints == 0
        assert demo.touchpoints_path.read_text("utf-8") == '"record_id","type","occurred_at","properties"\n'


class TestTheTouchpoints:
    def test_each_belongs_to_a_lead_between_its_creation_and_its_decision(
        self, touchpoints: pa.Table
    ) -> None:
        assert touchpoints["created_at"].null_count == 0
        assert pc.all(pc.greater_equal(touchpoints["occurred_at"], touchpoints["created_at"])).as_py()
        assert pc.all(pc.less_equal(touchpoints["occurred_at"], touchpoints["decided_at"])).as_py()

    def test_they_lie_sorted_by_lead_and_moment(self, demo: Demo) -> None:
        table = pq.read_table(demo.touchpoints_path, columns=["record_id", "occurred_at"])
        assert table.equals(table.sort_by([("record_id", "ascending"), ("occurred_at", "ascending")]))

    def test_their_types_are_the_catalogue_s_and_tell_no_outcome(self, touchpoints: pa.Table) -> None:
        found = set(pc.unique(touchpoints["type"]).to_pylist())
        assert found <= TYPES
        assert len(found) > 45

    def test_properties_have_their_types(self, touchpoints: pa.Table) -> None:
        types = {field.name: str(field.type) for field in touchpoints.schema}
        expected = {
            "path": "string",
            "machine": "bool",
            "duration": "int64",
            "rating": "int64",
            "ticket": "string",
        }
        assert {name: types[name] for name in expected} == expected
        assert types["keywords"].startswith("list<")

    def test_there_are_about_as_many_as_asked_for(self, demo: Demo) -> None:
        assert demo.touchpoints / demo.leads == pytest.approx(25, rel=0.12)

    def test_activity_is_skewed_and_some_are_silent(self, demo: Demo, touchpoints: pa.Table) -> None:
        counts = sorted(Counter(touchpoints["record_id"].to_pylist()).values(), reverse=True)
        assert 0.08 < 1 - len(counts) / demo.leads < 0.25
        assert sum(counts[: len(counts) // 10]) > 0.35 * demo.touchpoints
        assert counts[len(counts) // 2] < 25

    def test_machines_open_and_click_whatever_the_lead_wants(self, touchpoints: pa.Table) -> None:
        mail = touchpoints.filter(
            pc.is_in(touchpoints["type"], pa.array(["email.opened", "campaign.opened"]))
        )
        assert 0.25 < share(mail["machine"]) < 0.5
        crawled = touchpoints.filter(
            pc.and_(pc.equal(touchpoints["type"], "web.visited"), pc.fill_null(touchpoints["machine"], False))
        )
        assert crawled.num_rows > 0
        assert min(Counter(crawled["record_id"].to_pylist()).values()) >= 100

    def test_who_unsubscribed_gets_no_mail_afterwards(self, touchpoints: pa.Table) -> None:
        rows = touchpoints.select(["record_id", "type", "occurred_at"]).to_pylist()
        left = {row["record_id"]: row["occurred_at"] for row in rows if row["type"].endswith(".unsubscribed")}
        mails = [
            row
            for row in rows
            if row["type"].startswith(("email.", "campaign.")) and row["record_id"] in left
        ]
        assert len(left) > 50
        assert [row for row in mails if row["occurred_at"] > left[row["record_id"]]] == []

    def test_who_bounced_never_answers(self, touchpoints: pa.Table) -> None:
        hard = touchpoints.filter(pc.equal(touchpoints["type"], "campaign.hard_bounced"))["record_id"]
        theirs = touchpoints.filter(pc.is_in(touchpoints["record_id"], pc.unique(hard)))
        answers = {"email.replied", "email.clicked", "call.attended", "meeting.attended"}
        assert answers.isdisjoint(pc.unique(theirs["type"]).to_pylist())


class TestTheLeads:
    def test_a_believable_share_converts(self, leads: pa.Table) -> None:
        assert 0.12 < share(leads["converted"]) < 0.22

    def test_leads_still_open_have_not_converted(self, leads: pa.Table) -> None:
        still_open = leads.filter(pc.equal(leads["decided_at"], pa.scalar(AS_OF, leads["decided_at"].type)))
        assert 0.03 < still_open.num_rows / leads.num_rows < 0.2
        assert not pc.any(still_open["converted"]).as_py()

    def test_decisions_follow_creation(self, leads: pa.Table) -> None:
        assert pc.all(pc.greater(leads["decided_at"], leads["created_at"])).as_py()
        assert pc.max(leads["decided_at"]).as_py() <= AS_OF

    def test_names_go_beyond_ascii_and_addresses_do_not(self, leads: pa.Table) -> None:
        names = leads["last_name"].to_pylist()
        assert 0.2 < sum(not name.isascii() for name in names) / len(names) < 0.7
        assert all(
            email.isascii() and email == email.lower() and " " not in email
            for email in leads["email"].to_pylist()
        )
        assert all(
            email.endswith(".example") and email.count("@") == 1 for email in leads["email"].to_pylist()
        )

    def test_some_things_are_not_known(self, leads: pa.Table) -> None:
        missing = {name for name in leads.column_names if leads[name].null_count}
        assert missing == {"job_title", "employees", "annual_revenue", "product_interest"}

    def test_fit_and_activity_each_say_something_of_the_outcome_and_not_everything(
        self, leads: pa.Table, touchpoints: pa.Table
    ) -> None:
        referred = leads.filter(pc.equal(leads["lead_source"], "Referral"))
        bought = leads.filter(pc.equal(leads["lead_source"], "Purchased list"))
        assert share(bought["converted"]) < share(leads["converted"]) < share(referred["converted"]) < 0.7
        met = set(
            touchpoints.filter(pc.equal(touchpoints["type"], "meeting.attended"))["record_id"].to_pylist()
        )
        rows = leads.select(["id", "converted"]).to_pylist()
        rates = [[row["converted"] for row in rows if (row["id"] in met) is meets] for meets in (False, True)]
        no_meeting, meeting = (sum(rate) / len(rate) for rate in rates)
        assert no_meeting * 1.5 < meeting < 0.6
