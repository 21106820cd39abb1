"""Real data sets end to end, as `make real` runs them: score, backtest and draw each with its rule and mapping.

The data lies beside the project and is no part of it; where it is missing, nothing is run and that is said.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
RULES = ROOT / "docs" / "guide" / "real"
OUT = ROOT / "build" / "real"
COMMAND = Path(sys.executable).with_name("firstcall")


@dataclass(frozen=True)
class Set:
    """One data set with what stands on the command line for it; paths are below the data.

    floor     the area under the curve is at least this, or, for data without signal, None
    variants  other files of the same records, which must give the same scores
    """

    name: str
    records: str
    won: tuple[str, ...]
    moment: tuple[str, ...]
    floor: float | None
    touchpoints: str | None = None
    variants: tuple[str, ...] = ()

    @property
    def rule(self) -> Path:
        return RULES / f"{self.name}.yaml"

    @property
    def folder(self) -> Path:
        return DATA / self.records.partition("/")[0]

    def files(self, records: str | None = None) -> list[str]:
        """The options that name the files."""
        options = ["--records", str(DATA / (records or self.records))]
        if self.touchpoints is not None:
            options += ["--touchpoints", str(DATA / self.touchpoints)]
        return [*options, "--mapping", str(RULES / f"{self.name}.mapping.yaml"), *self.moment]


TODAY = ("--as-of", "2026-09-01")
ECOM = "retentioneering_ecom/ecom.csv.gz"
SETS = (
    Set(
        "x-education",
        "x_education_leads/Leads.csv",
        ("--won", "Converted=1"),
        TODAY,
        0.75,
        variants=(
            "x_education_leads/Leads_trailing_comma_variant.csv",
            "x_education_leads/Leads_row_quoted_variant.csv",
        ),
    ),
    Set("bank", "uci_bank_marketing/bank-additional-first-70-percent.csv", ("--won", "y=yes"), TODAY, 0.55),
    Set("shoppers", "online_shoppers/online_shoppers_intention.csv", ("--won", "Revenue=1"), TODAY, 0.65),
    Set(
        "leadforge",
        "leadforge/public/tasks/converted_within_90_days/*.parquet",
        ("--won", "converted_within_90_days=true"),
        ("--as-of-field", "created_at + 30 days"),
        0.55,
        touchpoints="leadforge/full/tables/touches.parquet",
    ),
    Set(
        "shop",
        ECOM,
        ("--won", "web.purchase"),
        ("--as-of-field", "timestamp + 5 minutes"),
        0.7,
        touchpoints=ECOM,
    ),
    Set(
        "mail",
        "yammer_email_events/yammer_users.csv",
        ("--won", "email.clicked within 14 days"),
        ("--as-of", "2022-08-01"),
        None,
        touchpoints="yammer_email_events/yammer_emails.csv",
    ),
    Set(
        "deals",
        "maven_crm_sales/sales_pipeline.csv",
        ("--won", "deal_stage=Won", "--lost", "deal_stage=Lost"),
        ("--as-of-field", "engage_date"),
        None,
    ),
    Set("crm", "zoho_crm_sample/Leads.csv", ("--won", "CONVERTED=Yes"), ("--as-of", "2021-06-01"), None),
)


class StepError(Exception):
    """A step of a run that went wrong."""


def firstcall(*arguments: str) -> str:
    """Run one command; what it printed. Raises StepError with what it said."""
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise StepError(
            f"firstcall {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr.strip()}"
        )
    return done.stdout


def score(of: Set, out: Path, records: str | None = None) -> Path:
    """All scores of a set in a file."""
    firstcall("score", str(of.rule), *of.files(records), "--out", str(out))
    return out


def backtest(of: Set, *options: str) -> dict[str, object]:
    """The backtest as an object; the last option may name a picture."""
    found = json.loads(firstcall("backtest", str(of.rule), *of.files(), *of.won, "--json", *options))
    assert isinstance(found, dict)
    return found


def run(of: Set, pictures: Path) -> str:
    """Every step of one set; a line of figures. Raises StepError."""
    began = time.perf_counter()
    scores = score(of, OUT / f"{of.name}.csv")
    scored = time.perf_counter()
    found = backtest(of, "--plot", str(pictures / f"real-{of.name}.png"))
    tested = time.perf_counter()
    auc, (low, high) = float(str(found["auc"])), _interval(found["auc_interval"])
    if of.floor is not None and auc < of.floor:
        raise StepError(f"{of.name}: AUC {auc:.3f} is below {of.floor}")
    for number, variant in enumerate(of.variants, 1):
        if score(of, OUT / f"{of.name}-{number}.csv", variant).read_bytes() != scores.read_bytes():
            raise StepError(f"{of.name}: {variant} gives other scores than {of.records}")
    signal = "no signal" if low <= 0.5 <= high else ""
    return (
        f"{of.name:<13}{found['records']:>8,}{found['won']:>8,}{auc:>8.3f}   {low:.3f} to {high:.3f}"
        f"{scored - began:>8.1f}{tested - scored:>10.1f}   {signal}"
    )


def _interval(value: object) -> tuple[float, float]:
    assert isinstance(value, list)
    low, high = value
    return float(low), float(high)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all sets; 1 when a step failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, default=OUT, help="where the pictures go")
    pictures = parser.parse_args(arguments).pictures
    if not DATA.is_dir():
        print(f"Skipped: there are no data sets beside the project ({DATA.parent.name}/{DATA.name}).")
        return 0
    OUT.mkdir(parents=True, exist_ok=True)
    print(
        f"{'set':<13}{'records':>8}{'won':>8}{'AUC':>8}   {'95% interval':<14}{'score s':>8}{'backtest s':>12}"
    )
    failed = 0
    for of in SETS:
        if not of.folder.is_dir():
            print(f"{of.name:<13}skipped: {of.folder.name} is missing")
            continue
        try:
            print(run(of, pictures), flush=True)
        except StepError as error:
            failed += 1
            print(f"{of.name:<13}failed: {error}", flush=True)
    print(f"Scores and pictures: {OUT.relative_to(ROOT)}" if not failed else f"{failed} failed.")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
