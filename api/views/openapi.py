"""GET /v1/openapi.json."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import JsonResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from api.views.base import ApiView


@extend_schema(exclude=True)
class OpenApiDocument(ApiView):
    """The description of the API itself: public, like any reference."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> JsonResponse:
        return JsonResponse(
            document(),
            json_dumps_params={"ensure_ascii": False, "indent": 2},
            headers={"Cache-Control": "public, max-age=300"},
        )


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document: it depends on the code alone, so it is made once."""
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return generated
