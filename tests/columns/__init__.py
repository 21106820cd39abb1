"""The columnar copy."""
