"""Imports keep their files in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    configuration = settings.CONFIGURATION.model_copy(update={"data_folder": folder})
    monkeypatch.setattr(settings, "CONFIGURATION", configuration)
    return folder
