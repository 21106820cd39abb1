"""What holds of every command: quick start, exit codes, quiet pipes, no tracebacks, signals, colours, progress."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from firstcall import __version__
from firstcall.cli.commands import COMMANDS
from firstcall.cli.stopping import Stop, interruptible
from firstcall.engines.workspace import Workspace
from tests.cli.conftest import Company, Invoke, command_line, environment, real

HEAVY = {
    "duckdb",
    "pyarrow",
    "numpy",
    "matplotlib",
    "rich",
    "ruamel",
    "psycopg",
    "pyspark",
    "xlsxwriter",
    "msgspec",
}
# Would take an hour.
LONG = "SELECT range % 1000003 AS k, sum(hash(range) % 97) AS s FROM range(300000000000) GROUP BY k"
ESCAPE = "\x1b["


def loaded_by(*arguments: str) -> set[str]:
    """The packages that a command line has imported by its end."""
    script = (
        f"import sys\nfrom firstcall.cli.running import run\nrun({list(arguments)!r})\nprint(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in run.stdout.splitlines()[-1].split()}


def test_help_imports_nothing_heavy():
    assert loaded_by("--help") & HEAVY == set()
    assert loaded_by("--version") & HEAVY == set()


@pytest.mark.parametrize("name", ["score", "explain", "check", "compile", "schema", "demo-data"])
def test_the_help_of_a_command_imports_nothing_heavy(name: str):
    assert loaded_by(name, "--help") & HEAVY == set()


def test_checking_a_rule_needs_no_database(company: Company):
    assert loaded_by("check", company.rule) & (HEAVY - {"ruamel"}) == set()


def test_help_names_every_command_and_exit_code(invoke: Invoke):
    result = invoke("--help")
    assert result.code == 0
    for name, (_, says) in COMMANDS.items():
        assert f"  {name} " in result.out
        assert says in result.out
    assert [
        code for code in ("0", "1", "2", "130") if not re.search(rf"^ +{code} +\S", result.out, re.M)
    ] == []


def test_version(invoke: Invoke):
    assert invoke("--version").out == f"firstcall {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scroe"], "There is no command scroe. Did you mean score?"),
        (["score"], "Missing argument 'RULE...'."),
        (["score", "r.yaml"], "Missing option '--records'."),
        (["explain", "r.yaml", "--records", "r.csv"], "Missing option '--id'."),
        (["score", "r.yaml", "--recrods", "r.csv"], "Did you mean one of: '--records'"),
        (["score", "r.yaml", "--records", "r.csv", "--top", "0"], "0 is not in the range x>=1."),
        (["score", "r.yaml", "--records", "r.csv", "--engine", "oracle"], "'oracle' is not one of"),
        (["compile", "r.yaml", "--dialect", "mysql"], "'mysql' is not one of"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], says: str, invoke: Invoke):
    result = invoke(*arguments)
    assert (result.code, result.out) == (2, "")
    assert says in result.err


def test_exit_codes_reach_the_shell(company: Company):
    assert real("--version").returncode == 0
    assert real("check", company.write("bad.yaml", "name: x")).returncode == 1
    assert real("check").returncode == 2


def test_what_nobody_expected_is_one_line(company: Company, invoke: Invoke, monkeypatch: pytest.MonkeyPatch):
    def break_down(*_: object) -> None:
        raise KeyError("left shoe")

    monkeypatch.setattr("firstcall.scoring.reading.read_rule", break_down)
    monkeypatch.delenv("FIRSTCALL_DEBUG", raising=False)
    result = invoke("check", company.rule)
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "Something unexpected went wrong: KeyError: 'left shoe'"
        " Run it again with FIRSTCALL_DEBUG=1 to see where, and please report it.\n"
    )
    monkeypatch.setenv("FIRSTCALL_DEBUG", "1")
    assert "Traceback (most recent call last):" in invoke("check", company.rule).err


def test_a_reader_who_leaves_is_no_error(company: Company):
    rules = [company.rule] * 40
    running = subprocess.Popen(
        command_line("compile", *rules),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(PYTHONUNBUFFERED=""),  # unbuffered output does not say that its reader has gone
    )
    assert running.stdout is not None
    assert running.stderr is not None
    fcntl.fcntl(running.stdout, fcntl.F_SETPIPE_SZ, 4_096)  # so that it is still writing
    running.stdout.read(10)
    running.stdout.close()
    assert running.stderr.read() == ""
    assert running.wait(60) == 0


@pytest.mark.parametrize("doing", ["rows", "table"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_signals_stop_even_a_long_query(number: signal.Signals, code: int, doing: str):
    stop = Stop()
    timer = threading.Timer(0.5, os.kill, (os.getpid(), number))
    began = time.monotonic()
    with Workspace() as workspace, stop.listening(), interruptible(workspace.interrupt):
        timer.start()
        sql = LONG if doing == "rows" else f"CREATE TABLE long AS {LONG}"
        with pytest.raises((RuntimeError, KeyboardInterrupt)):
            workspace.cursor().execute(sql).fetchall()
    assert time.monotonic() - began < 30
    assert (stop.signal, stop.code) == (number, code)


def in_terminal(*arguments: str, **variables: str) -> str:
    """What a person sees: stdout and stderr are one terminal."""
    main, terminal = pty.openpty()
    variables.setdefault("TERM", "xterm-256color")
    running = subprocess.Popen(
        command_line(*arguments), stdout=terminal, stderr=terminal, env=environment(**variables)
    )
    os.close(terminal)
    seen = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        seen += part
    os.close(main)
    assert running.wait(60) == 0
    return seen.decode()


def test_colours_go_to_terminals_only(company: Company):
    arguments = ("score", company.rule, *company.files, *company.now)
    assert ESCAPE + "32m" in in_terminal(*arguments)
    assert ESCAPE not in real(*arguments).stdout


def test_colours_can_be_asked_for_and_refused(company: Company):
    arguments = ("score", company.rule, *company.files, *company.now)
    assert ESCAPE + "32m" in real(*arguments, "--color", env=environment(TERM="xterm-256color")).stdout
    assert ESCAPE not in in_terminal(*arguments, "--no-color", "--no-progress")
    assert ESCAPE + "32m" not in in_terminal(*arguments, NO_COLOR="1")


def test_progress_is_for_whoever_waits_at_a_terminal(company: Company, tmp_path: Path):
    with (tmp_path / "many.csv").open("w") as file:
        file.write("id,job_title\n")
        file.writelines(f"{i},Director of everything\n" for i in range(15_000))
    arguments = (
        "score",
        company.rule,
        "--records",
        str(tmp_path / "many.csv"),
        *company.now,
        "--engine",
        "reference",
    )
    seen = in_terminal(*arguments)
    assert "many.csv" in seen or "explaining" in seen or "scoring" in seen
    assert re.search(r"\d:\d\d:\d\d", seen)
    quiet = in_terminal(*arguments, "--no-progress")
    assert not re.search(r"\d:\d\d:\d\d\s", quiet.replace("00:00:00Z", ""))
