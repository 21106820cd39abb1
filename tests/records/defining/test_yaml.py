"""Modules as YAML: read with every problem at its line, written so that reading gives the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcall.records.defining.actions import define_modules
from firstcall.records.defining.checking import check_shape
from firstcall.records.defining.reading import placed_in, read_modules
from firstcall.records.defining.shapes import EntryShape, FieldShape, LayoutShape, ModuleShape, shape_of
from firstcall.records.defining.writing import write_modules
from firstcall.records.errors import InvalidModulesError
from firstcall.records.models import Field, Module
from firstcall.records.standard import ensure_standard_modules, standard_shapes

BAD = """modules:
  - name: plants
    lable: Plants
    fields:
      - {name: colour, kind: picklist, choices: [Red, 2026, true], default: [1]}
      - {kind: text, required: yes}
      - colour
    layouts:
      - {name: short, fields: [colour, {field: height}, 7]}
"""


def test_every_problem_has_its_line() -> None:
    with pytest.raises(InvalidModulesError) as refused:
        read_modules(BAD, "plants.yaml")
    assert [str(problem) for problem in refused.value.problems] == [
        "plants.yaml:3:5: modules[0].lable: `lable` is not a key of a module. Did you mean `label`?",
        "plants.yaml:6:9: modules[0].fields[1]: A field needs `name`. Add `name:`.",
        "plants.yaml:6:32: modules[0].fields[1].required: `required` takes true or false, not the text “yes”."
        " Write true or false, in small letters and without quotes.",
        "plants.yaml:7:9: modules[0].fields[2]: An entry of `fields` takes keys and values,"
        " not the text “colour”.",
        "plants.yaml:9:40: modules[0].layouts[0].fields[1]: A layout's field needs `name`. Add `name:`.",
        "plants.yaml:9:41: modules[0].layouts[0].fields[1].field: `field` is not a key of a layout's field."
        " Remove it.",
        "plants.yaml:9:57: modules[0].layouts[0].fields[2]: An entry of `fields` takes a field's name,"
        ' not the number 7. Quote it: "7".',
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "plants.yaml:1:1: There are no modules in this text. Begin with `modules:`."),
        ("plants: []", "plants.yaml:1:1: A file of modules needs `modules`. Add `modules:`."),
        ("modules: 5", "plants.yaml:1:10: modules: `modules` takes a list, not the number 5."),
        ("modules: [", "plants.yaml:1:11: "),
    ],
)
def test_what_is_no_file_of_modules_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidModulesError) as refused:
        read_modules(text, "plants.yaml")
    assert any(str(problem).startswith(says) for problem in refused.value.problems)


def test_problems_found_later_have_their_line_too() -> None:
    loaded = read_modules(
        "modules:\n- name: plants\n  fields:\n  - {name: id, kind: text}\n  - {name: x, kind: lookup}\n",
        "p.yaml",
    )
    [shape] = loaded.shapes
    problems = [
        type(problem)(("modules", 0, *problem.path), problem.code, problem.says)
        for problem in check_shape(shape, ["plants"])
    ]
    assert [str(problem.place) for problem in placed_in([loaded], problems)] == ["p.yaml:4:12", "p.yaml:5:5"]


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12
).filter(lambda text: text == text.strip() and text != "" and "\u2028" not in text and "\u2029" not in text)
CHOICES = st.lists(TEXTS, min_size=1, max_size=4, unique=True).map(tuple)
FIELDS = st.one_of(
    st.builds(FieldShape, NAMES, TEXTS, st.just("text"), required=st.booleans(), default=st.none() | TEXTS),
    st.builds(FieldShape, NAMES, TEXTS, st.just("number"), default=st.none() | st.integers(-9, 9)),
    st.builds(FieldShape, NAMES, TEXTS, st.just("picklist"), choices=CHOICES),
    st.builds(FieldShape, NAMES, TEXTS, st.just("lookup"), target=NAMES),
    st.builds(FieldShape, NAMES, TEXTS, st.just("yes_no"), default=st.none() | st.booleans()),
)
ENTRIES = st.builds(EntryShape, NAMES, st.none() | st.booleans(), st.none() | CHOICES)
SHAPES = st.builds(
    ModuleShape,
    NAMES,
    TEXTS,
    st.booleans(),
    st.lists(NAMES, max_size=3).map(tuple),
    st.lists(FIELDS, max_size=5).map(tuple),
    st.lists(
        st.builds(
            LayoutShape, NAMES, TEXTS, st.booleans(), st.booleans(), st.lists(ENTRIES, max_size=3).map(tuple)
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
)


@given(st.lists(SHAPES, min_size=1, max_size=3))
def test_what_is_written_is_read_as_it_was(shapes: list[ModuleShape]) -> None:
    assert read_modules(write_modules(shapes)).shapes == tuple(shapes)


def test_the_standard_modules_have_nothing_wrong_and_say_it_briefly() -> None:
    names = [shape.name for shape in standard_shapes()]
    assert names == ["leads", "contacts", "accounts", "deals"]
    assert [problem for shape in standard_shapes() for problem in check_shape(shape, names)] == []


@pytest.mark.django_db
def test_the_standard_modules_are_made_once_and_what_was_changed_stays() -> None:
    assert ensure_standard_modules()[0] == "leads: a new module"
    assert ensure_standard_modules() == []
    leads = Module.objects.get(name="leads")
    assert leads.is_people
    assert leads.is_standard
    Field.objects.filter(module=leads, name="rating").update(label="Warmth", choices=["Hot"])
    Field.objects.filter(module=leads, name="industry").delete()
    assert ensure_standard_modules() == ["leads.industry: a new field, picklist"]
    rating = Field.objects.get(module=leads, name="rating")
    assert (rating.label, rating.choices, rating.is_standard) == ("Warmth", ["Hot"], True)
    written = write_modules([shape_of(module) for module in Module.objects.order_by("pk")])
    assert define_modules(read_modules(written).shapes).differences == ()


@pytest.mark.django_db
def test_a_standard_field_stays() -> None:
    ensure_standard_modules()
    leads = shape_of(Module.objects.get(name="leads"))
    fewer = ModuleShape(leads.name, leads.label, True, leads.title, leads.fields[:-1], leads.layouts)
    with pytest.raises(InvalidModulesError, match=r"leads.description comes with the product, and stays."):
        define_modules([fewer], exact=True)
