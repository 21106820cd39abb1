"""Made-up leads and touchpoints of any size as Parquet, made once by DuckDB and kept in a cache folder.

Skewed as real logs are: three leads of ten have no touchpoint, the heaviest have tens of thousands; forty
types, the commonest a fifth of all rows. The same seed and DuckDB version give the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

AS_OF = "2026-09-01T00:00:00Z"
_AS_OF_US = 1_788_220_800_000_000
_SPAN_SECONDS = 730 * 86_400
_SEED = 20_260_901

# The commonest first: the i-th of n types has the share ((i + 1)^0.4 - i^0.4) / n^0.4.
TYPES = (
    *("web.visited", "email.opened", "email.clicked", "campaign.opened", "campaign.clicked", "product.used"),
    *(
        "email.replied",
        "web.downloaded",
        "call.made",
        "call.attended",
        "web.form_submitted",
        "chat.completed",
    ),
    *("webinar.registered", "webinar.attended", "email.bounced", "email.unsubscribed", "survey.responded"),
    *("desk.ticket_opened", "desk.ticket_closed", "campaign.unsubscribed", "campaign.hard_bounced"),
    *("ads.clicked", "ads.viewed", "x.mentioned", "facebook.liked", "linkedin.followed", "instagram.liked"),
    *("event.registered", "event.attended", "product.invited", "product.exported", "product.upgraded"),
    *("quote.opened", "quote.signed", "invoice.paid", "invoice.overdue", "sms.sent", "sms.replied"),
    *("referral.sent", "partner.introduced"),
)
_TITLES = (
    *("Director of IT", "VP Sales", "Chief Marketing Officer", "Student", "Software Engineer", "Head of Ops"),
    *("Intern", "CTO", "Account Manager", "Sales director", "Director-General", "Office Assistant"),
)
_PATHS = (
    *(
        "/",
        "/pricing",
        "/pricing/enterprise",
        "/features",
        "/features/api",
        "/features/reports",
        "/blog/hiring",
    ),
    *("/blog/scoring", "/blog/growth", "/careers", "/careers/engineer", "/docs", "/docs/install", "/about"),
)
_INDUSTRIES = ("IT", "Retail", "Finance", "Health", "Manufacturing", "Education", "Energy", "Travel")
_SOURCES = ("Webinar", "Web", "Ads", "Referral", "Trade Show", "Partner")
_COUNTRIES = ("Germany", "France", "Brazil", "India", "Japan", "United States", "Kenya", "Norway")
_MAIL_DOMAINS = ("acme.example", "globex.example", "rival.example", "freemail.example", "initech.example")


# By hand: to_json would write a null for each property that a type does not have.
_JSON_SQL = """
SELECT record_id, type, occurred_at,
       '{{' || concat_ws(',', '"path":"' || path || '"', '"form":"' || form || '"', '"duration":' || duration,
                        '"campaign":"' || campaign || '"', '"machine":' || machine, '"rating":' || rating)
       || '}}' AS properties
FROM '{file}'"""


@dataclass(frozen=True)
class Dataset:
    """Where the files of one size are.

    by_type    sorted by type, record, time: best for scoring all
    by_record  sorted by record, time: best for explaining one
    """

    leads: int
    touchpoints: int
    folder: Path

    @property
    def records(self) -> Path:
        return self.folder / "records.parquet"

    @property
    def by_type(self) -> Path:
        return self.folder / "touchpoints_by_type.parquet"

    @property
    def by_record(self) -> Path:
        return self.folder / "touchpoints_by_record.parquet"

    @property
    def by_type_json(self) -> Path:
        """As `by_type`, with all properties in one column of JSON text; made when first asked for."""
        path = self.folder / "touchpoints_by_type_json.parquet"
        with duckdb.connect() as db:
            _write(db, _JSON_SQL.format(file=self.by_type), path)
        return path

    @property
    def heaviest(self) -> int:
        """The id of a lead with tens of thousands of touchpoints."""
        sql = f"SELECT record_id FROM '{self.by_type}' GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT 1"
        with duckdb.connect() as db:
            return int(db.execute(sql).fetchall()[0][0])


def prepare(leads: int, touchpoints: int, cache: Path, *, threads: int = 2) -> Dataset:
    """The files of this size; made now where they are not there yet."""
    dataset = Dataset(leads, touchpoints, cache / f"{leads}x{touchpoints}")
    dataset.folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"threads": threads, "temp_directory": str(dataset.folder / "spill")}) as db:
        # 60 bits, which a signed 64-bit integer holds. One whole number is hashed for each draw: `hash(i, salt)`
        # would differ between salts by a constant only.
        spread = f"hash(i * 64 + salt + {_SEED})"
        db.execute(f"CREATE MACRO draw(i, salt) AS CAST({spread} & 1152921504606846975 AS BIGINT)")
        db.execute("CREATE MACRO uniform(i, salt) AS draw(i, salt) / 1152921504606846976.0")
        _write(db, _leads_sql(leads), dataset.records)
        _write(db, _touchpoints_sql(leads, touchpoints), dataset.by_type)
        by_record = f"SELECT * FROM '{dataset.by_type}' ORDER BY record_id, occurred_at"
        _write(db, by_record, dataset.by_record)
    return dataset


def part_of_time(column: str, part: int, parts: int) -> str:
    """A condition that holds for the touchpoints of one of so many equal parts of the data's time."""
    begin = _AS_OF_US - _SPAN_SECONDS * 1_000_000
    low, high = (begin + _SPAN_SECONDS * 1_000_000 * at // parts for at in (part, part + 1))
    # A touchpoint of the very end has the moment of the end.
    return f"epoch_us({column}) > {low} AND epoch_us({column}) <= {high}"


def _write(db: duckdb.DuckDBPyConnection, sql: str, path: Path) -> None:
    """Write a query's rows, unless the file is there; a half-written one never is."""
    if path.exists():
        return
    unfinished = path.with_suffix(".unfinished")
    db.execute(f"COPY (\n{sql}\n) TO '{unfinished}' (FORMAT parquet, COMPRESSION zstd)")
    unfinished.rename(path)


def _pick(texts: Sequence[str], index: str) -> str:
    return f"{list(texts)!r}[1 + {index}]"


def _leads_sql(leads: int) -> str:
    def among(texts: Sequence[str], salt: int) -> str:
        return _pick(texts, f"draw(i, {salt}) % {len(texts)}")

    def number(most: int, salt: int) -> str:
        return f"CAST(draw(i, {salt}) % {most} AS BIGINT)"

    def seldom(x: str, share: float, salt: int) -> str:
        return f"CASE WHEN uniform(i, {salt}) >= {share} THEN {x} END"

    return f"""
SELECT i AS id,
       {seldom(among(_TITLES, 1), 0.1, 2)} AS job_title,
       {seldom("CAST(exp(uniform(i, 3) * 9) AS INTEGER)", 0.2, 4)} AS employees,
       {among(_INDUSTRIES, 5)} AS industry,
       'lead' || i || '@' || {among(_MAIL_DOMAINS, 6)} AS email,
       {among(_SOURCES, 7)} AS lead_source,
       {among(_COUNTRIES, 8)} AS country,
       {seldom(f"CAST({number(50_000_000, 9)} / 100.0 AS DECIMAL(12, 2))", 0.5, 10)} AS budget,
       {number(3, 11)} > 0 AS opted_in,
       make_timestamp({_AS_OF_US} - {number(_SPAN_SECONDS, 12)} * 1000000) AS created_at,
       {seldom(f"DATE '2026-06-03' + CAST({number(120, 13)} AS INTEGER)", 0.7, 14)} AS trial_ends_on
FROM range({leads}) AS leads(i)"""


def _touchpoints_sql(leads: int, touchpoints: int) -> str:
    touched = max(1, leads * 7 // 10)
    # Record r has about touchpoints / touched / (2.5 * x^1.5) of them, with x from 0.011 to 1: 25 to 25,000.
    share = "(pow(uniform(i, 21) * 0.9891 + 0.0109, 2.5) - pow(0.0109, 2.5)) / (1 - pow(0.0109, 2.5))"
    rank = f"LEAST(CAST(floor({share} * {touched}) AS BIGINT), {touched - 1})"
    common = f"CAST(floor(pow(uniform(i, 22), 2.5) * {len(TYPES)}) AS BIGINT)"
    paths = _pick(_PATHS, f"draw(i, 25) % {len(_PATHS)}")
    form = _pick(("demo", "quote", "contact"), "draw(i, 26) % 3")
    moment = f"{_AS_OF_US} - draw(i, 23) % {_SPAN_SECONDS * 1_000_000}"
    # An odd multiplier without common factor with `leads` scatters the ranks over the ids.
    return f"""
SELECT record_id, type, make_timestamp(moment) AS occurred_at,
       CASE WHEN starts_with(type, 'web.') THEN {paths} END AS path,
       CASE WHEN type = 'web.form_submitted' THEN {form} END AS form,
       CASE WHEN starts_with(type, 'call.') OR type = 'web.visited'
            THEN CAST(draw(i, 27) % 3600 AS INTEGER) END AS duration,
       CASE WHEN starts_with(type, 'campaign.') OR starts_with(type, 'email.')
            THEN 'campaign ' || (draw(i, 28) % 200) END AS campaign,
       CASE WHEN ends_with(type, '.clicked') OR ends_with(type, '.opened')
            THEN draw(i, 29) % 10 = 0 END AS machine,
       CASE WHEN type IN ('survey.responded', 'chat.completed')
            THEN CAST(draw(i, 30) % 11 AS INTEGER) END AS rating
FROM (
  SELECT i, ({rank} * 7919 + 13) % {leads} AS record_id,
         {_pick(TYPES, common)} AS type,
         {moment} AS moment
  FROM range({touchpoints}) AS touchpoints(i)
) AS drawn
ORDER BY type, record_id, occurred_at"""
