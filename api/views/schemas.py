"""/v1/schemas: the custom fields that a workspace has defined. They are made and changed in the dashboard."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api import operations
from api.errors import ResourceNotFound
from api.pagination import list_body, page_of
from api.params import PageParams, read_params
from api.views.base import ApiView
from billing.tenant import Tenant
from extraction.models import Schema
from extraction.serializers import SchemaSerializer
from invorec.lib.ids import is_id


class SchemaList(ApiView):
    scopes = {"GET": "schemas:read"}

    @operations.list_schemas
    def get(self, request: Request) -> Response:
        asked = read_params(PageParams, request)
        page = page_of(Schema.objects.visible_to(self.tenant), path="schemas", tenant=self.tenant, **asked)
        return Response(list_body([SchemaSerializer(schema).data for schema in page.items], page.next_cursor))


class SchemaDetail(ApiView):
    scopes = {"GET": "schemas:read"}

    @operations.retrieve_schema
    def get(self, request: Request, id: str) -> Response:
        return Response(SchemaSerializer(find_schema(self.tenant, id)).data)


def find_schema(tenant: Tenant, schema_id: str) -> Schema:
    """The tenant's schema. Raises ResourceNotFound, the same for what is malformed, unknown or another's."""
    found = Schema.objects.visible_to(tenant).filter(pk=schema_id).first() if is_id(schema_id, "sch") else None
    if found is None:
        raise ResourceNotFound(f"There is no schema {schema_id}.")
    return found
