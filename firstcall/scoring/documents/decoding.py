"""From bytes to text: UTF-8 alone, and not too much of it."""

from __future__ import annotations

from firstcall.scoring.documents.nodes import Lines, UnreadableError, text_problem
from firstcall.scoring.problems import Place, Problem
from firstcall.scoring.saying import number, said, whole

MOST_BYTES = 1_000_000
_BOM = "\ufeff"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode(text: str | bytes, file: str) -> str:
    """The text without a byte order mark; raises UnreadableError."""
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        megabytes = number(f"{size / 1_000_000:.1f}")
        raise _unreadable(
            "too-large",
            said(
                "A rule has at most 1 MB of text; this has {megabytes} MB ({size} bytes).",
                megabytes=megabytes,
                size=whole(size),
            ),
            said("Is it the right file? Split the rule, or shorten its lists."),
            Place(file, 1, 1),
        )
    decoded = _decode_bytes(text, file) if isinstance(text, bytes) else text
    decoded = decoded.removeprefix(_BOM)
    if trouble := text_problem(decoded):
        index = next(i for i, c in enumerate(decoded) if c == "\0" or "\ud800" <= c <= "\udfff")
        place = Lines(decoded, file).place(index)
        raise _unreadable("not-text", said("The text {trouble}.", trouble=trouble), said("Remove it."), place)
    return decoded


def _decode_bytes(text: bytes, file: str) -> str:
    if text.startswith(_UTF_16_MARKS):
        raise _unreadable(
            "encoding", said("The text is UTF-16."), said("Save the file as UTF-8."), Place(file, 1, 1)
        )
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = f"{text[error.start]:#04x}"
        before = text[: error.start].decode("utf-8").removeprefix(_BOM)
        raise _unreadable(
            "encoding",
            said("The text is not UTF-8: the byte {byte} does not belong here.", byte=byte),
            said("Save the file as UTF-8."),
            Lines(before, file).place(len(before)),
        ) from None


def _unreadable(code: str, says: str, fix: str, place: Place) -> UnreadableError:
    return UnreadableError(Problem((), code, says, fix, place))
