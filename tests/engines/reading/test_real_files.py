"""Real exports go in without hand editing. They lie beside the repository; without them these tests are skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstcall.scoring.columns import Storage
from firstcall.scoring.times import parse_moment
from firstcall.scoring.values import Kind
from tests.engines.reading.opening import open_files, problems_of

FILES = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not FILES.is_dir(), reason="the real exports are not here: ../shared/data is missing"
)

X_EDUCATION = "records: {id: Prospect ID, empty: [Select], types: {Lead Number: text}}"


def test_x_education_in_all_three_variants() -> None:
    folder = FILES / "x_education_leads"
    variants = [
        open_files(folder / f"Leads{variant}.csv", mapping=X_EDUCATION)
        for variant in ("", "_trailing_comma_variant", "_row_quoted_variant")
    ]
    names = list(variants[0].kinds)
    tables = [opened.records(*names) for opened in variants]
    assert tables[0] == tables[1] == tables[2]
    assert len(tables[0]) == 9240
    assert [opened.kinds for opened in variants] == [variants[0].kinds] * 3
    assert variants[0].kinds["TotalVisits"] is Kind.NUMBER
    assert sum(row[1] for row in variants[0].records("Converted")) == 3561 * 1_000_000
    assert all(row[1] != "Select" for row in variants[0].records("Specialization"))
    assert [opened.rejected for opened in variants] == [[], [], []]
    assert variants[2].notes == [
        "Leads_row_quoted_variant.csv: 338 rows stood in quotes as a whole and were unwrapped (first: line 24)."
    ]


def test_x_education_without_a_mapping_says_how() -> None:
    says = problems_of(FILES / "x_education_leads" / "Leads.csv")
    assert len(says) == 1
    assert says[0].endswith(
        "Is it `Prospect ID`? Say which column it is with --id-column 'Prospect ID',"
        " or in a mapping (records: {id: Prospect ID})."
    )


def test_yammer_without_header_and_with_a_mark() -> None:
    folder = FILES / "yammer_email_events"
    mapping = """
records: {header: [id, created_at, company_id, language, activated_at, state]}
touchpoints:
  record_id: user_id
  type: {column: action, values: {sent_weekly_digest: email.sent, email_open: email.opened}, prefix: email.}
"""
    opened = open_files(folder / "yammer_users.csv", folder / "yammer_emails.csv", mapping=mapping)
    assert (opened.source.records, opened.source.touchpoints) == (19_066, 90_389)
    assert opened.kinds["created_at"] is Kind.TIME
    assert opened.records("created_at", "activated_at", "state")[0] == (
        "0",
        parse_moment("2021-01-01T20:59:00Z"),
        parse_moment("2021-01-01T21:01:00Z"),
        "active",
    )
    assert dict(opened.fetch("SELECT type, count(*) FROM touchpoints GROUP BY type")) == {
        "email.sent": 57_267,
        "email.opened": 20_459,
        "email.email_clickthrough": 9_010,
        "email.sent_reengagement_email": 3_653,
    }
    assert opened.rejected == []


def test_bank_with_semicolons_and_without_ids() -> None:
    path = FILES / "uci_bank_marketing" / "bank-additional-first-70-percent.csv"
    opened = open_files(path, mapping="records: {number_rows: true}")
    assert opened.source.records == 28_831
    assert opened.kinds["emp.var.rate"] is Kind.NUMBER
    assert ("1", 56_000_000, "housemaid", 1_100_000, "no") in opened.records(
        "age", "job", "emp.var.rate", "y"
    )


def test_zoho_with_its_own_dates() -> None:
    folder = FILES / "zoho_crm_sample"
    mapping = """
records:
  id: LEADID
  rename: {Created Time: created_at}
  types: {Created Time: {type: time, format: "%d %b, %Y %H:%M:%S"}}
touchpoints: {record_id: LEADID, occurred_at: Call Start Time, type: {fixed: call.attended}, id: TASKID}
"""
    opened = open_files(folder / "Leads.csv", folder / "Calls.csv", mapping=mapping)
    assert opened.source.records == 3_900
    assert opened.source.rejects.count("misfit") == 0
    assert {row[1] is None for row in opened.records("created_at")} == {False}
    assert opened.source.touchpoints == 170
    assert opened.source.finish().count("missing-record") == 3_930


def test_web_events_compressed() -> None:
    events = FILES / "retentioneering_ecom" / "ecom.csv.gz"
    mapping = """
records: {id: session_id}
touchpoints: {record_id: session_id, occurred_at: timestamp, type: {column: event, prefix: web.}}
"""
    opened = open_files(events, events, mapping=mapping)
    assert opened.source.touchpoints == 31_106
    assert opened.source.records == len({row[0] for row in opened.touchpoints()})
    assert opened.source.rejects.count("duplicate-id") == 31_106 - opened.source.records
    assert opened.source.count_unknown() == 0


def test_leadforge_tables() -> None:
    tables = FILES / "leadforge" / "full" / "tables"
    mapping = """
records: {id: lead_id, rename: {lead_created_at: created_at}, types: {created_at: date}}
touchpoints:
  {record_id: lead_id, id: touch_id, type: touch_type, occurred_at: {column: touch_timestamp, format: "%Y-%m-%d"}}
"""
    opened = open_files(
        tables / "leads.parquet", tables / "touches.parquet", mapping=mapping, as_of_field="created_at"
    )
    assert (opened.source.records, opened.source.touchpoints) == (5_000, 54_803)
    assert opened.kinds["created_at"] is Kind.DATE
    assert opened.kinds["is_sql"] is Kind.TRUTH
    assert opened.source.columns.touchpoints is not None
    assert opened.source.columns.touchpoints.occurred_at is Storage.MICROSECONDS
    assert opened.fetch("SELECT as_of FROM records WHERE id = 'lead_000001'") == [
        (parse_moment("2024-01-04"),)
    ]
    assert opened.rejected == []


READABLE = {
    "crm_export_shapes/suitecrm8_leads_export.csv": ("ID", 1),
    "maven_crm_sales/accounts.csv": ("account", 85),
    "maven_crm_sales/products.csv": ("product", 7),
    "maven_crm_sales/sales_pipeline.csv": ("opportunity_id", 8_800),
    "maven_crm_sales/sales_teams.csv": ("sales_agent", 35),
    "online_shoppers/online_shoppers_intention.csv": (None, 12_330),
    "pipedrive_export_enpal/activity.csv": ("activity_id", 4_568),
    "pipedrive_export_enpal/activity_types.csv": ("id", 4),
    "pipedrive_export_enpal/deal_changes.csv": (None, 15_406),
    "pipedrive_export_enpal/fields.csv": ("ID", 4),
    "pipedrive_export_enpal/stages.csv": ("stage_id", 9),
    "pipedrive_export_enpal/users.csv": ("id", 1_787),
    "zoho_crm_sample/Accounts.csv": ("ACCOUNTID", 2_229),
    "zoho_crm_sample/Campaign_Lead_Status.csv": (None, 3_900),
    "zoho_crm_sample/Campaigns.csv": ("CAMPAIGNID", 110),
    "zoho_crm_sample/Cases.csv": (None, 797),
    "zoho_crm_sample/Contacts.csv": ("CONTACTID", 1_265),
    "zoho_crm_sample/Events.csv": ("EVENTID", 2_978),
    "zoho_crm_sample/Invoices.csv": ("INVOICEID", 1_300),
    "zoho_crm_sample/Potentials.csv": (None, 3_632),
    "zoho_crm_sample/Quotes.csv": ("QUOTEID", 3_000),
    "zoho_crm_sample/Tasks.csv": (None, 2_978),
    "zoho_crm_sample/Users.csv": ("USER_ID", 11),
}


@pytest.mark.parametrize("name", READABLE)
def test_every_other_csv(name: str) -> None:
    id, records = READABLE[name]
    mapping = f"records: {{id: {id}}}" if id else "records: {number_rows: true}"
    opened = open_files(FILES / name, mapping=mapping)
    lost = opened.source.rejects.count("duplicate-id") + opened.source.rejects.count("cells")
    assert opened.source.records == records
    assert len(opened.source.rejects) == lost
