from datetime import timedelta

import pytest
from django.utils import timezone

from billing.models import Plan
from extraction import storage
from extraction.models import Invoice
from extraction.retention import remove_old_files
from tests.factories import PDF, make_invoice, make_tenant, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant(db):
    Plan.objects.filter(pk="free").update(retention_days=30)
    return make_tenant(plan="free")


def aged(invoice: Invoice, days: int) -> Invoice:
    Invoice.objects.filter(pk=invoice.pk).update(created_at=timezone.now() - timedelta(days=days))
    return invoice


def test_files_go_when_their_time_is_over_and_values_stay(tenant, django_capture_on_commit_callbacks):
    old, young = aged(read(make_invoice(tenant)), 31), aged(read(make_invoice(tenant)), 29)
    waiting = aged(make_invoice(tenant), 31)
    kept = aged(read(make_invoice(make_tenant("Other", plan="business"))), 900)
    with django_capture_on_commit_callbacks(execute=True):
        assert remove_old_files(now=timezone.now()) == 1
    with pytest.raises(FileNotFoundError):
        storage.read(old.file_key)
    for other in (young, waiting, kept):
        assert storage.read(other.file_key) == PDF
    old.refresh_from_db()
    assert (old.file_key, old.status, old.vendor_name) == ("", "succeeded", "Muster GmbH")
    assert remove_old_files(now=timezone.now()) == 0
