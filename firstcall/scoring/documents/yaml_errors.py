"""What the YAML parser's own errors say in words that help a person who does not know YAML."""

from __future__ import annotations

from ruamel.yaml.error import MarkedYAMLError

from firstcall.scoring.saying import Pattern, said

# A part of the parser's message -> what is wrong, how to mend it; the first that is found counts.
_EXPLAINED: tuple[tuple[str, Pattern, Pattern], ...] = (
    ("'\\t'", Pattern("A tab stands where YAML wants spaces."), Pattern("Put spaces in its place.")),
    (
        "scanning an alias",
        Pattern("A text that begins with * needs quotes."),
        Pattern('Write "*" in quotes.'),
    ),
    ("chr()", Pattern("This escape stands for no character."), Pattern("Write the character itself.")),
    ("'@'", Pattern("A text that begins with @ needs quotes."), Pattern('Write it as "@…".')),
    ("'`'", Pattern("A text that begins with ` needs quotes."), Pattern('Write it as "`…".')),
    ("'%'", Pattern("A text that begins with % needs quotes."), Pattern('Write it as "%…".')),
    (
        "sequence entries are not allowed here",
        Pattern("An entry of a list cannot begin on this line."),
        Pattern("Begin the list on a line of its own, below its key."),
    ),
    (
        "mapping values are not allowed here",
        Pattern("A second `: ` stands on this line, or the line is indented too far."),
        Pattern("Put a text with a colon in quotes, and line up keys of one mapping."),
    ),
    ("unexpected end of stream", Pattern("A quote is opened and never closed."), Pattern("Close it.")),
    (
        "unknown escape character",
        Pattern("This is no escape that YAML knows."),
        Pattern("Write \\\\ for a backslash, or use single quotes."),
    ),
    ("<stream end>", Pattern("A bracket or brace is opened and never closed."), Pattern("Close it.")),
    (
        "expected ',' or ']'",
        Pattern("This list is not closed, or a comma is missing."),
        Pattern("Close it with ], and put a comma between entries."),
    ),
    (
        "expected ',' or '}'",
        Pattern("This mapping is not closed, or a comma is missing."),
        Pattern("Close it with }}, and put a comma between entries."),
    ),
    (
        "could not find expected ':'",
        Pattern("A key stands here without its colon."),
        Pattern("Write `key: value`, with a space after the colon."),
    ),
    (
        "expected <block end>",
        Pattern("This line does not line up with those above it."),
        Pattern("Indent keys of one mapping, and entries of one list, alike."),
    ),
)


def error_index(error: MarkedYAMLError, end: int) -> int:
    """Where to look: where the parser stopped, or, at the end of the text, where what it missed begins."""
    mark = error.problem_mark or error.context_mark
    unclosed = mark is not None and mark.index >= end
    if error.context_mark and (unclosed or "alias" in str(error.context)):
        mark = error.context_mark
    return mark.index if mark else 0


def explain_error(error: Exception) -> tuple[str, str]:
    """What is wrong and how to mend it."""
    detail = said("the parser gave no reason")
    if isinstance(error, MarkedYAMLError):
        detail = ", ".join(str(part) for part in (error.context, error.problem) if part)
    elif str(error):
        detail = str(error).splitlines()[0]
    for part, says, fix in _EXPLAINED:
        if part in detail:
            return says(), fix()
    return said("This is not YAML: {detail}.", detail=detail), said("Check quotes, brackets and indentation.")
