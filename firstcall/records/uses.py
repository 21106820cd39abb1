"""Who uses a module or a field, and would miss it. Rooms above say so here: this one knows nothing of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from firstcall.records.models import Field, Module

type Finder = Callable[[Module, Field | None], Iterable[str]]

_finders: list[Finder] = []


def tell_users_of_fields(finder: Finder) -> Finder:
    """Decorator: the function names, for people, what uses a module, or of it one field: `the rule Sales readiness`."""
    _finders.append(finder)
    return finder


def forget_finder(finder: Finder) -> None:
    _finders.remove(finder)


def users_of_module(module: Module) -> list[str]:
    return _users(module, None)


def users_of_field(field: Field) -> list[str]:
    return _users(field.module, field)


def _users(module: Module, field: Field | None) -> list[str]:
    return list(dict.fromkeys(user for finder in _finders for user in finder(module, field)))
