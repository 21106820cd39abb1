"""JSON lines: one object a line. Keys are columns; texts stay texts, all else is kept as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec
import pyarrow as pa

from firstcall.engines.reading.errors import file_error
from firstcall.engines.reading.json_values import UNREADABLE, holds_nul, written
from firstcall.engines.reading.lines import Block, LongLine
from firstcall.engines.reading.rejects import Reject, excerpt_of
from firstcall.engines.reading.staging import Batch, Stage
from firstcall.scoring.saying import said

type Object = dict[str, Any]

_TEXT = pa.string()
_ONLY_TEXT = {str, type(None)}
_objects = msgspec.json.Decoder(dict[str, Any])
_decode = msgspec.json.Decoder().decode


class JsonLinesReader:
    """One file: batches of its objects for the stage."""

    def __init__(self, path: str, file: int, stage: Stage) -> None:
        self.path = path
        self.file = file
        self.stage = stage

    def read(self, blocks: Iterable[Block | LongLine]) -> Iterator[float]:
        """Stages all objects; yields the share of the file read by then."""
        for block in blocks:
            if isinstance(block, LongLine):
                self._reject(block.line, "too-long", "the line is longer than 16 MB", block.beginning)
                continue
            if block.first_line == 1 and block.text.lstrip().startswith("["):
                raise self._is_list()
            found = self._plain(block) or self._careful(block)
            if found[0]:
                self._add(*found)
            yield block.share

    def _is_list(self) -> Exception:
        return file_error(
            self.path,
            "json-list",
            said("the file is one JSON list; one object a line is needed."),
            "Convert it, for example with: jq -c '.[]' FILE > FILE.jsonl",
            line=1,
        )

    def _plain(self, block: Block) -> tuple[list[Object], Sequence[int]] | None:
        """The objects of a block in which every line is a good one."""
        text = block.text
        if "\\u0000" in text:
            return None
        try:
            objects = _objects.decode_lines(text)
        except UNREADABLE:
            return None
        if len(objects) != text.count("\n") + (not text.endswith("\n")):
            return None
        return objects, range(block.first_line, block.first_line + len(objects))

    def _careful(self, block: Block) -> tuple[list[Object], Sequence[int]]:
        objects: list[Object] = []
        lines: list[int] = []
        for line, raw in enumerate(block.text.split("\n"), block.first_line):
            if not raw.strip(" \t\r"):
                continue
            fault = ""
            try:
                value = _decode(raw)
            except UnicodeError:
                fault, reason = "encoding", "bytes that are not in the file's encoding"
            except UNREADABLE as error:
                fault, reason = "json", _said(error)
            else:
                if not isinstance(value, dict):
                    fault, reason = "object", "the line is JSON, but no object"
                elif "\\u0000" in raw and holds_nul(value):
                    fault, reason = "nul", "a NUL character in a text"
                elif "\ufffd" in raw:
                    fault, reason = "encoding", "bytes that are not in the file's encoding"
            if fault:
                self._reject(line, fault, reason, raw)
            else:
                objects.append(value)
                lines.append(line)
        return objects, lines

    def _reject(self, line: int, code: str, reason: str, raw: str) -> None:
        self.stage.rejects.add(Reject(self.path, line, code, reason, excerpt_of(raw), raw=raw))

    def _add(self, objects: list[Object], lines: Sequence[int]) -> None:
        texts: dict[str, pa.Array] = {}
        others: dict[str, pa.Array] = {}
        properties = None
        names = dict.fromkeys(chain.from_iterable(objects))
        self.stage.refuse_wide(self.path, len(self.stage.ordinals.keys() | names.keys()))
        for name in names:
            values = [found.get(name) for found in objects]
            if name == self.stage.objects_name:
                properties = values
                continue
            if set(map(type, values)) <= _ONLY_TEXT:
                texts[name] = pa.array(values, _TEXT)
                continue
            texts[name] = pa.array([v if isinstance(v, str) else None for v in values], _TEXT)
            others[name] = pa.array(list(map(written, values)), _TEXT)
        self.stage.add(Batch(self.file, pa.array(lines, pa.int64()), texts, others, properties))


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the JSON is nested too deeply"
    return f"no valid JSON: {str(error).removeprefix('JSON is malformed: ')}"
