"""Modules are made as their shapes say, or refused with every problem; values and keys go along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from firstcall.records.actions import (
    change_record,
    create_record,
    create_records,
    delete_records,
    erase_records,
    upsert_record,
)
from firstcall.records.defining.actions import define_modules, delete_module
from firstcall.records.defining.shapes import EntryShape, FieldShape, LayoutShape, ModuleShape, shape_of
from firstcall.records.errors import InvalidModulesError, InvalidValuesError
from firstcall.records.keys import find_by_key
from firstcall.records.models import Field, FieldChange, Module, Record, RecordLink
from firstcall.records.uses import forget_finder, tell_users_of_fields
from tests.records.modules import LATER, START

pytestmark = pytest.mark.django_db

PLANTS = ModuleShape(
    "plants",
    "Plants",
    title=("name",),
    fields=(
        FieldShape("name", "Name", "text", required=True),
        FieldShape("colour", "Colour", "picklist", choices=("Red", "Green"), default="Green"),
        FieldShape("mother", "Mother", "lookup", target="plants"),
        FieldShape("height", "Height", "number", default="1.5"),
        FieldShape("seen_at", "Seen", "date_time", default="2026-09-01T12:00:00Z"),
        FieldShape("code", "Code", "text", unique=True),
    ),
    layouts=(
        LayoutShape("standard", "Standard", default=True, all_fields=True),
        LayoutShape(
            "short",
            "Short",
            fields=(EntryShape("name"), EntryShape("colour", required=True, choices=("Red",))),
        ),
    ),
)


@pytest.fixture
def plants() -> Module:
    define_modules([PLANTS])
    return Module.objects.get(name="plants")


def with_field(shape: ModuleShape, name: str, **changes: object) -> ModuleShape:
    changed = tuple(replace(f, **changes) if f.name == name else f for f in shape.fields)  # type: ignore[arg-type]
    return replace(shape, fields=changed)


def without_field(shape: ModuleShape, name: str) -> ModuleShape:
    return replace(shape, fields=tuple(field for field in shape.fields if field.name != name))


def refused(*shapes: ModuleShape, exact: bool = True) -> list[str]:
    with pytest.raises(InvalidModulesError) as error:
        define_modules(shapes, exact=exact)
    return [str(problem) for problem in error.value.problems]


def test_a_module_is_as_its_shape_says(plants: Module) -> None:
    assert shape_of(plants) == PLANTS
    record = create_record(plants, {"name": "Rose"}, at=START)
    assert record.values["colour"] == "Green"
    assert record.values["height"] == "1.5"
    assert record.layout is not None
    assert record.layout.name == "standard"
    assert define_modules([PLANTS]).differences == ()


def test_a_module_without_layouts_gets_one_with_all_fields() -> None:
    define_modules([replace(PLANTS, layouts=())])
    [layout] = shape_of(Module.objects.get(name="plants")).layouts
    assert layout == LayoutShape("standard", "Standard", default=True, all_fields=True)


def test_every_problem_is_told_at_once_with_its_place() -> None:
    bad = ModuleShape(
        "Big Plants",
        "",
        title=("nam", "photo", "name", "name"),
        fields=(
            FieldShape("name", "Name", "text", choices=("a",), currency="EUR", target="plants"),
            FieldShape("name", "Again", "txt"),
            FieldShape("owner", "Owner", "text"),
            FieldShape("photo", "Photo", "yes_no", unique=True, external_id=True),
            FieldShape("colour", "Colour", "picklist", choices=("Red", "Red", " x"), default="Blue"),
            FieldShape("empty", "Empty", "multi_select"),
            FieldShape("mother", "Mother", "lookup"),
            FieldShape("father", "Father", "lookup", target="plans", default=5),
            FieldShape("height", "Height", "number", default="tall"),
            FieldShape("price", "Price", "currency", currency="Euro"),
            FieldShape("heat", "Heat", "date", required=True, written_by="rule"),
            FieldShape("cold", "Cold", "number", written_by="nobody"),
        ),
        layouts=(
            LayoutShape("a", "A"),
            LayoutShape(
                "a",
                "A",
                fields=(
                    EntryShape("colr"),
                    EntryShape("colour", choices=("Red", "Blue")),
                    EntryShape("colr"),
                ),
            ),
        ),
    )
    said = refused(bad, replace(PLANTS, name="Big Plants"))
    assert sorted(said[:30]) == sorted(
        [
            "modules[0].name: `Big Plants` is no name. Write small letters, digits and _, a letter first, 63 at most.",
            "modules[0].label: A label has 1 to 100 characters. Say what people read.",
            "modules[0].fields[1].name: `name` stands here twice. Keep one of them.",
            "modules[0].fields[0].choices: Only a picklist and a multi_select have choices."
            " Take them away, or change the kind.",
            "modules[0].fields[0].currency: A currency is three capitals, such as EUR, and goes with the kind currency.",
            "modules[0].fields[0].target: Only a lookup has a target. Take it away, or change the kind.",
            "modules[0].fields[1].kind: `txt` is no kind of field. Did you mean text?",
            "modules[0].fields[2].name: `owner` is what every record has by itself. Call the field something else.",
            "modules[0].fields[3].unique: A field of the kind yes_no cannot be unique."
            " Kinds that can be are email, number, phone, text, url.",
            "modules[0].fields[3].external_id: A field of the kind yes_no cannot be external_id."
            " Kinds that can be are number, text.",
            "modules[0].fields[4].choices[1]: `Red` stands here twice. Keep one of them.",
            "modules[0].fields[4].choices[2]: A choice has 1 to 255 characters, and no space around it.",
            "modules[0].fields[4].default: Blue is none of its choices. Add it, or take another.",
            "modules[0].fields[5].choices: `empty` offers nothing to choose. Give its choices.",
            "modules[0].fields[6].target: `mother` does not say which records it looks up. Name the module as its target.",
            "modules[0].fields[7].target: There is no module plans. Did you mean Big Plants?",
            "modules[0].fields[7].default: A look-up or a unique field has no default. Take it away.",
            "modules[0].fields[8].default: `height` takes a number below a million million.",
            "modules[0].fields[9].currency: A currency is three capitals, such as EUR, and goes with the kind currency.",
            "modules[0].fields[10].kind: A rule writes numbers and texts alone. Take number, or text for grades.",
            "modules[0].fields[10].written_by: What a rule writes is neither required nor unique, and has no default.",
            "modules[0].fields[11].written_by: `nobody` writes no fields. Write anyone or rule.",
            "modules[0].title: A title is of at most 3 fields.",
            "modules[0].title[3]: `name` stands here twice. Keep one of them.",
            "modules[0].title[0]: There is no field nam. Did you mean name?",
            "modules[0].title[1]: A title is of words; photo is of the kind yes_no.",
            "modules[0].layouts[1].name: `a` stands here twice. Keep one of them.",
            "modules[0].layouts: One layout is the default; here are 0. Set default: true at one of them.",
            "modules[0].layouts[0].fields: The layout a has no field. Name its fields, or set all_fields: true.",
            "modules[0].layouts[1].fields[2]: `colr` stands here twice. Keep one of them.",
        ]
    )
    assert said[30:33] == [
        "modules[0].layouts[1].fields[0]: There is no field colr. Did you mean colour?",
        "modules[0].layouts[1].fields[1].choices[1]: Blue is none of the choices of colour."
        " Add it to the field too: a layout offers some of its choices.",
        "modules[0].layouts[1].fields[2]: There is no field colr. Did you mean colour?",
    ]
    assert "modules[1].name: `Big Plants` stands here twice. Keep one of them." in said
    assert not Module.objects.exists()


def test_what_a_shape_does_not_name_stays_unless_it_is_exact(plants: Module) -> None:
    fewer = replace(PLANTS, title=(), fields=PLANTS.fields[:1], layouts=())
    assert define_modules([fewer]).differences == ()
    assert shape_of(plants) == PLANTS


def test_changes_are_told_in_words_and_a_dry_run_does_nothing(plants: Module) -> None:
    changed = replace(
        with_field(
            without_field(PLANTS, "height"), "colour", choices=("Green", "Blue"), label="Tint", default=None
        ),
        label="Herbs",
        fields=(
            FieldShape("leaves", "Leaves", "number"),
            *with_field(
                without_field(PLANTS, "height"), "colour", choices=("Green", "Blue"), default=None
            ).fields,
        ),
        layouts=(
            LayoutShape("standard", "Standard", default=True, all_fields=True),
            LayoutShape("tiny", "Tiny", fields=(EntryShape("name"),)),
        ),
    )
    wanted = define_modules([changed], exact=True, dry_run=True)
    assert wanted.differences == (
        "plants: label was Plants and is Herbs",
        "plants.leaves: a new field, number",
        "plants.colour: default was Green and is nothing",
        "plants.colour: choices come: Blue; choices go: Red",
        "plants, layout tiny: a new layout",
        "plants.height: goes, with its values",
        "plants, layout short: goes",
    )
    assert shape_of(plants) == PLANTS
    assert define_modules([changed], exact=True) == wanted
    plants.refresh_from_db()
    assert shape_of(plants) == changed


def test_a_field_goes_with_its_values_and_their_history(plants: Module) -> None:
    rose = create_record(plants, {"name": "Rose", "code": "R", "mother": None, "height": 2}, at=START)
    change_record(rose, {"height": 3, "mother": rose.pk, "code": "S"}, at=LATER)
    for name in ("height", "mother", "code"):
        define_modules([without_field(shape_of(plants), name)], exact=True)
    rose.refresh_from_db()
    assert set(rose.values) == {"name", "colour", "seen_at"}
    assert not FieldChange.objects.exists()
    assert not RecordLink.objects.exists()
    assert find_by_key("unique", "S") == []
    define_modules([PLANTS])
    assert "height" not in Record.objects.get().values


@pytest.fixture
def rule_on_height() -> Iterator[None]:
    @tell_users_of_fields
    def finder(module: Module, field: Field | None) -> list[str]:
        return ["the rule Growth"] if field is None or field.name == "height" else []

    yield
    forget_finder(finder)


@pytest.mark.usefixtures("rule_on_height")
def test_a_field_in_use_stays(plants: Module) -> None:
    assert refused(without_field(PLANTS, "height")) == [
        "modules[0].fields: The rule Growth uses plants.height. Change that first."
    ]
    define_modules([without_field(PLANTS, "code")], exact=True)
    with pytest.raises(InvalidModulesError, match="The rule Growth uses plants"):
        delete_module(plants)


def test_kinds_change_only_where_every_value_stays_what_it_is(plants: Module) -> None:
    rose = create_record(plants, {"name": "Rose", "height": 2, "colour": "Red"}, at=START)
    define_modules([with_field(PLANTS, "height", kind="currency")])
    assert refused(
        with_field(with_field(PLANTS, "height", kind="date", default=None), "name", kind="email")
    ) == [
        "modules[0].fields[0].kind: plants.name is text, and its values are no email. Make another field, and fill it.",
        "modules[0].fields[3].kind: plants.height is currency, and its values are no date."
        " Make another field, and fill it.",
    ]
    rose.refresh_from_db()
    assert rose.values["height"] == "2"


def test_a_field_becomes_unique_where_its_values_are(plants: Module) -> None:
    made = create_records(plants, [{"name": "Rose"}, {"name": "ROSE "}, {"name": "Fern"}], at=START)
    unique = with_field(PLANTS, "name", unique=True)
    assert refused(unique) == [
        f"modules[0].fields[0].unique: 1 values of plants.name are not unique; records {made[0].record_id},"
        f" {made[1].record_id} have rose. Mend them first."
    ]
    delete_records(plants, [made[1].record_id or 0], at=LATER)
    define_modules([unique])
    with pytest.raises(InvalidValuesError, match="name is to be unique"):
        create_record(plants, {"name": "fern"}, at=LATER)
    assert upsert_record(plants, {"name": "FERN"}, by_field="name", at=LATER)[0].pk == made[2].record_id
    define_modules([PLANTS])
    create_record(plants, {"name": "Fern"}, at=LATER)


def test_a_module_with_records_stays_and_so_does_a_layout(plants: Module) -> None:
    rose = create_record(plants, {"name": "Rose"}, at=START)
    delete_records(plants, [rose.pk], at=LATER)
    with pytest.raises(InvalidModulesError, match="plants has 1 records, 1 of them in the trash"):
        delete_module(plants)
    assert refused(replace(PLANTS, layouts=(replace(PLANTS.layouts[1], default=True),))) == [
        "modules[0].layouts: 1 records have the layout standard. Move them to another, those in the trash too."
    ]
    assert refused(replace(PLANTS, people=True)) == [
        "modules[0].people: plants has records; whether they are people can no longer be changed. Make another module."
    ]
    erase_records([rose.pk], at=LATER)
    delete_module(plants)
    assert not Module.objects.exists()


def test_a_module_that_is_looked_up_stays(plants: Module) -> None:
    pots = ModuleShape("pots", "Pots", fields=(FieldShape("plant", "Plant", "lookup", target="plants"),))
    define_modules([pots])
    with pytest.raises(InvalidModulesError, match=r"The field pots.plant looks up plants. Delete the field."):
        delete_module(plants)
