r"""Mends halves of characters in JSON: `\ud83d` alone is what a page writes that cuts a text in the middle of an emoji.

No database keeps them, and the SDKs send what they have in batches: one would cost all.
"""

from __future__ import annotations

import re

_SIGN = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # both halves: a character
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\."  # any other; the second of two backslashes begins no escape
)


def mend_halves(body: bytes) -> bytes:
    r"""The JSON with U+FFFD in place of each half.

    >>> mend_halves(rb'"\ud83d\ude00 \ud83d \\ud83d"')
    b'"\\ud83d\\ude00 \\ufffd \\\\ud83d"'
    """
    return _ESCAPE.sub(_mended, body) if _SIGN.search(body) else body


def _mended(found: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if found["half"] else found[0]
