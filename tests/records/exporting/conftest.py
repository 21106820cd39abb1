"""Imports keep their files in a folder of the test's own."""

from tests.records.importing.conftest import data_folder

__all__ = ["data_folder"]
