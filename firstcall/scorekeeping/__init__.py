"""Stored rules and their versions, scores kept right, and what changed them when and why."""
