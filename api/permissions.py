"""What a valid key may do: its workspace's plan, then its scopes. A route without a rule is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.errors import InsufficientScope
from api.models import ApiKey

if TYPE_CHECKING:
    from api.views.base import ApiView


class PlanAllowsApi(BasePermission):
    """The reference: API access requires the Business plan."""

    def has_permission(self, request: Request, view: ApiView) -> bool:  # type: ignore[override]
        """Raises InsufficientScope, naming the plan to move to."""
        plan = key_of(request).workspace.plan
        if not plan.api_access:
            raise InsufficientScope(
                f"API access needs the Business plan; this workspace is on {plan.name}. Upgrade it in the dashboard."
            )
        return True


class HasScope(BasePermission):
    """The view's `scopes` name what each method needs."""

    def has_permission(self, request: Request, view: ApiView) -> bool:  # type: ignore[override]
        """Raises InsufficientScope, naming the scope. A method that the view does not have is answered 405 later."""
        if request.method not in view.allowed_methods:
            return True
        scope = view.scopes["GET" if request.method == "HEAD" else str(request.method)]
        if scope not in key_of(request).scopes:
            raise InsufficientScope(f"The provided key lacks the scope {scope}.")
        return True


def key_of(request: Request) -> ApiKey:
    """The key that BearerAuthentication let in."""
    assert isinstance(request.auth, ApiKey)  # noqa: S101
    return request.auth
