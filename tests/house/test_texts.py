"""Whatever people read on pages has a German translation, and what is put into it is the same."""

from tests.house.texts import GERMAN, ROOT, faults, wanted


def test_every_text_of_the_pages_has_its_german():
    found = faults()
    where = GERMAN.relative_to(ROOT)
    told = "\n".join(found)
    assert not found, f"Run `make texts`, write the German into {where}, and run it again:\n{told}"


def test_texts_are_found_wherever_they_stand():
    """In code, in templates as a word, a sentence with gaps, several of a thing, and in a filter's argument."""
    found = {text for _, text in wanted()}
    assert "Something went wrong" in found
    assert "Scoring rules" in found
    assert "%(who)s switched version %(n)s on" in found
    assert ("%(told)s record", "%(told)s records") in found
    assert "no grade" in found
    assert "Leads" in found
