"""Issuing and revoking keys, in code and on the command line."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command

from api.models import SCOPES, ApiKey
from api.services import issue_key, revoke_key
from billing.models import Membership
from invorec.lib.tokens import is_key
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db


def test_key_is_stored_as_digest_and_hint_only():
    key, token = issue_key(workspace=make_workspace(), livemode=False, name="CI")
    assert is_key(token)
    assert token.startswith("invr_test_")
    key.refresh_from_db()
    assert key.digest == hashlib.sha256(token.encode()).hexdigest()
    assert key.hint == f"{token[:14]}…{token[-4:]}"
    assert key.scopes == list(SCOPES)
    assert (key.name, key.livemode, key.allowed_ips, key.expires_at) == ("CI", False, [], None)
    assert token not in str(ApiKey.objects.values().get())


def test_scopes_and_networks_are_kept_in_their_standing_form():
    key, _ = issue_key(
        workspace=make_workspace(),
        livemode=True,
        name="CI",
        scopes=["credits:read", "invoices:read", "credits:read"],
        allowed_ips=["192.0.2.7", "2001:DB8::/32"],
    )
    assert key.scopes == ["invoices:read", "credits:read"]
    assert key.allowed_ips == ["192.0.2.7/32", "2001:db8::/32"]


@pytest.mark.parametrize("wrong", [{"scopes": ["invoices:delete"]}, {"scopes": []}, {"allowed_ips": ["10.0.0.0/40"]}])
def test_unknown_scope_or_malformed_network(wrong):
    with pytest.raises(ValidationError):
        issue_key(workspace=make_workspace(), livemode=True, name="CI", **wrong)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("plan", ["free", "starter", "growth"])
def test_only_a_plan_with_api_access_gets_keys(plan):
    with pytest.raises(PermissionDenied, match="API keys need the Business plan"):
        issue_key(workspace=make_workspace(plan=plan), livemode=True, name="CI")
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("admin", True), ("member", False), (None, False)])
def test_only_owners_and_admins_issue_and_revoke(role, may):
    workspace, user = make_workspace(), make_user()
    if role:
        Membership.objects.create(workspace=workspace, user=user, role=role)
    key, _ = issue_key(workspace=workspace, livemode=True, name="Operator's")
    if may:
        mine, _ = issue_key(workspace=workspace, livemode=True, name="Mine", created_by=user)
        assert mine.created_by == user
        revoke_key(key=key, user=user)
        assert key.revoked_at is not None
    else:
        for forbidden in (
            lambda: issue_key(workspace=workspace, livemode=True, name="Mine", created_by=user),
            lambda: revoke_key(key=key, user=user),
        ):
            with pytest.raises(PermissionDenied, match="Only an owner or admin"):
                forbidden()
        assert [(kept.name, kept.revoked_at) for kept in ApiKey.objects.all()] == [("Operator's", None)]


def test_revoking_twice_keeps_the_first_moment():
    key, _ = issue_key(workspace=make_workspace(), livemode=True, name="CI")
    revoke_key(key=key)
    first = key.revoked_at
    revoke_key(key=key)
    assert key.revoked_at == first


def test_command_prints_the_token_and_nothing_else():
    workspace, out = make_workspace("Acme"), io.StringIO()
    call_command("issue_key", workspace="Acme", mode="test", scopes=["invoices:read"], stdout=out)
    token = out.getvalue().removesuffix("\n")
    key = ApiKey.of_token(token)
    assert (key.workspace, key.livemode, key.scopes) == (workspace, False, ["invoices:read"])


@pytest.mark.parametrize(
    ("workspace", "scopes", "message"),
    [
        ("Nobody", list(SCOPES), "There is no workspace 'Nobody'."),
        ("Twin", list(SCOPES), r"Several workspaces are called 'Twin': name one by its id \(wsp_…\)."),
        ("Small", list(SCOPES), "API keys need the Business plan; Small is on Growth."),
        ("Acme", ["all"], "Unknown scope: all. Known: invoices:read, .*"),
    ],
)
def test_command_says_what_is_wrong(workspace, scopes, message):
    for name, plan in (("Acme", "business"), ("Twin", "business"), ("Twin", "business"), ("Small", "growth")):
        make_workspace(name, plan=plan)
    with pytest.raises(CommandError, match=f"^{message}$"):
        call_command("issue_key", workspace=workspace, mode="live", scopes=scopes)
    assert not ApiKey.objects.exists()
