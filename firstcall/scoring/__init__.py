"""The scoring rule: its language, its checks and its exact meaning. Pure: no Django, no I/O, no clock."""
