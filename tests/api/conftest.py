"""A workspace with a key, and clients that speak with it."""

from __future__ import annotations

import pytest

from api.services import issue_key
from billing.tenant import Tenant
from tests.api.oracle import ApiClient
from tests.factories import make_tenant


@pytest.fixture
def tenant(db: None) -> Tenant:
    """A Business workspace's live data."""
    return make_tenant()


@pytest.fixture
def token(tenant: Tenant) -> str:
    """A live key with all scopes."""
    return issue_key(workspace=tenant.workspace, livemode=True, name="Live")[1]


@pytest.fixture
def api(token: str) -> ApiClient:
    """A client with that key, used once already, so that noting the first use is out of the way."""
    client = ApiClient(token)
    assert client.get("/v1/invoices").status_code == 200
    return client
