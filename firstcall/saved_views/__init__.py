"""Lists that people keep: conditions, columns and order under a name, for themselves or for others."""
