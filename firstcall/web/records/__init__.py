"""Records: lists of a module, and one record with its scores and its past."""
