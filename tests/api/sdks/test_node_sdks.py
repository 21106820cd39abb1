"""The SDKs of Segment and RudderStack for Node, as they are, against the product as a server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.sdks.conftest import BadLine, Served
from tests.api.sdks.test_python_sdks import check_what_was_said

SCRIPTS = pytest.mark.parametrize("script", ["segment_node.mjs", "rudderstack_node.mjs"])


@SCRIPTS
def test_what_is_said_arrives(served: Served, node: Callable[..., str], script: str) -> None:
    assert node(script, served.url, served.key).strip() == "[]"
    check_what_was_said()


@SCRIPTS
def test_a_bad_line_loses_and_doubles_nothing(served: Served, node: Callable[..., str], script: str) -> None:
    with BadLine(served.url, ["refuse", "swallow"]) as line:
        assert node(script, line.url, served.key).strip() == "[]"
    check_what_was_said()
    assert len(line.retries) >= 3


@SCRIPTS
def test_a_wrong_key_is_told(served: Served, node: Callable[..., str], script: str) -> None:
    assert "401" in node(script, served.url, "wrong")
