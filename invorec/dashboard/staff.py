"""/staff/: where the operators of the service look after plans, workspaces and credits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django_ratelimit.core import get_usage

from api.ratelimit import network_of
from billing.credits import account_of
from billing.models import CreditEntry, Invitation, Membership, Plan, Workspace
from billing.services import open_workspace, set_time_zone
from invorec.dashboard.forms import CHANGES, ChangeForm, WorkspaceForm

if TYPE_CHECKING:  # at run time these classes take no parameters
    PlanBase = admin.ModelAdmin[Plan]
    WorkspaceBase = admin.ModelAdmin[Workspace]
    EntryBase = admin.ModelAdmin[CreditEntry]
    MembersBase = admin.TabularInline[Membership, Workspace]
    InvitationsBase = admin.TabularInline[Invitation, Workspace]
else:
    PlanBase = WorkspaceBase = EntryBase = admin.ModelAdmin
    MembersBase = InvitationsBase = admin.TabularInline

SIGN_INS = "10/m"  # attempts from one address
MAY_CHANGE = "billing.change_creditaccount"


class StaffSite(admin.AdminSite):
    """The operators' site; who may enter is an active user with `is_staff`."""

    site_title = site_header = "InvoRec staff"
    index_title = "What there is"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST" and tried_too_often(request):
            return HttpResponse("Too many attempts from this address. Try again in a minute.", status=429)
        return super().login(request, extra_context)


class ReadOnly:
    """Shown, and changed by nobody here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Members(ReadOnly, MembersBase):
    model = Membership
    fields = readonly_fields = ("user", "role", "created_at")
    extra = 0


class Invitations(ReadOnly, InvitationsBase):
    model = Invitation
    fields = readonly_fields = ("email", "role", "invited_by", "expires_at", "accepted_at", "revoked_at")
    extra = 0


class PlanAdmin(PlanBase):
    list_display = (
        "name", "code", "monthly_pages", "max_pages_per_file", "max_members", "max_schemas", "retention_days",
        "priority", "api_access", "webhooks",
    )  # fmt: skip
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        unused = obj is not None and not obj.workspaces.exists()
        return unused and super().has_delete_permission(request, obj)


class WorkspaceAdmin(WorkspaceBase):
    form = WorkspaceForm
    change_form_template = "staff/workspace.html"
    list_display = ("name", "id", "plan", "interval", "remaining", "reserved", "next_period")
    list_select_related = ("plan", "credits")
    list_filter = ("plan",)
    search_fields = ("id", "name", "memberships__user__email")
    ordering = ("-id",)
    inlines = (Members, Invitations)
    actions = None

    def get_fields(self, request: HttpRequest, obj: Workspace | None = None) -> tuple[str, ...]:
        limits = ("requests_per_minute", "uploads_per_hour")
        shown = ("id", "plan", "interval", "remaining", "reserved", "next_period")
        return ("name", *shown, "time_zone", *limits) if obj else ("name", "plan", "time_zone")

    def get_readonly_fields(self, request: HttpRequest, obj: Workspace | None = None) -> tuple[str, ...]:
        return ("id", "plan", "interval", "remaining", "reserved", "next_period") if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Workspace | None) -> Any:
        return self.inlines if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        if not change:
            opened = open_workspace(name=obj.name, plan=obj.plan_id, time_zone=obj.time_zone)
            obj.pk, obj._state.adding = opened.pk, False
            return
        if "time_zone" in form.changed_data:
            set_time_zone(workspace=obj, time_zone=obj.time_zone)
        obj.save(update_fields=[*form.changed_data, "updated_at"])  # nothing that another may be changing

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.change_credits)
        return [
            path("<str:workspace_id>/credits/<slug:name>/", view, name="billing_workspace_credits"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context["changes"] = CHANGES if request.user.has_perm(MAY_CHANGE) else {}
        return super().render_change_form(request, context, *args, **kwargs)

    def change_credits(self, request: HttpRequest, workspace_id: str, name: str) -> HttpResponse:
        """The form of one of CHANGES, and what it says."""
        workspace = get_object_or_404(Workspace.objects.select_related("credits"), pk=workspace_id)
        if name not in CHANGES:
            raise Http404
        if not request.user.has_perm(MAY_CHANGE):
            raise PermissionDenied
        form = CHANGES[name].form(request.POST or None, initial=asked_first(workspace))
        actor = f"user:{request.user.pk}"
        if form.is_valid() and form.apply(CHANGES[name].change, workspace=workspace, actor=actor):
            return self.changed(request, workspace, name)
        return self.asked(request, workspace, name, form)

    def changed(self, request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
        """Back to the workspace, with what is there now."""
        account = account_of(workspace)
        said = f"{CHANGES[name].title}: {account.remaining} credits remain, on {account.workspace.plan.name}."
        self.log_change(request, workspace, said)
        messages.success(request, said)
        return redirect("staff:billing_workspace_change", workspace.pk)

    def asked(self, request: HttpRequest, workspace: Workspace, name: str, form: ChangeForm) -> HttpResponse:
        """The page with the form."""
        account = account_of(workspace)
        context = {**self.admin_site.each_context(request), "form": form, "change": CHANGES[name], "opts": self.opts,
                   "workspace": workspace, "account": account, "title": CHANGES[name].title}  # fmt: skip
        return TemplateResponse(request, "staff/change.html", context)

    def interval(self, workspace: Workspace) -> str:
        return workspace.credits.interval

    def remaining(self, workspace: Workspace) -> int:
        return workspace.credits.remaining

    def reserved(self, workspace: Workspace) -> int:
        return workspace.credits.reserved

    def next_period(self, workspace: Workspace) -> str:
        return minute(workspace.credits.resets_at)


class CreditEntryAdmin(ReadOnly, EntryBase):
    list_display = ("at", "workspace", "number", "kind", "moved", "after", "who_and_why", "reference", "subject")
    list_select_related = ("account__workspace",)
    list_filter = ("kind",)
    search_fields = ("=account__workspace__id", "=reference", "=subject")
    ordering = ("-id",)
    show_full_result_count = False
    actions = None

    def at(self, entry: CreditEntry) -> str:
        return minute(entry.created_at)

    def workspace(self, entry: CreditEntry) -> str:
        return entry.account.workspace.name

    @admin.display(description="subscription, top-up, reserved")
    def moved(self, entry: CreditEntry) -> str:
        return f"{entry.subscription:+d}, {entry.top_up:+d}, {entry.reserved:+d}"

    def after(self, entry: CreditEntry) -> str:
        return f"{entry.subscription_after}, {entry.top_up_after}, {entry.reserved_after}"

    def who_and_why(self, entry: CreditEntry) -> str:
        return ": ".join(filter(None, [entry.actor, entry.reason]))


def minute(moment: datetime) -> str:
    """A moment to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def tried_too_often(request: HttpRequest) -> bool:
    """Counts an attempt to sign in, by address."""
    usage = get_usage(request, group="staff sign-in", key=lambda *_: network_of(request), rate=SIGN_INS, increment=True)
    return usage is not None and usage["should_limit"]


def asked_first(workspace: Workspace) -> dict[str, Any]:
    """What a form begins with."""
    return {"plan": workspace.plan_id, "interval": workspace.credits.interval}


staff = StaffSite(name="staff")
staff.register(Plan, PlanAdmin)
staff.register(Workspace, WorkspaceAdmin)
staff.register(CreditEntry, CreditEntryAdmin)
staff.register(User, UserAdmin)
staff.register(Group, GroupAdmin)
