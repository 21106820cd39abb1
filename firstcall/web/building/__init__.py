"""The rule builder: a rule as cards and as YAML beside each other, and what it would do."""
