"""Which sections set-up has, and who may see each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_noop

from firstcall.access.errors import ForbiddenError
from firstcall.access.rights import Right
from firstcall.access.viewer import Viewer
from firstcall.touchpoints.seeing import require_editing_people, sees_all_people

type May = Callable[[Viewer], bool]


def _with(*rights: Right) -> May:
    """Whoever has one of them."""
    return lambda viewer: any(viewer.has(right) for right in rights)


def _settles_people(viewer: Viewer) -> bool:
    """Whoever may say whose touchpoints are, and which count."""
    try:
        require_editing_people(viewer)
    except ForbiddenError:
        return False
    return sees_all_people(viewer)


@dataclass(frozen=True, slots=True)
class Section:
    """
    name   of its address
    group  under which it stands in the list
    """

    name: str
    group: str
    label: str
    about: str
    icon: str
    may: May

    @property
    def href(self) -> str:
        return reverse(self.name)


_settings, _users = _with(Right.MANAGE_SETTINGS), _with(Right.MANAGE_USERS)
IN, RECORDS, PEOPLE, SERVICE = (
    gettext_noop("What comes in"),
    gettext_noop("Records"),
    gettext_noop("People"),
    gettext_noop("The service"),
)
SECTIONS = (
    Section(
        "set-up-sources",
        IN,
        gettext_noop("Sources"),
        gettext_noop("Web sites, apps and servers that send touchpoints, and their write keys."),
        icon="radio",
        may=_settings,
    ),
    Section(
        "set-up-types",
        IN,
        gettext_noop("Types of touchpoints"),
        gettext_noop("What a touchpoint may be, by channel; types of your own."),
        icon="book-open",
        may=_settings,
    ),
    Section(
        "set-up-unclear",
        IN,
        gettext_noop("Unclear names"),
        gettext_noop("Names that lead to several records, and wait for a word."),
        icon="user-check",
        may=_settles_people,
    ),
    Section(
        "set-up-revoked",
        IN,
        gettext_noop("Revoked touchpoints"),
        gettext_noop("Bots, tests, the wrong person's: what is to count no longer."),
        icon="slash",
        may=_settles_people,
    ),
    Section(
        "set-up-modules",
        RECORDS,
        gettext_noop("Modules and fields"),
        gettext_noop("Kinds of records, what stands in them, and their layouts."),
        icon="layers",
        may=_settings,
    ),
    Section(
        "set-up-users",
        PEOPLE,
        gettext_noop("Users"),
        gettext_noop("Who signs in: invited, given a profile and a team, kept out again."),
        icon="users",
        may=_users,
    ),
    Section(
        "set-up-teams",
        PEOPLE,
        gettext_noop("Teams"),
        gettext_noop("People whose records are seen together, as a tree."),
        icon="git-branch",
        may=_users,
    ),
    Section(
        "set-up-profiles",
        PEOPLE,
        gettext_noop("Profiles"),
        gettext_noop("What may be done with the records of each module, and with whose."),
        icon="shield",
        may=_users,
    ),
    Section(
        "set-up-health",
        SERVICE,
        gettext_noop("Freshness and health"),
        gettext_noop("How fast scores follow, what waits, whether all is well."),
        icon="activity",
        may=_with(*Right),
    ),
    Section(
        "set-up-jobs",
        SERVICE,
        gettext_noop("Jobs"),
        gettext_noop("Imports, exports and other long work, with their progress."),
        icon="list",
        may=_users,
    ),
    Section(
        "set-up-audit",
        SERVICE,
        gettext_noop("Audit log"),
        gettext_noop("Who changed what, when, and from where."),
        icon="eye",
        may=_users,
    ),
    Section(
        "set-up-backups",
        SERVICE,
        gettext_noop("Backups"),
        gettext_noop("The whole database in one file, and how to bring it back."),
        icon="archive",
        may=_settings,
    ),
)


def sections_for(viewer: Viewer) -> list[Section]:
    allowed = {may: may(viewer) for may in dict.fromkeys(section.may for section in SECTIONS)}
    return [section for section in SECTIONS if allowed[section.may]]


def may_set_up(viewer: Viewer) -> bool:
    # Some ask the database, and several sections the same.
    return any(may(viewer) for may in dict.fromkeys(section.may for section in SECTIONS))
