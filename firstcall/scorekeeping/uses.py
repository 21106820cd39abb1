"""Who uses a rule, and would miss it. Rooms above say so here: this one knows nothing of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from firstcall.scorekeeping.models import StoredRule

type Finder = Callable[[StoredRule], Iterable[str]]

_finders: list[Finder] = []


def tell_users(finder: Finder) -> Finder:
    """Decorator: the function names, for people, what uses a rule: `the automation Tell the owner`."""
    _finders.append(finder)
    return finder


def forget_finder(finder: Finder) -> None:
    _finders.remove(finder)


def users_of(rule: StoredRule) -> list[str]:
    return [user for finder in _finders for user in finder(rule)]
