"""Pages of lists end where they have enough rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from firstcall.access.viewer import PRODUCT
from firstcall.moments import now
from firstcall.records.filtering import Selection, read_filter
from firstcall.scorekeeping.listing import Listed
from tests.web.conftest import Company, company

__all__ = ["company"]


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["id", "-id", "last_name", "score:{rule}", "-score:{rule}"])
def test_no_page_is_asked_of_several_workers(company: Company, order: str) -> None:
    """They would go through all records where those that are wanted stand at the beginning of the index."""
    plans: list[str] = []

    def explained(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and "records_record" in sql:
            execute(f"EXPLAIN {sql}", params, many, context)
            plans.append("\n".join(line for (line,) in context["cursor"].fetchall()))
        return execute(sql, params, many, context)

    chosen = Selection(read_filter(company.leads, [], viewer=PRODUCT))
    listed = Listed(chosen, company.rule, grades=("Hot",))
    with connection.cursor() as cursor:
        # Tables as small as these would never be worth several workers.
        cursor.execute("SET LOCAL debug_parallel_query = on; SET LOCAL max_parallel_workers_per_gather = 2")
    with connection.execute_wrapper(explained):
        everything = list(listed.records(now=now()))
        parallel, plans = plans, []
        found, _ = listed.page(order.format(rule=company.rule.pk), after=None, limit=50, now=now())
    assert found == everything == [company.ann]
    assert "Gather" in parallel[0]
    assert plans
    assert not [plan for plan in plans if "Gather" in plan]
