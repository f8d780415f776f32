"""Whoever may come to an address under /v1 and ask for things of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from api.models import SCOPES, ApiKey
from api.services import issue_key, revoke_key
from billing.models import Plan, Workspace
from billing.tenant import Tenant
from invorec.lib.tokens import mint_key
from tests.api.oracle import ApiClient
from tests.factories import make_tenant

Outcome = tuple[int, str]


@dataclass(frozen=True)
class Caller:
    """Somebody who asks for the owner's things; `refused` is the answer, None where it depends on the route."""

    name: str
    client: Callable[[Tenant, str], ApiClient]  # (owner's tenant, scope of the route) -> ApiClient
    refused: Outcome | None


def callers() -> list[Caller]:
    """Everybody but the owner, who comes last of all."""
    no, bad, may_not = "authentication_required", "invalid_api_key", "insufficient_scope"
    return [
        Caller("no key", lambda tenant, scope: ApiClient(), (401, no)),
        Caller("no Bearer", lambda tenant, scope: ApiClient("two words"), (401, no)),
        Caller("bad checksum", lambda tenant, scope: ApiClient(_misspelt(tenant)), (401, bad)),
        Caller("unknown", lambda tenant, scope: ApiClient(mint_key(livemode=True)), (401, bad)),
        Caller("revoked", lambda tenant, scope: ApiClient(_key(tenant, revoked=True)), (401, bad)),
        Caller("expired", lambda tenant, scope: ApiClient(_key(tenant, expired=True)), (401, bad)),
        Caller("other scopes", lambda tenant, scope: ApiClient(_key(tenant, without=scope)), (403, may_not)),
        Caller("other address", lambda tenant, scope: ApiClient(_key(tenant, ip="192.0.2.0/24")), (403, may_not)),
        Caller("Growth plan", lambda tenant, scope: ApiClient(_downgraded(tenant)), (403, may_not)),
        Caller("other workspace", lambda tenant, scope: ApiClient(_key(_other(tenant))), None),
        Caller("other mode", lambda tenant, scope: ApiClient(_key(_other_mode(tenant))), None),
    ]


def _key(tenant: Tenant, *, revoked: bool = False, expired: bool = False, without: str = "", ip: str = "") -> str:

    key, token = issue_key(
        workspace=tenant.workspace,
        livemode=tenant.livemode,
        name="Key",
        scopes=set(SCOPES) - {without},
        allowed_ips=[ip] if ip else [],
    )
    if revoked:
        revoke_key(key=key)
    if expired:
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    return token


def _misspelt(tenant: Tenant) -> str:
    token = _key(tenant)
    return token[:-1] + ("a" if token[-1] != "a" else "b")


def _downgraded(tenant: Tenant) -> str:
    """A key of the owner's from before its workspace was downgraded, which the walk takes back."""
    token = _key(tenant)
    Workspace.objects.filter(pk=tenant.workspace.pk).update(plan=Plan.objects.get(code="growth"))
    return token


def _other(tenant: Tenant) -> Tenant:
    return make_tenant("Other", livemode=tenant.livemode)


def _other_mode(tenant: Tenant) -> Tenant:
    return Tenant(tenant.workspace, not tenant.livemode)
