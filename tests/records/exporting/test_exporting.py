"""What is exported comes back as it was: in every format, with values made for trouble."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstcall.access.models import User
from firstcall.engines.writing import UnwritableError
from firstcall.records.actions import create_records
from firstcall.records.exporting import exporting
from firstcall.records.exporting.columns import UnknownColumnsError, columns_of
from firstcall.records.exporting.exporting import export_records
from firstcall.records.exporting.writers import FORMATS
from firstcall.records.importing.asking import Asked
from firstcall.records.importing.rows import RowOptions
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, FieldChange, Module, Record
from firstcall.records.writing.given import Given
from tests.records.importing.company import START, finish, make_leads, start

pytestmark = pytest.mark.django_db

NASTY = (
    *(
        "=1+1",
        "'=1+1",
        "''=x",
        "+49",
        "@ann",
        "-5",
        "-",
        "'",
        "#N/A",
        "'#N/A",
        "#VALUE!",
        "N/A",
        "null",
        "Select",
    ),
    *(
        'quo"te',
        "com,ma",
        "semi;colon",
        "tab\tbed",
        "line\nbreak",
        "re\rturn",
        "both\r\nof",
        " blank ",
        "\u00a0",
        "ärgerß",
    ),
    *(
        "İstanbul",
        "😀",
        "\u202eright",
        "a'b",
        "[x]",
        '{"a": 1}',
        "1.234",
        "1,234",
        "31/12/2020",
        "true",
        "0",
        "x" * 999,
    ),
)


def exported(module: Module, tmp_path: Path, format: str, **more: bool) -> Path:
    target = tmp_path / f"out.{format}"
    export_records(
        Record.objects.filter(module=module), target, format=format, columns=columns_of(module), **more
    )
    return target


def held() -> list[tuple[object, ...]]:
    return list(Record.objects.order_by("pk").values_list("pk", "values", "tags", "owner", "updated_at"))


@pytest.fixture
def leads() -> Module:
    leads = make_leads()
    Field.objects.create(module=leads, name="boss", label="Boss", kind=FieldKind.LOOKUP, target=leads)
    ann = User.objects.create_user("ann@example.com")
    [boss] = create_records(leads, [{"last_name": "Boss"}], at=START)
    rows = [Given({"last_name": text, "description": text}, tags=["a;b", "c"]) for text in NASTY]
    rows += [
        Given(
            {"employees": number, "born_on": day, "seen_at": at, "is_hot": hot, "topics": topics}, owner=ann
        )
        for number, day, at, hot, topics in (
            ("1.234", "1899-12-31", "2026-09-01T12:00:00Z", True, ["Price", "Demo"]),
            ("-12.345", "2020-02-29", "1969-07-20T20:17:40.123456Z", False, ["Support"]),
            ("999999999999.999999", "1900-02-28", "0001-01-01T00:00:00Z", True, []),
            ("0.000001", "9999-12-31", "9999-12-31T23:59:59Z", False, ["Demo", "Price"]),
        )
    ]
    rows += [
        Given(
            {
                "email": "a@example.com",
                "phone": "+49 30 1234567",
                "website": "https://x.de",
                "boss": boss.record_id,
            }
        )
    ]
    Field.objects.filter(name="topics").update(choices=["Price", "Demo", "Support", "a;b", "c,d", "[e"])
    outcomes = create_records(leads, [*rows, {"topics": ["a;b", "c,d", "[e"]}], at=START)
    assert all(outcome.record_id for outcome in outcomes), [outcome.faults for outcome in outcomes]
    return leads


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_that_is_imported_changes_nothing(leads: Module, tmp_path: Path, format: str) -> None:
    before = held()
    run = finish(start(leads, exported(leads, tmp_path, format), Asked(rows=RowOptions(clear_empty=True))))
    changes = list(FieldChange.objects.values_list("field", "old", "new"))
    assert (run.rejected, run.created, run.changed, changes) == (0, 0, 0, [])
    assert run.notes == []
    assert run.unchanged == len(before)
    assert held() == before


def test_a_text_that_looks_like_a_formula_is_made_safe_unless_asked_otherwise(
    leads: Module, tmp_path: Path
) -> None:
    def first_signs(path: Path) -> set[str]:
        with path.open(newline="", encoding="utf-8") as file:
            return {row["last_name"][:1] for row in csv.DictReader(file)}

    assert not first_signs(exported(leads, tmp_path, "csv")) & set("=+-@\t\r")
    assert first_signs(exported(leads, tmp_path, "csv", as_is=True)) >= set("=+-@")


def test_parquet_is_typed(leads: Module, tmp_path: Path) -> None:
    rows = pq.read_table(exported(leads, tmp_path, "parquet")).to_pylist()
    [row] = [row for row in rows if row["employees"] == Decimal("-12.345")]
    assert row["born_on"] == date(2020, 2, 29)
    assert row["seen_at"] == datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC)
    assert (row["is_hot"], row["topics"], row["owner"]) == (False, ["Support"], "ann@example.com")


def test_columns_are_chosen_and_unknown_ones_told_at_once(leads: Module, tmp_path: Path) -> None:
    assert [column.name for column in columns_of(leads, ["email", "owner", "email"])] == ["email", "owner"]
    with pytest.raises(UnknownColumnsError) as refused:
        columns_of(leads, ["e_mail", "zzz"])
    assert str(refused.value).splitlines() == [
        "leads has no field e_mail. Did you mean email?",
        "leads has no field zzz.",
    ]


def test_more_records_than_excel_holds_are_refused_before_the_work(
    leads: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_EXCEL_ROWS", 3)
    with pytest.raises(UnwritableError, match="Write CSV or Parquet, or fewer records"):
        exported(leads, tmp_path, "xlsx")
    assert list(tmp_path.glob("*out*")) == []


def test_a_cell_that_excel_does_not_hold_is_told_with_its_place(leads: Module, tmp_path: Path) -> None:
    create_records(leads, [{"description": "x" * 40_000}], at=START)
    with pytest.raises(UnwritableError, match="description is 40,000 characters long"):
        exported(leads, tmp_path, "xlsx")


def test_records_go_out_in_batches(leads: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCH", 7)
    told: list[int] = []
    target = tmp_path / "some.csv"
    records = Record.objects.filter(module=leads)
    rows = export_records(
        records, target, format="csv", columns=columns_of(leads, ["firstcall_id"]),
        advance=lambda done, total, message: told.append(done),
    )  # fmt: skip
    ids = target.read_text().split()[1:]
    assert rows == len(ids) == len(set(ids)) == records.count()
    assert told[:2] == [7, 14]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0\ufffd", exclude_categories=["Cs"]), min_size=1),
        min_size=1,
    )
)
def test_any_text_comes_back(tmp_path: Path, texts: list[str]) -> None:
    Record.objects.all().delete()
    Module.objects.all().delete()
    leads = make_leads()
    create_records(leads, [{"description": text} for text in texts], at=START)
    before = held()
    path = exported(leads, tmp_path, "csv")
    run = finish(start(leads, path, Asked(rows=RowOptions(clear_empty=True))))
    assert (run.rejected, run.changed, run.unchanged) == (0, 0, len(texts))
    assert held() == before
