"""Importing a file, step by step: the file, its columns, a dry run, the import, and its undoing."""
