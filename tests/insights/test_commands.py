"""`firstcall backtest` and `firstcall compare` from the command line."""

import json

import pytest

from firstcall.cli.running import run

RULE = """
name: Leads
module: leads
criteria:
  - {name: Google, field: source, is: google, points: 20}
  - {name: Chat, field: source, is: chat, points: 10}
grades: {Hot: 20, Cold: 0}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yaml").write_text(RULE)
    (tmp_path / "new.yaml").write_text(RULE.replace("points: 10", "points: 25"))
    rows = [
        f"{i},{source},{won}"
        for i, (source, won) in enumerate(
            [("google", 1)] * 40
            + [("google", 0)] * 20
            + [("chat", 1)] * 10
            + [("chat", 0)] * 40
            + [("web", 0)] * 40
        )
    ]
    (tmp_path / "leads.csv").write_text("id,source,won\n" + "\n".join(rows) + "\n")
    return tmp_path


@pytest.fixture
def firstcall(folder, capsys):
    """Run a command line; its exit code, what it printed and what it said."""

    def call(*arguments):
        code = run([*arguments, "--no-color"] if "--help" not in arguments else arguments)
        return code, *capsys.readouterr()

    return call


FILES = ("--records", "leads.csv", "--as-of", "2026-09-01")


def test_a_backtest_is_told_in_tables(firstcall):
    code, out, _ = firstcall("backtest", "old.yaml", *FILES, "--won", "won=1")
    assert code == 0
    assert "150 records, 50 won (33.3%) by won=1" in out
    assert (
        "AUC 0.840 (95% interval 0.784 to 0.896): a won record stands above a lost one 84 times in 100" in out
    )
    hot = next(line for line in out.splitlines() if line.startswith("Hot")).split()
    assert hot == ["Hot", "60", "40", "66.7%", "█" * 20, "54.1%", "to", "77.3%", "2.00x"]


def test_a_backtest_as_json_is_complete(firstcall):
    code, out, _ = firstcall("backtest", "old.yaml", *FILES, "--won", "won=1", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["records"], found["won"], found["as_of"]) == (150, 50, "2026-09-01T00:00:00Z")
    assert found["auc_interval"][0] < found["auc"] < found["auc_interval"][1]
    assert [grade["grade"] for grade in found["grades"]] == ["Hot", "Cold"]
    assert sum(bracket["won"] for bracket in found["brackets"]) == 50
    assert len(found["deciles"]) == 10
    assert found["criteria"][1]["by_points"][1]["conversion"] == 0.2
    assert found["criteria"][1]["backwards"] is True


def test_a_backtest_is_drawn(firstcall, folder):
    code, _, said = firstcall("backtest", "old.yaml", *FILES, "--won", "won=1", "--plot", "b.png")
    assert (code, "b.png: drawn" in said) == (0, True)
    assert (folder / "b.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--won", "wonn=1"], "--won: The records have no field wonn. Did you mean won?"),
        (
            ["--won", "won=7"],
            "--won: No record is won by won=7, so there is nothing to compare. won holds 0 (100), 1 (50).",
        ),
        (
            ["--won", "web.purchase"],
            "--won: Who was won by web.purchase is seen in touchpoints: give them too.",
        ),
    ],
)
def test_an_outcome_that_cannot_be_used_ends_with_1(firstcall, options, message):
    code, out, said = firstcall("backtest", "old.yaml", *FILES, *options)
    assert (code, out) == (1, "")
    assert said.strip() == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Missing option '--won'"),
        (["--won", "yes"], "'yes' does not say who was won."),
        (
            ["--won", "won=1", "--lost", "web.left"],
            "--lost is a field with a value, and goes with a field in --won.",
        ),
        (
            ["--won", "won=1", "--as-of-field", "won"],
            "--as-of is one moment for all, --as-of-field one of each record",
        ),
        (["--won", "won=1", "--plot", "b.pdf"], "--plot b.pdf: the name must end in .png."),
        (["--won", "won=1", "--plot", "none/b.png"], "--plot none/b.png: there is no folder none."),
    ],
)
def test_wrong_usage_ends_with_2(firstcall, options, message):
    code, out, said = firstcall("backtest", "old.yaml", *FILES, *options)
    assert (code, out) == (2, "")
    assert message in " ".join(said.split())


def test_a_comparison_is_told_in_tables(firstcall):
    code, out, _ = firstcall("compare", "old.yaml", "new.yaml", *FILES, "--top", "2")
    assert code == 0
    assert "changed Chat: +10 → +25 points" in out
    assert "50 of 150 records scored by both get another score (33.3%); the mean changes by +5." in out
    assert "50 go up a grade or more, 0 go down." in out
    assert "0 of the best 2 stay among the best 2." in out
    move = next(line for line in out.splitlines() if line.startswith("Cold → Hot"))
    assert move.split(maxsplit=5) == ["Cold", "→", "Hot", "50", "▲", "up   100, 101 and 48 more"]
    mover = next(line for line in out.splitlines() if line.startswith("100 "))
    assert mover.split(maxsplit=4) == ["100", "10", "25", "+15", "Cold → Hot   Chat +10 → +25"]


def test_a_comparison_as_json_is_complete(firstcall):
    code, out, _ = firstcall("compare", "old.yaml", "new.yaml", *FILES, "--json", "--top", "3")
    found = json.loads(out)
    assert code == 0
    assert found["changes"] == [{"kind": "changed", "name": "Chat", "says": "+10 → +25 points"}]
    assert (found["moved_up"], found["moved_down"], found["mean_change"]) == (50, 0, 5)
    assert [(grade["grade"], grade["before"], grade["after"]) for grade in found["grades"]] == [
        ("Hot", 60, 110),
        ("Cold", 90, 40),
    ]
    assert found["movers"][0]["causes"] == [{"name": "Chat", "before": 10, "after": 25}]
    assert len(found["movers"]) == len(found["regraded"][0]["named"]) == 3


def test_a_comparison_of_equal_rules_says_so(firstcall):
    _, out, _ = firstcall("compare", "old.yaml", "old.yaml", *FILES)
    assert "The two rules score the same way." in out
    assert "No record changes its grade." in out
