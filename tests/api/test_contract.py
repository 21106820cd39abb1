"""The API does what its description says: every operation is called with random requests, fit and unfit.

What must hold: no answer is a failure of the product; each has a status, a type and a form that is described; unfit
requests are refused, and so is whoever has no token. schemathesis.toml says what is checked.
"""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case

from firstcall.access.models import User
from firstcall.access.scopes import Scope
from firstcall.access.tokens import issue_token
from firstcall.wsgi import application
from tests.api.conftest import AT

pytestmark = pytest.mark.django_db(transaction=True)

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@schema.parametrize()
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_described(case: Case) -> None:
    user, _ = User.objects.get_or_create(email="alice@example.com", is_superuser=True)
    user.tokens.all().delete()
    _, secret = issue_token(user, "all", Scope, at=AT)
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"})
