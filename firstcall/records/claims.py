"""Holds values while a transaction looks whether they are free and takes them: two writers cannot both find them free."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection

# Sorted, so that two batches never wait for each other in a circle. A row that another transaction is writing makes
# this one wait until that ends; since it takes its rows away again, nothing is in the way then.
_CLAIM = """
INSERT INTO records_claim (scope, value)
SELECT DISTINCT scope, value
FROM unnest(%s::text[], %s::text[]) AS given(scope, value)
ORDER BY scope, value
ON CONFLICT DO NOTHING"""

_RELEASE = """
DELETE FROM records_claim
USING unnest(%s::text[], %s::text[]) AS given(scope, value)
WHERE records_claim.scope = given.scope AND records_claim.value = given.value"""


@contextmanager
def claimed(values: Collection[tuple[str, str]]) -> Iterator[None]:
    """Hold (scope, value) pairs until the transaction ends; waits for whoever holds one.

    Claim before any record is locked, and once a transaction: then nobody waits in a circle.
    """
    if not values:
        yield
        return
    given = [[scope for scope, _ in values], [value for _, value in values]]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, given)
    yield
    # After an error the transaction is undone, and the rows with it.
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, given)
