"""API keys, by which a program proves which workspace it speaks for, and what was answered under idempotency keys."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from billing.models import TenantOwned
from billing.tenant import Tenant
from invorec.lib.fields import IdField
from invorec.lib.tokens import hash_key

SCOPES = ("invoices:read", "invoices:write", "schemas:read", "webhooks:read", "webhooks:write", "credits:read")
USE_NOTED_EVERY = timedelta(minutes=1)
REPLAYED_FOR = timedelta(hours=24)
MAX_IDEMPOTENCY_KEY = 255


class ApiKey(TenantOwned):
    """A key as we know it: its digest and a hint of it, never the key. Scopes and networks are lists of text."""

    id = IdField("key")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=24, editable=False)
    scopes = models.JSONField()
    allowed_ips = models.JSONField(default=list, blank=True, help_text="Networks in CIDR form; empty: from anywhere.")
    expires_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "API key"
        indexes = [models.Index(fields=["workspace", "livemode", "id"], name="key_of_tenant")]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint})"

    @classmethod
    def of_token(cls, token: str) -> ApiKey:
        """The key of this token, with workspace and plan, in one query. Raises ApiKey.DoesNotExist."""
        return cls.objects.select_related("workspace__plan").get(digest=hash_key(token))

    @property
    def tenant(self) -> Tenant:
        """Whose data the key opens."""
        return Tenant(self.workspace, self.livemode)

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def state(self, now: datetime) -> str:
        """`revoked`, `expired` or `active`, after the mode."""
        ended = "revoked" if self.revoked_at else "expired" if self.has_expired(now) else "active"
        return f"{'live' if self.livemode else 'test'} {ended}"

    def use_is_news(self, now: datetime) -> bool:
        """Whether this use is worth a write: at most one a minute."""
        return self.last_used_at is None or self.last_used_at <= now - USE_NOTED_EVERY


class IdempotencyRecord(TenantOwned):
    """What was answered to the first request under a client's key, written in the transaction of what that request did
    (contract, section 5). `body` is the JSON text as it was sent, empty for an answer without one, and encrypted.
    """

    id = IdField("idm")
    key = models.CharField(max_length=MAX_IDEMPOTENCY_KEY)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "livemode", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]  # tasks.purge_idempotency_records

    def __str__(self) -> str:
        return self.key

    def has_ended(self, now: datetime) -> bool:
        """Whether the key may be used anew."""
        return self.created_at <= now - REPLAYED_FOR
