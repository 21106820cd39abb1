"""Scoring rules: the list of them, and one with its versions, its scores and what can be done with it."""
