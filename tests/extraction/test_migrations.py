"""What migrations do to rows that are there already."""

from importlib import import_module

import pytest
from django.apps import apps

from extraction.models import ExtractionJob
from tests.factories import job_of, make_invoice, make_schema, make_tenant


@pytest.mark.django_db
def test_jobs_from_before_take_the_schema_of_their_invoice():
    tenant = make_tenant()
    schema = make_schema(tenant, name="Fleet")
    plain, with_schema = make_invoice(tenant), make_invoice(tenant, schema=schema)
    ExtractionJob.objects.update(schema=None, schema_name=None)
    import_module("extraction.migrations.0003_job_schemas").copy_from_invoices(apps, None)
    assert [(job_of(i).schema, job_of(i).schema_name) for i in (plain, with_schema)] == [
        (None, None),
        (schema, "Fleet"),
    ]
