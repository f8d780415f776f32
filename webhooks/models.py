"""Events, the endpoints that want them, their deliveries and every attempt at one.

The row is the schedule: a delivery is due when `next_attempt_at` has passed, and taken while it has a live lease.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from billing.models import TenantOwned
from billing.tenant import M, TenantQuerySet
from invorec.lib import versions
from invorec.lib.fields import IdField, Timestamped

EVENT_TYPES = (
    "invoice.created",
    "invoice.succeeded",
    "invoice.failed",
    "invoice.updated",
    "invoice.deleted",
    "credits.low",
    "credits.exhausted",
    "webhook.disabled",
    "webhook.test",
)
MAX_URL = 2048
MAX_DESCRIPTION = 500


class WebhookEndpoint(TenantOwned):
    """Where a workspace wants its events sent. Secrets are stored encrypted (`webhooks.secrets`)."""

    class DisabledReason(models.TextChoices):
        GONE = "gone"  # it answered 410
        FAILING = "failing"  # an event ran through the whole schedule and nothing succeeded meanwhile

    class LastStatus(models.TextChoices):
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        PENDING = "pending"  # failed, and will be tried again

    id = IdField("whk")
    url = models.CharField(max_length=MAX_URL)
    events = models.JSONField(default=list, blank=True, help_text="Types of events; empty: all.")
    description = models.CharField(max_length=MAX_DESCRIPTION, blank=True, default="")
    enabled = models.BooleanField(default=True)
    version = models.CharField(max_length=10, default=versions.current)
    secret = models.TextField(editable=False)
    pending_secret = models.TextField(blank=True, default="", editable=False)
    pending_until = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_reason = models.CharField(max_length=10, choices=DisabledReason, blank=True, default="", editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    owners_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    telling_until = models.DateTimeField(null=True, blank=True, editable=False)  # somebody is at it
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_delivery_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_delivery_status = models.CharField(max_length=10, choices=LastStatus, blank=True, default="", editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "livemode", "-created_at", "-id"], name="endpoint_list"),
            models.Index(  # mails.tell_owners
                fields=["disabled_at"],
                condition=~Q(disabled_reason="") & Q(owners_told_at=None),
                name="endpoint_untold",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    def wants(self, event_type: str) -> bool:
        """Whether events of this type go to it."""
        return not self.events or event_type in self.events

    def overlaps(self, now: datetime) -> bool:
        """Whether a rotation is under way: both secrets sign."""
        return bool(self.pending_secret) and self.pending_until is not None and now < self.pending_until


class Event(TenantOwned):
    """Something that happened. `body` is the text that is sent, frozen; ids of one subject rise in the order of what
    happened to it, whichever machine wrote them."""

    id = IdField("evt")
    type = models.CharField(max_length=30)
    subject = models.CharField(max_length=30, blank=True, default="", help_text="The id of what it happened to.")
    body = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "livemode", "-created_at", "-id"], name="event_list"),
            models.Index(fields=["subject", "-id"], condition=~Q(subject=""), name="event_subject"),
            models.Index(fields=["created_at"], name="event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}".strip()


class DeliveryQuerySet(TenantQuerySet[M]):
    """Deliveries belong to whom their endpoint belongs."""

    owner = "endpoint__"


class Delivery(Timestamped):
    """One event on its way to one endpoint."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    id = IdField("dlv")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    subject = models.CharField(max_length=30, blank=True, default="")  # of the event: order is kept by it
    body = models.TextField(null=True, blank=True)  # noqa: DJ001 - null: the event's own, in the newest version
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)  # of the present round; a resend begins a new one
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    first_attempt_at = models.DateTimeField(null=True, blank=True)  # of the present round
    settled_at = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=30, blank=True, default="")
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once")]
        indexes = [
            models.Index(fields=["endpoint", "-created_at", "-id"], name="delivery_list"),
            # claim: what is due of an endpoint, what comes before it, who is in flight
            models.Index(
                fields=["endpoint", "next_attempt_at", "event"], condition=Q(status="pending"), name="delivery_due"
            ),
            models.Index(fields=["endpoint", "subject", "event"], condition=Q(status="pending"), name="delivery_order"),
            models.Index(fields=["lease_expires_at", "endpoint"], condition=~Q(lease=""), name="delivery_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}"


class AttemptQuerySet(TenantQuerySet[M]):
    """Attempts belong to whom their delivery's endpoint belongs."""

    owner = "delivery__endpoint__"


class Attempt(models.Model):
    """One POST and what came of it."""

    id = IdField("att")
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)  # null: there was no answer
    error = models.CharField(max_length=30, blank=True, default="")
    excerpt = models.TextField(blank=True, default="")

    objects = AttemptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["started_at"], name="attempt_age")]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.status_code or self.error}"
