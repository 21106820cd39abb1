"""Statements with $1, $2 …, as `records.statements` runs them."""

from firstcall.records.statements import run, server_major, whole

__all__ = ["run", "server_major", "whole"]
