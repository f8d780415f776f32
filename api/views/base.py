"""What every view under /v1 has in common."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from api.authentication import BearerAuthentication
from api.permissions import HasScope, PlanAllowsApi
from api.versioning import DatedVersioning
from billing.tenant import Tenant


class ApiView(APIView):
    """A view for programs: a key, a plan, a scope per method. `scopes` must name every method that the view has."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [PlanAllowsApi, HasScope]
    versioning_class = DatedVersioning
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]
    http_method_names = ["get", "head", "post", "patch", "delete"]
    scopes: ClassVar[dict[str, str]] = {}

    @property
    def tenant(self) -> Tenant:
        """Whose data this request may know of."""
        tenant: Tenant = self.request.auth.tenant
        return tenant
