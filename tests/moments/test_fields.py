"""`MomentField`: aware datetimes in Python, whole microseconds in the database."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from firstcall.moments import MomentField
from firstcall.touchpoints.models import Source

EXACT = datetime(2026, 9, 1, 12, 30, 0, 123_457, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "moment", [EXACT, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_an_instant_comes_back_to_the_microsecond(moment: datetime) -> None:
    Source.objects.create(name="site", created_at=moment)
    assert Source.objects.get(created_at=moment).created_at == moment


@pytest.mark.django_db
def test_the_database_holds_microseconds_whatever_the_zone() -> None:
    Source.objects.create(name="site", created_at=EXACT.astimezone(timezone(timedelta(hours=-5))))
    with connection.cursor() as cursor:
        cursor.execute("SELECT created_at FROM touchpoints_source")
        assert cursor.fetchone() == (1_788_265_800_123_457,)


def test_what_is_no_instant_is_refused() -> None:
    with pytest.raises(ValidationError, match="'soon' is no datetime"):
        MomentField().to_python("soon")
