"""What a viewer may do and whose records he sees: pure values."""

from __future__ import annotations

import pytest

from firstcall.access.errors import ForbiddenError, HiddenError
from firstcall.access.models import Profile, Team, User
from firstcall.access.profiles import Standard
from firstcall.access.rights import EVERY_OTHER, EVERYTHING, Grant, Right, Verb, Visibility
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.access.viewing import find_viewer, viewer_of

LOOK = Grant(frozenset({Verb.VIEW}), Visibility.OWN)


def test_what_is_not_named_is_as_every_other() -> None:
    viewer = Viewer(7, grants={"deals": Grant(), EVERY_OTHER: EVERYTHING})
    assert viewer.may(Verb.EXPORT, "leads")
    assert viewer.owners("leads") is None
    assert not viewer.may(Verb.VIEW, "deals")
    assert viewer.owners("deals") == frozenset()
    assert not viewer.sees_all
    assert PRODUCT.sees_all


def test_one_sees_ones_own_a_team_or_all() -> None:
    viewer = Viewer(
        7,
        grants={"leads": LOOK, "deals": Grant(LOOK.verbs, Visibility.TEAM), "accounts": EVERYTHING},
        team=frozenset({8, 9}),
    )
    assert (viewer.owners("leads"), viewer.owners("deals"), viewer.owners("accounts")) == (
        {7},
        {7, 8, 9},
        None,
    )
    assert [viewer.sees("leads", owner) for owner in (7, 8, None)] == [True, False, False]
    assert viewer.sees("accounts", None)
    assert not viewer.sees("contacts", 7)


def test_without_view_nothing_may_be_done() -> None:
    viewer = Viewer(7, grants={"leads": Grant(frozenset({Verb.EDIT}), Visibility.ALL)})
    assert not viewer.may(Verb.EDIT, "leads")
    with pytest.raises(HiddenError, match="There is no such module"):
        viewer.require(Verb.EDIT, "leads")
    with pytest.raises(ForbiddenError, match="the right to delete deals"):
        Viewer(7, grants={"deals": LOOK}).require(Verb.DELETE, "deals")
    with pytest.raises(ForbiddenError, match="the right to manage users"):
        viewer.require_right(Right.MANAGE_USERS)


@pytest.mark.parametrize(
    ("rights", "grants", "covered"),
    [
        ([], {}, True),
        ([], {"leads": LOOK}, True),
        ([Right.MANAGE_SCORING], {"leads": EVERYTHING}, True),
        ([], {"leads": LOOK, "deals": LOOK}, False),
        ([Right.MANAGE_USERS], {}, False),
        ([], {EVERY_OTHER: LOOK}, False),
        ([], {EVERY_OTHER: LOOK, "deals": Grant()}, False),
    ],
)
def test_nobody_hands_on_more_than_they_have(
    rights: list[Right], grants: dict[str, Grant], covered: bool
) -> None:
    viewer = Viewer(7, frozenset({Right.MANAGE_SCORING}), {"leads": EVERYTHING})
    assert viewer.covers(frozenset(rights), grants) is covered
    assert PRODUCT.covers(frozenset(rights), grants)


@pytest.mark.django_db
def test_a_team_is_its_members_and_those_of_the_teams_below() -> None:
    world, north, south = (Team.objects.create(name=name) for name in ("World", "North", "South"))
    Team.objects.filter(pk__in=[north.pk, south.pk]).update(parent=world)
    manager = Profile.objects.standard(Standard.MANAGER)
    boss, head, rep, other = (
        User.objects.create_user(f"{name}@example.com", team=team, profile=manager)
        for name, team in (("boss", world), ("head", north), ("rep", north), ("other", south))
    )
    free = User.objects.create_user("free@example.com", profile=manager)
    assert viewer_of(boss).owners("leads") == {boss.pk, head.pk, rep.pk, other.pk}
    assert viewer_of(head).owners("leads") == {head.pk, rep.pk}
    assert viewer_of(free).owners("leads") == {free.pk}
    rep.is_active = False
    rep.save()
    assert not viewer_of(rep).may(Verb.VIEW, "leads")
    assert rep.pk in (viewer_of(head).owners("leads") or ())
    assert find_viewer(10**9).owners("leads") == find_viewer(None).owners("leads") == frozenset()
