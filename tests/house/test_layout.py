"""The layout is what ARCHITECTURE.md says, and pyproject.toml holds the same floors."""

import ast
import re
import tomllib

import pytest

from tests.house.repository import PACKAGE, ROOT, python_files, read

BANNED = {
    "utils",
    "util",
    "helpers",
    "common",
    "misc",
    "base",
    "core",
    "manager",
    "service",
    "handler",
    "data",
    "info",
}

# As Django calls it: the module of a database backend.
NAMED_BY_OTHERS = {"firstcall/connecting/base"}

# The most lines of a file, by folder.
BOUNDS = {"firstcall": 400, "tests": 600, "benchmarks": 400}

# Files over the bound, each with the reason why it is one thing.
LONG_FILES = {
    "firstcall/scoring/compiling/judging.py": "one expression a kind of worth and moment, side by side",
    "firstcall/scoring/compiling/gathering.py": "one aggregate a measure, side by side",
    "tests/scoring/strategies.py": "one strategy a key of the language, side by side",
    "tests/engines/reading/test_parquet.py": "one test a type of column",
}


def floors_of_the_map() -> list[set[str]]:
    """The floors of ARCHITECTURE.md from the top: lines like "  3  `cli`  …" of its table."""
    rows = re.findall(r"^\| *\d+ *\| *((?:`\w+/`[ ,]*)+)\|", read("ARCHITECTURE.md"), flags=re.MULTILINE)
    return [set(re.findall(r"`(\w+)/`", row)) for row in rows]


def floors_of_the_contract() -> list[set[str]]:
    contract = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    assert contract["exhaustive"] is True
    layers = [set(layer.split(" | ")) for layer in contract["layers"]]
    # The roof is files, not packages.
    return [layer for layer in layers if not any((PACKAGE / f"{name}.py").exists() for name in layer)]


def test_the_map_the_contract_and_the_packages_name_the_same_floors():
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert floors_of_the_map() == floors_of_the_contract()
    assert set().union(*floors_of_the_map()) == packages


def test_the_map_names_only_paths_that_exist():
    named = re.findall(r"`((?:firstcall|tests|docs|benchmarks)/[\w./-]*)`", read("ARCHITECTURE.md"))
    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_no_module_has_a_name_that_says_nothing():
    parts = [
        path.relative_to(ROOT).with_suffix("").parts
        for path in python_files("firstcall", "tests", "benchmarks")
    ]
    found = {"/".join(part) for part in parts if BANNED & set(part)}
    assert found == NAMED_BY_OTHERS


def test_files_are_short_and_the_long_ones_are_known():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in python_files("firstcall", "tests", "benchmarks")
    }
    assert {name for name, length in lengths.items() if length > 400} - set(LONG_FILES) == set()
    assert {name for name in LONG_FILES if lengths.get(name, 0) <= 400} == set(), (
        "no longer long: strike it out"
    )
    assert sum(length <= 250 for length in lengths.values()) >= 0.9 * len(lengths)


def test_nine_in_ten_functions_fit_in_thirty_lines():
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in python_files("firstcall")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert sum(length <= 30 for length in lengths) >= 0.9 * len(lengths)
    assert max(lengths) <= 80


def test_every_module_says_what_it_is_for():
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in python_files("firstcall")
        if path.parent.name != "migrations"
        and (text := path.read_text("utf-8")).strip()
        and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py")))
def test_every_room_has_tests_of_its_own(folder: str) -> None:
    if any(path.name != "__init__.py" for path in (PACKAGE / folder).rglob("*.py")):
        assert list((ROOT / "tests" / folder).rglob("test_*.py")), f"tests/{folder} has no tests"
