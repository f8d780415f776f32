"""Who belongs to a workspace: invited, let in, given another role, gone. Where there is an owner, there stays one.

Owners may do everything; admins invite, change and remove members and viewers. `actor` is who asks; None is the
operator of the service, who may do what an owner may. All of it is serialised by the workspace's row, so that the
plan's limit and the last owner hold under any race.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from billing.mail import write_mail
from billing.models import Invitation, Membership, Workspace

Role = Membership.Role
RANKS = {Role.VIEWER: 0, Role.MEMBER: 1, Role.ADMIN: 2, Role.OWNER: 3}
SALT = "billing.invitation"


class InvitationNotValid(Exception):
    """The invitation cannot be accepted; the text says why."""


@transaction.atomic
def invite(*, workspace: Workspace, email: str, role: str = Role.MEMBER, actor: User | None = None) -> Invitation:
    """Offer a place by mail. An open invitation of the same address is replaced, and its token ends.

    Raises PermissionDenied; ValidationError for a malformed address, a role that cannot be offered, somebody who is a
    member already, or a plan that has no further place.
    """
    workspace, now, email = _locked(workspace), timezone.now(), email.strip().lower()
    _check_role(role, owner_too=False)
    _require_rank(workspace, actor, over=role)
    validate_email(email)
    if workspace.memberships.filter(user__email__iexact=email).exists():
        raise ValidationError({"email": f"{email} is a member already."})
    _open(workspace).filter(email=email).update(revoked_at=now, updated_at=now)
    _require_place(workspace, taken=open_invitations(workspace).count())
    expires_at = now + timedelta(days=settings.INVITATION_DAYS)
    invitation = Invitation.objects.create(
        workspace=workspace, email=email, role=role, invited_by=actor, expires_at=expires_at
    )
    facts = {"invitation": invitation, "workspace": workspace, "token": token_of(invitation), "actor": actor}
    subject = f"You are invited to {workspace.name} on InvoRec"
    write_mail(
        to=[email], cause=invitation.pk, subject=subject, template="billing/invitation.txt", facts=facts, now=now
    )
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> Membership:
    """Let the user in. Whoever is a member by now stays what he is, and the invitation is used up.

    Raises InvitationNotValid: unknown, used, withdrawn, too old, for another address, or no place left.
    """
    invitation = _invitation_of(token)
    workspace, now = _locked(invitation.workspace), timezone.now()
    invitation.refresh_from_db()
    if not invitation.is_open(now):
        raise InvitationNotValid("This invitation has ended. Ask for a new one.")
    if user.email.strip().lower() != invitation.email:
        raise InvitationNotValid(f"This invitation is for {invitation.email}; sign in with that address.")
    member = workspace.memberships.filter(user=user).first()
    if member is None:
        try:
            _require_place(workspace)
        except ValidationError as error:
            raise InvitationNotValid(error.messages[0]) from error
        member = Membership.objects.create(workspace=workspace, user=user, role=invitation.role)
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at", "updated_at"])
    return member


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: User | None = None) -> None:
    """Withdraw the offer; its token is of no use from now on. Raises PermissionDenied."""
    workspace, now = _locked(invitation.workspace), timezone.now()
    _require_rank(workspace, actor, over=invitation.role)
    _open(workspace).filter(pk=invitation.pk).update(revoked_at=now, updated_at=now)


@transaction.atomic
def change_role(*, member: Membership, role: str, actor: User | None = None) -> Membership:
    """Give a member another role. Raises PermissionDenied; ValidationError for an unknown role or the last owner."""
    workspace, member = _locked_member(member)
    _check_role(role, owner_too=True)
    _require_rank(workspace, actor, over=max(role, member.role, key=lambda name: RANKS[Role(name)]))
    if role != Role.OWNER:
        _require_other_owner(member)
    return _with_role(member, role)


@transaction.atomic
def transfer_ownership(*, member: Membership, actor: User) -> Membership:
    """Make another member an owner, and the owner who asks an admin. Raises PermissionDenied, ValidationError."""
    workspace, member = _locked_member(member)
    _require_rank(workspace, actor, over=Role.OWNER)
    if member.user_id == actor.pk:
        raise ValidationError("Choose another member to become the owner.")
    _with_role(workspace.memberships.get(user=actor), Role.ADMIN)
    return _with_role(member, Role.OWNER)


@transaction.atomic
def remove_member(*, member: Membership, actor: User | None = None) -> None:
    """End a membership; everybody may end his own. Raises PermissionDenied; ValidationError for the last owner."""
    workspace, member = _locked_member(member)
    if actor is None or actor.pk != member.user_id:
        _require_rank(workspace, actor, over=member.role)
    _require_other_owner(member)
    member.delete()


def leave(*, workspace: Workspace, user: User) -> None:
    """End one's own membership. Raises Membership.DoesNotExist; ValidationError for the last owner."""
    remove_member(member=workspace.memberships.get(user=user), actor=user)


def open_invitations(workspace: Workspace) -> QuerySet[Invitation]:
    """Those that can still be accepted, the oldest first."""
    return _open(workspace).filter(expires_at__gt=timezone.now()).order_by("created_at", "id")


def token_of(invitation: Invitation) -> str:
    """What the mail carries: the invitation's id, signed. It is stored nowhere."""
    return signing.dumps(invitation.pk, salt=SALT)


def _invitation_of(token: str) -> Invitation:
    try:
        return Invitation.objects.select_related("workspace").get(pk=signing.loads(token.strip(), salt=SALT))
    except (signing.BadSignature, Invitation.DoesNotExist) as error:
        raise InvitationNotValid("This is no invitation of ours. Check that it was copied whole.") from error


def _locked(workspace: Workspace) -> Workspace:
    """The row as it is now, locked until the transaction ends; rows that point at it may still be written."""
    rows = Workspace.objects.select_for_update(no_key=True, of=("self",)).select_related("plan")
    return rows.get(pk=workspace.pk)


def _locked_member(member: Membership) -> tuple[Workspace, Membership]:
    workspace = _locked(member.workspace)
    return workspace, workspace.memberships.get(pk=member.pk)


def _open(workspace: Workspace) -> QuerySet[Invitation]:
    return workspace.invitations.filter(accepted_at=None, revoked_at=None)


def _with_role(member: Membership, role: str) -> Membership:
    member.role = role
    member.save(update_fields=["role", "updated_at"])
    return member


def _check_role(role: str, *, owner_too: bool) -> None:
    known = [name for name in Role.values if owner_too or name != Role.OWNER]
    if role not in known:
        raise ValidationError({"role": f"A role is one of {', '.join(known)}."})


def _require_rank(workspace: Workspace, actor: User | None, *, over: str) -> None:
    """Raises PermissionDenied unless the actor is an owner, or an admin and it concerns a member or viewer."""
    if actor is None:
        return
    own = workspace.memberships.filter(user=actor).first()
    if own is None or own.role not in (Role.OWNER, Role.ADMIN):
        raise PermissionDenied("Only an owner or admin of the workspace does this.")
    if own.role == Role.ADMIN and RANKS[Role(over)] >= RANKS[Role.ADMIN]:
        raise PermissionDenied("Only an owner of the workspace does this to owners and admins.")


def _require_place(workspace: Workspace, *, taken: int = 0) -> None:
    """Raises ValidationError where the plan has no place beside the members and so many more."""
    most = workspace.plan.max_members
    if most is not None and workspace.memberships.count() + taken >= most:
        allowed = "one member" if most == 1 else f"{most} members"
        raise ValidationError(f"The {workspace.plan.name} plan allows {allowed}, invitations included.", code="plan")


def _require_other_owner(member: Membership) -> None:
    others = Membership.objects.filter(workspace=member.workspace_id, role=Role.OWNER).exclude(pk=member.pk)
    if member.role == Role.OWNER and not others.exists():
        raise ValidationError("A workspace needs an owner. Make somebody else one first.", code="last_owner")
