"""A rule's text as a tree of nodes with places: YAML or JSON in, one tree out. Not: what the keys mean."""

from __future__ import annotations

from functools import lru_cache

from firstcall.scoring.documents.decoding import MOST_BYTES, decode
from firstcall.scoring.documents.from_json import parse_json
from firstcall.scoring.documents.from_yaml import parse_yaml
from firstcall.scoring.documents.nodes import (
    Broken,
    Document,
    Entries,
    Entry,
    Items,
    Node,
    Scalar,
    UnreadableError,
    shorten,
)
from firstcall.scoring.saying import language

__all__ = [
    "MOST_BYTES",
    "Broken",
    "Document",
    "Entries",
    "Entry",
    "Items",
    "Node",
    "Scalar",
    "parse_document",
    "shorten",
]


_KEPT, _LONGEST_KEPT = 16, 50_000


def parse_document(text: str | bytes, file: str) -> Document:
    """The text as nodes, by the file's name: `.json` is JSON, `.yaml` and `.yml` are YAML.

    Under any other name, text that is JSON is taken as JSON. Never raises: problems are in the document. The last few texts
    are kept as they were read: one that is edited is asked for again and again.
    """
    return _read_again(text, file, language()) if len(text) <= _LONGEST_KEPT else _read(text, file)


def _read(text: str | bytes, file: str) -> Document:
    try:
        decoded = decode(text, file)
        name = file.casefold()
        if name.endswith(".json"):
            return parse_json(decoded, file)
        if not name.endswith((".yaml", ".yml")) and decoded.lstrip(" \t\r\n").startswith("{"):
            document = parse_json(decoded, file)
            if not any(problem.code == "json" for problem in document.problems):
                return document
        return parse_yaml(decoded, file)
    except UnreadableError as error:
        return Document(None, (error.problem,))


@lru_cache(maxsize=_KEPT)
def _read_again(text: str | bytes, file: str, _language: str) -> Document:
    """`_language` is that of the problems."""
    return _read(text, file)
