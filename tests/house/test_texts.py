"""What people read on pages is found, to be translated."""

from tests.house.texts import wanted


def test_texts_are_found_wherever_they_stand():
    """In code, in templates as a word, a sentence with gaps, several of a thing, and in a filter's argument."""
    found = {text for _, text in wanted()}
    assert "Something went wrong" in found
    assert "Scoring rules" in found
    assert "%(who)s switched version %(n)s on" in found
    assert ("%(told)s record", "%(told)s records") in found
    assert "no grade" in found
    assert "Leads" in found
