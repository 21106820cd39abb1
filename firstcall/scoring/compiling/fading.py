"""Points that fade: by the age of the newest match, or each match's by its own."""

from __future__ import annotations

from collections.abc import Sequence

from firstcall.scoring.compiling.each_points import clamped
from firstcall.scoring.compiling.gathering import Gathering, Match
from firstcall.scoring.compiling.stages import MOST_STAGES, Ladder, Stages
from firstcall.scoring.compiling.turns import turning
from firstcall.scoring.compiling.windows import match_of, never_matches, of_any_age, waiting
from firstcall.scoring.rules import Decay, Each, TouchpointMeasure, Window

# Up to so many steps are written out; more are looked up in a list.
_MOST_BRANCHES = 12


class Fading:
    """Writes the points and the moments of a decay over the aggregates that it asks the gathering for."""

    def __init__(self, gathering: Gathering) -> None:
        self.gathering = gathering
        self.dialect = gathering.dialect
        self.as_of = gathering.as_of
        self._staged: dict[tuple[Match, int], Stages] = {}

    def judge_newest(self, measure: TouchpointMeasure, points: int, decay: Decay) -> tuple[str, list[str]]:
        """Points that fade by the age of the newest match."""
        ladder = decay.ladder(points)
        if not ladder or never_matches(measure.window):
            return "0", []
        match = _still_worth(match_of(measure), decay, ladder)
        newest = self.gathering.newest(match)
        step = self.dialect.floor_divide(f"({self.as_of} - {newest})", str(decay.every))
        worth = f"CASE WHEN {newest} IS NULL THEN 0 ELSE {self._on_ladder(ladder, step)} END"
        fades = f"{newest} + {decay.every} * {self._next_step(ladder, step)}"
        moments = [f"CASE WHEN {newest} IS NOT NULL THEN {fades} END"]
        if measure.window.in_last is not None:
            moments.append(f"{newest} + {measure.window.in_last}")
        if measure.window.older_than is not None:
            moments.append(
                f"{self.gathering.oldest(waiting(match_of(measure)))} + {measure.window.older_than}"
            )
        return worth, moments

    def judge_each(self, measure: TouchpointMeasure, worth: Each, decay: Decay) -> tuple[str, list[str]]:
        """Each match worth less by its own age."""
        ladder = decay.ladder(worth.points)
        if not ladder or never_matches(measure.window):
            return "0", []
        stages = self._stages(measure, worth, decay)
        if stages is not None:
            return self._judge_stages(stages, Ladder(ladder, worth.at_most or 0))
        match = _still_worth(match_of(measure), decay, ladder)

        def points(age: str) -> str:
            return self._on_ladder(ladder, self.dialect.floor_divide(f"({age})", str(decay.every)))

        def fades(touched_at: str, age: str) -> str:
            faded = self._fades(ladder, decay.every, touched_at, age)
            in_last = measure.window.in_last
            return faded if in_last is None else f"LEAST({faded}, {touched_at} + {in_last})"

        total = self.gathering.decayed(match, points, key=(ladder, decay.every))
        gained = clamped(f"COALESCE({total}, 0)", worth.at_most)
        if measure.window.older_than is not None:
            return gained, [self._fading_turns(measure, worth, decay, None)]
        key = (ladder, decay.every, measure.window.in_last)
        first = self.gathering.earliest(match, fades, key=key)
        if worth.at_most is None:
            return gained, [first]
        # Above the cap a fade need not show; at or below it the first one does.
        saturated = f"ABS({total}) > {worth.at_most}"
        turns = self._fading_turns(measure, worth, decay, saturated)
        return gained, [f"CASE WHEN {saturated} THEN {turns} ELSE {first} END"]

    def _stages(self, measure: TouchpointMeasure, worth: Each, decay: Decay) -> Stages | None:
        """Where the dialect counts stages, and every touchpoint goes from one to the next until it is worth nothing."""
        ladder, window = decay.ladder(worth.points), measure.window
        stays = window.in_last is None or window.in_last >= len(ladder) * decay.every
        fits = stays and window.older_than is None and len(ladder) <= MOST_STAGES
        if not self.dialect.counts_stages or not fits or not worth.at_most:
            return None
        match = match_of(measure).within(Window(start=window.start, end=window.end))
        return self._staged.setdefault((match, decay.every), Stages(self.gathering, match, decay.every))

    def _judge_stages(self, stages: Stages, ladder: Ladder) -> tuple[str, list[str]]:
        worth, every, bound = ladder.worth, stages.every, ladder.bound
        following = tuple(self._following(worth))
        first = self.gathering.earliest(
            stages.match,
            lambda touched_at, age: self._fades(worth, every, touched_at, age),
            key=(following, every),
            younger=len(worth) * every,
        )
        total = stages.total(worth)
        falls = f"CASE WHEN ABS({total}) > {bound} THEN {stages.falls_below(ladder)} ELSE {first} END"
        return clamped(f"COALESCE({total}, 0)", bound), [falls]

    def _fading_turns(self, measure: TouchpointMeasure, worth: Each, decay: Decay, only: str | None) -> str:
        """The first moment at which the sum of fading points, kept within `at_most`, differs."""
        ladder, window = decay.ladder(worth.points), measure.window
        enters = window.older_than or 0
        lasts = len(ladder) * decay.every
        leaves = lasts if window.in_last is None else min(lasts, window.in_last)
        if enters >= leaves:
            return "NULL"
        turns = [(enters, ladder[enters // decay.every])]
        for step in range(enters // decay.every + 1, -(-leaves // decay.every)):
            if ladder[step] != ladder[step - 1]:
                turns.append((step * decay.every, ladder[step] - ladder[step - 1]))
        turns.append((leaves, -ladder[(leaves - 1) // decay.every]))
        return turning(
            self.gathering,
            of_any_age(_still_worth(match_of(measure), decay, ladder)),
            turns,
            lambda total: clamped(total, worth.at_most),
            key=(tuple(turns), worth.at_most),
            only=only,
        )

    def _on_ladder(self, ladder: tuple[int, ...], step: str) -> str:
        if len(ladder) > _MOST_BRANCHES:
            return self.dialect.pick(ladder, step)
        branches = " ".join(f"WHEN {k} THEN {points}" for k, points in enumerate(ladder))
        return f"CASE {step} {branches} ELSE 0 END"

    def _fades(self, ladder: Sequence[int], every: int, touched_at: str, age: str) -> str:
        """When a touchpoint is next worth another number of points."""
        step = self.dialect.floor_divide(f"({age})", str(every))
        return f"{touched_at} + {every} * {self._next_step(ladder, step)}"

    def _next_step(self, ladder: Sequence[int], step: str) -> str:
        """The next step at which the points differ."""
        following = self._following(ladder)
        if following == list(range(1, len(ladder) + 1)):
            return f"({step} + 1)"
        return self.dialect.pick(following, step)

    def _following(self, ladder: Sequence[int]) -> list[int]:
        return [
            next((k for k in range(now + 1, len(ladder)) if ladder[k] != ladder[now]), len(ladder))
            for now in range(len(ladder))
        ]


def _still_worth(match: Match, decay: Decay, ladder: tuple[int, ...]) -> Match:
    """The match narrowed to touchpoints young enough to be worth anything."""
    lasts = len(ladder) * decay.every
    window = match.window
    in_last = lasts if window.in_last is None else min(lasts, window.in_last)
    return match.within(Window(in_last, window.older_than, window.start, window.end))
