"""The rule in pandas: reads the columns it needs, then groups the touchpoints of each kind."""

from __future__ import annotations

import sys
from decimal import Decimal

import numpy as np
import pandas as pd

AS_OF = pd.Timestamp("2026-09-01")
DAY = pd.Timedelta(days=1)
_READ = ["record_id", "type", "occurred_at", "path", "form", "duration", "machine", "rating"]
_FIGURES = ["positive", "negative", "touchpoint_positive", "touchpoint_negative", "touchpoint_total", "total"]


def main(records: str, touchpoints: str, out: str) -> None:
    touched = pd.read_parquet(touchpoints, columns=_READ, dtype_backend="pyarrow")
    touched = touched[touched["occurred_at"] <= AS_OF]
    leads = pd.read_parquet(records, dtype_backend="pyarrow").set_index("id")
    measures = {**_web(touched), **_mail(touched), **_others(touched)}
    for name, column in measures.items():
        leads[name] = column.reindex(leads.index)
    scores = _scores(leads)
    scores.insert(0, "id", scores.index.astype(str))
    ranked = scores.reset_index(drop=True).sort_values(["total", "id"], ascending=[False, True])
    for name in _FIGURES:
        ranked[name] = [Decimal(points).scaleb(-2) for points in ranked[name].tolist()]
    ranked[["id", *_FIGURES, "grade"]].to_parquet(out, index=False)


def _of(touched: pd.DataFrame, *types: str, days: int | None = None) -> pd.DataFrame:
    kept = touched[touched["type"].isin(types)] if types else touched
    return kept if days is None else kept[kept["occurred_at"] > AS_OF - days * DAY]


def _steps(moments: pd.Series, days: int) -> np.ndarray:
    ages = AS_OF.value // 1000 - moments.astype("datetime64[us]").astype("int64").to_numpy()
    return ages // (days * 86_400_000_000)


def _web(touched: pd.DataFrame) -> dict[str, pd.Series]:
    visits, at = _of(touched, "web.visited"), "occurred_at"
    prices = visits[visits["path"].str.startswith("/pricing") & (visits[at] > AS_OF - 30 * DAY)]
    features = visits[visits["path"].str.startswith("/features")].sort_values(["record_id", at])
    third = features[at] - features.groupby("record_id")[at].shift(2) < DAY
    days = _of(visits, days=60)
    forms = _of(touched, "web.form_submitted")
    return {
        "last_visit": visits.groupby("record_id")[at].max(),
        "prices": prices.groupby("record_id").size(),
        "long_ago": visits[visits[at] <= AS_OF - 180 * DAY].groupby("record_id").size(),
        "pages": _of(visits, days=30).groupby("record_id")["path"].nunique(),
        "days": days[at].dt.floor("D").groupby(days["record_id"]).nunique(),
        "compared": features[third.fillna(value=False)].groupby("record_id").size(),
        "last_demo": forms[forms["form"] == "demo"].groupby("record_id")[at].max(),
    }


def _mail(touched: pd.DataFrame) -> dict[str, pd.Series]:
    worth = np.array([1000, 500, 250, 125, 63, 31, 16, 8, 4, 2, 1])
    answers = _of(touched, "email.replied", days=330)
    clicks = _of(touched, "email.clicked", "campaign.clicked", days=90)
    fresh = _of(clicks[~clicks["machine"]], days=18)
    unwelcome = _of(touched, "email.bounced", "email.unsubscribed", "campaign.unsubscribed")
    answered = pd.Series(worth[_steps(answers["occurred_at"], 30)], index=answers.index)
    fading = pd.Series(300 - 50 * _steps(fresh["occurred_at"], 3), index=fresh.index)
    return {
        "answers": answered.groupby(answers["record_id"]).sum(),
        "clicks": clicks.groupby("record_id").size(),
        "fading": fading.groupby(fresh["record_id"]).sum(),
        "unwelcome": unwelcome.groupby("record_id").size(),
    }


def _others(touched: pd.DataFrame) -> dict[str, pd.Series]:
    calls = _of(touched, "call.made", "call.attended", days=90)
    talks = _of(calls, "call.attended", days=20)
    webinars = _of(touched, "webinar.attended")
    spring = webinars["occurred_at"].between(
        pd.Timestamp("2026-03-01"), pd.Timestamp("2026-06-01"), inclusive="left"
    )
    surveys = _of(touched, "survey.responded").sort_values("occurred_at")
    return {
        "longest": calls.groupby("record_id")["duration"].max(),
        "talked": talks.groupby("record_id")["duration"].sum(),
        "worst": _of(touched, "chat.completed", days=180).groupby("record_id")["rating"].min(),
        "survey": surveys.groupby("record_id")["rating"].last(),
        "webinars": webinars[spring].groupby("record_id").size(),
        "lately": _of(touched, days=7).groupby("record_id").size(),
    }


def _scores(leads: pd.DataFrame) -> pd.DataFrame:
    def number(name: str) -> np.ndarray:
        return leads[name].astype("float64").to_numpy(na_value=np.nan)

    def count(name: str) -> np.ndarray:
        return np.nan_to_num(number(name)).astype("int64")

    def once(holds: object, points: int) -> np.ndarray:
        held = pd.Series(holds, index=leads.index).astype("boolean").fillna(value=False)
        return np.where(held.to_numpy(dtype=bool), points, 0)

    def steps(moments: pd.Series, days: int) -> np.ndarray:
        return _steps(moments, days)

    title, email, size = leads["job_title"], leads["email"], number("employees")
    created, trial = leads["created_at"], pd.to_datetime(leads["trial_ends_on"].astype("object"))
    table = np.select([size >= 1000, size >= 100, ~np.isnan(size)], [2000, 1000, 200], 0)
    asked = leads["last_demo"].fillna(AS_OF)
    demo = np.where(leads["last_demo"].isna(), 0, np.floor(4000 * 0.75 ** steps(asked, 14) + 0.5))
    mail = (
        np.minimum(count("answers"), 5000)
        + np.minimum(count("fading"), 1500)
        + once(count("clicks") > 10, 1500)
    )
    quiet = steps(leads["last_visit"].fillna(created), 7)
    scores = pd.DataFrame(index=leads.index)
    scores["positive"] = (
        once(title.str.contains(r"\b(?:chief|director|vp)\b", case=False), 2000)
        + table
        + once(leads["industry"].isin(["IT", "Finance", "Health"]), 1000)
        + once((created > AS_OF - 14 * DAY) & (created <= AS_OF), 500)
        + once((trial > AS_OF) & (trial <= AS_OF + 14 * DAY), 1000)
        + once((number("budget") >= 100_000) & (number("budget") <= 250_000.50), 1250)
    )
    scores["negative"] = once(title.str.contains(r"\b(?:student|intern)\b", case=False), 3000) + once(
        email.str.endswith("@rival.example") | email.str.endswith("@freemail.example"), 2500
    )
    scores["touchpoint_positive"] = (
        once(count("prices") > 0, 2500)
        + once(count("compared") > 0, 3000)
        + once(count("pages") >= 5, 1000)
        + np.minimum(count("days") * 100, 800)
        + np.minimum(count("long_ago") // 5 * 50, 500)
        + demo.astype("int64")
        + np.minimum(mail, 6000)
        + once(count("talked") > 900, 2000)
        + once(number("longest") >= 3000, 2000)
        + once(number("survey") >= 9, 1500)
        + np.minimum(count("webinars") * 400, 1200)
        + once(
            (count("lately") >= 3) & title.str.contains(r"\bdirector\b", case=False).fillna(value=False), 1000
        )
    )
    scores["touchpoint_negative"] = (
        np.minimum(500 * quiet, 4000)
        + once((count("unwelcome") > 0) | ~leads["opted_in"], 2000)
        + once(number("worst") < 3, 1000)
        + once(number("survey") < 4, 1500)
    )
    scores["touchpoint_total"] = scores["touchpoint_positive"] - scores["touchpoint_negative"]
    scores["total"] = (scores["positive"] - scores["negative"] + scores["touchpoint_total"]).clip(0, 10_000)
    scores["grade"] = np.select([scores["total"] >= 8000, scores["total"] >= 4000], ["Hot", "Warm"], "Cold")
    return scores


if __name__ == "__main__":
    main(*sys.argv[1:])
