"""`manage.py save_schema --workspace … --mode live --name … definition.json`: custom fields from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.management.workspaces import the_workspace
from billing.tenant import Tenant
from extraction.models import Schema
from extraction.schemas import create_schema, set_default_schema, update_schema


class Command(BaseCommand):
    help = "Save the schema of that name, new or changed, and print its id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="its id (wsp_…) or its exact name")
        parser.add_argument("--mode", required=True, choices=["live", "test"])
        parser.add_argument("--name", required=True)
        parser.add_argument("--description", help="what it is for")
        parser.add_argument("--default", action="store_true", help="read uploads without a schema_id with it")
        parser.add_argument("file", type=Path, help="the definition, a JSON Schema of type object")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant(the_workspace(options["workspace"]), options["mode"] == "live")
        try:
            schema = saved(tenant, options["name"], options["description"], read_json(options["file"]))
            if options["default"]:
                set_default_schema(schema=schema)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(schema.pk)


def saved(tenant: Tenant, name: str, description: str | None, definition: Any) -> Schema:
    """The tenant's schema of that name, which may be a new one. Raises ValidationError."""
    known = Schema.objects.visible_to(tenant).filter(name=name).first()
    if known is not None:
        return update_schema(schema=known, description=description, definition=definition)
    return create_schema(tenant=tenant, name=name, description=description or "", definition=definition)


def read_json(path: Path) -> Any:
    """The content of a file. Raises CommandError."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path} is not JSON: {error}") from error
