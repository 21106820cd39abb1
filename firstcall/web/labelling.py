"""What fields of rules are called on pages: by their labels, and through a look-up as `Account: Industry`."""

from __future__ import annotations

from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from firstcall.records.labels import field_label
from firstcall.records.models import Field, Module

OWN: dict[str, str | Promise] = {
    "owner": _("Owner's e-mail"),
    "tags": _("Tags"),
    "layout": _("Layout"),
    "created_at": _("Created"),
    "updated_at": _("Changed"),
}
"""Fields that every record has, and no module defines."""


def noun_of(module: Module) -> str:
    """What many of its records are called within a sentence: German writes it large, as a label is."""
    label = module.called
    return label if get_language() == "de" else label.lower()


class FieldLabels:
    """Of all fields in the reader's language, asked of the database once. Two that say the same are equal."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldLabels) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    @cached_property
    def _said(self) -> tuple[str | None, frozenset[object]]:
        return get_language(), frozenset(self._fields.items())

    @cached_property
    def _fields(self) -> dict[tuple[str, str], tuple[str, str | None]]:
        """By module and name: the label, and the module that a look-up leads to."""
        rows = Field.objects.values_list("module__name", "name", "label", "target__name")
        return {(module, name): (field_label(name, label), target) for module, name, label, target in rows}

    def label(self, module: str, name: str) -> str:
        """What has no label goes by its name."""
        said, at = [], module
        for part in name.split("."):
            label, target = self._fields.get((at, part), (None, None))
            said.append(label or str(OWN.get(part, part)))
            at = target or ""
        return ": ".join(said)
