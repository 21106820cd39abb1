"""Lists of a module's records."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from firstcall.moments import now
from firstcall.records.actions import create_records
from firstcall.records.importing.models import ImportRun
from firstcall.scorekeeping.keeper import keep_all
from tests.web.conftest import Company

PART = {"HX-Request": "true"}


def names(page: str) -> list[str]:
    return re.findall(r'class="list-title"><a[^>]*>([^<]+)</a>', page)


def test_the_hottest_come_first_and_those_without_a_score_last(company: Company, bob: Client) -> None:
    page = bob.get("/records/leads").text
    assert names(page) == ["Ann Miller", "Cora", "Eve"]
    assert 'aria-sort="descending"' in page
    assert "Hot</span>" in page


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("employees", ["Cora", "Ann Miller", "Eve"]),
        ("-employees", ["Ann Miller", "Cora", "Eve"]),
        ("id", ["Ann Miller", "Cora", "Eve"]),
        ("-id", ["Eve", "Cora", "Ann Miller"]),
        ("last_name", ["Cora", "Eve", "Ann Miller"]),
    ],
)
def test_a_list_is_sorted_by_any_field(company: Company, bob: Client, sort: str, expected: list[str]) -> None:
    assert names(bob.get("/records/leads", {"sort": sort}).text) == expected


def test_by_a_rules_scores_both_ways(company: Company, bob: Client) -> None:
    assert names(bob.get(f"/records/leads?sort=score:{company.rule.pk}").text) == [
        "Cora",
        "Ann Miller",
        "Eve",
    ]


@pytest.mark.parametrize("sort", ["id", "-id", "employees", "-employees", "score", "-score", "-created_at"])
def test_every_order_gives_each_record_once_over_all_pages(company: Company, bob: Client, sort: str) -> None:
    rows = [
        {"last_name": f"L{n}", "employees": (n % 7) * 50 or None, "source": "Fair" if n % 5 == 0 else "Web"}
        for n in range(130)
    ]
    create_records(company.leads, rows, at=now())
    keep_all(now=now)
    order = sort.replace("score", f"score:{company.rule.pk}")
    page = bob.get("/records/leads", {"sort": order}).text
    seen = names(page)
    while more := re.search(r'hx-get="(\?[^"]*part=rows[^"]*)"', page):
        page = bob.get("/records/leads" + more[1].replace("&amp;", "&"), headers=PART).text
        assert "<html" not in page
        seen += names(page)
    assert len(seen) == 133
    assert len(set(seen)) == 133


@pytest.mark.parametrize(
    ("f", "t", "v", "expected"),
    [
        ("employees", "gte", "100", ["Ann Miller"]),
        ("employees", "empty", "", ["Eve"]),
        ("last_name", "starts_with", "mil", ["Ann Miller"]),
        ("source", "is", "Fair", ["Eve"]),
        ("source", "is_not", "Fair", ["Ann Miller", "Cora"]),
        ("created_at", "older_than", "30", ["Ann Miller"]),
        ("created_at", "in_last", "30", ["Cora", "Eve"]),
        ("owner", "is", "bob@example.com", ["Ann Miller", "Cora"]),
        ("account", "filled", "", ["Ann Miller"]),
        ("email", "contains", "ACME", ["Ann Miller"]),
    ],
)
def test_conditions_narrow_the_list(
    company: Company, bob: Client, f: str, t: str, v: str, expected: list[str]
) -> None:
    asked = {"f": f, "t": t, "v": v}
    page = bob.get("/records/leads", asked).text
    assert names(page) == expected
    assert bob.get("/records/leads", asked | {"part": "count"}, headers=PART).text.strip() == str(
        len(expected)
    )


def test_grades_owner_and_conditions_go_together(company: Company, bob: Client) -> None:
    assert names(bob.get("/records/leads?grade=Hot").text) == ["Ann Miller"]
    assert names(bob.get("/records/leads?grade=Hot&grade=Cold&whose=mine").text) == ["Ann Miller", "Cora"]
    assert names(bob.get("/records/leads?whose=nobody").text) == ["Eve"]
    page = bob.get("/records/leads?grade=Warm").text
    assert "Nothing meets all of this" in page


def test_what_cannot_be_asked_is_said_and_the_list_is_there_all_the_same(
    company: Company, bob: Client
) -> None:
    page = bob.get("/records/leads", {"f": "employees", "t": "gte", "v": "many"}).text
    assert 'role="alert"' in page
    assert names(page) == ["Ann Miller", "Cora", "Eve"]
    page = bob.get("/records/leads", {"sort": "nothing"}).text
    assert 'role="alert"' in page
    assert len(names(page)) == 3


def test_what_is_asked_of_a_field_that_is_gone_is_told(company: Company, bob: Client) -> None:
    told = "may have more records than it was to have"
    asked = {"f": ["employees", "colour"], "t": ["gte", "is"], "v": ["1", "red"]}
    page = bob.get("/records/leads", asked).text
    assert told in page
    assert "It asks about colour, which leads does not have." in page
    german = bob.get("/records/leads", asked, headers={"Accept-Language": "de"}).text
    assert "Gefragt wird nach colour, das leads nicht hat." in german
    query = "f=employees&t=gte&v=1&f=colour&t=is&v=red"
    all_of_it = {"do": "change", "everything": "1", "asked": query, "add_tags": "late"}
    answer = bob.post("/records/leads/bulk", all_of_it, follow=True).text
    assert "It asks about colour, which leads does not have. Show the list without it first." in answer
    assert not ImportRun.objects.exists()
    asked = {"f": ["employees", ""], "t": ["gte", ""], "v": ["1", ""]}
    assert told not in bob.get("/records/leads", asked).text


@pytest.mark.parametrize("after", ["nonsense", "W10=", "WyJ4IiwgMV0=", "eyJhIjogMX0="])
def test_a_place_that_is_none_does_no_harm(company: Company, bob: Client, after: str) -> None:
    for sort in ("id", "employees", f"score:{company.rule.pk}"):
        assert bob.get("/records/leads", {"sort": sort, "after": after}).status_code == 200


def test_columns_are_chosen(company: Company, bob: Client) -> None:
    page = bob.get("/records/leads?col=account&col=employees&col=nothing").text
    table = page[page.index("<table") : page.index("</table>")]
    assert re.findall(r'data-label="([^"]+)"', table)[:2] == ["Account", "employees"]
    assert f'<a href="/records/accounts/{company.acme.pk}">Acme</a>' in table
    assert 'class="is-number">250</td>' in table


def test_the_row_of_a_condition_follows_its_field(company: Company, bob: Client) -> None:
    asked = {"part": "condition", "f": "source", "t": "gte", "v": ""}
    row = bob.get("/records/leads", asked, headers=PART).text
    assert '<option value="is" selected>' in row
    assert "<option>Fair</option>" in row


def test_a_module_that_is_not_there_is_missing(company: Company, bob: Client) -> None:
    assert bob.get("/records/nothing").status_code == 404


def test_an_empty_module_says_how_it_is_filled(company: Company, bob: Client) -> None:
    module = type(company.leads).objects.create(name="deals", label="Deals")
    assert "There is nothing here yet" in bob.get(f"/records/{module.name}").text


def listed(client: Client, query: str) -> set[str]:
    page = client.get(f"/records/leads?{query}").text
    return {name for name in ("Ann Miller", "Cora", "Eve") if f">{name}</a>" in page}


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("f=did:web.visited&t=in_30&v=3", {"Ann Miller"}),
        ("f=did:web.*&t=ever&v=6", set()),
        ("f=did:email.unsubscribed&t=within&v=3", {"Cora"}),
        ("f=did:email.unsubscribed&t=within&v=1", set()),
        ("f=did:*&t=never&v=", {"Eve"}),
        ("f=did:web.visited&t=not_within&v=30", {"Cora", "Eve"}),
        ("f=score:{rule}&t=gte&v=40", {"Ann Miller"}),
        ("f=score:{rule}&t=unscored&v=", {"Eve"}),
        ("f=score:{rule}.grade&t=is_not&v=Hot", {"Cora"}),
        ("f=score:{rule}.touchpoint_negative&t=gte&v=15", {"Cora"}),
        ("f=score:{rule}&t=gte&v=40&f=did:*&t=never&v=", set()),
    ],
)
def test_lists_are_narrowed_by_what_people_did_and_by_scores(
    company: Company, bob: Client, query: str, who: set[str]
) -> None:
    assert listed(bob, query.format(rule=company.rule.pk)) == who


def test_a_condition_that_cannot_be_asked_is_told_and_left_out(company: Company, bob: Client) -> None:
    page = bob.get("/records/leads?f=did:web.visited&t=in_30&v=often").text
    assert re.search(r'role="alert"><p>[^<]*“often”', page)
    assert "Ann Miller" in page
    assert 'value="often"' in page


@pytest.mark.parametrize("typed", ["1e1000000", "-1e999999", "Infinity", "-inf", "NaN", "sNaN", "1" * 400])
@pytest.mark.parametrize("f", ["employees", "did:web.visited", "score:{rule}"])
def test_a_number_beyond_all_numbers_is_told_and_left_out(
    company: Company, bob: Client, f: str, typed: str
) -> None:
    test = "in_30" if f.startswith("did:") else "gte"
    asked = {"f": f.format(rule=company.rule.pk), "t": test, "v": typed}
    page = bob.get("/records/leads", asked)
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert names(page.text) == ["Ann Miller", "Cora", "Eve"]


def test_a_number_near_zero_is_one(company: Company, bob: Client) -> None:
    assert names(bob.get("/records/leads?f=employees&t=gt&v=1e-7").text) == ["Ann Miller", "Cora"]


def test_the_last_touchpoint_stands_in_a_column(company: Company, bob: Client) -> None:
    page = bob.get("/records/leads?col=touched").text
    assert "Last touchpoint" in page
    assert "Visited a page" in page
