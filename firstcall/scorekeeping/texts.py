"""A rule's text in a file: the line on top says which rule and version it is. Knows nothing of the stored rules.

The line is a comment, `# firstcall rule 7, version 3`: by it a file is the rule's, whatever the file or the rule is
called, and an edit made meanwhile by somebody else is noticed. It is not stored. JSON has no comments; a rule in JSON,
and a file without the line, is the rule of its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_LINE = re.compile(r"\A# firstcall rule ([0-9]{1,18}), version ([0-9]{1,9})[ \t]*(?:\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file's name and whole text; `rule` and `version` as its line on top says."""

    name: str
    text: str
    rule: int | None = None
    version: int | None = None

    @property
    def body(self) -> str:
        return _LINE.sub("", self.text)


def rule_file(name: str, text: str) -> RuleFile:
    found = _LINE.match(text.removeprefix("\ufeff"))
    file = RuleFile(name, text.removeprefix("\ufeff"))
    return file if found is None else replace(file, rule=int(found[1]), version=int(found[2]))


def headed(text: str, rule: int, version: int) -> str:
    """The version's text with the line on top."""
    if text.lstrip().startswith("{"):
        return text
    return f"# firstcall rule {rule}, version {version}\n{text}"
