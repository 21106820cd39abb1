"""Files of related records: which columns are look-ups, what they lead to, and whose touchpoints there may be."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firstcall.engines.reading.lookups import find_lookups
from firstcall.engines.reading.mapping import RecordsMapping
from firstcall.scoring.columns import Lookup
from tests.engines.reading.opening import Opened, open_files, problems_of, write

ACCOUNTS = ["id,name,parent", "A1,Acme,A2", "A2,Beta,", "A3,Corp,A9"]
CONTACTS = ["id,Account ID,job_title", "C1,A1,Director", "C2,A1,", "C2,A2,Twice", "C3,A7,CEO"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "accounts.csv", ACCOUNTS)
    write(tmp_path / "contacts.csv", CONTACTS)
    return tmp_path


def opened(folder: Path, **how: object) -> Opened:
    mapping = "records: {lookups: {parent: accounts}}"
    return open_files(
        folder / "accounts.csv",
        mapping=mapping,
        module="accounts",
        related={"contacts": folder / "contacts.csv"},
        **how,  # type: ignore[arg-type]
    )


def test_look_ups_are_columns_called_like_the_module_or_told_by_a_mapping(folder: Path) -> None:
    columns = opened(folder).source.columns
    assert columns.module == "accounts"
    assert columns.records.lookups == {"parent": Lookup("accounts", "look_1")}
    contacts = columns.related["contacts"]
    assert contacts.lookups == {
        "Account ID": Lookup("accounts", "look_1"),
        "account": Lookup("accounts", "look_1"),
    }
    assert set(contacts.fields) == {"Account ID", "job_title"}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["account"], {("account", ("account",))}),
        (["Account_Id", "account"], {("Account_Id", ("Account_Id", "account"))}),
        (["ACCOUNTS"], {("ACCOUNTS", ("ACCOUNTS", "account"))}),
        (
            ["accountid", "Account ID"],
            {("accountid", ("accountid", "account")), ("Account ID", ("Account ID",))},
        ),
        (["account name", "accounting"], set()),
    ],
)
def test_what_a_look_up_may_be_called(names: list[str], found: set[tuple[str, tuple[str, ...]]]) -> None:
    lookups, problems = find_lookups("f.csv", names, RecordsMapping(), "contacts", ["contacts", "accounts"])
    assert {(lookup.column, lookup.names) for lookup in lookups} == found
    assert problems == []


def test_a_mapping_comes_before_what_a_column_is_called() -> None:
    mapping = RecordsMapping(lookups={"Employer": "accounts"}, rename={"emp": "Employer"})
    lookups, problems = find_lookups("f.csv", ["account", "emp"], mapping, "contacts", ["accounts"])
    assert [(lookup.column, lookup.names) for lookup in lookups] == [("emp", ("Employer",))]
    assert problems == []


def test_the_relations(folder: Path) -> None:
    files = opened(folder)
    assert files.fetch("SELECT id, look_1 FROM related_contacts ORDER BY id") == [
        ("C1", "A1"),
        ("C2", "A1"),
        ("C3", "A7"),
    ]
    assert files.fetch("SELECT id, look_1 FROM records ORDER BY id") == [
        ("A1", "A2"),
        ("A2", None),
        ("A3", "A9"),
    ]
    assert files.rejected == [(4, "a row with the same id came before")]


def test_related_records_are_all_there_where_few_are_asked_for(folder: Path) -> None:
    files = opened(folder, ids=["A1"])
    assert files.fetch("SELECT id FROM records") == [("A1",)]
    assert len(files.fetch("SELECT id FROM related_accounts")) == 3
    assert len(files.fetch("SELECT id FROM related_contacts")) == 3


def test_look_ups_that_lead_nowhere_and_ids_that_two_have_are_noted(folder: Path) -> None:
    write(folder / "contacts.csv", [*CONTACTS, "A2,A1,Namesake"])
    touchpoints = write(
        folder / "t.csv",
        ["record_id,type,occurred_at", "C1,a.b,2026-01-01T00:00:00Z", "X,a.b,2026-01-01T00:00:00Z"],
    )
    files = open_files(
        folder / "accounts.csv",
        touchpoints,
        module="accounts",
        related={"contacts": folder / "contacts.csv"},
    )
    assert [note.replace(f"{folder}/", "") for note in files.source.rejects.notes] == [
        "contacts.csv: 1 value of `Account ID` leads to no record of accounts.csv.",
        "accounts.csv and contacts.csv: 1 id is in both, such as 'A2'; touchpoints with it count for both.",
    ]
    assert files.rejected == [(4, "a row with the same id came before"), (3, "no record has this record_id")]


def test_ids_stay_whole_numbers_only_where_all_of_them_are(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2]}), tmp_path / "accounts.parquet")
    for ids, ends in ((pa.array([1, None]), "BIGINT"), (pa.array([1.0, None]), "VARCHAR")):
        pq.write_table(pa.table({"id": [7, 8], "account": ids}), tmp_path / "contacts.parquet")
        files = open_files(
            tmp_path / "accounts.parquet",
            module="accounts",
            related={"contacts": tmp_path / "contacts.parquet"},
        )
        assert files.source.columns.records.integer_ids is (ends == "BIGINT")
        assert files.fetch(
            "SELECT typeof(id), CAST(look_1 AS VARCHAR) FROM related_contacts ORDER BY id"
        ) == [
            (ends, "1"),
            (ends, None),
        ]


def test_what_is_wrong_is_said_at_once(folder: Path) -> None:
    related = {"contacts": folder / "contacts.csv"}
    assert problems_of(
        folder / "accounts.csv", module="accounts", related={"Contacts": folder / "c.csv"}
    ) == [
        "c.csv: `Contacts` is no name for related records. Write small letters, digits and _, a letter first."
    ]
    assert problems_of(
        folder / "accounts.csv", module="accounts", related={"accounts": folder / "c.csv"}
    ) == [
        "c.csv: the records that are scored are the accounts already. "
        "Look-ups from one of them to another need no more."
    ]
    mapping = "records: {lookups: {parnt: accounts, parent: acounts}}\nrelated: {contacts: {id: Nr}}"
    assert problems_of(folder / "accounts.csv", module="accounts", related=related, mapping=mapping) == [
        "contacts.csv: there is no column `Nr`. The columns are: `id`, `Account ID`, `job_title`. "
        "Name one of them.",
        "accounts.csv: the mapping's `lookups` speaks of a column `parnt`, which the file does not have. "
        "Did you mean `parent`?",
        "accounts.csv: `parent` leads to acounts, and no such records are given. Did you mean `accounts`?",
    ]
