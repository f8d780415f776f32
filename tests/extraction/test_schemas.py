"""Schemas: made, changed, the default, deleted; and what keeps of them."""

from __future__ import annotations

from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from billing.models import Plan
from billing.tenant import Tenant
from extraction.models import Schema
from extraction.schemas import create_schema, delete_schema, set_default_schema, update_schema
from tests.factories import job_of, make_invoice, make_schema, make_tenant

FIELDS = {"type": "object", "properties": {"vessel": {"type": "string"}}}
OTHERS = {"type": "object", "properties": {"voyage": {"type": "integer"}}}
FAULTY = {"type": "object", "properties": {"vessel": {"pattern": "("}}}


@pytest.fixture
def tenant(db) -> Tenant:
    return make_tenant()


def faults(call) -> dict[str, list[str]]:
    """What the refusal says, by field; asserts that it changed nothing."""
    before = list(Schema.objects.order_by("pk").values())
    with pytest.raises(ValidationError) as caught:
        call()
    assert list(Schema.objects.order_by("pk").values()) == before
    return caught.value.message_dict if hasattr(caught.value, "error_dict") else {"": caught.value.messages}


def test_a_schema_is_stored(tenant):
    made = create_schema(tenant=tenant, name=" Cargo ", definition=FIELDS, description="For the haulage desk")
    stored = Schema.objects.get()
    assert (stored.pk, stored.name, stored.definition, stored.is_default) == (made.pk, "Cargo", FIELDS, False)
    assert (stored.workspace, stored.livemode, stored.description) == (tenant.workspace, True, "For the haulage desk")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"definition": FAULTY}, {"definition"}),
        ({"name": "  "}, {"name"}),
        ({"name": "x" * 121}, {"name"}),
        ({"name": "Taken"}, {"name"}),
        ({"name": "", "description": "x" * 2001, "definition": []}, {"name", "description", "definition"}),
    ],
)
def test_every_fault_is_named_and_nothing_saved(tenant, values, expected):
    make_schema(tenant, name="Taken")
    mine = make_schema(tenant, name="Mine")
    assert faults(lambda: create_schema(**{"tenant": tenant, "name": "New", "definition": FIELDS} | values)).keys() == (
        expected
    )
    assert faults(lambda: update_schema(schema=mine, **values)).keys() == expected


def test_the_place_of_the_fault_is_said(tenant):
    said = faults(lambda: make_schema(tenant, definition=FAULTY))
    assert said["definition"][0].startswith("/properties/vessel/pattern: ")


def test_a_name_is_taken_in_its_workspace_and_mode_only(tenant):
    make_schema(tenant)
    make_schema(Tenant(tenant.workspace, livemode=False))
    make_schema(make_tenant("Other"))
    assert Schema.objects.filter(name="Cargo").count() == 3


def test_a_plan_bounds_the_schemas_of_each_mode(tenant):
    tenant.workspace.plan = Plan.objects.get(code="free")
    make_schema(tenant)
    assert faults(lambda: make_schema(tenant, name="Second")) == {"": ["The Free plan allows one schema."]}
    make_schema(Tenant(tenant.workspace, livemode=False))


def test_there_is_one_default(tenant):
    first, second = make_schema(tenant, is_default=True), make_schema(tenant, name="Second", is_default=True)
    elsewhere = make_schema(Tenant(tenant.workspace, livemode=False), is_default=True)
    assert set(Schema.objects.filter(is_default=True)) == {second, elsewhere}
    set_default_schema(schema=first)
    assert set(Schema.objects.filter(is_default=True)) == {first, elsewhere}
    set_default_schema(schema=first, is_default=False)
    assert set(Schema.objects.filter(is_default=True)) == {elsewhere}


def test_the_database_holds_a_second_default_off(tenant):
    make_schema(tenant, is_default=True)
    second = make_schema(tenant, name="Second")
    with pytest.raises(IntegrityError), transaction.atomic():
        Schema.objects.filter(pk=second.pk).update(is_default=True)


def test_an_invoice_keeps_the_definition_it_is_read_with(tenant):
    schema = make_schema(tenant, definition=FIELDS, is_default=True)
    invoice = make_invoice(tenant)
    update_schema(schema=schema, name="Renamed", definition=OTHERS)
    assert job_of(invoice).definition == FIELDS
    delete_schema(schema=schema)
    invoice.refresh_from_db()
    assert (invoice.schema_id, invoice.schema_name, job_of(invoice).definition) == (None, "Cargo", FIELDS)
    assert not Schema.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_parallel_creations_keep_to_the_plan_and_the_default():
    tenant, together, outcomes = make_tenant(plan="starter"), Barrier(8), []

    def create(number: int) -> None:
        together.wait()
        try:
            outcomes.append(make_schema(tenant, name=f"No. {number}", is_default=True).name)
        except ValidationError as error:
            outcomes.append(error.messages[0])
        connection.close()

    threads = [Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("The Starter plan allows 3 schemas.") == 5
    assert (Schema.objects.count(), Schema.objects.filter(is_default=True).count()) == (3, 1)


def save(tenant, file, *options) -> str:
    said = StringIO()
    where = ("--workspace", tenant.workspace.pk, "--mode", "live", "--name", "Cargo")
    call_command("save_schema", *where, *options, str(file), stdout=said)
    return said.getvalue().strip()


def test_the_command_saves_a_file_and_saves_it_again(tenant, tmp_path):
    file = tmp_path / "cargo.json"
    file.write_text('{"type": "object", "properties": {"vessel": {"type": "string"}}}')
    made = save(tenant, file, "--description", "First", "--default")
    file.write_text('{"type": "object", "properties": {"voyage": {"type": "integer"}}}')
    assert save(tenant, file) == made
    schema = Schema.objects.get()
    assert (schema.pk, schema.definition, schema.description, schema.is_default) == (made, OTHERS, "First", True)


@pytest.mark.parametrize(("text", "said"), [("{", "is not JSON"), ('{"type": "array"}', "/type: must be object")])
def test_the_command_says_what_is_wrong(tenant, tmp_path, text, said):
    file = tmp_path / "cargo.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=said):
        save(tenant, file)
    with pytest.raises(CommandError, match="cannot be read"):
        save(tenant, tmp_path / "absent.json")
    assert not Schema.objects.exists()
