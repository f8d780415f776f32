"""From a stored schema through the isolated engine to the invoice."""

import pytest
from django.core.files.base import ContentFile

from extraction.models import Schema
from extraction.provenance import present_extraction
from extraction.serializers import InvoiceSerializer
from extraction.services import create_invoice, service_options
from extraction.worker import work_once
from tests.engine.test_pipeline import LINES, typed_pdf
from tests.factories import job_of, make_tenant

DEFINITION = {
    "type": "object",
    "properties": {
        "vatNumber": {"type": "string", "x-labels": ["VAT No."], "pattern": "^GB[0-9]{9}$"},
        "vessel": {"type": "string"},
        "colour": {"type": "string", "enum": ["Blue", "Red"], "x-line-item": True},
    },
    "required": ["vessel"],
}


def read(definition):
    tenant = make_tenant()
    schema = Schema.objects.create(
        workspace=tenant.workspace, livemode=tenant.livemode, name="Cargo", definition=definition
    )
    data = typed_pdf(LINES)
    invoice = create_invoice(tenant=tenant, file=ContentFile(data), file_name="bill.pdf", schema=schema)
    Schema.objects.update(definition={"type": "object", "properties": {"later": {}}})  # what was queued keeps its own
    assert work_once(worker="w")
    invoice.refresh_from_db()
    return invoice


@pytest.mark.django_db
def test_a_schema_is_read_into_the_invoice_and_its_lines():
    invoice = read(DEFINITION)
    shown = InvoiceSerializer(invoice).data
    assert (shown["status"], shown["needsReview"]) == ("succeeded", True)
    assert shown["customFields"] == {"vatNumber": "GB980780684", "vessel": None}
    assert [line["customFields"] for line in shown["lineItems"]] == [{"colour": "Blue"}, {"colour": "Red"}]
    extraction = present_extraction(invoice, job_of(invoice), explain=True)
    field = extraction["customFields"]["vatNumber"]
    assert (field["page"], field["text"], field["label"]) == (1, "GB980780684", "VAT No")
    assert [line["colour"]["text"] for line in extraction["lineItemCustomFields"]] == ["Blue", "Red"]


@pytest.mark.django_db
def test_a_stored_definition_that_is_not_valid_costs_no_invoice():
    assert service_options(definition={"type": "object", "properties": {"a": {"pattern": "(a+)+"}}}).custom == ()
    invoice = read({"type": "array"})
    assert (invoice.status, invoice.custom_fields) == ("succeeded", {})
