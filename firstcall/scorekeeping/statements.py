"""Statements with $1, $2 …, as `records.statements` runs them."""

from firstcall.records.statements import array, ids_of, run, server_major, whole

__all__ = ["array", "ids_of", "run", "server_major", "whole"]
