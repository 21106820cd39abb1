"""Firstcall: whom to call first, and why."""

__version__ = "0.1.0"
