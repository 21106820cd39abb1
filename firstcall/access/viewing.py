"""The viewer that a user is, by the profile and the team that he has now."""

from __future__ import annotations

from django.db import connection

from firstcall.access.models import User
from firstcall.access.rights import Visibility
from firstcall.access.viewer import Viewer

_TEAM = """
WITH RECURSIVE below(id) AS (
  SELECT %s::bigint
  UNION
  SELECT team.id
  FROM access_team AS team
  JOIN below ON team.parent_id = below.id
)
SELECT member.id
FROM access_user AS member
JOIN below ON member.team_id = below.id"""


def viewer_of(user: User) -> Viewer:
    """Who is not active sees nothing, and may do nothing."""
    if not user.is_active:
        return Viewer(user.pk)
    grants = user.profile.all_grants()
    by_team = any(grant.visibility is Visibility.TEAM for grant in grants.values())
    team = members_below(user.team_id) if by_team and user.team_id is not None else frozenset()
    return Viewer(user.pk, user.profile.all_rights(), grants, team)


def find_viewer(user: int | None) -> Viewer:
    """By the id; one of nobody sees nothing."""
    found = None if user is None else User.objects.select_related("profile").filter(pk=user).first()
    return Viewer(user) if found is None else viewer_of(found)


def members_below(team: int) -> frozenset[int]:
    """The ids of the members of the team and of the teams below it, active or not: what they owned is still there."""
    with connection.cursor() as cursor:
        cursor.execute(_TEAM, [team])
        return frozenset(id for (id,) in cursor.fetchall())
