"""The rule in Polars: lazy, so that it reads only the columns it needs and filters while it scans."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import polars as pl

AS_OF = datetime(2026, 9, 1)  # noqa: DTZ001 (the files hold UTC without a zone)
DAY = timedelta(days=1)


def main(records: str, touchpoints: str, out: str) -> None:
    touched = pl.scan_parquet(touchpoints).filter(pl.col("occurred_at") <= AS_OF)
    leads = pl.scan_parquet(records)
    for part in _web(touched) + _mail(touched) + _others(touched):
        leads = leads.join(part, left_on="id", right_on="record_id", how="left")
    _totals(_points(leads)).collect(engine="streaming").write_parquet(out)


def _of(touched: pl.LazyFrame, *types: str, days: int | None = None) -> pl.LazyFrame:
    kept = touched.filter(pl.col("type").is_in(types)) if types else touched
    return kept if days is None else kept.filter(pl.col("occurred_at") > AS_OF - days * DAY)


def _steps(days: int) -> pl.Expr:
    return (pl.lit(AS_OF) - pl.col("occurred_at")).dt.total_microseconds() // (days * 86_400_000_000)


def _web(touched: pl.LazyFrame) -> list[pl.LazyFrame]:
    at, path = pl.col("occurred_at"), pl.col("path")
    visits = _of(touched, "web.visited")
    # Within a day are three, if the third before is less than a day older.
    compared = (
        visits.filter(path.str.starts_with("/features"))
        .sort("record_id", "occurred_at")
        .with_columns(two_before=at.shift(2).over("record_id"))
        .group_by("record_id")
        .agg(compared=(at - pl.col("two_before") < DAY).any())
    )
    return [
        visits.group_by("record_id").agg(
            last_visit=at.max(),
            prices=(path.str.starts_with("/pricing") & (at > AS_OF - 30 * DAY)).any(),
            long_ago=(at <= AS_OF - 180 * DAY).sum(),
        ),
        _of(touched, "web.visited", days=30).group_by("record_id").agg(pages=path.n_unique()),
        _of(touched, "web.visited", days=60).group_by("record_id").agg(days=at.dt.date().n_unique()),
        compared,
        _of(touched, "web.form_submitted")
        .filter(pl.col("form") == "demo")
        .group_by("record_id")
        .agg(last_demo=at.max()),
    ]


def _mail(touched: pl.LazyFrame) -> list[pl.LazyFrame]:
    worth = pl.DataFrame({"step": range(11), "worth": [1000, 500, 250, 125, 63, 31, 16, 8, 4, 2, 1]}).lazy()
    at = pl.col("occurred_at")
    fresh = ~pl.col("machine") & (at > AS_OF - 18 * DAY)
    return [
        _of(touched, "email.replied", days=330)
        .with_columns(step=_steps(30))
        .join(worth, on="step")
        .group_by("record_id")
        .agg(answers=pl.col("worth").sum()),
        _of(touched, "email.clicked", "campaign.clicked", days=90)
        .group_by("record_id")
        .agg(clicks=pl.len(), fading=(300 - 50 * _steps(3)).filter(fresh).sum()),
        _of(touched, "email.bounced", "email.unsubscribed", "campaign.unsubscribed")
        .group_by("record_id")
        .agg(unwelcome=pl.len()),
    ]


def _others(touched: pl.LazyFrame) -> list[pl.LazyFrame]:
    at, duration = pl.col("occurred_at"), pl.col("duration")
    talks = (pl.col("type") == "call.attended") & (at > AS_OF - 20 * DAY)
    spring = (at >= datetime(2026, 3, 1)) & (at < datetime(2026, 6, 1))  # noqa: DTZ001
    return [
        _of(touched, "call.made", "call.attended", days=90)
        .group_by("record_id")
        .agg(longest=duration.max(), talked=duration.filter(talks).sum()),
        _of(touched, "chat.completed", days=180).group_by("record_id").agg(worst=pl.col("rating").min()),
        _of(touched, "survey.responded")
        .group_by("record_id")
        .agg(survey=pl.col("rating").sort_by("occurred_at").last()),
        _of(touched, "webinar.attended").filter(spring).group_by("record_id").agg(webinars=pl.len()),
        _of(touched, days=7).group_by("record_id").agg(lately=pl.len()),
    ]


def _once(holds: pl.Expr, points: int) -> pl.Expr:
    return pl.when(holds).then(points).otherwise(0)


def _each(name: str, points: int, every: int, at_most: int) -> pl.Expr:
    counted = pl.col(name).fill_null(0).cast(pl.Int64)
    return (counted // every * points).clip(upper_bound=at_most)


def _points(leads: pl.LazyFrame) -> pl.LazyFrame:
    title, email = pl.col("job_title"), pl.col("email")
    size, trial = pl.col("employees"), pl.col("trial_ends_on")
    table = pl.when(size >= 1000).then(2000).when(size >= 100).then(1000).when(size.is_not_null()).then(200)
    mail = _each("answers", 1, 1, 5000) + _each("fading", 1, 1, 1500) + _once(pl.col("clicks") > 10, 1500)
    asked = (pl.lit(AS_OF) - pl.col("last_demo")).dt.total_microseconds() // (14 * 86_400_000_000)
    last = pl.col("last_visit").fill_null(pl.col("created_at"))
    quiet = (pl.lit(AS_OF) - last).dt.total_microseconds() // (7 * 86_400_000_000)
    return leads.select(
        "id",
        positive=_once(title.str.contains(r"(?i)\b(chief|director|vp)\b"), 2000)
        + table.otherwise(0)
        + _once(pl.col("industry").is_in(["IT", "Finance", "Health"]), 1000)
        + _once(pl.col("created_at").is_between(AS_OF - 14 * DAY, AS_OF, closed="right"), 500)
        + _once(trial.is_between(AS_OF.date(), AS_OF.date() + 14 * DAY, closed="right"), 1000)
        + _once(pl.col("budget").is_between(100_000, 250_000.50), 1250),
        negative=_once(title.str.contains(r"(?i)\b(student|intern)\b"), 3000)
        + _once(email.str.ends_with("@rival.example") | email.str.ends_with("@freemail.example"), 2500),
        touchpoint_positive=_once(pl.col("prices"), 2500)
        + _once(pl.col("compared"), 3000)
        + _once(pl.col("pages") >= 5, 1000)
        + _each("days", 100, 1, 800)
        + _each("long_ago", 50, 5, 500)
        + (4000 * pl.lit(0.75).pow(asked)).round().cast(pl.Int64).fill_null(0)
        + mail.clip(upper_bound=6000)
        + _once(pl.col("talked") > 900, 2000)
        + _once(pl.col("longest") >= 3000, 2000)
        + _once(pl.col("survey") >= 9, 1500)
        + _each("webinars", 400, 1, 1200)
        + _once((pl.col("lately") >= 3) & title.str.contains(r"(?i)\bdirector\b"), 1000),
        touchpoint_negative=(500 * quiet).clip(upper_bound=4000)
        + _once(pl.col("unwelcome").is_not_null() | ~pl.col("opted_in"), 2000)
        + _once(pl.col("worst") < 3, 1000)
        + _once(pl.col("survey") < 4, 1500),
    )


def _totals(points: pl.LazyFrame) -> pl.LazyFrame:
    touchpoints = pl.col("touchpoint_positive") - pl.col("touchpoint_negative")
    total = (pl.col("positive") - pl.col("negative") + touchpoints).clip(0, 10_000)
    grade = pl.when(total >= 8000).then(pl.lit("Hot")).when(total >= 4000).then(pl.lit("Warm"))
    figures = [
        "positive",
        "negative",
        "touchpoint_positive",
        "touchpoint_negative",
        "touchpoint_total",
        "total",
    ]
    return (
        points.with_columns(touchpoint_total=touchpoints, total=total, grade=grade.otherwise(pl.lit("Cold")))
        .sort("total", "id", descending=[True, False])
        .select(
            pl.col("id").cast(pl.String),
            *(
                (pl.col(name).cast(pl.Decimal(38, 0)) * pl.lit("0.01").cast(pl.Decimal(38, 2)))
                for name in figures
            ),
            "grade",
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
