"""Which encoding of one byte a character a text is in, by the letters that its bytes would be.

Detectors by frequency need a page of prose; a file of leads has a few hundred names.
"""

from __future__ import annotations

from collections import Counter

_ICELANDIC = "áðéíóúýþæö"
# Letters beyond ASCII of languages that are written in Latin, by the encodings that hold them.
_ALPHABETS = {
    "cp1252": (
        "äöüß",
        "àâçéèêëîïôœùûü",
        "áéíñóúüºª",
        "áâãàçéêíóôõúüºª",
        "àèéìíîòóùúº",
        "æøåéäöü",
        "åäöéü",
        "éëïóöüèêáíú",
        _ICELANDIC,
        "àçèéíïòóúü·",
        "õäöüšž",
    ),
    "cp1250": (
        "ąćęłńóśźż",
        "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž",
        "áéíóöőúüű",
        "čćđšž",
        "ăâîşţ",
    ),
    "iso8859_2": (
        "ąćęłńóśźż",
        "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž",
        "čćđšž",
    ),
    "cp1254": ("çğıöşüâîi̇",),  # the last is what the great İ is in small letters
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž"),
}
_WESTERN = "cp1252"
_GERMAN = "äöüß"  # all of these encodings have them at the same bytes, and neighbours have names with them
_NEIGHBOUR = 0.99
_RARER = 0.9  # Icelandic has the bytes of Turkish, and few have files in it
_EXPLAINED = 0.98
_MORE = 0.05


def likely_encoding(sample: bytes) -> str:
    """Of a text in Latin letters; `cp1252` unless the letters of one language of another encoding explain nearly all of
    it, and those of no western one do.

    >>> likely_encoding("Łódź, Żółkiewska, Gdańsk".encode("cp1250")), likely_encoding("Kučera, Dvořák".encode("cp1250"))
    ('cp1250', 'cp1250')
    >>> likely_encoding("Müller, Peña, Gonçalves".encode("cp1252")), likely_encoding("Özgür Yıldız".encode("cp1254"))
    ('cp1252', 'cp1254')
    """
    beyond = Counter(byte for byte in sample if byte >= 0x80)
    western = _explained(beyond, _WESTERN)
    best = max(_ALPHABETS, key=lambda encoding: _explained(beyond, encoding))
    explained = _explained(beyond, best)
    return best if explained >= _EXPLAINED and explained >= western + _MORE else _WESTERN


def _explained(beyond: Counter[int], encoding: str) -> float:
    """The share of the letters that belong to the language that has most of them; quotes, dashes and signs aside."""
    letters: Counter[str] = Counter()
    for byte, count in beyond.items():
        letter = bytes([byte]).decode(encoding, "replace").lower()
        if letter not in _TYPOGRAPHY:
            letters[letter] += count
    total = letters.total()
    if not total:
        return 0.0
    return max(_weight(letters, alphabet) for alphabet in _ALPHABETS[encoding]) / total


def _weight(letters: Counter[str], alphabet: str) -> float:
    own = sum(count for letter, count in letters.items() if letter in alphabet)
    near = sum(count for letter, count in letters.items() if letter in _GERMAN and letter not in alphabet)
    return (_RARER if alphabet == _ICELANDIC else 1) * own + _NEIGHBOUR * near


_TYPOGRAPHY = frozenset("€‚„…‹‘’“”•–—›™\xa0§«°»©®")
