"""What the builder draws: how points fade, and how many records have how many points before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.insights.previewing.differences import Bin
from firstcall.scoring.rules import Decay
from firstcall.scoring.spans import BENT, span_phrase

WIDTH, HEIGHT = 200, 44
BARS_WIDTH, BARS_HEIGHT = 340, 96


@dataclass(frozen=True, slots=True)
class Curve:
    """`path` as a line of steps in WIDTH x HEIGHT, `under` the same closed to the ground; points in hundredths.

    half  after how long half of the points are gone; `end` is where the picture ends
    """

    path: str
    under: str
    points: int
    half: str
    end: str


def curve(decay: Decay, points: int) -> Curve | None:
    """None where there are no points to fade."""
    ladder = decay.ladder(points)
    if not ladder:
        return None
    first = abs(ladder[0])
    # As far as there is something to see; what is left then is told by the sentence.
    seen = next((n for n, left in enumerate(ladder) if abs(left) * 20 < first), len(ladder))
    steps = [abs(left) for left in ladder[: max(seen, 1)]]
    across = WIDTH / (len(steps) + (1 if seen == len(ladder) else 0))

    def up(left: int) -> float:
        return round(HEIGHT - 2 - left / first * (HEIGHT - 4), 1)

    path = f"M0 {up(steps[0])}"
    for number, left in enumerate([*steps[1:], *([0] if seen == len(ladder) else [])], 1):
        path += f"H{round(number * across, 1)}V{up(left)}"
    path += f"H{WIDTH}"
    halved = next((n for n, left in enumerate(ladder) if abs(left) * 2 <= first), len(ladder))
    return Curve(
        path,
        f"{path}V{HEIGHT}H0Z",
        points,
        span_phrase(halved * decay.every, BENT),
        span_phrase((len(steps) + (1 if seen == len(ladder) else 0)) * decay.every),
    )


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    before_y: float
    before_height: float
    after_y: float
    after_height: float
    low: int | None
    high: int | None
    before: int
    after: int


def bars(bins: Sequence[Bin]) -> list[Bar]:
    """How many records lie in each bin, before and after, in one scale."""
    most = max([1, *(b.before for b in bins), *(b.after for b in bins)])
    step = BARS_WIDTH / max(len(bins), 1)

    def tall(count: int) -> float:
        return round(max(count / most * (BARS_HEIGHT - 4), 1.5), 1) if count else 0.0

    return [
        Bar(
            round(n * step + 1, 1), round(step - 2, 1),
            round(BARS_HEIGHT - tall(b.before), 1), tall(b.before), round(BARS_HEIGHT - tall(b.after), 1), tall(b.after),
            b.low, b.high, b.before, b.after,
        )
        for n, b in enumerate(bins)
    ]  # fmt: skip
