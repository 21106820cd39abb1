"""`firstcall schema` and `firstcall demo-data`."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.cli.conftest import RULE, Invoke


def test_the_schema_takes_a_rule_and_refuses_another_thing(invoke: Invoke):
    result = invoke("schema")
    assert (result.code, result.err) == (0, "")
    schema = json.loads(result.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(YAML(typ="safe").load(RULE))) == []
    assert list(validator.iter_errors({"name": "x"})) != []


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_demo_data_in_every_format(form: str, tmp_path: Path, invoke: Invoke):
    out = tmp_path / "new" / "demo"
    result = invoke("demo-data", "--leads", 30, "--out", out, "--format", form, "--touchpoints-per-lead", 5)
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0] == f"{out / f'leads.{form}'}: 30 leads"
    assert lines[1].startswith(f"{out / f'touchpoints.{form}'}: ")
    assert sorted(path.name for path in out.iterdir()) == [f"leads.{form}", f"touchpoints.{form}"]


def test_demo_data_is_the_same_for_the_same_seed(tmp_path: Path, invoke: Invoke):
    made = {}
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        invoke("demo-data", "--leads", 20, "--out", tmp_path / name, "--seed", seed)
        made[name] = (tmp_path / name / "leads.csv").read_bytes()
    assert made["a"] == made["b"] != made["c"]


def test_demo_data_tells_programs_what_it_made(tmp_path: Path, invoke: Invoke):
    said = json.loads(invoke("demo-data", "--leads", 10, "--out", tmp_path, "--json").out)
    assert said["leads"] == {"path": str(tmp_path / "leads.csv"), "rows": 10}
    rows = (tmp_path / "touchpoints.csv").read_text("utf-8").splitlines()[1:]
    assert said["touchpoints"] == {"path": str(tmp_path / "touchpoints.csv"), "rows": len(rows)}


def test_demo_data_out_of_bounds(tmp_path: Path, invoke: Invoke):
    result = invoke(
        "demo-data", "--leads", 10, "--out", tmp_path, "--seed", -1, "--touchpoints-per-lead", 1e9
    )
    assert result.code == 1
    assert result.err.splitlines() == [
        "seed: -1 is below 0. Give 0 or more.",
        "touchpoints_per_lead: 1000000000.0 is not between 0 and 10000.",
    ]
    assert invoke("demo-data", "--leads", 0, "--out", tmp_path).code == 2
