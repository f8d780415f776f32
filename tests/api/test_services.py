"""Issuing and revoking keys, in code and on the command line."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

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
        allowed_ips=["192.0.2.7", "2001:DB8::/32", "::ffff:198.51.100.0/120", "::ffff:198.51.100.7"],
    )
    assert key.scopes == ["invoices:read", "credits:read"]
    assert key.allowed_ips == ["192.0.2.7/32", "2001:db8::/32", "198.51.100.0/24", "198.51.100.7/32"]


@pytest.mark.parametrize("wrong", [{"scopes": ["invoices:delete"]}, {"scopes": []}, {"allowed_ips": ["10.0.0.0/40"]}])
def test_unknown_scope_or_malformed_network(wrong):
    with pytest.raises(ValidationError):
        issue_key(workspace=make_workspace(), livemode=True, name="CI", **wrong)
    assert not ApiKey.objects.exists()


def test_a_key_that_would_be_of_no_use_is_not_issued():
    with pytest.raises(ValidationError, match="expired already"):
        issue_key(workspace=make_workspace(), livemode=True, name="CI", expires_at=timezone.now())
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


def command(*words: str) -> str:
    """What a command, written as on the command line, prints."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2999-01-31", datetime(2999, 1, 31, 23, 59, 59, 999999, UTC)),
        ("2999-01-31T12:00:00Z", datetime(2999, 1, 31, 12, tzinfo=UTC)),
        ("2999-01-31T12:00:00+02:00", datetime(2999, 1, 31, 10, tzinfo=UTC)),
        ("2999-01-31 12:00", datetime(2999, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_command_narrows_the_key(text, moment):
    make_workspace("Acme")
    words = ["--scopes", "invoices:read", "credits:read", "--expires", text, "--ip", "192.0.2.0/24", "2001:db8::1"]
    key = ApiKey.of_token(command("issue_key", "--workspace", "Acme", "--mode", "live", *words).strip())
    assert (key.scopes, key.expires_at) == (["invoices:read", "credits:read"], moment)
    assert key.allowed_ips == ["192.0.2.0/24", "2001:db8::1/128"]


@pytest.mark.parametrize(("option", "value"), [("--expires", "2999-13-01"), ("--expires", "soon"), ("--ip", "nowhere")])
def test_command_refuses_what_it_does_not_understand(option, value):
    make_workspace("Acme")
    with pytest.raises(CommandError, match=value):
        command("issue_key", "--workspace", "Acme", "--mode", "live", option, value)
    assert not ApiKey.objects.exists()


def test_commands_list_and_revoke():
    workspace = make_workspace("Acme")
    issue_key(workspace=make_workspace("Other"), livemode=True, name="Other")
    old, _ = issue_key(workspace=workspace, livemode=False, name="Old", scopes=["invoices:read"])
    new, token = issue_key(workspace=workspace, livemode=True, name="New", allowed_ips=["192.0.2.7"])
    assert command("revoke_key", old.pk) == f"{old.pk} (Old, Acme) is revoked.\n"
    lines = command("list_keys", "--workspace", workspace.pk).splitlines()
    assert lines[0] == f"{new.pk}  {new.hint}  live active  New  never used  may {' '.join(SCOPES)}  from 192.0.2.7/32"
    assert lines[1] == f"{old.pk}  {old.hint}  test revoked  Old  never used  may invoices:read"
    assert len(lines) == 2
    assert token not in "".join(lines)


def test_revoking_an_unknown_key_revokes_nothing():
    key, _ = issue_key(workspace=make_workspace(), livemode=True, name="CI")
    with pytest.raises(CommandError, match=r"There is no key key_nonsense\. Nothing was revoked\."):
        command("revoke_key", key.pk, "key_nonsense")
    key.refresh_from_db()
    assert key.revoked_at is None


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
