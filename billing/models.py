"""Who works here and on what terms: plans, workspaces, members."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from billing.tenant import TenantQuerySet
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
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the plan's.")
    uploads_per_hour = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the plan's.")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="workspaces")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="workspace_name_not_empty"),
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

    id = IdField("mem")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=["owner", "admin", "member"]), name="membership_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    def may_manage_keys(self) -> bool:
        """Contract section 2: owners and admins of a workspace whose plan has API access."""
        return self.role in (self.Role.OWNER, self.Role.ADMIN) and self.workspace.plan.api_access


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
