"""What happens to schemas: made, changed, made the default, deleted."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from billing.models import Workspace
from billing.tenant import Tenant
from extraction.definitions import check_definition
from extraction.engine.custom.definition import DefinitionFault
from extraction.models import Schema
from extraction.results import storable

MAX_NAME = 120
MAX_DESCRIPTION = 2000


@transaction.atomic
def create_schema(
    *, tenant: Tenant, name: str, definition: Any, description: str = "", is_default: bool = False
) -> Schema:
    """A schema of the tenant. Raises ValidationError: the definition, with the place of the fault, a name that is
    empty, too long or taken, or a plan that allows no further one."""
    _lock(tenant.workspace.pk)
    most = tenant.workspace.plan.max_schemas
    if most is not None and Schema.objects.visible_to(tenant).count() >= most:
        allowed = "one schema" if most == 1 else f"{most} schemas"
        raise ValidationError(f"The {tenant.workspace.plan.name} plan allows {allowed}.", code="plan")
    schema = Schema(workspace=tenant.workspace, livemode=tenant.livemode)
    _set(schema, name=name, description=description, definition=definition)
    schema.save(force_insert=True)
    return set_default_schema(schema=schema) if is_default else schema


@transaction.atomic
def update_schema(
    *, schema: Schema, name: str | None = None, description: str | None = None, definition: Any = None
) -> Schema:
    """Changes what is given. Invoices keep the definition that they were read with. Raises ValidationError."""
    _lock(schema.workspace_id)
    _set(
        schema,
        name=schema.name if name is None else name,
        description=schema.description if description is None else description,
        definition=schema.definition if definition is None else definition,
    )
    schema.save(update_fields=["name", "description", "definition", "updated_at"])
    return schema


@transaction.atomic
def set_default_schema(*, schema: Schema, is_default: bool = True) -> Schema:
    """Makes the schema the one that uploads without a `schema_id` are read with, in place of any other; or not."""
    _lock(schema.workspace_id)
    if is_default:
        same = Schema.objects.filter(workspace=schema.workspace_id, livemode=schema.livemode, is_default=True)
        for other in same.exclude(pk=schema.pk):
            other.is_default = False
            other.save(update_fields=["is_default", "updated_at"])
    schema.is_default = is_default
    schema.save(update_fields=["is_default", "updated_at"])
    return schema


@transaction.atomic
def delete_schema(*, schema: Schema) -> None:
    """Removes the schema. Invoices keep what was read, its name, and the definition in their jobs."""
    _lock(schema.workspace_id)
    schema.delete()


def _lock(workspace_id: str) -> None:
    """Schemas of a workspace change one after the other, so that the plan's limit and the one default hold."""
    Workspace.objects.select_for_update().get(pk=workspace_id)


def _set(schema: Schema, *, name: str, description: str, definition: Any) -> None:
    """Sets what is valid. Raises ValidationError, naming every field at fault."""
    faults = {"name": _name_fault(schema, name), "definition": _definition_fault(definition)}
    if len(description) > MAX_DESCRIPTION:
        faults["description"] = f"A description has at most {MAX_DESCRIPTION} characters."
    if found := {field: fault for field, fault in faults.items() if fault}:
        raise ValidationError(found)
    schema.name, schema.description, schema.definition = storable(name.strip()), storable(description), definition


def _name_fault(schema: Schema, name: str) -> str | None:
    name = storable(name.strip())
    if not 1 <= len(name) <= MAX_NAME:
        return f"A name has 1 to {MAX_NAME} characters."
    same = Schema.objects.filter(workspace=schema.workspace_id, livemode=schema.livemode, name=name)
    return "Another schema has this name." if same.exclude(pk=schema.pk).exists() else None


def _definition_fault(definition: Any) -> str | None:
    try:
        check_definition(definition)
    except DefinitionFault as fault:
        return str(fault)
    return None
