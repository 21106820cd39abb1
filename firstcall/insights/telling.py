"""A backtest as an object for JSON: what commands print, the API answers and pages draw."""

from __future__ import annotations

from firstcall.insights.backtesting import Backtest, BracketResult
from firstcall.insights.judging import CriterionResult
from firstcall.insights.ranking import Interval, Share
from firstcall.scoring.numbers import points_decimal
from firstcall.scoring.times import format_moment


def backtest_object(result: Backtest) -> dict[str, object]:
    """All of it; points as decimals, shares from 0 to 1, intervals as [low, high]."""
    area, as_of = result.area, result.scope.as_of
    return {
        "rule": result.rule.name,
        "won_by": result.won,
        "as_of": None if as_of is None else format_moment(as_of),
        **_share_object(result.share),
        "not_applicable": result.left_out,
        "undecided": result.decided.undecided,
        "empty_outcome": result.decided.empty,
        "auc": None if area is None else area.value,
        "auc_interval": None if area is None else _pair(area.interval),
        "average_won": _mean(result.average_won),
        "average_lost": _mean(result.average_lost),
        "grades": [{"grade": g.grade, **_share_object(g.share)} for g in result.grades],
        "brackets": [_bracket_object(bracket) for bracket in result.brackets],
        "deciles": [
            {
                "decile": d.number,
                "records": d.records,
                "won": d.won,
                "lift": d.lift,
                "won_so_far": d.won_so_far,
                "cuts_a_tie": d.cuts_a_tie,
            }
            for d in result.deciles
        ],
        "falls": [
            {
                "lower": _bracket_object(fall.lower),
                "higher": _bracket_object(fall.higher),
                "difference_interval": _pair(fall.difference),
                "clear": fall.is_clear,
            }
            for fall in result.falls
        ],
        "criteria": [_criterion_object(criterion) for criterion in result.criteria],
        "warnings": list(result.warnings),
    }


def _bracket_object(result: BracketResult) -> dict[str, object]:
    low, high = result.bracket.low, result.bracket.high
    return {
        "from": None if low is None else points_decimal(low),
        "below": None if high is None else points_decimal(high),
        **_share_object(result.share),
    }


_MOST_LEVELS = 50


def _criterion_object(criterion: CriterionResult) -> dict[str, object]:
    levels = [
        {"points": points_decimal(points), **_share_object(share)} for points, share in criterion.levels
    ]
    return {
        "criterion": criterion.name,
        "auc": None if criterion.area is None else criterion.area.value,
        "backwards": criterion.is_backwards,
        "moves": [
            {
                "sign": arm.sign,
                "average_points": _mean(arm.points),
                "with": _share_object(arm.met),
                "without": _share_object(arm.rest),
                "difference_interval": _pair(arm.difference),
                "backwards": arm.is_backwards,
            }
            for arm in criterion.arms
        ],
        # Points that fade have hundreds of values, each of a few records.
        "by_points": levels if len(levels) <= _MOST_LEVELS else None,
    }


def _share_object(share: Share) -> dict[str, object]:
    return {
        "records": share.count,
        "won": share.won,
        "conversion": share.rate,
        "interval": _pair(share.interval),
    }


def _pair(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _mean(hundredths: float) -> float:
    return round(hundredths / 100, 6)
