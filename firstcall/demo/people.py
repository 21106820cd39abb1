"""The made-up leads: people of companies, their observable fit, hidden intent, and an outcome of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from firstcall.demo import moments
from firstcall.demo.draws import Draws, Flags, Floats, Ints, chance_table, normal_table, skewed_table
from firstcall.demo.vocabulary import (
    COMPETITORS,
    FREE_MAIL,
    INDUSTRIES,
    LANGUAGES,
    PLAIN,
    PRODUCTS,
    SOURCES,
    TITLES,
)

DAY = moments.DAY
SPAN = 730 * DAY  # leads come in over two years

LEADS_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "first_name", "last_name", "email", "company", "job_title")),
        *((name, pa.string()) for name in ("industry", "country")),
        ("employees", pa.int64()),
        ("annual_revenue", pa.int64()),
        *((name, pa.string()) for name in ("lead_source", "product_interest")),
        ("created_at", pa.timestamp("us", "UTC")),
        ("converted", pa.bool_()),
        ("decided_at", pa.timestamp("us", "UTC")),
    ]
)

# Levels of intent: the middles, in standard deviations.
LEVELS = np.array([round(-2.1 + 0.3 * level, 1) for level in range(16)])

_NORMAL = normal_table()
_DAYS_TO_DECISION = skewed_table(0.6)
_PER_HEAD = (60_000, 85_000, 110_000, 140_000, 180_000, 260_000)
_SIZE_EDGES = np.array([10, 50, 200, 2_000])
_SIZE_SUITS = np.array([-60, 0, 45, 85, 50])
_LEAVES = np.array([round(0.11 - 0.006 * level, 3) for level in range(16)])  # the keen leave less
_LOWEST, _HIGHEST = -700, 700
_CHANCES = chance_table(_LOWEST, _HIGHEST)
_OFFSET = -375  # sets the share that converts, about one in six


@dataclass(frozen=True, slots=True)
class People:
    """A batch of leads and what nobody sees: how keen each is (an index of LEVELS) and how it behaves."""

    table: pa.Table
    created_at: Ints  # whole seconds since 1970
    decided_at: Ints
    level: Ints
    website: Flags  # came by a form on the website
    silent: Flags
    bounced: Flags
    leaves: Flags  # unsubscribes at some moment
    crawled: Flags  # a machine walks the website in the lead's name


@dataclass(frozen=True, slots=True)
class _Companies:
    name: pa.Array
    domain: pa.Array
    language: Ints
    country: pa.Array
    industry: Ints
    employees: Ints
    revenue: Ints


def make_people(draws: Draws, first: int, count: int, as_of: int) -> People:
    """Leads number `first` to `first + count - 1`, as they are known at `as_of` (seconds since 1970)."""
    companies = _make_companies(draws, max(1, count * 7 // 10))
    company = draws.below(len(companies.name), count)
    title = draws.pick([title.weight for title in TITLES], count)
    source = draws.pick([source.weight for source in SOURCES], count)
    free_mail = draws.chance(0.12, count)
    rival = draws.chance(0.008, count)
    bounced = draws.chance(np.array([source.bounced for source in SOURCES])[source], count)
    silent = draws.chance(np.array([source.silent for source in SOURCES])[source], count)

    fit = _fit(companies, company, title, source) - 60 * free_mail - 200 * (rival | bounced)
    intent = _intent(draws, source, silent, count)
    created_at, converted, decided_at = _outcome(draws, fit, intent, as_of)
    level = np.clip(np.floor((intent + 2.25) / 0.3), 0, len(LEVELS) - 1).astype(np.int64)
    columns = {
        "id": _ids(first, count),
        **_names(draws, companies, company, free_mail, rival, count),
        "job_title": _words([title.text or None for title in TITLES], title),
        **_company_fields(draws, companies, company, count),
        "lead_source": _words([source.name for source in SOURCES], source),
        "product_interest": _words(
            [name or None for name, _ in PRODUCTS], draws.pick([weight for _, weight in PRODUCTS], count)
        ),
        "created_at": moments.timestamps(created_at),
        "converted": pa.array(converted),
        "decided_at": moments.timestamps(decided_at),
    }
    return People(
        table=pa.table([columns[name] for name in LEADS_SCHEMA.names], schema=LEADS_SCHEMA),
        created_at=created_at,
        decided_at=decided_at,
        level=level,
        website=(source == 0) & draws.chance(0.8, count),
        silent=silent,
        bounced=bounced,
        leaves=draws.chance(_LEAVES[level], count) & ~bounced,
        crawled=draws.chance(0.015, count),
    )


def _make_companies(draws: Draws, count: int) -> _Companies:
    language = draws.pick([language.weight for language in LANGUAGES], count)
    industry = draws.pick([industry.weight for industry in INDUSTRIES], count)
    stem = _family_names(draws, language)
    kind = _pick_word(draws, [industry.words.split() for industry in INDUSTRIES], industry)
    employees = _employees(draws, count)
    per_head = np.array(_PER_HEAD)[draws.below(len(_PER_HEAD), count)]
    return _Companies(
        name=pc.binary_join_element_wise(stem, kind, " "),
        domain=pc.binary_join_element_wise(_plain(stem), "-", _plain(kind), ".example", ""),
        language=language,
        country=_pick_word(draws, [language.countries.split("|") for language in LANGUAGES], language),
        industry=industry,
        employees=employees,
        revenue=employees * per_head,
    )


def _employees(draws: Draws, count: int) -> Ints:
    """Head counts from a skewed curve with mean 400, in two figures as people state them."""
    sizes = [max(1, round(400 * size)) for size in skewed_table(1.6).tolist()]
    stated = [round(size, 2 - len(str(size))) for size in sizes]
    return np.array(stated, dtype=np.int64)[draws.below(len(stated), count)]


def _fit(companies: _Companies, company: Ints, title: Ints, source: Ints) -> Ints:
    """How well a lead suits the seller, in hundredths of log-odds: what good rules can find in the fields."""
    size = _SIZE_SUITS[np.searchsorted(_SIZE_EDGES, companies.employees[company], side="right")]
    industry = np.array([industry.suits for industry in INDUSTRIES])[companies.industry[company]]
    decides = np.array([title.suits for title in TITLES])[title]
    return np.asarray(size + industry + decides + np.array([source.suits for source in SOURCES])[source])


def _intent(draws: Draws, source: Ints, silent: Flags, count: int) -> Floats:
    """How keen each lead is, in standard deviations; nobody sees it but in what the lead does."""
    drawn = _NORMAL[draws.below(len(_NORMAL), count)]
    again = _NORMAL[draws.below(len(_NORMAL), count)]
    keen = np.array([source.keen for source in SOURCES])[source] / 100
    return np.asarray(np.where(silent, np.minimum(drawn, again), drawn) + keen)


def _outcome(draws: Draws, fit: Ints, intent: Floats, as_of: int) -> tuple[Ints, Flags, Ints]:
    """When each lead came, whether it became a customer, and when that was settled.

    A lead still open at `as_of` has not converted, and what is known of it ends at `as_of`.
    """
    count = len(fit)
    unknown = _NORMAL[draws.below(len(_NORMAL), count)] * 30
    odds = np.floor(_OFFSET + fit * 1.4 + intent * 150 + unknown).astype(np.int64)
    wins = draws.chance(_CHANCES[np.clip(odds, _LOWEST, _HIGHEST) - _LOWEST], count)
    age, other = draws.uniform(count), draws.uniform(count)
    lately = np.where(draws.chance(0.5, count), np.minimum(age, other), age)
    created_at = as_of - 1 - np.floor(lately * (SPAN - 1)).astype(np.int64)
    created_at = moments.in_working_hours(draws, created_at, as_of - SPAN, as_of - 1)
    days = _DAYS_TO_DECISION[draws.below(len(_DAYS_TO_DECISION), count)] * np.where(wins, 32, 45)
    decided_at = created_at + np.floor(np.clip(days, 4, 240) * DAY).astype(np.int64)
    open_still = decided_at > as_of
    return created_at, wins & ~open_still, np.minimum(decided_at, as_of)


def _ids(first: int, count: int) -> pa.Array:
    numbers = pc.cast(pa.array(np.arange(first, first + count)), pa.string())
    return pc.binary_join_element_wise("L", pc.utf8_lpad(numbers, 7, "0"), "")


def _names(
    draws: Draws, companies: _Companies, company: Ints, free_mail: Flags, rival: Flags, count: int
) -> dict[str, pa.Array]:
    """First and last name, mostly of the company's language, and an address made from them."""
    language = companies.language[company]
    moved = draws.pick([language.weight for language in LANGUAGES], count)
    language = np.where(draws.chance(0.2, count), moved, language)
    given, family = _given_names(draws, language), _family_names(draws, language)
    domain = companies.domain.take(pa.array(company))
    domain = pc.if_else(pa.array(free_mail), _words(FREE_MAIL, draws.below(len(FREE_MAIL), count)), domain)
    rivals = [f"{name.lower()}.example" for name in COMPETITORS]
    domain = pc.if_else(pa.array(rival), _words(rivals, draws.below(len(rivals), count)), domain)
    local = pc.binary_join_element_wise(_plain(given), _plain(family), ".")
    name = pc.if_else(pa.array(rival), pc.utf8_capitalize(domain), companies.name.take(pa.array(company)))
    return {
        "first_name": given,
        "last_name": family,
        "email": pc.binary_join_element_wise(local, domain, "@"),
        "company": pc.replace_substring(name, ".example", ""),
    }


def _company_fields(draws: Draws, companies: _Companies, company: Ints, count: int) -> dict[str, pa.Array]:
    """What is known of the company; its size and revenue not always."""
    unsized, unearned = draws.chance(0.12, count), draws.chance(0.25, count)
    return {
        "industry": _words([industry.name for industry in INDUSTRIES], companies.industry[company]),
        "country": companies.country.take(pa.array(company)),
        "employees": pa.array(companies.employees[company], mask=unsized),
        "annual_revenue": pa.array(companies.revenue[company], mask=unearned),
    }


def _given_names(draws: Draws, language: Ints) -> pa.Array:
    return _compose(draws, [language.given for language in LANGUAGES], language)


def _family_names(draws: Draws, language: Ints) -> pa.Array:
    return _compose(draws, [language.family for language in LANGUAGES], language)


def _compose(draws: Draws, parts: list[tuple[str, str]], language: Ints) -> pa.Array:
    starts = _pick_word(draws, [start.split() for start, _ in parts], language)
    ends = _pick_word(draws, [end.split() for _, end in parts], language)
    return pc.binary_join_element_wise(starts, ends, "")


def _pick_word(draws: Draws, lists: list[list[str]], which: Ints) -> pa.Array:
    """For each draw a word of the list that `which` names."""
    sizes = np.array([len(words) for words in lists])
    offsets = np.cumsum(sizes) - sizes
    flat = [word for words in lists for word in words]
    return _words(flat, offsets[which] + draws.below(sizes[which], len(which)))


def _words(words: list[str] | list[str | None] | tuple[str, ...], indexes: Ints) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(indexes))


def _plain(names: pa.Array) -> pa.Array:
    """The names in the plain small letters of an address."""
    coded = names.dictionary_encode()
    plain = pa.array([name.translate(PLAIN).lower() for name in coded.dictionary.to_pylist()], pa.string())
    return plain.take(coded.indices)
