"""Folding, looking for parts and words, and literals, in every dialect."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.letters import LATER_CAPITALS, LATER_LETTERS, LETTERS_AND_DIGITS, SINCE_UNICODE_13
from firstcall.scoring.text import fold, has_word
from tests.scoring.compiling.trials import PostgresTrial, Trial, differing

NUL = "\0"
TROUBLE = (
    "aAzZ09 _-%\\'\"`$${}()[]|^.*+?&#\n\t\x01\x02İIıßẞΣσςÅéé😀नि１²Ⅷ中\u2028\ufeff\U0002ebf0\ua7cb\U00010d50"
)
WORDS = ["a", "z9", "c++", "'", '"', "\\", "\\d", "$", "${a}", "\n", ".", "a.b", "[a]", "😀", "σ", "i", "é", "-",
         "--", " ", "a a", "\x01", "\x02", "\x011", "\x021", "1",
         "中", "%", "_", "ß", "(", "\u0301", "a\n", "{"]  # fmt: skip


def texts(seed: int, count: int = 400) -> list[str]:
    chosen = random.Random(seed)
    return ["", *WORDS] + ["".join(chosen.choices(TROUBLE, k=chosen.randrange(1, 12))) for _ in range(count)]


def every_character() -> list[str]:
    codes = [code for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000]
    return ["".join(map(chr, codes[i : i + 200])) for i in range(0, len(codes), 200)]


def test_fold_of_every_character(trial: Trial) -> None:
    values = every_character()
    answers = trial.answers(lambda d: d.fold("x"), values, Storage.TEXT)
    assert differing(values, answers, map(fold, values)) == []


def test_fold_of_troublesome_text(trial: Trial) -> None:
    values = [*texts(1), "ΑΣ", "ΑΣ Σ.", "İSTANBUL", "I\u0307", "STRASSE ẞ", "ꟋΣ", "\U00010d50Σ", None]
    answers = trial.answers(lambda d: d.fold("x"), values, Storage.TEXT)
    assert differing(values, answers, [None if v is None else fold(v) for v in values]) == []


def test_fold_before_postgres_17(postgres_dsn: str, request: pytest.FixtureRequest) -> None:
    trial = PostgresTrial(request.getfixturevalue("postgres"), major=15)
    values = [*texts(2, 100), *every_character()[:20], "ΑΣ", "İSTANBUL"]
    answers = trial.answers(lambda d: d.fold("x"), values, Storage.TEXT)
    assert differing(values, answers, map(fold, values)) == []


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("contains", lambda text, part: part in text),
        ("starts_with", str.startswith),
        ("ends_with", str.endswith),
    ],
)
def test_looking_for_a_part(trial: Trial, name: str, holds: Callable[[str, str], bool]) -> None:
    values = [fold(text) for text in texts(3, 300)] + [
        f"{w}{s}{w}" for w in WORDS for s in ("", " ", "a", "\x01")
    ]

    def all_parts(dialect: Dialect) -> str:
        flags = (f"CASE WHEN {getattr(dialect, name)('x', part)} THEN '1' ELSE '0' END" for part in WORDS)
        return " || ".join(flags)

    answers = trial.answers(all_parts, values, Storage.TEXT)
    expected = ["".join("01"[holds(value, part)] for part in WORDS) for value in values]
    assert differing(values, answers, expected) == []


@pytest.mark.parametrize(
    "words",
    [
        *([word] for word in WORDS),
        WORDS,
        [*("x" * length for length in range(1, 150)), *WORDS],  # more than one pattern holds
    ],
    ids=lambda words: str(len(words)),
)
def test_looking_for_whole_words(trial: Trial, words: Sequence[str]) -> None:
    values = [fold(text) for text in texts(3, 300)] + [
        f"{w}{s}{w}" for w in WORDS for s in ("", " ", "a", "\x01")
    ]
    found = trial.answers(
        lambda d: f"CASE WHEN {d.has_words('x', words)} THEN '1' ELSE '0' END", values, Storage.TEXT
    )
    expected = ["01"[any(has_word(value, word) for word in words)] for value in values]
    assert differing(values, found, expected) == []


def test_what_stands_beside_a_word(trial: Trial) -> None:
    ranges = LETTERS_AND_DIGITS + LATER_LETTERS + LATER_CAPITALS + SINCE_UNICODE_13
    codes = {code + by for first, last in ranges for code in (first, last) for by in (-1, 0, 1)}
    beside = [chr(code) for code in sorted(codes) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000]
    values = [f"vp{character}" for character in beside] + [f"{character}vp" for character in beside]
    answers = trial.answers(lambda d: d.has_words("x", ["vp"]), values, Storage.TEXT)
    assert differing(values, answers, [has_word(value, "vp") for value in values]) == []


def test_nothing_breaks_out_of_a_literal(trial: Trial) -> None:
    values = [
        *texts(4),
        "'; DROP TABLE trial; --",
        "\\'; --",
        "${spark.app.name}",
        "$$",
        "$1",
        ":as_of",
        "/*",
        "%s",
    ]
    same = " + ".join(f"CASE WHEN x = {trial.dialect.literal(value)} THEN 1 ELSE 0 END" for value in values)
    answers = trial.answers(lambda d: same, values, Storage.TEXT)
    assert differing(values, answers, [values.count(value) for value in values]) == []


def test_the_character_nul_is_harmless(trial: Trial) -> None:
    def found(dialect: Dialect) -> str:
        return f"CASE WHEN {dialect.contains('x', NUL)} OR {dialect.has_words('x', [NUL])} THEN 1 ELSE 0 END"

    assert trial.answers(found, ["", "a"], Storage.TEXT) == [0, 0]
