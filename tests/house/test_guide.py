"""The guide is true: its rules and examples load without a remark, fit the demo's columns, and tell buyers apart."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from firstcall.demo import generate
from firstcall.demo.behaviour import ALL_KINDS
from firstcall.demo.people import LEADS_SCHEMA
from firstcall.engines.reading.mapping import Mapping
from firstcall.engines.reading.mapping_file import parse_mapping
from firstcall.scoring.evaluating import Record, Touchpoint, evaluate
from firstcall.scoring.reading import LoadedRule, read_rule
from firstcall.scoring.reading.vocabulary import CRITERION_KEYS, RULE_KEYS
from firstcall.scoring.rules import FieldMeasure, TouchpointMeasure, leaves
from firstcall.scoring.values import Value
from tests.house.repository import ROOT, read

RULES = sorted((ROOT / "docs" / "guide" / "rules").glob("*.yaml"))
PAGES = ["README.md", *(f"docs/guide/{page.name}" for page in sorted((ROOT / "docs" / "guide").glob("*.md")))]
REFERENCE = "docs/guide/rule-reference.md"
MICROSECONDS = 1_000_000


def load(path: Path) -> LoadedRule:
    return read_rule(path.read_text("utf-8"), path.name)


def examples() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", read(page), flags=re.DOTALL), 1):
            yield f"{page}:{number}", block


def made_whole(block: str) -> str:
    """A rule made of what an example shows: a whole rule, some criteria, or what stands beside or in one."""
    keys = set(re.findall(r"^(\w+):", block, flags=re.MULTILINE))
    head = "name: Example\nmodule: leads\n"
    some = "criteria: [{name: Any, touchpoint: '*', points: 1}]\n"
    if "criteria" in keys:
        return block if "name" in keys else head + block
    if block.startswith("- "):
        return f"{head}criteria:\n{block}"
    if keys & {"grades", "limits", "applies_to"}:
        return head + some + block
    measure = "" if "touchpoint" in keys else "touchpoint: '*'\n"
    lines = "".join(f"    {line}\n" for line in (measure + block).splitlines())
    return f"{head}criteria:\n  - name: Any\n    points: 1\n{lines}"


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_each_rule_loads_without_a_remark_and_is_in_the_guide(path: Path) -> None:
    assert load(path).warnings == ()
    assert f"rules/{path.name}" in read("docs/README.md")
    assert f"rules/{path.name}" in read("docs/guide/run-demo")


def test_the_tour_runs_to_its_end(tmp_path: Path) -> None:
    firstcall = Path(sys.executable).with_name("firstcall")
    subprocess.run([firstcall, "demo-data", "--leads", "2000", "--out", tmp_path], check=True)
    tour = subprocess.run(
        ["docs/guide/run-demo", firstcall, tmp_path, "2026-09-01T00:00:00Z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (tour.returncode, tour.stderr) == (0, "")
    assert "Missed, and by how much" in tour.stdout
    assert tour.stdout.count("records scored") == 3
    assert "Yours next" in tour.stdout


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_each_rule_names_only_what_the_demo_has(path: Path) -> None:
    measures = [leaf.measure for leaf in load(path).rule.measured]
    fields = {measure.name for measure in measures if isinstance(measure, FieldMeasure)}
    assert fields <= set(LEADS_SCHEMA.names)
    touched = [measure for measure in measures if not isinstance(measure, FieldMeasure)]
    known_types = {kind.type for kind in ALL_KINDS}
    assert {t for measure in touched for t in measure.types if not t.endswith("*")} <= known_types
    properties = {test.property for measure in touched for test in measure.where}
    properties |= {m.property for m in touched if isinstance(m, TouchpointMeasure) and m.property}
    assert properties <= {name for kind in ALL_KINDS for name in kind.properties}


@pytest.mark.parametrize(
    "example", [block for _, block in examples()], ids=[place for place, _ in examples()]
)
def test_each_example_of_the_guide_loads(example: str) -> None:
    if re.match(r"(?:records|touchpoints|related):", example):
        assert parse_mapping(example) != Mapping()
        return
    loaded = read_rule(made_whole(example))
    assert loaded.warnings == ()
    assert all(list(leaves(criterion.condition)) for criterion in loaded.rule.criteria)


type Story = list[tuple[Record, list[Touchpoint], int, bool]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Each lead of the demo: its fields, its touchpoints, the moment of its decision, the outcome."""
    demo = generate(tmp_path_factory.mktemp("demo"), leads=1_200, format="jsonl")
    touchpoints: dict[str, list[Touchpoint]] = defaultdict(list)
    for row in map(json.loads, demo.touchpoints_path.read_text("utf-8").splitlines()):
        properties = {name: Value(value) for name, value in row.get("properties", {}).items()}
        touchpoints[row["record_id"]].append(Touchpoint(row["type"], moment(row["occurred_at"]), properties))
    leads = [json.loads(line) for line in demo.leads_path.read_text("utf-8").splitlines()]
    return [
        (record_of(lead), touchpoints[lead["id"]], moment(lead["decided_at"]), lead["converted"])
        for lead in leads
    ]


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * MICROSECONDS


def record_of(lead: dict[str, object]) -> Record:
    times = {name: datetime.fromisoformat(str(lead[name])) for name in ("created_at", "decided_at")}
    return Record(
        {name: Value(value) for name, value in (dict.fromkeys(LEADS_SCHEMA.names) | lead | times).items()}
    )


def outcomes(story: Story, name: str) -> list[tuple[int, str | None, bool]]:
    """Total, grade and outcome of each lead, as of its decision, by a rule of the guide."""
    rule = load(ROOT / "docs" / "guide" / "rules" / f"{name}.yaml").rule
    scored = ((evaluate(rule, record, touched, as_of), won) for record, touched, as_of, won in story)
    return [(score.total, score.grade, won) for score, won in scored if score]


@pytest.mark.parametrize("name", ["call-first", "fit-and-interest"])
def test_a_good_rule_ranks_most_buyers_above_the_rest_and_not_all(story: Story, name: str) -> None:
    scored = outcomes(story, name)
    won, lost = ([total for total, _, outcome in scored if outcome is wanted] for wanted in (True, False))
    pairs = [(above > below) + (above == below) / 2 for above in won for below in lost]
    assert 0.72 < sum(pairs) / len(pairs) < 0.87


def test_each_grade_buys_more_often_than_the_one_below(story: Story) -> None:
    by_grade: dict[str | None, list[bool]] = defaultdict(list)
    for _, grade, won in outcomes(story, "call-first"):
        by_grade[grade].append(won)
    rates = [sum(by_grade[grade]) / len(by_grade[grade]) for grade in ("Hot", "Warm", "Cold")]
    assert all(above > below * 1.3 for above, below in pairwise(rates))


def test_the_reference_names_every_key_of_the_language() -> None:
    keys = {
        *RULE_KEYS,
        *CRITERION_KEYS,
        "property",
        "lose",
        "at_least",
        "minimum",
        "maximum",
        "fit",
        "touchpoints",
    }
    named = set(re.findall(r"`(\w+)[:`]", read(REFERENCE)))
    assert keys - named == set()


def test_the_reference_shows_every_key_of_a_criterion_in_an_example() -> None:
    shown = "\n".join(block for place, block in examples() if place.startswith(REFERENCE))
    keys = set(CRITERION_KEYS) - {"enabled"}
    assert keys - set(re.findall(r"(\w+):", shown)) == set()
