"""Rules in German: every pattern has its German, no English is left between them, and sentences read as they should."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache

import pytest
from django.utils import translation
from hypothesis import Phase, given, settings

from firstcall.insights.previewing.coverage import words
from firstcall.insights.ranking import Share
from firstcall.scoring.differing import differences
from firstcall.scoring.evaluating import evaluate
from firstcall.scoring.explaining import conditions_rule, explain, outside
from firstcall.scoring.problems import Problem, RuleError
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Aggregate, Criterion, FieldMeasure, Rule
from firstcall.scoring.saying import ENGLISH, Words, said, speaking
from firstcall.scoring.scores import Line
from firstcall.scoring.times import parse_duration
from firstcall.scoring.wording import condition_sentence, missed, sentence
from firstcall.wording import READER, ReaderWords
from tests.house.texts import Text, german, text_of
from tests.scoring.cases import RawTouchpoint, as_record, as_touchpoints
from tests.scoring.strategies import AS_OF, Document, records, rules, touchpoints
from tests.scoring.test_reading import bad_rules, doubtful_criteria
from tests.scoring.test_wording import MISSED, SENTENCES, criterion_of


@pytest.fixture
def in_german() -> Iterator[None]:
    with translation.override("de"), speaking(READER):
        yield


@cache
def with_german() -> set[Text]:
    return {text_of(message) for message in german() if message.string}


class Recording(ReaderWords):
    """Keeps what was looked up, as the catalogue calls it."""

    def __init__(self) -> None:
        self.asked: set[Text] = set()

    def pattern(self, text: str, context: str) -> str:
        self.asked.add((context or None, text))
        return super().pattern(text, context)

    def form(self, one: str, several: str, count: int, context: str) -> str:
        self.asked.add((context or None, (one, several)))
        return super().form(one, several, count, context)


class Mute(Words):
    """Says nothing but what is put into the places."""

    def pattern(self, text: str, context: str) -> str:
        return " ".join(re.findall(r"\{\w+\}", text))

    def form(self, one: str, several: str, count: int, context: str) -> str:
        return self.pattern(one if count == 1 else several, context)


def everything_said(
    one: Document, other: Document, fields: Document, raw: list[RawTouchpoint]
) -> Iterator[str | None]:
    """What can be told of a rule, of what it makes of a record, and of what changed to another."""
    text, later = json.dumps(one), json.dumps({**one, "criteria": other["criteria"]})
    rule = read_rule(text, "rule.json").rule
    yield from map(condition_sentence, rule.applies_to)
    yield from map(sentence, rule.criteria)
    for criterion in rule.criteria:
        for value in values_measured(criterion):
            yield missed(criterion, Line(criterion.name, 0, value))
    yield from _said_of_a_score(rule, fields, raw)
    yield from map(str, differences(text, json.dumps(other)))
    with suppress(RuleError):  # criteria of one in the groups of the other
        yield from map(str, differences(text, later))


def values_measured(criterion: Criterion) -> tuple[object, ...]:
    """Such as its measure may be."""
    measure = getattr(criterion.condition, "measure", None)
    if isinstance(measure, FieldMeasure) or getattr(measure, "aggregate", None) is Aggregate.LATEST:
        return (None, 0, 1, 7.5, "director", True, [], ["vp", 2])
    return (None, 0, 1, 7)


def _said_of_a_score(rule: Rule, fields: Document, raw: list[RawTouchpoint]) -> Iterator[str | None]:
    record, history = as_record(fields), as_touchpoints(raw)
    score = evaluate(rule, record, history, AS_OF)
    if score is None:
        asked = evaluate(conditions_rule(rule), record, history, AS_OF)
        assert asked is not None
        for condition, _, why_not in outside(rule, "1", AS_OF, asked).conditions:
            yield from (condition, why_not)
        return
    found = explain(rule, "1", AS_OF, score)
    yield from (says for _, says in found.held)
    for told in found.told:
        yield from (told.says, told.why_not, *told.notes)


def values_of(document: object, key: str = "") -> Iterator[str]:
    """The texts of a rule that stand in its sentences as they are: not its keys, and not its spans of time."""
    match document:
        case dict():
            for name, value in document.items():
                if key in ("grades", "groups") and not isinstance(value, dict):
                    yield name
                yield from values_of(value, key if name in ("fit", "touchpoints") else name)
        case list():
            for value in document:
                yield from values_of(value, key)
        case str() if key in ("of", "touchpoint", "days_since", "field") or parse_duration(document) is None:
            yield document


def letters(text: str) -> set[str]:
    return set(re.findall(r"[a-zA-Z]{2,}", text))


@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@given(rules(), rules(), records(), touchpoints())
def test_every_pattern_that_comes_up_has_its_german(
    one: Document, other: Document, fields: Document, raw: list[RawTouchpoint]
) -> None:
    recording = Recording()
    with translation.override("de"), speaking(recording):
        assert all(says is None or says for says in everything_said(one, other, fields, raw))
    assert recording.asked
    assert recording.asked <= with_german()


@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@given(rules(), rules(), records(), touchpoints())
def test_no_word_stands_outside_a_pattern(
    one: Document, other: Document, fields: Document, raw: list[RawTouchpoint]
) -> None:
    """Whatever is said comes from the rule, from the record, or from a pattern that can be looked up."""
    texts = [*values_of(one), *values_of(other), *map(str, fields.values())]
    texts += [str(value) for touchpoint in raw for value in touchpoint.properties.values()]
    own = letters(" ".join(texts)) | {"director", "vp"}
    with speaking(Mute()):
        for says in everything_said(one, other, fields, raw):
            assert letters(says or "") <= own


VISIT = {"touchpoint": "web.visited"}
GERMAN: list[tuple[dict[str, object], str]] = [
    (
        {**VISIT, "where": {"property": "path", "starts_with": "/pricing"}, "in_last": "30 days", "points": 25},
        "+25, wenn es mindestens einen Touchpoint web.visited in den letzten 30 Tagen "
        "(dessen path mit „/pricing“ beginnt) gab",
    ),
    (
        {**VISIT, "where": {"property": "path", "contains": "a"}, "gte": 3, "points": -2.5},
        "-2,5, wenn die Anzahl der Touchpoints web.visited (deren path „a“ enthält) mindestens 3 ist",
    ),
    ({"field": "Branche", "in": ["IT", "Bau"], "points": 5}, "+5, wenn Branche „IT“ oder „Bau“ ist"),
    ({"field": "Titel", "not_has_word": "vp", "points": 5}, "+5, wenn Titel das Wort „vp“ nicht enthält"),
    ({"field": "Umsatz", "gt": 2.5, "points": 5}, "+5, wenn Umsatz größer als 2,5 ist"),
    ({"field": "Termin", "in_last": "1 day", "points": 5}, "+5, wenn Termin in den letzten 24 Stunden liegt"),
    ({"field": "Termin", "in_next": "2 weeks", "points": 5}, "+5, wenn Termin in den nächsten 2 Wochen liegt"),
    ({"field": "Termin", "older_than": "3 days", "points": 5}, "+5, wenn Termin mindestens 3 Tage zurückliegt"),
    ({**VISIT, "older_than": "3 days", "lt": 1, "points": 1},
     "+1, wenn es keinen Touchpoint web.visited vor mindestens 3 Tagen gab"),
    ({"touchpoint": "web.*", "busiest": "1 day", "gte": 3, "points": 1},
     "+1, wenn die höchste Anzahl der Touchpoints aus web innerhalb von 1 Tag mindestens 3 ist"),
    (
        {**VISIT, "each": 10, "at_most": 50, "decay": {"lose": "12.5%", "every": "1 day"}},
        "+10 für jeden Touchpoint web.visited, wobei jeder 12,5 % jeden Tag verliert, höchstens 50",
    ),
    (
        {**VISIT, "points": 40, "decay": {"lose": 1, "every": "2 weeks"}},
        "+40, wenn es mindestens einen Touchpoint web.visited gab; "
        "das verblasst ab dem letzten um 1 Punkt alle 2 Wochen",
    ),
    ({"days_since": "*", "each": -5, "every": 7}, "-5 für je 7 Tage seit dem letzten Touchpoint"),
    ({**VISIT, "sum": "n", "each": 1, "every": 100},
     "+1 für je 100 der Summe von n über alle Touchpoints web.visited"),
    (
        {"field": "Größe", "table": [{"gte": 100, "points": 10}, {"empty": True, "points": 0}]},
        "Größe: +10, wenn der Wert mindestens 100 ist, sonst 0, wenn der Wert leer ist, sonst 0",
    ),
    (
        {"all": [{"field": "Titel", "is": "x"}, {"not": {"any": [VISIT, {"field": "Land", "empty": True}]}}],
         "points": 1},
        "+1, wenn Titel „x“ ist und nicht zutrifft, dass "
        "(es mindestens einen Touchpoint web.visited gab oder Land leer ist)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "expected"), GERMAN, ids=[expected for _, expected in GERMAN])
def test_a_criterion_is_one_german_sentence(in_german: None, keys: dict[str, object], expected: str) -> None:
    assert sentence(criterion_of(**keys)) == f"It: {expected}"


WHY_NOT: list[tuple[dict[str, object], object, str]] = [
    ({**VISIT, "in_last": "1 week", "points": 1}, 0, "kein Touchpoint web.visited in den letzten 7 Tagen"),
    ({**VISIT, "gte": 3, "points": 1}, 2, "2 von 3 nötigen"),
    ({"field": "Größe", "gt": 2.5, "points": 1}, 1.5, "nötig: mehr als 2,5; vorhanden: 1,5"),
    ({"field": "Größe", "gte": 100, "points": 1}, None, "nötig: mindestens 100; vorhanden: nichts"),
    ({"field": "Titel", "is": "x", "points": 1}, None, "Titel fehlt; zählt, wenn der Wert „x“ ist"),
    ({"field": "Titel", "is": "x", "points": 1}, "y", "Titel ist „y“; zählt, wenn der Wert „x“ ist"),
    ({"days_since": "*", "gte": 9, "points": 1}, 1, "1 Tag ohne Touchpoint; zählt ab 9"),
    ({"days_since": "*", "gte": 9, "points": 1}, 5, "5 Tage ohne Touchpoint; zählt ab 9"),
    ({**VISIT, "max": "n", "each": 1, "every": 2.5}, None, "vorhanden: nichts; zählt ab 2,5"),
]


@pytest.mark.parametrize(("keys", "value", "expected"), WHY_NOT, ids=[row[2] for row in WHY_NOT])
def test_why_not_is_told_in_german(
    in_german: None, keys: dict[str, object], value: object, expected: str
) -> None:
    assert missed(criterion_of(**keys), Line("It", 0, value)) == expected


HEAD = "name: A\nmodule: leads\n"
SIZE = "criteria: [{name: Size, field: employees, gte: 100, points: %s}]\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (SIZE % 1, SIZE % 20, "Kriterium „Size“ gibt jetzt 20 Punkte statt 1."),
        (SIZE % 20, SIZE % 1, "Kriterium „Size“ gibt jetzt 1 Punkt statt 20."),
        (
            SIZE % 5,
            SIZE % 5 + "applies_to: [{field: source, is: Web}]\n",
            "Für die Bewertung ist jetzt nötig, dass source „Web“ ist.",
        ),
        (
            SIZE % 5 + "limits: {maximum: 50}\n",
            SIZE % 5 + "limits: {maximum: 99.5}\n",
            "Die Summe wird jetzt auf höchstens 99,5 Punkte statt 50 begrenzt.",
        ),
        (
            SIZE % 5 + "grades: {A: 10, B: 0}\n",
            SIZE % 5 + "grades: {A: 20, B: 0}\n",
            "Die Stufe A verlangt jetzt 20 Punkte statt 10.",
        ),
    ],
)
def test_what_changed_is_told_in_german(in_german: None, old: str, new: str, expected: str) -> None:
    assert list(map(str, differences(HEAD + old, HEAD + new))) == [expected]


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ((41, 1200, Share(9, 41), Share(1, 800)),
         "Leads: 41 von 1.200 erfüllen es; 22 % davon wurden gewonnen, von den anderen 0,1 %."),
        ((0, 200, Share(0, 0), Share(14, 155)), "Leads: Keiner von 200 erfüllt es."),
        ((1, 200, Share(0, 1), Share(0, 50)),
         "Leads: 1 von 200 erfüllt es; bisher wurden keine Leads gewonnen."),
        ((0, 0, Share(0, 0), Share(0, 0)), "Es gibt keine Leads, für die die Regel gilt."),
    ],
)  # fmt: skip
def test_coverage_is_told_in_german(
    in_german: None, counted: tuple[int, int, Share, Share], expected: str
) -> None:
    assert words(*counted, "Leads") == expected


def sentences() -> list[str | None]:
    found: list[str | None] = [sentence(criterion_of(**keys)) for keys, _ in SENTENCES]
    return [*found, *(missed(criterion_of(**keys), Line("It", 0, value)) for keys, value, _ in MISSED)]


def test_readers_of_english_are_told_the_very_same() -> None:
    with translation.override("en"), speaking(READER):
        found = sentences()
    assert found == sentences()


def test_nobody_else_is_told_german() -> None:
    """A thread that answered a German reader has German active still, when it answers a program."""
    plain = sentences()
    with translation.override("de"):
        assert sentences() == plain
        with speaking(READER):
            assert said("otherwise") == "sonst"
            with speaking(ENGLISH):
                assert said("otherwise") == "otherwise"
            assert said("otherwise") == "sonst"
        assert said("otherwise") == "otherwise"


def test_what_is_put_into_a_pattern_is_no_pattern(in_german: None) -> None:
    criterion: Criterion = criterion_of(field="{x}", **{"is": "{0.__class__} %s"}, points=1)
    assert sentence(criterion) == "It: +1, wenn {x} „{0.__class__} %s“ ist"


def problems_of(text: str) -> list[Problem]:
    try:
        return list(read_rule(text).warnings)
    except RuleError as error:
        return list(error.problems)


def wrong_texts() -> list[str]:
    refused = [case.values[0] for case in bad_rules()]
    doubtful = [f"{HEAD}criteria:\n- {{name: A, {criterion}}}\n" for criterion, _ in doubtful_criteria()]
    return [*(text for text in refused if isinstance(text, str)), *doubtful]


def test_what_is_wrong_with_a_rule_is_told_in_german() -> None:
    english = [problem for text in wrong_texts() for problem in problems_of(text)]
    words = Recording()
    with translation.override("de"), speaking(words):
        told = [problem for text in wrong_texts() for problem in problems_of(text)]
    assert len(english) > 150
    assert words.asked <= with_german()
    for before, after in zip(english, told, strict=True):
        assert replace(after, says=before.says, fix=before.fix) == before
        assert after.says != before.says
        assert not before.fix or after.fix != before.fix


@pytest.mark.parametrize("text", ["name: [R", "name: R\nname: S\n", "name: 'R"])
def test_a_text_that_is_read_again_is_told_in_the_language_of_who_asks(text: str) -> None:
    with translation.override("de"), speaking(READER):
        german_says = [problem.says for problem in problems_of(text)]
    english_says = [problem.says for problem in problems_of(text)]
    with translation.override("de"), speaking(READER):
        assert [problem.says for problem in problems_of(text)] == german_says
    assert german_says
    assert set(english_says).isdisjoint(german_says)


def test_problems_read_as_they_should_in_german(in_german: None) -> None:
    text = (
        "name: 5\nmodule: leads\ncriteria:\n"
        "  - {name: A, field: industry, is: [Retail], points: many}\n"
        "  - {name: A, touchpont: web.visited, window: 3, points: 5.255}\n"
        "  - {name: B, touchpoint: web visited, in_last: 3 months, gte: 1, points: 1}\n"
    )
    assert [f"{problem.says} {problem.fix}" for problem in problems_of(text)] == [
        '`name` erwartet Text, nicht die Zahl 5. Setzen Sie es in Anführungszeichen: "5".',
        "`is` erwartet einen Wert, nicht eine Liste. Nehmen Sie `in` mit einer Liste.",
        "`points` erwartet eine Zahl, nicht den Text „many“. Schreiben Sie sie in Ziffern und ohne Anführungszeichen.",
        "Auch ein anderes Kriterium heißt „A“, in Zeile 4. Geben Sie diesem einen eigenen Namen.",
        "`touchpont` ist kein Schlüssel von einem Kriterium. Meinten Sie `touchpoint`?",
        "`window` ist kein Schlüssel von einem Kriterium. Entfernen Sie es.",
        "`points` hat höchstens zwei Nachkommastellen. Runden Sie: hier wird nichts stillschweigend gerundet.",
        "`touchpoint` erwartet eine Art wie web.visited, nicht den Text „web visited“."
        " Schreiben Sie den Kanal und das Ereignis, etwa `web_visited.opened`, oder `web_visited.*` für alle eines Kanals.",
        "`in_last` erwartet eine Dauer wie 30 days, nicht den Text „3 months“."
        " Monate sind verschieden lang: zählen Sie in Tagen oder Wochen, etwa 30 days.",
    ]
