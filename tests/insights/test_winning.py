"""Who was won: by a field in every way people write it, by a touchpoint that came later; what is refused, and how."""

import pytest

from firstcall.engines.engine import Scope
from firstcall.insights.winning import FieldOutcome, OutcomeError, TouchpointOutcome, decide, parse_outcome
from firstcall.scoring.times import DAY
from tests.insights.sources import NOW, opened

LEADS = [
    {
        "id": "a",
        "Converted": 1,
        "paid": True,
        "Status": "Closed Won",
        "at": "2026-08-01",
        "tags": ["x", "Won"],
    },
    {"id": "b", "Converted": 0, "paid": False, "Status": "closed lost", "at": None, "tags": []},
    {"id": "c", "Converted": 1, "paid": True, "Status": "Signed", "at": "2026-08-02", "tags": ["won"]},
    {"id": "d", "Converted": 0, "paid": False, "Status": "Open", "at": None, "tags": ["y"]},
    {"id": "e", "Converted": 0, "paid": None, "Status": None, "at": None, "tags": None},
]


def won(text, records=LEADS, touchpoints=None, *, lost=None, scope=NOW, as_of_field=None):
    """What was decided, and the ids of the won."""
    with opened(records, touchpoints, as_of_field=as_of_field) as (source, workspace):
        decided = decide(parse_outcome(text), parse_outcome(lost) if lost else None, source, scope, workspace)
        rows = workspace.run("SELECT id FROM outcomes WHERE won ORDER BY id").fetchall()
        return decided, "".join(id for (id,) in rows)


def refusal(*args, **kwargs):
    with pytest.raises(OutcomeError) as error:
        won(*args, **kwargs)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Converted=1", "ac"),
        ("converted = 1.0", "ac"),
        ("CONVERTED=true", "ac"),
        ("Converted=yes", "ac"),
        ("Converted=0", "bde"),
        ("paid=true", "ac"),
        ("paid=1", "ac"),
        ("paid=Yes", "ac"),
        ("paid=no", "bd"),
        ("Status=Closed Won", "a"),
        ("status=closed won|signed", "ac"),
        ("Status=*", "abcd"),
        ("at=*", "ac"),
        ("at=2026-08-01", "a"),
        ("tags=won", "ac"),
    ],
)
def test_a_field_with_a_value(text, ids):
    decided, found = won(text)
    assert found == ids
    assert (decided.won, decided.lost) == (len(ids), 5 - len(ids))


def test_records_without_an_outcome_are_counted():
    decided, _ = won("Status=Closed Won")
    assert (decided.won, decided.lost, decided.empty, decided.undecided) == (1, 4, 1, 0)


def test_with_lost_the_open_records_are_left_out():
    decided, found = won("Status=Closed Won|Signed", lost="Status=Closed Lost")
    assert found == "ac"
    assert (decided.won, decided.lost, decided.empty, decided.undecided) == (2, 1, 0, 2)


def test_an_unknown_field_is_refused_with_the_nearest():
    assert refusal("Convertd=1") == "The records have no field Convertd. Did you mean Converted?"
    assert refusal("zzz=1") == "The records have no field zzz. There are: Converted, paid, Status, at, tags."


def test_none_or_all_won_is_refused_with_what_the_field_holds():
    assert refusal("Converted=2") == (
        "No record is won by Converted=2, so there is nothing to compare. Converted holds 0 (3), 1 (2)."
    )
    assert refusal("Converted=0|1") == (
        "Every record is won by Converted=0|1, so there is nothing to compare. Converted holds 0 (3), 1 (2)."
    )
    assert "Status holds Closed Won (1), Open (1), Signed (1), closed lost (1), nothing (1)." in refusal(
        "Status=x"
    )


def test_a_value_that_the_field_cannot_hold_is_refused():
    assert refusal("Converted=maybe") == (
        "Converted=maybe: Converted holds numbers, and maybe cannot be compared with that."
    )
    assert refusal("at=soon") == "at=soon: at holds dates, and soon cannot be compared with that."


@pytest.mark.parametrize(
    "text", ["", "won", "=1", "field=", "field= | ", "web.purchase within a month", "Web.Buy"]
)
def test_what_says_nothing_is_refused(text):
    with pytest.raises(OutcomeError, match=r"does not say who was won\. Write a field and its value"):
        parse_outcome(text)


def test_outcomes_are_shown_as_they_are_written():
    assert str(FieldOutcome("a b", ("x", "y"))) == "a b=x|y"
    assert str(TouchpointOutcome("web.purchase", 14 * DAY)) == "web.purchase within 2 weeks"
    assert str(parse_outcome("web.*")) == "web.*"


# --- by touchpoint

PEOPLE = [{"id": id, "met": "2026-08-31T00:00:00Z"} for id in "abcde"]
BUYS = [
    {
        "record_id": "a",
        "type": "web.purchase",
        "occurred_at": "2026-09-01T00:00:00Z",
    },  # at the moment: before
    {"record_id": "b", "type": "web.purchase", "occurred_at": "2026-09-01T00:00:00.000001Z"},
    {
        "record_id": "c",
        "type": "web.purchase",
        "occurred_at": "2026-09-03T00:00:00Z",
    },  # the last moment within
    {"record_id": "d", "type": "web.purchase", "occurred_at": "2026-09-03T00:00:00.000001Z"},
    {"record_id": "e", "type": "web.visited", "occurred_at": "2026-09-30T00:00:00Z"},
    {"record_id": "x", "type": "web.purchase", "occurred_at": "2026-09-02T00:00:00Z"},
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("web.purchase", "bcd"),
        ("web.purchase within 2 days", "bc"),
        ("web.* within 2 days", "bc"),
        ("web.*", "bcde"),
        ("*", "bcde"),
    ],
)
def test_a_touchpoint_after_the_moment(text, ids):
    decided, found = won(text, PEOPLE, BUYS)
    assert found == ids
    assert decided.won + decided.lost == 5


def test_a_touchpoint_after_each_records_own_moment():
    _, found = won("web.purchase within 1 day", PEOPLE, BUYS, scope=Scope(None), as_of_field="met")
    assert found == "a"


def test_an_outcome_that_had_no_time_to_come_is_told():
    decided, _ = won("web.purchase within 60 days", PEOPLE, BUYS)
    assert decided.remarks == (
        "The touchpoints end on 2026-09-30T00:00:00Z, before 60 days are over for 5 records: some counted as lost"
        " may still be won. Score an earlier moment, or allow less time.",
    )
    assert won("web.purchase within 2 days", PEOPLE, BUYS)[0].remarks == ()


def test_a_touchpoint_that_never_came_is_refused():
    assert refusal("call.attended", PEOPLE, BUYS) == (
        "No record has call.attended after 2026-09-01T00:00:00Z, so there is nothing to compare. Check the type,"
        " or score an earlier moment."
    )
    assert refusal("web.purchase", PEOPLE[1:4], BUYS) == (
        "Every record has web.purchase after 2026-09-01T00:00:00Z, so there is nothing to compare."
    )
    assert refusal("web.purchase", PEOPLE) == (
        "Who was won by web.purchase is seen in touchpoints: give them too."
    )
