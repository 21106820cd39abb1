"""A text that says something else by now, with all of it that says the same as it was written, comments too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ruamel.yaml.error import YAMLError

from firstcall.scoring.documents import parse_document
from firstcall.scoring.documents.from_json import parse_json
from firstcall.scoring.documents.plain import Plain, plain, same
from firstcall.scoring.documents.spans import Member, Span, spans
from firstcall.scoring.documents.writing import entry_lines, item_lines, on_one_line, written, written_json

__all__ = ["rewritten"]

FILE = "rule"


def rewritten(text: str, wanted: dict[str, Plain]) -> str:
    """The text with what it says made `wanted`. What could not be kept as it stands is written anew.

    >>> print(rewritten("name: A  # ours\\ncriteria:\\n  - {name: B, points: 1}\\n", {"name": "A", "criteria": []}), end="")
    name: A  # ours
    criteria: []
    """
    text = text.removeprefix("\ufeff")
    document = parse_document(text, FILE)
    said = None if document.root is None else plain(document.root)
    if isinstance(said, dict) and same(said, wanted) and not document.problems:
        return text
    if text.lstrip().startswith("{") and not parse_json(text.removeprefix("\ufeff"), FILE).problems:
        return written_json(wanted) + "\n"
    if isinstance(said, dict):
        try:
            edited = _Edits(text).applied(spans(text), said, wanted)
        except (YAMLError, LookupError, ValueError):
            edited = ""
        read = parse_document(edited, FILE)
        if read.root is not None and not read.problems and same(plain(read.root), wanted):
            return edited
    return written(wanted)


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


class _Edits:
    """Finds what is to be replaced in one text; a LookupError where it is written in a way that is not known here."""

    def __init__(self, text: str) -> None:
        self._text = text

    def applied(self, span: Span, said: Plain, wanted: Plain) -> str:
        return self._cut(0, len(self._text), list(self._value(span, said, wanted)))

    def _cut(self, start: int, end: int, edits: list[_Edit]) -> str:
        """The text from start to end, edited."""
        parts, at = [], start
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            if edit.start < at or edit.end > end:
                raise LookupError("edits overlap")
            parts += [self._text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*parts, self._text[at:end]])

    def _value(self, span: Span, said: Plain, wanted: Plain) -> Iterator[_Edit]:
        if same(said, wanted):
            return
        if isinstance(said, dict) and isinstance(wanted, dict) and said and wanted:
            if span.is_open:
                yield from self._open_mapping(span, said, wanted)
                return
            if list(said) == list(wanted):
                for member in span.members:
                    yield from self._value(member.value, said[member.key], wanted[member.key])
                return
        if isinstance(said, list) and isinstance(wanted, list) and said and wanted:
            if span.is_open:
                yield from self._open_list(span, said, wanted)
                return
            if len(said) == len(wanted):
                for member, old, new in zip(span.members, said, wanted, strict=True):
                    yield from self._value(member.value, old, new)
                return
        if span.is_open or span.start == span.end or self._text[span.start] in "|>":
            raise LookupError("not on one line")
        yield _Edit(span.start, span.end, on_one_line(wanted))

    def _open_mapping(self, span: Span, said: dict[str, Plain], wanted: dict[str, Plain]) -> Iterator[_Edit]:
        members = {member.key: member for member in span.members}
        kept = [key for key in wanted if key in said]
        if not kept or len(members) != len(span.members):
            raise LookupError("nothing stays")
        indent = self._column(span.members[0].start)
        for key in said:
            if key not in wanted:
                yield self._without(span, members[key])
            elif not same(said[key], wanted[key]):
                yield from self._entry(members[key], said[key], wanted[key], indent)
        yield from self._new_entries(members, kept, wanted, indent)

    def _new_entries(
        self, members: dict[str, Member], kept: list[str], wanted: dict[str, Plain], indent: int
    ) -> Iterator[_Edit]:
        """Each after the key that it follows in what is wanted; the first, before the one that it precedes."""
        behind, lines = "", list[str]()
        for key, value in wanted.items():
            if key in members:
                if lines:
                    yield self._inserted(members, behind, key, lines, indent)
                behind, lines = key, []
            else:
                lines += entry_lines(key, value, indent)
        if lines:
            yield self._inserted(members, behind, "", lines, indent)

    def _inserted(
        self, members: dict[str, Member], behind: str, before: str, lines: list[str], indent: int
    ) -> _Edit:
        if not behind:
            start = members[before].start
            return _Edit(start, start, "\n".join(lines).lstrip() + "\n" + " " * indent)
        end = max(members[behind].value.end, members[behind].key_end + 1)
        if self._text[end - 1] == "\n":
            return _Edit(end, end, "".join(f"{line}\n" for line in lines))
        at = self._line_end(end)
        return _Edit(at, at, "\n" + "\n".join(lines))

    def _entry(self, member: Member, said: Plain, wanted: Plain, indent: int) -> Iterator[_Edit]:
        try:
            edits = list(self._value(member.value, said, wanted))
        except LookupError:
            end = max(member.value.end, self._text.index(":", member.key_end) + 1)
            if member.value.end > member.value.start and self._text[member.value.end - 1] == "\n":
                end = member.value.end - 1
            edits = [_Edit(member.start, end, "\n".join(entry_lines(member.key, wanted, indent)).lstrip())]
        yield from edits

    def _without(self, span: Span, member: Member) -> _Edit:
        """Its lines away; where the mapping begins on the line of a dash, the next key goes there."""
        following = next((other for other in span.members if other.start > member.start), None)
        if self._text[self._line_start(member.start) : member.start].strip(" "):
            if following is None:
                raise LookupError("nothing stays")
            return _Edit(member.start, following.start, "")
        start, end = self._line_start(member.start), self._line_end(max(member.value.end, member.key_end + 1))
        if member.value.end > member.value.start and self._text[member.value.end - 1] == "\n":
            return _Edit(start, member.value.end, "")
        return _Edit(start, min(end + 1, len(self._text)), "")

    def _open_list(self, span: Span, said: list[Plain], wanted: list[Plain]) -> Iterator[_Edit]:
        """Entries are known by what they say, else by their names, else by their order; each moves with its comments."""
        origins = _origins(said, wanted)
        if origins == list(range(len(said))):
            for member, old, new in zip(span.members, said, wanted, strict=True):
                yield from self._item(member, old, new)
            return
        starts = [self._chunk_start(span, number) for number in range(len(span.members))]
        end = (
            min(self._line_end(span.end) + 1, len(self._text))
            if self._text[span.end - 1] != "\n"
            else span.end
        )
        bounds = list(pairwise([*starts, end]))
        indent = self._column(self._dash(span.members[0]))
        chunks = []
        for number, new in zip(origins, wanted, strict=True):
            if number is None:
                chunks.append("\n".join(item_lines(new, indent, key="criteria")) + "\n")
                continue
            edits = list(self._item(span.members[number], said[number], new))
            chunk = self._cut(*bounds[number], edits)
            chunks.append(chunk if chunk.endswith("\n") else chunk + "\n")
        yield _Edit(starts[0], end, "".join(chunks))

    def _item(self, member: Member, said: Plain, wanted: Plain) -> Iterator[_Edit]:
        try:
            edits = list(self._value(member.value, said, wanted))
        except LookupError:
            start = self._dash(member)
            lines = item_lines(wanted, self._column(start), key="criteria")
            edits = [_Edit(start, member.value.end, "\n".join(lines).lstrip())]
        yield from edits

    def _chunk_start(self, span: Span, number: int) -> int:
        """Where the lines of an entry begin: its comments right above are among them, but for those of the first."""
        start = self._line_start(self._dash(span.members[number]))
        if number == 0:
            return start
        least = self._line_end(span.members[number - 1].value.end - 1) + 1
        while start > least:
            above = self._line_start(start - 1)
            if above < least or not self._text[above:start].lstrip().startswith("#"):
                break
            start = above
        return start

    def _dash(self, member: Member) -> int:
        at = member.start - 1
        while at >= 0 and self._text[at] in " \n":
            at -= 1
        if at < 0 or self._text[at] != "-":
            raise LookupError("dash")
        return at

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end

    def _column(self, at: int) -> int:
        return at - self._line_start(at)


def _origins(said: list[Plain], wanted: list[Plain]) -> list[int | None]:
    """For each wanted entry the place of the one that it was; None for a new one."""
    free = dict(enumerate(said))
    origins: list[int | None] = [None] * len(wanted)

    def claim(is_it: str) -> None:
        for at, new in enumerate(wanted):
            if origins[at] is None:
                found = next((n for n, old in free.items() if _alike(is_it, old, new, n == at)), None)
                if found is not None:
                    origins[at] = found
                    del free[found]

    for way in ("same there", "same", "named", "there"):
        claim(way)
    return origins


def _alike(way: str, old: Plain, new: Plain, is_there: bool) -> bool:
    if way == "there":
        return is_there
    if way == "named":
        if not isinstance(old, dict) or not isinstance(new, dict):
            return False
        return old.get("name") is not None and old.get("name") == new.get("name")
    return same(old, new) and (is_there or way == "same")
