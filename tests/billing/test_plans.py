import pytest
from django.db import IntegrityError, transaction

from billing.models import Membership, Plan, Workspace
from billing.services import open_workspace
from billing.tenant import Tenant
from extraction.models import Schema
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db


def test_the_plans_of_the_contract_are_there():
    columns = (
        "code", "monthly_pages", "max_pages_per_file", "max_members", "max_schemas",
        "priority", "api_access", "webhooks",
    )  # fmt: skip
    assert list(Plan.objects.values_list(*columns)) == [
        ("free", 25, 1, 1, 1, False, False, False),
        ("starter", 300, None, 3, 3, False, False, False),
        ("growth", 1500, None, 10, 10, True, False, False),
        ("business", 6000, None, None, None, True, True, True),
    ]


def test_a_workspace_opens_on_the_free_plan_with_its_owner():
    alice = make_user()
    workspace = open_workspace(name="Acme", owner=alice)
    assert workspace.plan.code == "free"
    assert workspace.id.startswith("wsp_")
    assert workspace.api_version == "2026-04-08"
    assert list(workspace.memberships.values_list("user", "role")) == [(alice.pk, "owner")]


def test_an_unknown_plan_opens_nothing():
    with pytest.raises(Plan.DoesNotExist):
        open_workspace(name="Acme", owner=make_user(), plan="gold")
    assert Workspace.objects.count() == Membership.objects.count() == 0


def test_a_workspace_may_have_limits_of_its_own():
    workspace = make_workspace()
    assert (workspace.request_limit(), workspace.upload_limit()) == (60, 1000)
    workspace.requests_per_minute, workspace.uploads_per_hour = 0, 5
    assert (workspace.request_limit(), workspace.upload_limit()) == (0, 5)


@pytest.mark.parametrize(
    ("plan", "role", "expected"),
    [
        ("business", "owner", True),
        ("business", "admin", True),
        ("business", "member", False),
        ("growth", "owner", False),
    ],
)
def test_only_owners_and_admins_on_business_manage_keys(plan, role, expected):
    member = Membership(workspace=make_workspace(plan=plan), user=make_user(), role=role)
    assert member.may_manage_keys() is expected


def test_nobody_is_a_member_twice():
    alice = make_user()
    workspace = make_workspace(owner=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(workspace=workspace, user=alice)
    assert workspace.memberships.count() == 1


def test_a_tenant_sees_its_own_workspace_and_mode_only():
    acme, other = make_workspace("Acme"), make_workspace("Other")
    for workspace in (acme, other):
        for livemode in (True, False):
            Schema.objects.create(workspace=workspace, livemode=livemode, name=f"{workspace.name} {livemode}")
    names = [schema.name for schema in Schema.objects.visible_to(Tenant(acme, livemode=False))]
    assert names == ["Acme False"]
