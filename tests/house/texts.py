"""All texts that people read on pages, and their German: found in the code, and kept in step with the catalogue.

usage: make texts
"""

from __future__ import annotations

import ast
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from firstcall.records.labels import standard_labels
from tests.house.repository import ROOT

SOURCE = ROOT / "firstcall"
GERMAN = SOURCE / "web" / "locale" / "de" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Lines of the head that say when and by whom it was written, and would differ each time.
_EVER_NEW = (
    '"POT-Cre',
    '"PO-Rev',
    '"Last-Tr',
    '"Language-Team',
    '"Project-Id',
    '"Report-M',
    '"Generated',
    '"MIME',
)
type Text = tuple[str | None, str | tuple[str, str]]
"""The context, if any, and the English: of what can be counted, one and several."""


def wanted() -> dict[Text, str]:
    """Every text of the pages, with the first file in which it stands."""
    found: dict[Text, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        code = path.read_text("utf-8")
        for text in [*_read(code), *_patterns(code)]:
            found.setdefault(text, _name(path))
    for path in sorted((SOURCE / "web" / "templates").rglob("*.html")):
        code = "\n".join(line.strip() for line in templatize(path.read_text("utf-8")).splitlines())
        for text in _read(code):
            found.setdefault(text, _name(path))
    for text, place in _labels():
        found.setdefault(text, place)
    return found


def _read(code: str) -> Iterator[Text]:
    for _, function, messages, _ in extract_python(io.BytesIO(code.encode()), KEYWORDS, (), {}):
        texts = [messages] if isinstance(messages, str) else list(messages or ())
        context = texts.pop(0) if function and "pgettext" in function else None
        if not texts or texts[0] is None:
            continue
        yield context, texts[0] if len(texts) == 1 or texts[1] is None else (texts[0], texts[1])


def _patterns(code: str) -> Iterator[Text]:
    """What `firstcall.scoring.saying` looks up: the literals of its calls."""
    if "scoring.saying" not in code and "class Pattern:" not in code:
        return
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            match node.func.id, texts:
                case "said", [str(text)]:
                    yield None, text
                case "Pattern", [str(text), *context]:
                    yield str(context[0]) if context else None, text
                case "Forms", [str(one), str(several), *context]:
                    yield str(context[0]) if context else None, (one, several)


def _labels() -> Iterator[tuple[Text, str]]:
    """What comes with the product is called: modules and their fields, channels and types of touchpoints."""
    from firstcall.touchpoints.catalogue import CHANNEL, CHANNELS, STANDARD, TYPE

    for context, label in standard_labels():
        yield (context or None, label), "firstcall/records/standard.yaml"
    for label in CHANNELS.values():
        yield (CHANNEL, label), "firstcall/touchpoints/catalogue.py"
    for type in STANDARD.values():
        yield (TYPE, type.label), "firstcall/touchpoints/catalogue.py"


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def german() -> Catalog:
    with GERMAN.open("rb") as file:
        return read_po(file, locale="de")


def text_of(message: Message) -> Text:
    id = message.id
    return message.context, (str(id[0]), str(id[1])) if isinstance(id, list | tuple) else str(id)


def faults() -> list[str]:
    """What is not right with the German of a text: one line for each."""
    held = {text_of(message): message for message in german() if message.id}
    asked = wanted()
    told = [
        f"{place}: {_said(text)} has no German" for text, place in asked.items() if not _done(held.get(text))
    ]
    told += [f"{_said(text)} stands nowhere any more" for text in held if text not in asked]
    return told + [fault for text, message in held.items() for fault in _unlike(text, message)]


def _done(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(strings)


def _unlike(text: Text, message: Message) -> Iterator[str]:
    """What is put into a text must be the same in both languages, or nothing is shown at all."""
    english = text[1] if isinstance(text[1], tuple) else (text[1],)
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    names = {name for one in english for name in _placeholders(one)}
    for string in filter(None, strings):
        if _placeholders(string) - names or (len(english) == 1 and _placeholders(string) != names):
            yield f"{_said(text)} has other placeholders in German: {string!r}"


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w+\}", text))


def _said(text: Text) -> str:
    return repr(text[1] if isinstance(text[1], str) else text[1][0])


def update() -> list[str]:
    """Write the catalogue anew: every text once, in the order of their English, with the German that there is. Tells the
    texts that are still without."""
    held = {text_of(message): message for message in german() if message.id}
    catalog = Catalog(locale="de", charset="utf-8", fuzzy=False, header_comment="# The German of the pages.")
    missing = []
    for text in sorted(wanted(), key=lambda text: (str(text[1]).casefold(), str(text))):
        kept = held.get(text)
        if not _done(kept):
            missing.append(_said(text))
        catalog.add(text[1], kept.string if kept is not None else None, context=text[0])
    written = io.BytesIO()
    write_po(written, catalog, width=0, no_location=True)
    lines = written.getvalue().decode().splitlines(keepends=True)
    GERMAN.write_text("".join(line for line in lines if not line.startswith(_EVER_NEW)), "utf-8")
    return missing


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firstcall.settings")
    django.setup()
    without = update()
    print(*without, sep="\n")  # noqa: T201
    print(f"{len(without)} texts are still without German: write it into {_name(GERMAN)}.")  # noqa: T201
