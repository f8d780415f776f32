"""Who works here, on what terms, and what is left to spend: plans, workspaces, members, credits, mails."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.tenant import M, TenantQuerySet
from invorec.lib import versions
from invorec.lib.fields import IdField, Timestamped

API_VERSION = versions.current()  # contract section 7: what a new workspace is pinned to


class Plan(Timestamped):
    """What a workspace may do. Rows are data that staff edit; an empty limit means unlimited."""

    code = models.SlugField(primary_key=True, max_length=30)
    name = models.CharField(max_length=60)
    monthly_pages = models.PositiveIntegerField()
    max_pages_per_file = models.PositiveIntegerField(null=True, blank=True)
    max_members = models.PositiveIntegerField(null=True, blank=True)
    max_schemas = models.PositiveIntegerField(null=True, blank=True)
    priority = models.BooleanField(default=False)
    api_access = models.BooleanField(default=False)
    webhooks = models.BooleanField(default=False)
    retention_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Files older than this are removed; what was read stays. Empty: they are kept."
    )
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the service's default.")
    uploads_per_hour = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the service's default.")

    class Meta:
        ordering = ["monthly_pages"]

    def __str__(self) -> str:
        return self.name


class Workspace(Timestamped):
    """A customer: the owner of invoices, keys and credits."""

    id = IdField("wsp")
    name = models.CharField(max_length=120)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="workspaces")
    api_version = models.CharField(max_length=10, default=API_VERSION)
    time_zone = models.CharField(max_length=60, default="UTC", help_text="Its billing days begin at midnight there.")
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the plan's.")
    uploads_per_hour = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the plan's.")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="workspaces")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="workspace_name_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    def request_limit(self) -> int:
        """API requests a minute: the workspace's own number, else the plan's, else the service's."""
        return first_given(self.requests_per_minute, self.plan.requests_per_minute, settings.REQUESTS_PER_MINUTE)

    def upload_limit(self) -> int:
        """Uploads an hour, likewise."""
        return first_given(self.uploads_per_hour, self.plan.uploads_per_hour, settings.UPLOADS_PER_HOUR)


class Membership(Timestamped):
    """A person in a workspace."""

    class Role(models.TextChoices):
        OWNER = "owner"
        ADMIN = "admin"
        MEMBER = "member"
        VIEWER = "viewer"

    id = IdField("mem")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "admin", "member", "viewer"]), name="membership_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    def may_manage_keys(self) -> bool:
        """Contract section 2: owners and admins of a workspace whose plan has API access."""
        return self.role in (self.Role.OWNER, self.Role.ADMIN) and self.workspace.plan.api_access


class Invitation(Timestamped):
    """A place in a workspace, offered by mail to whoever reads that mailbox (`billing.members`)."""

    id = IdField("ivt")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations", db_index=False)
    email = models.EmailField(max_length=254)  # in lower case
    role = models.CharField(max_length=10, choices=Membership.Role, default=Membership.Role.MEMBER)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_one_open",
            ),
            models.CheckConstraint(condition=Q(role__in=["admin", "member", "viewer"]), name="invitation_role"),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be accepted."""
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at


class CreditAccount(Timestamped):
    """What a workspace has to spend: the one row that is locked while it changes (`billing.credits`).

    It always equals the sum of its entries. Credits of the subscription lapse when a period ends, others never do.
    """

    class Interval(models.TextChoices):
        MONTH = "month"
        YEAR = "year"

    workspace = models.OneToOneField(Workspace, on_delete=models.PROTECT, primary_key=True, related_name="credits")
    subscription = models.BigIntegerField(default=0)
    top_up = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)  # taken from the two above for documents that are being read
    allotment = models.BigIntegerField(default=0)  # what this period began with
    entry_count = models.BigIntegerField(default=0)
    interval = models.CharField(max_length=5, choices=Interval, default=Interval.MONTH)
    billing_day = models.PositiveSmallIntegerField(help_text="1 to 31; the last day of a month that is shorter.")
    period_on = models.DateField()  # the day this period began, in the workspace's time zone
    renews_on = models.DateField()  # the day the next one begins
    resets_at = models.DateTimeField(db_index=True)  # the moment that day begins
    low_told_on = models.DateField(null=True, blank=True)  # the period whose lowness was told of
    exhausted_told_on = models.DateField(null=True, blank=True)
    plan_changed_at = models.DateTimeField(null=True, blank=True)  # when the change in force happened, by its sender
    plan_changed_by = models.CharField(max_length=200, blank=True, default="")  # and its reference

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subscription__gte=0, top_up__gte=0, reserved__gte=0), name="credits_never_below_zero"
            ),
            models.CheckConstraint(condition=Q(interval__in=["month", "year"]), name="credits_interval"),
            models.CheckConstraint(condition=Q(billing_day__gte=1, billing_day__lte=31), name="credits_billing_day"),
        ]

    def __str__(self) -> str:
        return f"{self.remaining} credits"

    @property
    def remaining(self) -> int:
        """What can be spent now."""
        return self.subscription + self.top_up


class EntryQuerySet(models.QuerySet[M]):
    """Entries are written once. On PostgreSQL a trigger refuses the rest as well, whoever asks."""

    def update(self, **values: object) -> NoReturn:
        """Raises TypeError."""
        raise TypeError("entries of the ledger are never changed")

    def delete(self) -> NoReturn:
        """Raises TypeError."""
        raise TypeError("entries of the ledger are never deleted")


class CreditEntry(models.Model):
    """One change of an account, and the account after it. `reference` is its cause: a job, a period, a payment."""

    class Kind(models.TextChoices):
        HOLD = "hold"  # a document was taken in
        CAPTURE = "capture"  # it was read
        RELEASE = "release"  # it was not, or was deleted before
        RESET = "reset"  # a period ended, and what was left of it lapsed
        GRANT = "grant"  # a period began, or staff gave something for this one
        TOP_UP = "top_up"
        ADJUSTMENT = "adjustment"
        PLAN_CHANGE = "plan_change"  # moves nothing by itself

    id = IdField("cre")
    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="entries", db_index=False)
    number = models.BigIntegerField()  # 1, 2, 3 … of the account
    kind = models.CharField(max_length=12, choices=Kind)
    reference = models.CharField(max_length=255)
    subject = models.CharField(max_length=30, blank=True, default="")  # the invoice
    subscription = models.BigIntegerField(default=0)
    top_up = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    subscription_after = models.BigIntegerField()
    top_up_after = models.BigIntegerField()
    reserved_after = models.BigIntegerField()
    period_on = models.DateField()
    actor = models.CharField(max_length=255, blank=True, default="")  # who; empty: the service itself
    reason = models.CharField(max_length=500, blank=True, default="")
    details = models.JSONField(default=dict, blank=True)  # what was asked for, where somebody asked
    created_at = models.DateTimeField(editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "credit entries"
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="entry_number_once"),
            models.UniqueConstraint(fields=["reference", "kind"], name="entry_cause_once"),
            models.UniqueConstraint(
                fields=["reference"], condition=Q(kind__in=["capture", "release"]), name="entry_hold_settled_once"
            ),
            models.UniqueConstraint(fields=["subject"], condition=Q(kind="capture"), name="entry_paid_once"),
            models.CheckConstraint(
                condition=Q(subscription_after__gte=0, top_up_after__gte=0, reserved_after__gte=0),
                name="entry_never_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(
                    Q(kind="hold", subscription__lte=0, top_up__lte=0, reserved__gt=0)
                    & Q(reserved=-F("subscription") - F("top_up"))
                )
                | Q(kind="capture", subscription=0, top_up=0, reserved__lt=0)
                | Q(
                    Q(kind="release", subscription__gte=0, top_up__gte=0, reserved__lt=0)
                    & Q(reserved__lte=-F("subscription") - F("top_up"))
                )
                | Q(kind="reset", subscription__lt=0, top_up=0, reserved=0)
                | Q(kind="grant", subscription__gte=0, top_up=0, reserved=0)
                | Q(kind="top_up", subscription=0, top_up__gt=0, reserved=0)
                | Q(kind="adjustment", reserved=0)
                | Q(kind="plan_change", subscription=0, top_up=0, reserved=0),
                name="entry_does_what_its_kind_does",
            ),
        ]
        indexes = [models.Index(fields=["subject"], condition=~Q(subject=""), name="entry_subject")]

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} {self.reference}"


class CreditNotice(models.Model):
    """That credits ran low or out, once in a period. It commits with the entry that made it so; who has webhooks is
    told by `webhooks.credits`, owners by mail."""

    class Kind(models.TextChoices):
        LOW = "low"
        EXHAUSTED = "exhausted"

    id = IdField("crn")
    account = models.ForeignKey(CreditAccount, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind)
    period_on = models.DateField()
    data = models.JSONField()  # the credits at that moment, as GET /v1/credits shows them
    created_at = models.DateTimeField(editable=False)
    announced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind", "period_on"], name="notice_once_a_period")]
        indexes = [models.Index(fields=["created_at"], condition=Q(announced_at=None), name="notice_due")]

    def __str__(self) -> str:
        return f"credits {self.kind}"


class Mail(models.Model):
    """A mail to one address, sent after the commit of what it tells of (`billing.mail`)."""

    id = IdField("mai")
    cause = models.CharField(max_length=120)  # one mail of a cause for each address
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()  # encrypted, as it may carry a token; empty once it is sent
    created_at = models.DateTimeField(editable=False)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cause", "address"], name="mail_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(sent_at=None, given_up_at=None), name="mail_due")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.address}"


def first_given(*numbers: int | None) -> int:
    """The first that is not None; 0 is a number."""
    return next(number for number in numbers if number is not None)


class TenantOwned(Timestamped):
    """A row of one workspace in one mode. Read it through `objects.visible_to(tenant)`."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    livemode = models.BooleanField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
