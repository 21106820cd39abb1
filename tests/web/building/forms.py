"""What a browser would send of the forms in a piece of a page."""

from __future__ import annotations

from html.parser import HTMLParser

type Sent = dict[str, list[str]]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Sent] = []
        self._at = ""
        self._form: Sent | None = None
        self._select = self._option = self._textarea = ""
        self._options: list[tuple[str, bool]] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        held = {key: value or "" for key, value in given}
        if "data-card" in held:
            self._at = held["data-at"]
        if tag == "form":
            self._form = (
                {"do": ["card"], "at": [self._at]} if "data-card-form" in held else {"do": ["settings"]}
            )
            self.forms.append(self._form)
        elif tag == "input" and held.get("name"):
            if held.get("type") not in ("checkbox", "radio") or "checked" in held:
                self._put(held["name"], held.get("value", ""))
        elif tag == "select":
            self._select, self._options = held.get("name", ""), []
        elif tag == "option" and self._select:
            self._close_option()
            self._option, self._text = held.get("value", "\0"), []
            self._options.append(("", "selected" in held))
        elif tag == "textarea":
            self._textarea, self._text = held.get("name", ""), []

    def handle_data(self, text: str) -> None:
        self._text.append(text)

    def handle_endtag(self, tag: str) -> None:
        if tag == "option":
            self._close_option()
        elif tag == "select" and self._select:
            chosen = next((value for value, is_chosen in self._options if is_chosen), None)
            self._put(self._select, chosen if chosen is not None else self._options[0][0])
            self._select = ""
        elif tag == "textarea" and self._textarea:
            self._put(self._textarea, "".join(self._text).removeprefix("\n"))
            self._textarea = ""

    def _close_option(self) -> None:
        if self._option and self._options:
            value = "".join(self._text) if self._option == "\0" else self._option
            self._options[-1] = value, self._options[-1][1]
        self._option = ""

    def _put(self, name: str, value: str) -> None:
        assert self._form is not None, name
        self._form.setdefault(name, []).append(value)


def forms_of(html: str) -> list[Sent]:
    read = _Forms()
    read.feed(html)
    return read.forms
