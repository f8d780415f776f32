import pytest

from billing.tenant import Tenant
from tests.factories import make_tenant


@pytest.fixture
def tenant(db: None) -> Tenant:
    """A Business workspace's live data."""
    return make_tenant()
