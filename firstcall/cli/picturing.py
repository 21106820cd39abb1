"""Small pictures in text: bars, signed points, moments as seen from `as_of`, the colours of grades."""

from __future__ import annotations

from rich.console import Console

from firstcall.scoring.numbers import format_points
from firstcall.scoring.rules import Grade, Rule
from firstcall.scoring.scores import Score
from firstcall.scoring.times import DAY, HOUR, MINUTE, format_moment

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_STYLES = ("bold green", "yellow", "blue", "dim")


def bar(points: int, full: int, *, width: int, console: Console) -> str:
    """A bar that is `width` long at `full` points; empty at 0 and below."""
    if full <= 0 or points <= 0:
        return ""
    eighths = min(width * 8, max(1, points * width * 8 // full))
    if not (console.encoding or "").lower().startswith("utf"):
        return "#" * max(1, eighths // 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def points_text(points: int, *, sign: bool = True) -> str:
    """Hundredths of points, with thousands apart.

    >>> points_text(123450), points_text(-50), points_text(0), points_text(100, sign=False)
    ('+1,234.5', '-0.5', '0', '1')
    """
    whole, dot, decimals = format_points(abs(points)).partition(".")
    before = "-" if points < 0 else "+" if points > 0 and sign else ""
    return f"{before}{int(whole):,}{dot}{decimals}"


def moment_text(moment: int | None, as_of: int | None) -> str:
    """A coming moment: how far off as of one moment, or the day.

    >>> moment_text(3 * DAY, 0), moment_text(90 * MINUTE, 0), moment_text(None, 0), moment_text(0, None)
    ('in 3 days', 'in 90 min', '–', '1970-01-01')
    """
    if moment is None:
        return "–"
    if as_of is None:
        return format_moment(moment)[:10]
    ahead = moment - as_of
    if ahead >= 2 * DAY:
        return f"in {ahead // DAY:,} days"
    return f"in {ahead // HOUR} h" if ahead >= 2 * HOUR else f"in {max(1, ahead // MINUTE)} min"


def grade_style(rule: Rule, score: Score) -> str:
    """Green for the best grade, dim for the worst; in two parts by both."""
    if rule.grades is None:
        return "cyan"
    if score.grade is None:
        return "dim"
    if not rule.grades.two_part:
        return _STYLES[_step(rule.grades.total, score.total)]
    fit = _step(rule.grades.fit, score.positive - score.negative)
    return _STYLES[(fit + _step(rule.grades.touchpoints, score.touchpoint_total) + 1) // 2]


def _step(table: tuple[Grade, ...], points: int) -> int:
    """Where the grade stands: 0 for the best, 3 for the worst of several."""
    index = next((i for i, grade in enumerate(table) if points >= grade.threshold), len(table))
    last = max(len(table) - 1, 1)
    return 3 if index >= last else min(index, 2)
