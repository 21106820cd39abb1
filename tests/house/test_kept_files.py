"""What is kept belongs to everyone: no machine's paths, no package index's host, locked dependencies."""

import json
import re

from tests.house.repository import ROOT, read, texts

HOSTS = re.compile(
    r"pypi\.(?:org|python)|python" + r"hosted|registry\.npm" + r"js|deb\.deb" + r"ian|/sim" + r"ple\b"
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}/-])/(?:work|tmp|root|home|Users|farm)/\w")
THIS = "tests/house/test_kept_files.py"


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts().items()
        if name != THIS
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_the_host_of_a_package_index():
    assert lines_with(HOSTS) == []


def test_no_file_names_a_path_of_one_machine():
    assert lines_with(MACHINE_PATHS) == []


def test_every_locked_dependency_is_pinned_and_hashed():
    for name, fewest in (
        ("requirements.lock", 20),
        ("requirements-spark.lock", 20),
        ("requirements-node.lock", 2),
    ):
        entries = re.split(r"\n(?=\S)", read(name).strip())
        assert len(entries) >= fewest
        assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
        assert not re.search(r"^\s*--(?!hash)|://", read(name), flags=re.MULTILINE)


def test_what_browsers_load_is_locked_by_its_hashes():
    locked = json.loads(read("package-lock.json"))["packages"]
    assert len(locked) > 10
    assert [name for name, package in locked.items() if name and "integrity" not in package] == []
    assert "://" not in read("package-lock.json")


def test_the_two_locks_agree():
    pins = [
        dict(re.findall(r"^([\w.-]+)==(\S+)", read(name), flags=re.MULTILINE))
        for name in ("requirements.lock", "requirements-spark.lock")
    ]
    assert {name for name in pins[0].keys() & pins[1].keys() if pins[0][name] != pins[1][name]} == set()


def test_no_document_holds_a_link_into_nowhere():
    broken = []
    for name, text in texts().items():
        if name.endswith(".md"):
            for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
                if not (ROOT / name).parent.joinpath(target).exists():
                    broken.append(f"{name}: {target}")
    assert broken == []
