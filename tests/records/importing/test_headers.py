"""Headers of known exports are mapped by themselves; what people say and said before goes first."""

from __future__ import annotations

import pytest

from firstcall.records.importing.headers import Known, digest, guess_columns, looks_like_values

FIELDS = (
    *("first_name", "last_name", "company", "email", "phone", "mobile", "job_title", "website", "industry"),
    *("lead_source", "lead_status", "rating", "street", "city", "state", "postal_code", "country", "account"),
    *("employees", "annual_revenue", "name", "stage", "amount", "closing_date", "external_id", "lead"),
)
KNOWN = Known({name: name.replace("_", " ").title() for name in FIELDS}, ["external_id"], ["account", "lead"])


def targets(module: str, headers: str, **more: dict[str, str]) -> dict[str, str | None]:
    guesses = guess_columns(module, headers.split("|"), KNOWN, **more)
    return {guess.column: guess.target for guess in guesses}


EXPORTS = {
    "zoho leads": (
        "leads",
        "LEADID|Last Name|Company|Lead Owner|Email|Mobile|Website|Industry|Lead Source|Lead Status|Created Time|CONVERTED",
        "external_id|last_name|company|@owner|email|mobile|website|industry|lead_source|lead_status|@created_at|None",
    ),
    "zoho contacts": (
        "contacts",
        "CONTACTID|Last Name|Contact Owner Id|Contact Owner|Account Id|Email|Lead Source|Mobile|Created Time",
        "external_id|last_name|None|@owner|account|email|lead_source|mobile|@created_at",
    ),
    "hubspot contacts": (
        "contacts",
        "Record ID|First Name|Last Name|Email|Phone Number|Contact owner|Create Date|Last Modified Date|Job Title"
        "|Associated Company|Country/Region",
        "external_id|first_name|last_name|email|phone|@owner|@created_at|@skip|job_title|account|country",
    ),
    "salesforce leads": (
        "leads",
        "Lead Owner|First Name|Last Name|Title|Company / Account|Lead Source|Rating|Street|Email|Lead Status|Created Date",
        "@owner|first_name|last_name|job_title|company|lead_source|rating|street|email|lead_status|@created_at",
    ),
    "salesforce data loader": (
        "leads",
        "ID|LASTNAME|FIRSTNAME|COMPANY|LEADSOURCE|NUMBEROFEMPLOYEES|ANNUALREVENUE|POSTALCODE|OWNERID",
        "external_id|last_name|first_name|company|lead_source|employees|annual_revenue|postal_code|@owner",
    ),
    "pipedrive deals": (
        "deals",
        "Deal - ID|Deal - Title|Deal - Value|Deal - Stage|Deal - Owner|Deal - Expected close date|Deal - Organization",
        "external_id|name|amount|stage|@owner|closing_date|account",
    ),
    "suitecrm leads": (
        "leads",
        "ID|Job Title|Email Address|Mobile|Office Phone|Primary Address City|Status|Assigned to|Date Created",
        "external_id|job_title|email|mobile|phone|city|lead_status|@owner|@created_at",
    ),
    "meta lead ads": (
        "leads",
        "id|created_time|full_name|email|phone_number",
        "external_id|@created_at|@full_name|email|phone",
    ),
}


@pytest.mark.parametrize(("module", "headers", "meant"), EXPORTS.values(), ids=EXPORTS)
def test_the_headers_of_known_exports_are_mapped(module: str, headers: str, meant: str) -> None:
    assert [str(target) for target in targets(module, headers).values()] == meant.split("|")


def test_what_is_said_goes_before_what_was_kept_and_that_before_names() -> None:
    found = targets(
        "leads", "Mail|Email|Phone", told={"Mail": "email"}, kept={"Email": "company", "Mail": "city"}
    )
    assert found == {"Mail": "email", "Email": "company", "Phone": "phone"}


def test_of_two_columns_for_one_field_the_surer_is_it() -> None:
    assert targets("leads", "E-mail|email") == {"E-mail": "email", "email": None}
    assert targets("contacts", "Account Name|Account Id") == {"Account Name": None, "Account Id": "account"}
    [lost] = [guess for guess in guess_columns("leads", ["Email", "Work Email"], KNOWN) if not guess.target]
    assert lost.why == "looks like email, which another column is"


def test_columns_of_our_own_files_come_back() -> None:
    found = targets("leads", "firstcall_id|email|owner|tags|Score: Fit total|Reason for rejection")
    assert list(found.values()) == ["@id", "email", "@owner", "@tags", "@skip", "@skip"]


def test_the_order_and_case_of_headers_make_no_other_file() -> None:
    assert digest(["E-Mail", "Name"]) == digest(["name", "Email"]) != digest(["name"])


@pytest.mark.parametrize(
    ("headers", "values"),
    [
        (["0", "2021-01-01 20:59:00", "5737", "english", "2021-01-01 21:01:00", "active"], True),
        (["Ann", "ann@example.com"], True),
        (["Name", "2021", "2022"], True),
        (["Name", "City", "2021", "2022"], False),
        (["id", "E-mail"], False),
    ],
)
def test_a_first_row_of_values_is_no_header(headers: list[str], values: bool) -> None:
    assert looks_like_values(headers) is values
