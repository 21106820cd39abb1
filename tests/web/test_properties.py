"""What a touchpoint brought with it, in a line for people."""

from __future__ import annotations

from django.utils.translation import override

from firstcall.web.properties import properties_in_words


def test_values_are_written_as_people_write_them() -> None:
    brought = {"machine": True, "keywords": ["price", "trial"], "left": None, "never": "shown"}
    with override("en"):
        assert properties_in_words(brought) == "machine: yes · keywords: price, trial · left: –"
    with override("de"):
        assert properties_in_words({"machine": False}) == "machine: nein"


def test_a_long_one_is_cut() -> None:
    assert properties_in_words({}) == ""
    assert len(properties_in_words({"text": "x" * 1000})) == 200
