import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from billing.mail import send_mails
from billing.members import (
    InvitationNotValid,
    accept_invitation,
    change_role,
    invite,
    leave,
    open_invitations,
    remove_member,
    revoke_invitation,
    token_of,
    transfer_ownership,
)
from billing.models import Invitation, Mail, Membership
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db):
    return make_user("alice")


@pytest.fixture
def acme(alice):
    """Alice's; Growth takes ten members."""
    return make_workspace(plan="growth", owner=alice)


def join(workspace, name: str, role: str) -> Membership:
    return Membership.objects.create(workspace=workspace, user=make_user(name), role=role)


def roles(workspace) -> dict[str, str]:
    return dict(workspace.memberships.values_list("user__username", "role"))


def test_an_invitation_is_mailed_and_lets_one_in(acme, alice):
    invitation = invite(workspace=acme, email=" Bob@Example.org ", role="viewer", actor=alice)
    assert "@" not in Mail.objects.get().body  # encrypted, for it carries the token
    send_mails(now=timezone.now())
    (sent,) = outbox.outbox
    assert (sent.to, sent.subject) == (["bob@example.org"], "You are invited to Acme on InvoRec")
    assert "alice@example.org invites you to the workspace Acme on InvoRec, as viewer." in sent.body
    (token,) = re.findall(r"^  (\S+)$", sent.body, re.M)
    member = accept_invitation(token=token, user=make_user("bob"))
    assert (member.workspace, member.role) == (acme, "viewer")
    invitation.refresh_from_db()
    assert invitation.accepted_at is not None


def accepted(invitation, user):
    return accept_invitation(token=token_of(invitation), user=user)


def test_a_token_is_good_once_for_its_address_and_for_a_while(acme, settings):
    bob, eve = make_user("bob"), make_user("eve")
    invitation = invite(workspace=acme, email="bob@example.org")
    with pytest.raises(InvitationNotValid, match=r"is for bob@example\.org"):
        accepted(invitation, eve)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(InvitationNotValid, match="has ended"):
        accepted(invitation, bob)
    second = invite(workspace=acme, email="bob@example.org")
    accepted(second, bob)
    with pytest.raises(InvitationNotValid, match="has ended"):
        accepted(second, bob)
    assert roles(acme) == {"alice": "owner", "bob": "member"}


@pytest.mark.parametrize("token", ["", "nonsense", "ImZvbyI:1tTTTT:abc"])
def test_a_forged_token_is_no_invitation(acme, token):
    with pytest.raises(InvitationNotValid, match="no invitation of ours"):
        accept_invitation(token=token, user=make_user("bob"))


def test_inviting_again_ends_the_first_token(acme):
    first, second = (invite(workspace=acme, email="bob@example.org", role=role) for role in ("member", "admin"))
    bob = make_user("bob")
    with pytest.raises(InvitationNotValid):
        accepted(first, bob)
    assert accepted(second, bob).role == "admin"


def test_a_withdrawn_invitation_lets_nobody_in(acme, alice):
    invitation = invite(workspace=acme, email="bob@example.org", actor=alice)
    revoke_invitation(invitation=invitation, actor=alice)
    with pytest.raises(InvitationNotValid):
        accepted(invitation, make_user("bob"))
    assert not open_invitations(acme).exists()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"email": "alice@example.org"}, "alice@example.org is a member already."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"email": "bob@example.org", "role": "owner"}, "A role is one of admin, member, viewer."),
        ({"email": "bob@example.org", "role": "king"}, "A role is one of admin, member, viewer."),
    ],
)
def test_what_cannot_be_offered_is_refused_and_nothing_is_mailed(acme, alice, values, message):
    with pytest.raises(ValidationError) as refused:
        invite(workspace=acme, actor=alice, **values)
    assert refused.value.messages == [message]
    assert not Invitation.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize(("plan", "allowed"), [("free", "one member"), ("starter", "3 members")])
def test_the_plan_limits_members_and_invitations_together(alice, plan, allowed):
    workspace = make_workspace(plan=plan, owner=alice)
    for number in range((workspace.plan.max_members or 0) - 1):
        invite(workspace=workspace, email=f"{number}@example.org")
    with pytest.raises(ValidationError, match=f"plan allows {allowed}, invitations included"):
        invite(workspace=workspace, email="bob@example.org")
    assert workspace.invitations.count() == workspace.plan.max_members - 1


def test_a_smaller_plan_meanwhile_lets_nobody_in(acme):
    invitation = invite(workspace=acme, email="bob@example.org")
    type(acme).objects.filter(pk=acme.pk).update(plan="free")
    with pytest.raises(InvitationNotValid, match="The Free plan allows one member"):
        accepted(invitation, make_user("bob"))
    assert roles(acme) == {"alice": "owner"}


MATRIX = {  # who asks -> of whom it may make what
    "owner": {("admin", "member"), ("member", "owner"), ("viewer", "admin"), ("member", "viewer")},
    "admin": {("member", "viewer"), ("viewer", "member")},
    "member": set(),
    "viewer": set(),
    "stranger": set(),
}
CHANGES = {("admin", "member"), ("member", "owner"), ("viewer", "admin"), ("member", "viewer"), ("viewer", "member")}


@pytest.mark.parametrize("asks", MATRIX)
@pytest.mark.parametrize(("was", "becomes"), sorted(CHANGES))
def test_who_may_change_whose_role(acme, asks, was, becomes):
    actor = make_user("actor")
    if asks != "stranger":
        Membership.objects.create(workspace=acme, user=actor, role=asks)
    member = join(acme, "bob", was)
    if (was, becomes) in MATRIX[asks] or (asks == "owner" and (was, becomes) in CHANGES):
        change_role(member=member, role=becomes, actor=actor)
        assert roles(acme)["bob"] == becomes
    else:
        with pytest.raises(PermissionDenied):
            change_role(member=member, role=becomes, actor=actor)
        assert roles(acme)["bob"] == was


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_who_may_not_manage_members_invites_and_removes_nobody(acme, role):
    actor, bob = join(acme, "actor", role).user, join(acme, "bob", "viewer")
    for attempt in (
        lambda: invite(workspace=acme, email="carol@example.org", role="viewer", actor=actor),
        lambda: remove_member(member=bob, actor=actor),
        lambda: transfer_ownership(member=bob, actor=actor),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert roles(acme) == {"alice": "owner", "actor": role, "bob": "viewer"}


def test_an_admin_of_another_workspace_is_nobody_here(acme):
    other = make_workspace("Other", owner=make_user("eve"))
    eve = other.memberships.get().user
    with pytest.raises(PermissionDenied):
        invite(workspace=acme, email="eve@example.org", actor=eve)


def test_everybody_may_leave_but_the_last_owner(acme, alice):
    bob = join(acme, "bob", "viewer").user
    leave(workspace=acme, user=bob)
    for attempt in (
        lambda: leave(workspace=acme, user=alice),
        lambda: remove_member(member=acme.memberships.get()),
        lambda: change_role(member=acme.memberships.get(), role="admin", actor=alice),
    ):
        with pytest.raises(ValidationError, match="needs an owner"):
            attempt()
    assert roles(acme) == {"alice": "owner"}


def test_ownership_is_handed_over(acme, alice):
    bob = join(acme, "bob", "member")
    transfer_ownership(member=bob, actor=alice)
    assert roles(acme) == {"alice": "admin", "bob": "owner"}
    with pytest.raises(PermissionDenied):
        transfer_ownership(member=acme.memberships.get(user=alice), actor=alice)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one():
    alice = make_user("alice")
    acme = make_workspace(plan="growth", owner=alice)
    bob = join(acme, "bob", "owner").user

    def go(user) -> bool:
        try:
            leave(workspace=acme, user=user)
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        gone = list(pool.map(go, [alice, bob]))
    assert sorted(gone) == [False, True]
    assert acme.memberships.filter(role="owner").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_given_once():
    acme = make_workspace(plan="starter", owner=make_user("alice"))
    join(acme, "bob", "member")
    invitations = [
        Invitation.objects.create(workspace=acme, email=f"u{n}@example.org", expires_at=timezone.now() + timedelta(1))
        for n in range(4)
    ]
    users = [make_user(f"u{n}") for n in range(4)]

    def come(number: int) -> bool:
        try:
            accepted(invitations[number], users[number])
        except InvitationNotValid:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(come, range(4))) == [False, False, False, True]
    assert acme.memberships.count() == 3
