"""The append-only log of what records do, and the way into it."""
