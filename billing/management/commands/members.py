"""`manage.py members --workspace … invite alice@example.org`: who belongs to a workspace."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing import members
from billing.management.workspaces import the_workspace
from billing.models import Membership, Workspace

ROLES = Membership.Role.values


class Command(BaseCommand):
    help = "List the members of a workspace; or invite somebody, accept for somebody, change a role, remove."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="its id (wsp_…) or its exact name")
        parser.set_defaults(change=None)
        actions = parser.add_subparsers(title="changes", required=False)
        invite = actions.add_parser("invite", help="mail an invitation")
        invite.add_argument("email")
        invite.add_argument("--role", choices=[role for role in ROLES if role != "owner"], default="member")
        invite.set_defaults(change=_invite)
        accept = actions.add_parser("accept", help="let a user in with the token of a mail")
        accept.add_argument("username")
        accept.add_argument("token")
        accept.set_defaults(change=_accept)
        role = actions.add_parser("role", help="give a member another role")
        role.add_argument("username")
        role.add_argument("role", choices=ROLES)
        role.set_defaults(change=_change_role)
        remove = actions.add_parser("remove", help="end a membership")
        remove.add_argument("username")
        remove.set_defaults(change=_remove)

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = the_workspace(options["workspace"])
        try:
            if options["change"] is not None:
                options["change"](workspace, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except (members.InvitationNotValid, User.DoesNotExist, Membership.DoesNotExist) as error:
            raise CommandError(str(error)) from error
        for member in workspace.memberships.select_related("user").order_by("created_at", "id"):
            self.stdout.write(f"{member.pk}  {member.role:<6}  {member.user.username}  {member.user.email}".rstrip())
        for invitation in members.open_invitations(workspace):
            until = f"{invitation.expires_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{invitation.pk}  {invitation.role:<6}  {invitation.email}  invited, until {until}")


def _invite(workspace: Workspace, options: dict[str, Any]) -> None:
    members.invite(workspace=workspace, email=options["email"], role=options["role"])


def _accept(workspace: Workspace, options: dict[str, Any]) -> None:
    members.accept_invitation(token=options["token"], user=User.objects.get(username=options["username"]))


def _change_role(workspace: Workspace, options: dict[str, Any]) -> None:
    members.change_role(member=_member(workspace, options), role=options["role"])


def _remove(workspace: Workspace, options: dict[str, Any]) -> None:
    members.remove_member(member=_member(workspace, options))


def _member(workspace: Workspace, options: dict[str, Any]) -> Membership:
    return workspace.memberships.get(user__username=options["username"])
