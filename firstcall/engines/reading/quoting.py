"""The only ways in which text from files enters SQL: strictly quoted literals, and names made up here."""

from __future__ import annotations

import re
from collections.abc import Iterable


def literal(text: str) -> str:
    """
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    return ", ".join(map(literal, texts))


def exact_paths(paths: Iterable[str]) -> str:
    """Literals of paths that DuckDB takes as they are: it reads *, ? and [ in them as patterns.

    >>> exact_paths(["a[1].parquet", "b.parquet"])
    "'a[[]1].parquet', 'b.parquet'"
    """
    return literals(re.sub(r"[*?\[]", r"[\g<0>]", path) for path in paths)


def made_ref(letter: str, ordinal: int, name: str) -> str:
    """A plain identifier for a column, readable where the name allows it.

    >>> made_ref("f", 3, "Job Title"), made_ref("p", 1, "'; DROP")
    ('f3_job_title', 'p1_drop')
    """
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
    return f"{letter}{ordinal}_{slug}".rstrip("_")


def parquet_source(paths: Iterable[str], options: str = "") -> str:
    """A FROM item over Parquet files."""
    return f"read_parquet([{literals(paths)}]{options})"
