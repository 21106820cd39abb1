"""Whatever is sent to the builder is answered: strange fields, values of no kind, texts that nobody would write."""

from __future__ import annotations

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.building.test_building import LARGE, PRICES, SETTINGS, alice
from tests.web.building.test_combining import TEXT
from tests.web.conftest import RULE

__all__ = ["alice"]

STRANGE = (
    "",
    " ",
    "²",
    "٣",
    "1e999999",
    "9" * 40,
    "-0",
    "NaN",
    "0x10",
    "1_000",
    "inf",
    "\ud800",
    "\u2028",
    "\ufeff",
    "a\nb",
    "\r",
    "🙂",
    "'",
    '"',
    "{a: [",
    "&x",
    "*x",
    "!!python/object:os.system",
    "#",
    "- ",
    ": ",
    "true",
    "null",
    "~",
    "1,5",
    "50%",
    "0%",
    "999999999999 weeks",
    "field",
    "touchpoint",
    "days_since",
    "all",
    "any",
    "not",
    "kept",
    "each",
    "table",
    "points",
    "count",
    "sum",
    "latest",
    "busiest",
    "distinct_days",
    "filled",
    "yes",
    "between",
    "in_last",
    "is",
    "web.visited",
    "*",
    "web.*",
    "owner.email",
    "job_title",
    "weeks",
    "now",
    "later",
    "9999-12-31T23:59",
    "0001-01-01",
    "2026-02-30",
    "%s",
    "<script>",
)
KEYS = (
    "do",
    "at",
    "to",
    "what",
    "more",
    "part",
    "open",
    "name",
    "enabled",
    "subject",
    "field",
    "type",
    "of",
    "aggregate",
    "property",
    "span_size",
    "span_unit",
    "w0_about",
    "w0_test",
    "w0_value",
    "t0_test",
    "t0_value",
    "t0_size",
    "t0_unit",
    "in_last_size",
    "in_last_unit",
    "older_than_size",
    "from",
    "worth",
    "points",
    "every",
    "at_most",
    "lose",
    "lose_every_size",
    "r0_test",
    "r0_value",
    "r0_points",
    "r59_points",
    "group",
    "m0.subject",
    "m0.field",
    "m0.t0_test",
    "m0.t0_value",
    "m0.kept",
    "m0.m0.subject",
    "m0.m0.m0.m0.m0.m0.subject",
    "rule_name",
    "description",
    "minimum",
    "maximum",
    "grade_parts",
    "g0_part",
    "g0_name",
    "g0_at",
    "g1_name",
    "b0_name",
    "b0_at_most",
    "a0_about",
    "a0_test",
    "a0_value",
    "rule",
    "version",
    "then",
    "records",
    "record",
    "q",
    "as_of",
    "text",
)
DOES = ("card", "settings", "add", "remove", "duplicate", "move", "")
values = st.sampled_from(STRANGE) | st.text(st.characters(exclude_characters="\0"), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.sampled_from((RULE, TEXT)),
    card=st.sampled_from((LARGE, PRICES, SETTINGS, {})),
    does=st.sampled_from(DOES),
    fields=st.dictionaries(st.sampled_from(KEYS), values | st.lists(values, max_size=3), max_size=8),
    path=st.sampled_from(("", "", "", "/trial", "/save", "/preview")),
)
def test_whatever_is_sent_is_answered(
    alice: Client, text: str, card: dict[str, object], does: str, fields: dict[str, object], path: str
) -> None:
    sent = {"text": text, "do": does, "at": "0", **card, **fields}
    body = {
        key: [one.encode("utf-8", "surrogatepass") for one in (value if isinstance(value, list) else [value])]
        for key, value in sent.items()
    }
    answer = alice.post(f"/rules/draft{path}", body)
    assert answer.status_code in (200, 400, 404, 409, 422), answer.content
