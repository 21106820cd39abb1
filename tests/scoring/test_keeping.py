"""What is scored again only in part comes to what it would as a whole, whatever came in and however time went on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstcall.scoring.compiling import FIGURES, compile_rules
from firstcall.scoring.compiling.keeping import can_keep
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.rules import Rule
from firstcall.scoring.times import DAY
from tests.scoring import strategies
from tests.scoring.batches import Batch, Subject
from tests.scoring.cases import RawTouchpoint
from tests.scoring.runners import PostgresRunner
from tests.scoring.test_engines_agree import EXAMPLES, TOUCHPOINTS, as_rule, batches

type Told = list[tuple[str, str | None]]
"""Which types have come to which records; none: something else has happened."""


class Kept(PostgresRunner):
    """Scores a batch time and again, and keeps what its criteria came to."""

    def begin(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.connection.execute("DROP TABLE IF EXISTS pg_temp.kept")
        self.connection.execute(
            "CREATE TEMPORARY TABLE kept (record_id text, rule integer, points bigint[], nexts bigint[])"
        )

    def score(self, batch: Batch, told: Told) -> list[tuple[object, ...]]:
        """The rows, as `figures` gives them."""
        self.load(batch)
        statement = compile_rules(self.rules, batch.columns(), Postgres(), by_ids=True, keeping=True)
        ids = [subject.id for subject in batch.subjects]
        parameters = [batch.as_of, ids, [id for id, _ in told], [type for _, type in told]]
        cursor = psycopg.RawCursor(self.connection)
        rows = cursor.execute(statement.sql.encode(), parameters).fetchall()
        self.connection.execute("TRUNCATE pg_temp.kept")
        keyed = 1 + len(FIGURES) + statement.several
        with self.connection.cursor() as insert:
            insert.executemany(
                "INSERT INTO pg_temp.kept VALUES (%s, %s, %s::bigint[], %s::bigint[])",
                [(row[0], row[1] if statement.several else 0, row[keyed], row[keyed + 1]) for row in rows],
            )
        return [row[:keyed] for row in rows]


@pytest.fixture(scope="module")
def kept(postgres_dsn: str) -> Iterator[Kept]:
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        yield Kept(connection)


@st.composite
def later(draw: st.DrawFn, batch: Batch) -> tuple[Batch, Told]:
    """The batch some time later, with more touchpoints, and what is told of them."""
    as_of = batch.as_of + draw(st.sampled_from((0, 1, DAY // 24, DAY, 3 * DAY, 30 * DAY)))
    subjects, told = list[Subject](), list[tuple[str, str | None]]()
    for subject in batch.subjects:
        more: list[RawTouchpoint] = draw(st.one_of(st.just([]), TOUCHPOINTS))[:2]
        told += [(subject.id, touchpoint.type) for touchpoint in more]
        if draw(st.integers(0, 9)) == 0:
            told.append((subject.id, None))
        subjects.append(replace(subject, touchpoints=[*subject.touchpoints, *more]))
    return replace(batch, as_of=as_of, subjects=subjects), told


@settings(EXAMPLES, max_examples=60)
@given(st.data(), st.lists(strategies.rules(), min_size=1, max_size=3), batches(coded=True))
def test_in_part_as_a_whole(
    kept: Kept, data: st.DataObject, documents: list[strategies.Document], batch: Batch
) -> None:
    rules = [rule for rule in map(as_rule, documents) if can_keep([rule])]
    if not rules:
        return
    kept.begin(rules)
    told: Told = []
    for step in range(4):
        if step:
            batch, told = data.draw(later(batch))
        found = sorted(kept.score(batch, told), key=str)
        assert found == sorted(kept.figures(rules, batch), key=str)
