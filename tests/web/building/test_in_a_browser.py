"""Building a rule in a real browser: by the keyboard alone, by drag, in YAML; undone, tried, previewed, saved."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from firstcall.access.models import User
from firstcall.columns.following import Follower
from firstcall.moments import now
from firstcall.scorekeeping.actions import edit_rule
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.switching import deactivate
from tests.web.conftest import RULE, Desk, save_and_switch_on
from tests.web.looking import PHONE, TABLET, WIDE, hindrances, too_wide


@pytest.fixture
def builder(desk: Desk) -> Desk:
    """Bob may manage scoring, and has opened the rule."""
    bob = User.objects.get(pk=desk.company.bob.pk)
    assert bob.profile is not None
    bob.profile.rights = ["manage_scoring"]
    bob.profile.save()
    desk.open(f"/rules/{desk.company.rule.pk}/edit")
    return desk


def yaml(page: Page) -> Locator:
    return page.locator("#yaml")


def names(page: Page, column: str) -> list[str]:
    return [name.input_value() for name in page.locator(f"#{column}-cards .crit-name").all()]


def test_a_rule_is_built_by_the_keyboard_alone(builder: Desk) -> None:
    page = builder.open("/rules/new?module=leads")
    page.get_by_label("From scratch").fill("Mine")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name of the rule")).to_have_value("Mine")
    page.get_by_role("button", name="Add a touchpoint").press("Enter")
    expect(page.locator("#name-1")).to_be_focused()
    page.keyboard.type("Sees us")
    page.keyboard.press("Enter")
    expect(yaml(page)).to_have_value(holding("name: Sees us"))
    page.locator("#points-1").fill("25")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add a touchpoint").press("Enter")
    expect(page.locator("#name-2")).to_be_focused()
    page.keyboard.type("Last")
    page.keyboard.press("Enter")
    expect(yaml(page)).to_have_value(holding("name: Last"))
    page.locator("#card-2 [data-handle]").press("ArrowUp")
    expect(page.locator("#name-1")).to_have_value("Last")
    expect(page.locator("#card-1 [data-handle]")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("#name-1")).to_have_value("Sees us")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#name-1")).to_have_value("Last")
    save_and_switch_on(page)
    rule = StoredRule.objects.get(name="Mine")
    assert rule.active is not None
    assert (
        "name: Sees us\n    touchpoint: web.visited\n    in_last: 30 days\n    points: 25\n"
        in rule.active.text
    )
    assert builder.complaints == []


def test_the_columns_stand_in_the_order_in_which_the_keyboard_goes(builder: Desk) -> None:
    rule = StoredRule.objects.get(pk=builder.company.rule.pk)
    joined = "- {name: Both, all: [{touchpoint: web.visited}, {touchpoint: email.unsubscribed}], points: 3}"
    edit_rule(rule, RULE.replace("criteria:\n", f"criteria:\n  {joined}\n"), at=now())
    page = builder.open(f"/rules/{rule.pk}/edit")
    card = page.locator("#touchpoint-cards > #card-0")
    expect(card.get_by_label("Name of the criterion")).to_have_value("Both")
    card.locator(".crit-edit > summary").press("Enter")
    expect(card.locator(".members")).to_be_visible()
    first, second = (page.locator(f"#{of}-cards").bounding_box() for of in ("fit", "touchpoint"))
    assert first is not None
    assert second is not None
    assert first["y"] + first["height"] <= second["y"]
    assert second["width"] == first["width"]


def holding(part: str) -> re.Pattern[str]:
    return re.compile(re.escape(part))


def test_cards_are_dragged_and_it_is_undone(builder: Desk) -> None:
    page = builder.page
    assert names(page, "touchpoint") == ["Looked at prices", "Unsubscribed"]
    handle = page.locator("#card-1 [data-handle]").bounding_box()
    below = page.locator("#card-2").bounding_box()
    assert handle is not None
    assert below is not None
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] + 8, handle["y"] + 40, steps=5)
    page.mouse.move(handle["x"] + 8, below["y"] + below["height"] - 4, steps=15)
    page.mouse.up()
    expect(page.locator("#name-1")).to_have_value("Unsubscribed")
    assert yaml(page).input_value().index("Unsubscribed") < yaml(page).input_value().index("Looked at prices")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#name-1")).to_have_value("Looked at prices")
    expect(yaml(page)).to_have_value(RULE)


def test_the_page_scrolls_while_a_card_is_held_at_the_edge_of_the_window(builder: Desk) -> None:
    page = builder.page
    page.set_viewport_size({"width": 1280, "height": 400})
    handle = page.locator("#card-1 [data-handle]")
    handle.evaluate("(one) => one.scrollIntoView({block: 'center'})")
    box, before = handle.bounding_box(), page.evaluate("scrollY")
    assert box is not None
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 8, 390, steps=15)
    page.wait_for_function("before => scrollY > before + 40", arg=before)
    page.mouse.up()


def test_the_slider_moves_points_by_keys_and_each_press_counts(builder: Desk) -> None:
    page = builder.page
    page.locator("#slider-0").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(yaml(page)).to_have_value(RULE.replace("gte: 100, points: 20", "gte: 100, points: 15"))
    expect(page.locator("#points-0")).to_have_value("15")
    expect(page.locator("#card-0 .crit-says")).to_contain_text("+15 when employees")


def test_yaml_shows_in_the_cards_and_what_is_wrong_at_its_place(builder: Desk) -> None:
    page = builder.page
    page.get_by_role("tab", name="YAML").click()
    yaml(page).fill(RULE.replace("Large company", "Many people").replace("each: 5", "each: five"))
    expect(page.locator("#name-0")).to_have_value("Many people")
    expect(page.locator("#card-1 .faults").first).to_contain_text("takes a number, not the text “five”.")
    page.get_by_role("button", name="takes a number, not the text").click()
    assert page.evaluate("document.activeElement.id") == "yaml"
    chosen = page.evaluate(
        "document.activeElement.value.slice(document.activeElement.selectionStart, yaml.selectionEnd)"
    )
    assert "each: five" in chosen
    yaml(page).fill("name: [")
    expect(page.get_by_role("status").filter(has_text="The cards wait for it")).to_be_visible()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(yaml(page)).to_have_value(RULE)
    expect(page.locator("#name-0")).to_have_value("Large company")


def test_the_preview_follows_the_points(builder: Desk, server_folder: Path) -> None:
    Follower(server_folder / "columns", now=now).step()
    page = builder.open(f"/rules/{builder.company.rule.pk}/edit")
    expect(page.locator("#card-0 .crit-cover")).to_have_text(
        "1 of 2 leads meets it; none of them is won or lost yet."
    )
    page.locator("#points-0").fill("5")
    expect(page.locator("[data-preview-place]")).to_contain_text("Who changes grade")
    expect(page.locator("[data-preview-place] .crossings")).to_contain_text("Hot → Warm")
    expect(page.get_by_role("link", name="Ann Miller").first).to_be_visible()


def test_who_is_slower_is_told_and_what_was_typed_is_kept(builder: Desk) -> None:
    page, rule = builder.page, builder.company.rule
    page.locator("#points-0").fill("21")
    expect(page.locator("#card-0 .crit-says")).to_contain_text("+21")
    theirs = RULE.replace("at_most: 30", "at_most: 35")
    edit_rule(rule, theirs, at=now(), by=builder.company.alice)
    page.get_by_role("button", name="Save …").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Alice Ames saved version 2")
    expect(page.get_by_role("alert")).to_contain_text("35")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#points-0")).to_have_value("21")
    page.get_by_role("button", name="Save …").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Save mine over theirs").click()
    expect(page.get_by_text("Saved as version 3.")).to_be_visible()
    assert "points: 21" in rule.newest.text


def test_who_would_switch_on_what_another_switched_says_so_once_more(builder: Desk) -> None:
    page, rule = builder.page, builder.company.rule
    page.locator("#points-0").fill("21")
    expect(page.locator("#card-0 .crit-says")).to_contain_text("+21")
    deactivate(rule, at=now(), by=builder.company.alice)
    page.get_by_role("button", name="Save …").click()
    page.get_by_role("radio", name="Switch it on now").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("saved as version 2, and was not switched on")
    expect(page.get_by_role("alert")).to_contain_text("Alice Ames has switched the rule off")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"{builder.url}/rules/{rule.pk}/")
    rule.refresh_from_db()
    assert (rule.active, rule.versions.count()) == (rule.newest, 2)


def test_whoever_leaves_with_changes_is_asked(builder: Desk) -> None:
    page, asked = builder.page, list[str]()
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#points-0").fill("21")
    expect(page.locator("#card-0 .crit-says")).to_contain_text("+21")
    page.get_by_role("link", name="Today").first.click()
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(page.locator("#points-0")).to_have_value("21")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_hindered(builder: Desk, theme: str) -> None:
    page, found = builder.page, []
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for path in ("/rules/new?module=leads", f"/rules/{builder.company.rule.pk}/edit"):
        builder.open(path)
        for summary in page.locator("[data-edit] summary").all():
            summary.click()
        for size in (PHONE, TABLET, WIDE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            assert not too_wide(page), f"{path} is too wide at {size['width']} pixels"
        found += [f"{path}: {says}" for says in hindrances(page)]
    assert found == []
    assert builder.complaints == []


def test_conditions_are_joined_by_the_keyboard_and_fit_a_phone(builder: Desk) -> None:
    page = builder.page
    page.locator("#card-0 [data-edit] summary").press("Enter")
    page.locator("#card-0").get_by_role("button", name="Or …").press("Enter")
    expect(yaml(page)).to_have_value(holding("any: [{field: employees, gte: 100}, {field: "))
    expect(page.locator("#card-0 [name='m1.subject']")).to_be_focused()
    page.keyboard.press("t")
    expect(yaml(page)).to_have_value(holding("touchpoint: web.visited"))
    card = page.locator("#touchpoint-cards .crit", has=page.locator("[name='m1.type']"))
    card.locator("[data-more=all][data-part='m0.']").press("Enter")
    expect(yaml(page)).to_have_value(holding("all:"))
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert not too_wide(page)
    assert hindrances(page) == []
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    assert builder.complaints == []
