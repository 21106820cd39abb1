"""A filter means what the same conditions mean in a rule, and finds what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from firstcall.access.models import User
from firstcall.access.viewer import PRODUCT
from firstcall.records.actions import Given, create_record, delete_records
from firstcall.records.errors import InvalidFilterError
from firstcall.records.filtering import RecordFilter, Selection, read_filter
from firstcall.records.models import Module, Record
from firstcall.scoring.evaluating import Record as Fields
from firstcall.scoring.evaluating import evaluate
from firstcall.scoring.reading import read_rule
from firstcall.scoring.times import moment_of
from firstcall.scoring.values import Value
from tests.records.modules import LATER, START, make_accounts, make_layouts, make_leads

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts() -> Module:
    return make_accounts()


@pytest.fixture
def leads(accounts: Module) -> Module:
    return make_leads(accounts)


def found(module: Module, conditions: object, now: datetime = LATER) -> list[str]:
    selection = Selection(read_filter(module, conditions, viewer=PRODUCT))
    return [r.values.get("last_name", "") for r in selection.records(now=now).order_by("pk")]


def test_conditions_find_what_they_say(leads: Module, accounts: Module) -> None:
    acme = create_record(accounts, {"name": "Acme 100% Ltd"}, at=START)
    gone = create_record(accounts, {"name": "Gone"}, at=START)
    ann = User.objects.create_user("ann@example.com")
    make_layouts(leads)
    for said in (
        Given({"last_name": "a", "employees": 50, "account": acme.pk}, tags=["VIP"], owner=ann),
        Given({"last_name": "b", "employees": 5, "source": "Web", "account": gone.pk}),
        Given({"last_name": "c", "email": "c@example.com"}, layout="short"),
    ):
        create_record(leads, said, at=START)
    delete_records(accounts, [gone.pk], at=START)
    for conditions, names in (
        ([], "abc"),
        ("", "abc"),
        ({"field": "employees", "gte": 50}, "a"),
        ([{"field": "employees", "empty": True}], "c"),
        ([{"field": "source", "is_not": "web"}], "ac"),
        ([{"field": "source", "in": ["Fair", "WEB"]}], "b"),
        ('[{"field": "last_name", "in": ["A", "B"]}, {"field": "employees", "lt": 50.5}]', "ab"),
        ([{"any": [{"field": "tags", "contains": "vi"}, {"field": "layout", "is": "short"}]}], "ac"),
        ([{"not": {"field": "owner", "starts_with": "ANN@"}}], "bc"),
        ([{"field": "account.name", "has_word": "100%"}], "a"),
        ([{"field": "account.name", "contains": "00%"}], "a"),
        ([{"field": "account.name", "empty": True}], "bc"),
        ([{"field": "created_at", "in_last": "1 hour"}], ""),
        ([{"field": "created_at", "in_last": "2 hours"}], "abc"),
        ([{"field": "account.created_at", "before": "2026-09-02"}], "a"),
    ):
        assert "".join(found(leads, conditions)) == names, conditions


def test_everything_else_narrows_a_list_too(leads: Module) -> None:
    ann = User.objects.create_user("ann@example.com")
    whole, _ = make_layouts(leads)
    first = create_record(leads, Given({}, owner=ann, tags=["x", "y"]), at=START)
    second = create_record(leads, Given({"last_name": "b"}, layout="short"), at=LATER)
    third = create_record(leads, {}, at=LATER)
    delete_records(leads, [third.pk], at=LATER)
    every = Selection(RecordFilter(leads, PRODUCT))
    for selection, ids in (
        (every, [first, second]),
        (replace(every, ids=(second.pk, third.pk)), [second]),
        (replace(every, owner=ann.pk), [first]),
        (replace(every, owner=0), [second]),
        (replace(every, tags=("y", "x")), [first]),
        (replace(every, tags=("x", "z")), []),
        (replace(every, layout=whole.name), [first]),
        (replace(every, layout="other"), []),
        (replace(every, created_since=START + timedelta(microseconds=1)), [second]),
        (replace(every, updated_since=LATER), [second]),
        (replace(every, in_trash=True), [third]),
    ):
        assert list(selection.records(now=LATER).order_by("pk")) == ids


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        (
            [{"field": "emploies", "is": 5}],
            "[0].field: The records have no field `emploies`. Did you mean `employees`?",
        ),
        (
            [{"field": "employees", "contains": "x"}, {"field": "source", "is": []}],
            "[1].is: `is` takes one value, not a list.",
        ),
        (
            [{"field": "employees", "is": 5}, {"touchpoint": "web.visited", "sum": "n", "gte": 1}],
            "[1]: Of touchpoints, a filter counts those of the record itself, or asks days_since. Score by a rule.",
        ),
        ([{"field": "employees", "is": 5, "points": 3}], "[0].points: `points` belongs to a criterion"),
        ('[{"field": "employees", "is": 5}', "A comma or `]` is missing."),
        ('[], "name": "x"', "Something follows the end of the document"),
        ("5", "takes keys and values"),
        ([{"field": "last_name", "is": "x" * 20_000}], "A filter has at most 20,000 characters of JSON"),
    ],
)
def test_what_is_no_filter_is_refused(leads: Module, conditions: object, says: str) -> None:
    with pytest.raises(InvalidFilterError) as refused:
        read_filter(leads, conditions, viewer=PRODUCT)
    assert says in str(refused.value)


TEXTS = st.sampled_from(["", "a", "A b", "İ", "ß", "100%", "a_b", "x'y", "50"])
VALUES = st.fixed_dictionaries(
    {}, optional={"last_name": TEXTS.filter(bool), "employees": st.integers(-3, 60)}
)
WORDS = TEXTS.filter(bool)
TESTS = st.one_of(
    st.builds(
        lambda op, text: {"field": "last_name", op: text},
        st.sampled_from(
            [
                "is",
                "is_not",
                "contains",
                "not_contains",
                "starts_with",
                "ends_with",
                "has_word",
                "not_has_word",
            ]
        ),
        WORDS,
    ),
    st.builds(
        lambda op, number: {"field": "employees", op: number},
        st.sampled_from(["is", "gt", "gte", "lt", "lte", "is_not"]),
        st.integers(-3, 60),
    ),
    st.builds(
        lambda name, e: {"field": name, "empty": e},
        st.sampled_from(["last_name", "employees"]),
        st.booleans(),
    ),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(lambda some: {"all": some}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda some: {"any": some}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda one: {"not": one}, inner),
    ),
    max_leaves=5,
)


class TestLikeARule(TestCase):
    """A record is found exactly where the reference evaluator says that a rule with the conditions applies."""

    @given(st.lists(VALUES, min_size=1, max_size=5), st.lists(CONDITIONS, min_size=1, max_size=2))
    def test_finds(self, many: list[dict[str, object]], conditions: list[object]) -> None:
        leads = make_leads()
        for values in many:
            create_record(leads, values, at=START)
        rule = {
            "name": "f",
            "module": "leads",
            "applies_to": conditions,
            "criteria": [{"name": "x", "touchpoint": "*", "points": 1}],
        }
        loaded = read_rule(json.dumps(rule), "rule.json").rule
        meant = []
        for record in Record.objects.order_by("pk"):
            fields = {name: Value(value) for name, value in record.values.items()}
            if "employees" in fields:
                fields["employees"] = Value(int(record.values["employees"]))
            if evaluate(loaded, Fields(fields), [], moment_of(LATER)):
                meant.append(record)
        selection = Selection(read_filter(leads, conditions, viewer=PRODUCT))
        assert list(selection.records(now=LATER).order_by("pk")) == meant
