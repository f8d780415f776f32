from datetime import timedelta

import pytest
from django.utils import timezone

from extraction import storage
from extraction.orphans import sweep_orphan_files
from tests.factories import PDF, make_invoice, make_tenant

pytestmark = pytest.mark.django_db


def test_old_files_without_an_invoice_are_removed_and_others_kept():
    invoice = make_invoice(make_tenant())
    orphan = storage.save(PDF, invoice_id="inv_gone", workspace_id=invoice.workspace_id)
    assert sweep_orphan_files(now=timezone.now() + timedelta(minutes=59)) == 0
    assert storage.read(orphan) == PDF
    assert sweep_orphan_files(now=timezone.now() + timedelta(minutes=61)) == 1
    with pytest.raises(FileNotFoundError):
        storage.read(orphan)
    assert storage.read(invoice.file_key) == PDF


def test_an_empty_store_is_no_error():
    assert sweep_orphan_files(now=timezone.now()) == 0


def test_deleting_a_file_twice_is_no_error():
    key = storage.save(PDF, invoice_id="inv_1", workspace_id="wsp_1")
    storage.delete(key)
    storage.delete(key)
    assert sweep_orphan_files(now=timezone.now() + timedelta(days=1)) == 0
