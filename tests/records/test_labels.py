"""Labels that come with the product are said as the reader says them; what a company wrote itself stays."""

from __future__ import annotations

import pytest

from firstcall.records.defining.shapes import FieldShape, ModuleShape
from firstcall.records.labels import standard_labels
from firstcall.records.models import Field, Module
from firstcall.records.standard import ensure_standard_modules, standard_shapes
from firstcall.scoring.saying import Words, speaking


class Backwards(Words):
    """Says everything from its end, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()

    def pattern(self, text: str, context: str) -> str:
        self.asked.add((context, text))
        return text[::-1]


@pytest.mark.django_db
def test_what_comes_with_the_product_is_said_in_the_words_of_the_moment() -> None:
    ensure_standard_modules()
    with speaking(words := Backwards()):
        modules = {module.label: module.called for module in Module.objects.all()}
        fields = {(field.label, field.called) for field in Field.objects.all()}
    assert modules["Leads"] == "sdaeL"
    assert fields == {(label, label[::-1]) for label, _ in fields}
    # As many as `make texts` puts into the catalogues, so that each has its words in another language.
    assert words.asked == set(standard_labels())
    assert {field.called for field in Field.objects.all()} == {label for label, _ in fields}


@pytest.mark.django_db
def test_what_a_company_has_renamed_stays_as_it_is() -> None:
    ensure_standard_modules()
    Module.objects.filter(name="leads").update(label="Prospects")
    Field.objects.filter(module__name="leads", name="industry").update(label="State")  # of another field
    with speaking(Backwards()):
        assert Module.objects.get(name="leads").called == "Prospects"
        assert Field.objects.get(module__name="leads", name="industry").called == "State"
        assert Field.objects.get(module__name="accounts", name="industry").called == "yrtsudnI"


def test_shapes_are_said_as_what_they_are_of() -> None:
    leads = next(shape for shape in standard_shapes() if shape.name == "leads")
    email = leads.field("email")
    assert email is not None
    assert (leads.called, email.called) == ("Leads", "E-mail")
    with speaking(Backwards()):
        assert (leads.called, email.called) == ("sdaeL", "liam-E")
        assert ModuleShape("projects", "Leads").called == "Leads"
        assert FieldShape("vat", "{VAT}", "text").called == "{VAT}"
