"""What happens to endpoints: made, changed, disabled, their secrets rotated, deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from billing.models import Workspace
from billing.tenant import Tenant
from invorec.lib import versions
from invorec.lib.encryption import decrypt, encrypt
from webhooks.addresses import UrlRefused, check_url
from webhooks.events import record_event_for
from webhooks.models import EVENT_TYPES, MAX_DESCRIPTION, Attempt, Delivery, Event, WebhookEndpoint
from webhooks.signing import mint_secret

PURPOSE = "webhook secrets"
NOTHING_CHOSEN: tuple[str, ...] = ()


class NothingToPromote(Exception):
    """No rotation is under way."""


class NoWebhooks(Exception):
    """The workspace's plan has none; the text says so."""


class TooManyEndpoints(Exception):
    """The workspace has as many as it may; the text says how many."""


@transaction.atomic
def create_endpoint(
    *,
    tenant: Tenant,
    url: str,
    events: Iterable[str] = NOTHING_CHOSEN,
    description: str = "",
    enabled: bool = True,
    version: str | None = None,
) -> tuple[WebhookEndpoint, str]:
    """An endpoint and its secret, which is shown this once. No `events`: all, of types to come as well.

    Raises ValidationError with every field at fault by its name, NoWebhooks, TooManyEndpoints.
    """
    workspace = (
        Workspace.objects.select_for_update(no_key=True, of=("self",))
        .select_related("plan")
        .get(pk=tenant.workspace.pk)
    )
    if not workspace.plan.webhooks:
        raise NoWebhooks(f"The {workspace.plan.name} plan has no webhooks.")
    most = settings.WEBHOOK_MAX_ENDPOINTS
    if WebhookEndpoint.objects.visible_to(tenant).count() >= most:
        raise TooManyEndpoints(f"A workspace has at most {most} webhooks; delete one first.")
    endpoint = WebhookEndpoint(workspace=workspace, livemode=tenant.livemode)
    _set(
        endpoint,
        url=url,
        events=events,
        description=description,
        enabled=enabled,
        version=version or workspace.api_version,
    )
    secret = mint_secret()
    endpoint.secret = encrypt(secret, purpose=PURPOSE)
    endpoint.save(force_insert=True)
    return endpoint, secret


@transaction.atomic
def update_endpoint(*, endpoint: WebhookEndpoint, **changes: Any) -> WebhookEndpoint:
    """Changes what is given of url, events, description, enabled and version. Enabling resumes what is pending.

    Raises ValidationError naming every field at fault, WebhookEndpoint.DoesNotExist.
    """
    endpoint = lock_endpoint(endpoint)
    was_enabled = endpoint.enabled
    _set(endpoint, **changes)
    if endpoint.enabled and not was_enabled:
        endpoint.disabled_reason, endpoint.disabled_at = "", None
    endpoint.save()
    return endpoint


@transaction.atomic
def delete_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Removes the endpoint with its deliveries; one in flight finds nothing to settle. Raises
    WebhookEndpoint.DoesNotExist."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    Attempt.objects.filter(delivery__endpoint=endpoint).delete()
    deliveries = Delivery.objects.filter(endpoint=endpoint)
    deliveries._raw_delete(deliveries.db)  # delete() would load them all to look for attempts
    endpoint.delete()


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint) -> tuple[WebhookEndpoint, str]:
    """A second secret, which signs beside the current one until it takes its place: after the overlap, or at once by
    `promote_secret`. Rotating again meanwhile replaces the second one. Raises WebhookEndpoint.DoesNotExist."""
    endpoint = lock_endpoint(endpoint)
    promote_if_over(endpoint, timezone.now())
    pending = mint_secret()
    endpoint.pending_secret = encrypt(pending, purpose=PURPOSE)
    endpoint.pending_until = timezone.now() + timedelta(seconds=settings.WEBHOOK_OVERLAP_S)
    endpoint.save(update_fields=["secret", "pending_secret", "pending_until", "updated_at"])
    return endpoint, pending


@transaction.atomic
def promote_secret(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Makes the pending secret the only one. Raises NothingToPromote, WebhookEndpoint.DoesNotExist."""
    endpoint = lock_endpoint(endpoint)
    if not endpoint.pending_secret or not endpoint.overlaps(timezone.now()):
        raise NothingToPromote
    _promote(endpoint)
    endpoint.save(update_fields=["secret", "pending_secret", "pending_until", "updated_at"])
    return endpoint


@transaction.atomic
def send_test_event(*, endpoint: WebhookEndpoint) -> Event:
    """A `webhook.test` event for this endpoint alone, whatever it subscribed to. Raises
    WebhookEndpoint.DoesNotExist."""
    from webhooks.serializers import WebhookSerializer

    endpoint = lock_endpoint(endpoint)
    return record_event_for(
        endpoints=[endpoint],
        workspace=endpoint.workspace_id,
        livemode=endpoint.livemode,
        type="webhook.test",
        data=WebhookSerializer(endpoint).data,
    )


def disable_endpoint(*, endpoint: WebhookEndpoint, reason: str, now: datetime) -> None:
    """Stops deliveries to a (locked) endpoint that is gone or fails throughout, and tells the tenant's others; its
    owners are mailed by `webhooks.mails`. What is pending stays so."""
    from webhooks.serializers import WebhookSerializer

    endpoint.enabled, endpoint.disabled_reason, endpoint.disabled_at = False, reason, now
    endpoint.owners_told_at = endpoint.telling_until = None
    endpoint.save()
    tenant = WebhookEndpoint.objects.filter(workspace=endpoint.workspace_id, livemode=endpoint.livemode)
    record_event_for(
        endpoints=[other for other in tenant.exclude(pk=endpoint.pk) if other.wants("webhook.disabled")],
        workspace=endpoint.workspace_id,
        livemode=endpoint.livemode,
        type="webhook.disabled",
        data=WebhookSerializer(endpoint).data,
    )


def signing_keys(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secrets that sign at this moment, the current one first. Raises DecryptionFailed."""
    stored = [endpoint.secret]
    if endpoint.pending_secret:
        stored = [endpoint.secret, endpoint.pending_secret] if endpoint.overlaps(now) else [endpoint.pending_secret]
    return [decrypt(secret, purpose=PURPOSE) for secret in stored]


def promote_if_over(endpoint: WebhookEndpoint, now: datetime) -> None:
    """After the overlap the pending secret is the secret."""
    if endpoint.pending_secret and not endpoint.overlaps(now):
        _promote(endpoint)


def reencrypt_secrets() -> int:
    """Encrypt all secrets with the present key; how many endpoints. Raises DecryptionFailed."""
    pks = list(WebhookEndpoint.objects.order_by("pk").values_list("pk", flat=True))
    return sum(_reencrypt(pk) for pk in pks)


@transaction.atomic
def _reencrypt(endpoint_id: str) -> bool:
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None:
        return False
    for name in ("secret", "pending_secret"):
        if stored := getattr(endpoint, name):
            setattr(endpoint, name, encrypt(decrypt(stored, purpose=PURPOSE), purpose=PURPOSE))
    endpoint.save(update_fields=["secret", "pending_secret"])
    return True


def lock_endpoint(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """The row as it is now, locked until the transaction ends. Raises WebhookEndpoint.DoesNotExist."""
    return WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


def _promote(endpoint: WebhookEndpoint) -> None:
    endpoint.secret, endpoint.pending_secret, endpoint.pending_until = endpoint.pending_secret, "", None


def _set(endpoint: WebhookEndpoint, **values: Any) -> None:
    """Sets what is valid. Raises ValidationError, naming every field at fault."""
    faults = {name: fault for name, value in values.items() if (fault := _FAULTS[name](value))}
    if faults:
        raise ValidationError(faults)
    for name, value in values.items():
        setattr(endpoint, name, list(dict.fromkeys(value)) if name == "events" else value)


def _url_fault(url: str) -> str | None:
    try:
        check_url(url)
    except UrlRefused as refused:
        return str(refused)
    return None


def _events_fault(events: Iterable[str]) -> str | None:
    unknown = [name.encode(errors="replace").decode() for name in events if name not in EVENT_TYPES]
    return f"Unknown: {', '.join(unknown)[:200]}. Known types: {', '.join(EVENT_TYPES)}." if unknown else None


def _description_fault(description: str) -> str | None:
    if len(description) > MAX_DESCRIPTION:
        return f"A description has at most {MAX_DESCRIPTION} characters."
    return None if _is_storable(description) else "A description has no NUL and no half of a surrogate pair."


def _is_storable(text: str) -> bool:
    return "\0" not in text and text.encode(errors="replace").decode() == text


def _version_fault(version: str) -> str | None:
    known = versions.known()
    return None if version in known else f"Known versions: {', '.join(known)}."


def _enabled_fault(_: bool) -> str | None:
    return None


_FAULTS: dict[str, Callable[[Any], str | None]] = {
    "url": _url_fault,
    "events": _events_fault,
    "description": _description_fault,
    "version": _version_fault,
    "enabled": _enabled_fault,
}
