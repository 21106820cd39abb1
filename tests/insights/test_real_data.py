"""The real data sets of the guide: each rule loads, fits its files, scores, and ranks as the guide says."""

import csv
import json

import pytest

from benchmarks import real
from firstcall.cli.running import run
from firstcall.scoring.reading import read_rule

pytestmark = pytest.mark.skipif(
    not real.DATA.is_dir(), reason="the real data sets are not beside the project (../shared/data)"
)


@pytest.fixture(params=real.SETS, ids=lambda of: of.name)
def of(request):
    if not request.param.folder.is_dir():
        pytest.skip(f"{request.param.folder.name} is missing")
    return request.param


@pytest.fixture
def firstcall(capsys):
    """Run a command line; what it printed. The test fails with what it said when it does not end well."""

    def call(*arguments):
        code = run(arguments)
        printed, said = capsys.readouterr()
        assert code == 0, said
        return printed

    return call


def scores(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_rule_fits_its_files(of, firstcall):
    loaded = read_rule(of.rule.read_text(), of.rule.name)
    assert loaded.warnings == ()
    firstcall("check", str(of.rule), *[option for option in of.files() if option not in of.moment])


def test_the_rule_scores_and_ranks_as_the_guide_says(of, firstcall, tmp_path):
    out = tmp_path / "scores.csv"
    firstcall("score", str(of.rule), *of.files(), "--out", str(out))
    found = json.loads(firstcall("backtest", str(of.rule), *of.files(), *of.won, "--json"))
    rows = scores(out)
    assert len(rows) == found["records"] + found["undecided"]
    assert len({row["total"] for row in rows}) > 2
    assert sum(bracket["records"] for bracket in found["brackets"]) == found["records"]
    low, high = found["auc_interval"]
    if of.floor is None:
        assert low <= 0.5 <= high, f"{of.name} is said to have no signal, and has: {found['auc']}"
    else:
        assert found["auc"] > of.floor
        assert low > 0.5


def test_the_figures_that_the_guide_quotes_are_those_of_the_backtest(of, firstcall):
    found = json.loads(firstcall("backtest", str(of.rule), *of.files(), *of.won, "--json"))
    guide = (real.ROOT / "docs" / "guide" / "real-data.md").read_text(encoding="utf-8")
    low, high = found["auc_interval"]
    quoted = f"| {found['records']:,} | {found['won']:,} | {found['auc']:.3f} | {low:.3f} to {high:.3f} |"
    assert quoted in guide, f"{of.name}: {quoted}"


def test_the_faulty_files_give_the_very_same_scores(of, firstcall, tmp_path):
    if not of.variants:
        pytest.skip("there are no faulty variants of this file")
    written = []
    for number, records in enumerate((of.records, *of.variants)):
        out = tmp_path / f"{number}.csv"
        firstcall("score", str(of.rule), *of.files(records), "--out", str(out))
        written.append(out.read_bytes())
    assert written.count(written[0]) == len(written)


def test_a_field_filled_in_after_the_call_is_caught(firstcall, tmp_path):
    (of,) = (of for of in real.SETS if of.name == "x-education")
    tagged = (
        "criteria:\n  - {name: Tagged, field: Tags, is: Will revert after reading the email, points: 40}\n"
    )
    rule = tmp_path / "tagged.yaml"
    rule.write_text(of.rule.read_text().replace("criteria:\n", tagged))
    found = json.loads(firstcall("backtest", str(rule), *of.files(), *of.won, "--json"))
    assert any(
        warning.startswith("Tags almost gives the outcome away: of 2,072") for warning in found["warnings"]
    )
