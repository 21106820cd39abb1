"""A database with its tables, made once and copied for each journey that does not begin with nothing; for those in a
browser, Bob's desk."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.sdks.conftest import node_sdks
from tests.journeys.upping import environment, temporary_folder
from tests.web.conftest import context, desk, served_company

__all__ = ["context", "desk", "node_sdks", "served_company"]


@pytest.fixture(scope="session")
def with_tables() -> Iterator[Path]:
    """A data folder after `firstcall migrate`."""
    with temporary_folder() as made:
        command = [sys.executable, "-m", "firstcall", "migrate", "--data", str(made / "data")]
        subprocess.run(command, env=environment(), check=True, capture_output=True, timeout=300)
        yield made / "data"


@contextmanager
def copied(with_tables: Path) -> Iterator[Path]:
    """A copy of it, to begin from."""
    with temporary_folder() as made:
        # Owners too: where the tests run as root, another user runs the database.
        subprocess.run(["cp", "-a", str(with_tables), str(made / "data")], check=True)
        yield made / "data"


@pytest.fixture
def folder(with_tables: Path) -> Iterator[Path]:
    with copied(with_tables) as made:
        yield made
