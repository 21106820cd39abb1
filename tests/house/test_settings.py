"""docs/guide/settings.md lists every setting as it is, and no other."""

from __future__ import annotations

import re

from pydantic import SecretStr

from firstcall.configuration import Configuration, variable_of
from tests.house.repository import read


def rows() -> list[str]:
    """The table's rows, made from the settings themselves."""
    made = []
    for name, field in Configuration.model_fields.items():
        assert isinstance(field.json_schema_extra, dict)
        takes, default = field.json_schema_extra["takes"], _default(field.default, name)
        made.append(f"| `{variable_of(name)}` | `{name}` | {takes} | {default} | {field.description} |")
    return made


def _default(value: object, name: str) -> str:
    if name == "data_folder":
        return "[see below](#the-data-folder)"
    if isinstance(value, SecretStr) or value in ("", ()):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_the_guide_lists_every_setting_as_it_is() -> None:
    listed = [
        line for line in read("docs/guide/settings.md").splitlines() if re.match(r"\| `[A-Z_]+` \| `", line)
    ]
    assert listed == rows()
