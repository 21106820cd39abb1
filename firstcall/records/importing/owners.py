"""Users as files name them: by e-mail address, by name, by id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from firstcall.access.models import User


def find_owners(texts: Collection[str]) -> dict[str, int]:
    """The ids of active users by the texts that mean exactly one."""
    folded = {text: text.strip().casefold() for text in texts}
    users = User.objects.filter(is_active=True).only("pk", "email", "name")
    by_word: dict[str, set[int]] = defaultdict(set)
    for user in users:
        by_word[user.email.casefold()].add(user.pk)
        if user.name:
            by_word[" ".join(user.name.casefold().split())].add(user.pk)
    found = {text: by_word.get(" ".join(word.split()), set()) for text, word in folded.items()}
    return {text: next(iter(ids)) for text, ids in found.items() if len(ids) == 1}
