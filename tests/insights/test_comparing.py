"""A dry run of a rule change: who moves where, by how much and why."""

import random

import pytest

from firstcall.insights.comparing import Cause, Move, compare
from tests.insights.sources import NOW, opened, rule

GRADES = "grades: {Hot: 20, Warm: 10, Cold: 0}"
OLD = rule(
    """{name: Google, field: source, is: google, points: 20}
    {name: Chat, field: source, is: chat, points: 5}""",
    rest=GRADES,
)
NEW = rule(
    """{name: Google, field: source, is: google, points: 15}
    {name: Visits, touchpoint: web.visited, each: 10}""",
    rest=f"{GRADES}\nlimits: {{maximum: 30}}",
)
LEADS = [
    {"id": "g0", "source": "google"},
    {"id": "g2", "source": "google"},
    {"id": "c0", "source": "chat"},
    {"id": "c1", "source": "chat"},
    {"id": "w0", "source": "web"},
]
VISITS = [
    {"record_id": id, "type": "web.visited", "occurred_at": "2026-08-01T00:00:00Z"}
    for id in ("g2", "g2", "c1")
]


def compared(old=OLD, new=NEW, records=tuple(LEADS), touchpoints=tuple(VISITS), *, top=20):
    with opened(records, touchpoints) as (source, workspace):
        return compare(old, new, source, NOW, workspace, top=top)


def test_the_figures():
    result = compared()
    # Before 20, 20, 5, 5, 0; after 15, 30, 0, 10, 0.
    assert (result.both, result.changed, result.newly_scored, result.no_longer_scored) == (5, 4, 0, 0)
    assert result.mean_change == pytest.approx(100 * (-5 + 10 - 5 + 5 + 0) / 5)


def test_grades_before_and_after():
    assert [(s.label, s.before, s.after) for s in compared().grades] == [
        ("Hot", 2, 1),
        ("Warm", 0, 2),
        ("Cold", 3, 2),
    ]


def test_scores_before_and_after_on_one_scale():
    spread = compared().brackets
    assert sum(s.before for s in spread) == sum(s.after for s in spread) == 5
    assert (str(spread[0].label), spread[0].before, spread[0].after) == ("0 to <5", 1, 2)


def test_who_moves_from_one_grade_to_another():
    result = compared()
    moves = {(r.before, r.after): (r.count, r.direction, r.named) for r in result.regraded}
    assert moves == {
        ("Hot", "Warm"): (1, -1, (Move("g0", 2000, 1500, "Hot", "Warm"),)),
        ("Cold", "Warm"): (1, 1, (Move("c1", 500, 1000, "Cold", "Warm"),)),
    }
    assert (result.moved_up, result.moved_down) == (1, 1)


def test_the_largest_movers_and_what_moved_them():
    movers = compared().movers
    assert [(m.move.id, m.move.change) for m in movers] == [
        ("g2", 1000),
        ("g0", -500),
        ("c1", 500),
        ("c0", -500),
    ]
    assert movers[0].causes == (
        Cause("Visits", 0, 2000),
        Cause("Google", 2000, 1500),
        Cause("limits", 0, -500),
    )
    for mover in movers:
        assert sum(cause.after - cause.before for cause in mover.causes) == mover.move.change


def test_lists_of_names_are_bounded():
    result = compared(top=1)
    assert [mover.move.id for mover in result.movers] == ["g2"]
    assert all(len(regrading.named) == 1 for regrading in result.regraded)


def test_a_rule_compared_with_itself_changes_nothing():
    result = compared(new=OLD)
    assert (result.changed, result.mean_change, result.regraded, result.movers) == (0, 0, (), ())
    assert result.changes == ()
    assert result.rank_correlation == pytest.approx(1)
    assert result.kept_on_top == 5


def test_records_that_only_one_rule_scores():
    only_chat = rule(
        "{name: Chat, field: source, is: chat, points: 5}", rest="applies_to: [{field: source, is: chat}]"
    )
    gone = compared(new=only_chat)
    assert (gone.both, gone.no_longer_scored, gone.newly_scored) == (2, 3, 0)
    assert [move.id for move in gone.no_longer_named] == ["g0", "g2", "w0"]
    came = compared(old=only_chat, new=OLD)
    assert (came.both, came.no_longer_scored, came.newly_scored) == (2, 0, 3)
    assert [move.id for move in came.newly_named] == ["g0", "g2", "w0"]


def test_rules_that_score_nobody_together_have_no_figures():
    chat, web = (
        rule(
            "{name: A, field: source, empty: false, points: 5}",
            rest=f"applies_to: [{{field: source, is: {word}}}]",
        )
        for word in ("chat", "web")
    )
    result = compared(old=chat, new=web)
    assert (result.both, result.mean_change, result.rank_correlation) == (0, None, None)
    assert (result.newly_scored, result.no_longer_scored) == (1, 2)


def test_grades_of_other_names_have_no_direction():
    other = rule("{name: Google, field: source, is: google, points: 20}", rest="grades: {A: 20, B: 0}")
    result = compared(new=other)
    assert {(r.before, r.after, r.direction) for r in result.regraded} == {("Hot", "A", 0), ("Cold", "B", 0)}
    assert (result.moved_up, result.moved_down) == (0, 0)
    assert [s.label for s in result.grades] == ["A", "B", "Hot", "Warm", "Cold"]


def test_no_grade_is_below_every_grade():
    below = rule("{name: Web, field: source, is: web, points: -5}", rest=GRADES)
    moved = {(r.before, r.after): r.direction for r in compared(new=below).regraded}
    assert moved["Cold", None] == -1


def test_a_grade_with_a_quote_in_its_name():
    named = 'grades: {"it\'s": 20, "so\'so": 0}'
    old = rule("{name: Google, field: source, is: google, points: 20}", rest=named)
    new = rule("{name: Google, field: source, is: google, points: 10}", rest=named)
    (regrading,) = compared(old, new).regraded
    assert (regrading.before, regrading.after, [m.id for m in regrading.named]) == (
        "it's",
        "so'so",
        ["g0", "g2"],
    )


def mean_ranks(values):
    return [sum(v < x for v in values) + (sum(v == x for v in values) + 1) / 2 for x in values]


def pearson(first, second):
    a, b = (sum(values) / len(values) for values in (first, second))
    joint = sum((x - a) * (y - b) for x, y in zip(first, second, strict=True))
    return joint / (sum((x - a) ** 2 for x in first) * sum((y - b) ** 2 for y in second)) ** 0.5


def test_the_rank_correlation_is_spearmans_with_mean_ranks():
    draw = random.Random(7)
    records = [{"id": f"{i}", "n": draw.randrange(6), "m": draw.randrange(4)} for i in range(50)]
    old = rule("{name: N, field: n, table: [{gte: 4, points: 9}, {gte: 2, points: 3}]}")
    new = rule("{name: N, field: n, table: [{gte: 3, points: 5}]}\n{name: M, field: m, gte: 2, points: 4}")
    before = [9 if r["n"] >= 4 else 3 if r["n"] >= 2 else 0 for r in records]
    after = [5 * (r["n"] >= 3) + 4 * (r["m"] >= 2) for r in records]
    correlation = compared(old, new, records).rank_correlation
    assert correlation == pytest.approx(pearson(mean_ranks(before), mean_ranks(after)))
