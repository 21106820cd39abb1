"""The difference of two rules in words."""

from firstcall.insights.changes import changes
from tests.insights.sources import rule

BASE = "{name: Google, field: source, is: google, points: 20}"


def said(old, new, *, before="", after=""):
    return [str(change) for change in changes(rule(old, rest=before), rule(new, rest=after))]


def test_the_same_rule_has_no_differences_whatever_the_order():
    other = "{name: Chat, field: source, is: chat, points: 5}"
    assert said(f"{BASE}\n{other}", f"{other}\n{BASE}") == []


def test_criteria_added_removed_and_renamed():
    chat = "{name: Chat, field: source, is: chat, points: 5}"
    assert said(BASE, f"{BASE}\n{chat}") == ["added Chat: +5 when source is “chat”"]
    assert said(f"{BASE}\n{chat}", BASE) == ["removed Chat: +5 when source is “chat”"]
    assert said(f"{BASE}\n{chat}", f"{BASE}\n{chat.replace('Chat', 'Talks')}") == ["renamed Chat: now Talks"]


def test_points_changed():
    assert said(BASE, BASE.replace("20", "-2.5")) == ["changed Google: +20 → -2.5 points"]


def test_rows_of_a_table_changed():
    table = "{name: Size, field: n, table: [{gte: 100, points: 20}, {gte: 10, points: 5}, {points: 1}]}"
    assert said(table, table.replace("20", "25").replace("points: 1}", "points: 0}")) == [
        "changed Size: +20 → +25 when it is at least 100",
        "changed Size: +1 → 0 otherwise",
    ]


def test_what_is_measured_changed():
    assert said(BASE, BASE.replace("is: google", "is: bing")) == [
        "changed Google: +20 when source is “google” → +20 when source is “bing”"
    ]


def test_groups_limits_grades_and_applies_to_changed():
    grouped = BASE.replace("20}", "20, group: G}")
    assert said(
        grouped,
        grouped,
        before="groups: {G: {at_most: 5}}\ngrades: {A: 5}",
        after="groups: {G: {at_most: 9, at_least: -1}}\nlimits: {minimum: 0}\ngrades: {A: 9}\n"
        "applies_to: [{field: source, empty: false}]",
    ) == [
        "changed applies_to: all records → source is filled in",
        "changed group G: at most 5 → at least -1, at most 9",
        "changed limits: none → from 0",
        "changed grades: A from 5 → A from 9",
    ]
    assert said(BASE, grouped, after="groups: {G: {at_most: 5}}") == [
        "changed Google: group none → G",
        "added group G: at most 5",
    ]
    assert said(grouped, BASE, before="groups: {G: {at_most: 5}}") == [
        "changed Google: group G → none",
        "removed group G: at most 5",
    ]


def test_grades_of_two_parts():
    criteria = f"{BASE}\n{{name: Visits, touchpoint: web.visited, points: 5}}"
    assert said(criteria, criteria, after='grades: {fit: {A: 20, B: 0}, touchpoints: {"1": 5}}') == [
        "changed grades: none → fit A from 20, B from 0; touchpoints 1 from 5"
    ]
