"""What every view under /v1 has in common."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api import versioning
from api.authentication import BearerAuthentication
from api.parsers import JsonParser
from api.permissions import HasScope, PlanAllowsApi, key_of
from billing.tenant import Tenant


class ApiView(APIView):
    """A view for programs: a key, a plan, a scope per method. `scopes` must name every method that the view has."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [PlanAllowsApi, HasScope]
    parser_classes = [JsonParser]
    renderer_classes = [JSONRenderer]
    http_method_names = ["get", "head", "post", "patch", "delete"]
    scopes: ClassVar[dict[str, str]] = {}

    @property
    def tenant(self) -> Tenant:
        """Whose data this request may know of."""
        return key_of(self.request).tenant

    def determine_version(self, request: Request, *args: Any, **kwargs: Any) -> tuple[str, None]:
        """`request.version`. Raises InvalidRequest."""
        return versioning.requested(request), None
