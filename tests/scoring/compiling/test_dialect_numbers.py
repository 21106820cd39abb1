"""Numbers, in every dialect, as whole millionths."""

from __future__ import annotations

import math
import random
from decimal import Decimal

from firstcall.scoring.columns import Storage
from firstcall.scoring.numbers import millionths
from tests.scoring.compiling.trials import Trial, differing


def number_texts() -> list[str | None]:
    chosen = random.Random(5)
    written = ["0", "-0", "+1", "-1.5", "1.", ".5", "", " 1", "1 ", "1e3", "١", "１", "1\n", "NaN", "inf", "--1", "1,5",
               "0.0000005", "-0.0000005", "0.00000049999999999999999999999", "999999999999.9999994",
               "999999999999.9999995", "-999999999999.9999995", "1000000000000", "-1000000000000", "0" * 50 + "7",
               "1" + "0" * 400, "0." + "0" * 400 + "1", "0." + "9" * 400, "-" + "0" * 9000 + "12.5",
               "1" * 5000 + "." + "1" * 20000,
               "0." + "4" * 20000, "_1", "1_000", "0x1", "+", "-", "+-1", "1.2.3"]  # fmt: skip
    for _ in range(500):
        whole, places = chosen.randrange(10 ** chosen.randrange(1, 15)), chosen.randrange(0, 12)
        fraction = "." + "".join(chosen.choices("0123456789", k=places)) if places else ""
        written.append(chosen.choice(["", "-", "+", "0"]) + str(whole) + fraction)
    return [*written, None]


def doubles() -> list[float]:
    chosen = random.Random(6)
    found = [0.0, -0.0, 0.1, 1.5e-6, 5e-7, 4.9999999999999995e-7, -5e-7, 5e-324, 1e300, -1e300, 1e12, -1e12,
             999999999999.9999, 0.1234565, 2.5, 1e11 + 0.1, 1e15, math.nan, math.inf, -math.inf, 2.0**28 + 0.5]  # fmt: skip
    for power in range(13):
        found += [chosen.uniform(-(10**power), 10**power) for _ in range(100)]
        # Halves of a millionth, as near as a double gets to them.
        found += [(2 * chosen.randrange(10 ** (power + 3)) + 1) / 2e6 for _ in range(100)]
        found += [float(f"{chosen.randrange(10**power)}.{chosen.randrange(10**6):06d}5") for _ in range(100)]
    # Doubles half-way between two shortest decimals.
    for places in range(9):
        for power in range(20, 40):
            found.append(
                chosen.randrange(2**power) + (2 * chosen.randrange(2**places) + 1) / 2 ** (places + 1)
            )
    return found


def test_numbers_in_text(trial: Trial) -> None:
    values = number_texts()
    answers = trial.answers(lambda d: d.text_number("x"), values, Storage.TEXT)
    assert differing(values, answers, map(millionths, values)) == []


def test_doubles_count_by_their_shortest_decimal(trial: Trial) -> None:
    values = [*doubles(), None]
    answers = trial.answers(lambda d: d.double_number("x"), values, Storage.DOUBLE)
    assert differing(values, answers, map(millionths, values)) == []


def test_decimals(trial: Trial) -> None:
    written = ["0", "1.5", "-0.0000005", "0.0000004999", "999999999999.9999994", "999999999999.9999995",
               "-999999999999.9999995", "1000000000000", "-0.0000015",
               "9999999999999999999999999999.9999999999"]  # fmt: skip
    values = [*map(Decimal, written), None]
    answers = trial.answers(lambda d: d.decimal_number("x"), values, Storage.DECIMAL)
    assert differing(values, answers, map(millionths, values)) == []


def test_integers(trial: Trial) -> None:
    values = [0, 1, -1, 999_999_999_999, -999_999_999_999, 10**12, -(10**12), 2**63 - 1, -(2**63), None]
    answers = trial.answers(lambda d: d.integer_number("x"), values, Storage.INTEGER)
    assert differing(values, answers, map(millionths, values)) == []
