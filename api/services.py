"""What happens to API keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone

from api.models import SCOPES, USE_NOTED_EVERY, ApiKey
from billing.models import Membership, Workspace
from invorec.lib.tokens import hash_key, key_hint, mint_key


def issue_key(
    *,
    workspace: Workspace,
    livemode: bool,
    name: str,
    scopes: Iterable[str] = SCOPES,
    allowed_ips: Iterable[str] = (),
    expires_at: datetime | None = None,
    created_by: User | None = None,
) -> tuple[ApiKey, str]:
    """A new key and, this once, its token. `created_by` None is the operator of the service.

    Raises PermissionDenied when the plan has no API access or the user may not manage keys, ValidationError for an
    unknown scope, a malformed network or an expiry in the past.
    """
    if not workspace.plan.api_access:
        raise PermissionDenied(f"API keys need the Business plan; {workspace.name} is on {workspace.plan.name}.")
    if created_by is not None:
        require_key_manager(workspace=workspace, user=created_by)
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError("A key that has expired already is of no use: choose a moment to come.")
    token = mint_key(livemode=livemode)
    key = ApiKey.objects.create(
        workspace=workspace,
        livemode=livemode,
        name=name,
        digest=hash_key(token),
        hint=key_hint(token),
        scopes=known_scopes(scopes),
        allowed_ips=networks(allowed_ips),
        expires_at=expires_at,
        created_by=created_by,
    )
    return key, token


def revoke_key(*, key: ApiKey, user: User | None = None) -> None:
    """Ends the key; its next request is refused. A second time changes nothing. Raises PermissionDenied."""
    if user is not None:
        require_key_manager(workspace=key.workspace, user=user)
    now = timezone.now()
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, updated_at=now)
    key.refresh_from_db(fields=["revoked_at", "updated_at"])


def note_use(*, key: ApiKey, now: datetime) -> None:
    """Remembers when the key was last used, to the minute: parallel requests write once."""
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    if key.use_is_news(now):
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def require_key_manager(*, workspace: Workspace, user: User) -> None:
    """Raises PermissionDenied unless the user is an owner or admin of the workspace (contract, section 2)."""
    membership = Membership.objects.select_related("workspace__plan").filter(workspace=workspace, user=user).first()
    if membership is None or not membership.may_manage_keys():
        raise PermissionDenied("Only an owner or admin of a Business workspace manages its API keys.")


def known_scopes(scopes: Iterable[str]) -> list[str]:
    """The scopes in their standing order, once each. Raises ValidationError."""
    asked = set(scopes)
    if unknown := sorted(asked.difference(SCOPES)):
        raise ValidationError(f"Unknown scope: {', '.join(unknown)}. Known: {', '.join(SCOPES)}.")
    if not asked:
        raise ValidationError("A key needs at least one scope.")
    return [scope for scope in SCOPES if scope in asked]


def networks(texts: Iterable[str]) -> list[str]:
    """Networks in their standard form: "192.0.2.7" becomes "192.0.2.7/32". Raises ValidationError."""
    try:
        return [str(_unmapped(ip_network(text.strip(), strict=False))) for text in texts]
    except ValueError as error:
        raise ValidationError(f"Not an address or network: {error}") from error


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """IPv4 written as IPv6 (::ffff:192.0.2.0/120) as IPv4, which is how clients' addresses are compared."""
    if isinstance(network, IPv6Network) and network.prefixlen >= 96 and network.network_address.ipv4_mapped:
        return IPv4Network((int(network.network_address.ipv4_mapped), network.prefixlen - 96))
    return network
