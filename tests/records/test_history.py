"""A record is known as it was at any moment, whatever happened since."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from firstcall.access.models import User
from firstcall.records.actions import Given, change_record, create_record, delete_records, restore_records
from firstcall.records.history import record_as_of
from firstcall.records.models import Record
from tests.records.modules import START, make_layouts, make_leads


@pytest.mark.django_db
def test_before_it_came_there_is_nothing() -> None:
    record = create_record(make_leads(), {"last_name": "Ann"}, at=START)
    assert record_as_of(record, START - timedelta(microseconds=1)) is None
    then = record_as_of(record, START)
    assert then is not None
    assert (then.values, then.updated_at, then.is_deleted) == ({"last_name": "Ann"}, START, False)


class TestAnyPast(TestCase):
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 2),
                st.fixed_dictionaries(
                    {},
                    optional={
                        "last_name": st.sampled_from(["a", "b"]),
                        "employees": st.sampled_from([None, 5, "7"]),
                        "email": st.sampled_from([None, "a@example.com"]),
                    },
                ),
                st.sampled_from(["change", "short", "all", "tags", "owner", "trash"]),
            ),
            max_size=8,
        )
    )
    def test_is_what_was_seen_then(self, steps: list[tuple[int, dict[str, object], str]]) -> None:
        leads, ann = make_leads(), User.objects.create_user("ann@example.com")
        make_layouts(leads)
        now = START
        record = create_record(leads, {"last_name": "x"}, at=now)
        seen = {now: Record.objects.get()}
        for pause, values, what in steps:
            now += timedelta(seconds=pause)
            if what == "trash":
                write = delete_records if seen[max(seen)].deleted_at is None else restore_records
                write(leads, [record.pk], at=now)
            elif seen[max(seen)].deleted_at is None:
                said = {"short": Given({**values, "email": None, "employees": None}, layout="short")} | {
                    "all": Given(values, layout="all"),
                    "tags": Given({}, tags=sorted(values)),
                    "owner": Given({}, owner=ann if values else None),
                }
                if what != "change" or seen[max(seen)].layout == record.layout:
                    change_record(record, said.get(what, Given(values)), at=now)
            seen[now] = Record.objects.select_related("layout").get()
        for at, was in seen.items():
            then = record_as_of(Record.objects.get(), at)
            assert then is not None
            assert then.values == was.values
            assert (then.owner, list(then.tags), then.updated_at) == (was.owner_id, was.tags, was.updated_at)
            assert then.layout == (was.layout.name if was.layout else None)
            assert then.is_deleted == (was.deleted_at is not None)
