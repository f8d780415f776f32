"""Authorization: Bearer invr_… (contract, section 2)."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from api.client_ip import client_ip, contains
from api.errors import AuthenticationRequired, InsufficientScope, InvalidApiKey
from api.models import ApiKey
from api.services import note_use
from invorec.lib.tokens import is_key


class BearerAuthentication(BaseAuthentication):
    """`request.auth` becomes the ApiKey. Nobody is logged in: a key speaks for a workspace, not for a person."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey]:
        """Raises AuthenticationRequired, InvalidApiKey, InsufficientScope (wrong address)."""
        now = timezone.now()
        key = known_key(bearer_token(request))
        if key.revoked_at is not None:
            raise InvalidApiKey("The provided key has been revoked.")
        if key.has_expired(now):
            raise InvalidApiKey("The provided key has expired.")
        address = client_ip(request)
        if key.allowed_ips and (address is None or not contains(key.allowed_ips, address)):
            raise InsufficientScope(f"The provided key may not be used from {address or 'this address'}.")
        note_use(key=key, now=now)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def bearer_token(request: Request) -> str:
    """What follows "Bearer". Raises AuthenticationRequired."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or " " in token:
        raise AuthenticationRequired()
    return token


def known_key(token: str) -> ApiKey:
    """The key of the token. What lacks a key's shape and checksum is refused without a query. Raises InvalidApiKey."""
    if not is_key(token):
        raise InvalidApiKey()
    try:
        return ApiKey.of_token(token)
    except ApiKey.DoesNotExist:
        raise InvalidApiKey() from None


class BearerScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names it."""

    target_class = BearerAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "invr_live_… or invr_test_…",
            "description": "An API key issued from the dashboard. `invr_live_…` works on real data, `invr_test_…` on "
            "separate test data.",
        }
