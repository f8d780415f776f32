"""`manage.py credits --workspace … top-up 500 --by … --reason …`: the ledger from the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing import manual
from billing.credits import account_of
from billing.management.workspaces import the_workspace
from billing.models import CreditEntry, Workspace
from billing.payments import PaymentRefused

ENTRIES = 20


class Command(BaseCommand):
    help = "Show what a workspace has to spend and its last entries; or top up, grant, adjust, change the plan."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="its id (wsp_…) or its exact name")
        parser.set_defaults(change=None)
        actions = parser.add_subparsers(title="changes", required=False)
        top_up = _action(actions, "top-up", manual.top_up, "credits that never lapse")
        grant = _action(actions, "grant", manual.grant, "credits for this period, which lapse with it")
        for action in (top_up, grant):
            action.add_argument("credits", type=int)
        adjust = _action(actions, "adjust", manual.adjust, "a correction, up or down")
        adjust.add_argument("--subscription", type=int, default=0, metavar="N")
        adjust.add_argument("--top-up", type=int, default=0, metavar="N")
        plan = _action(actions, "plan", manual.change_plan, "another plan, or other periods, from now on")
        plan.add_argument("plan")
        plan.add_argument("--interval", choices=["month", "year"], help="default: as it is")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = the_workspace(options["workspace"])
        if options["change"] is not None:
            names = ("credits", "subscription", "top_up", "plan", "interval", "reference", "actor", "reason")
            given = {name: options[name] for name in names if name in options}
            try:
                options["change"](workspace=workspace, **given)
            except PaymentRefused as error:
                raise CommandError(str(error)) from error
        self.stdout.write(shown(workspace))


def _action(actions: Any, name: str, change: Any, help: str) -> CommandParser:
    action: CommandParser = actions.add_parser(name, help=help)
    action.add_argument("--by", dest="actor", required=True, metavar="NAME", help="who does this")
    action.add_argument("--reason", required=True, help="why")
    action.add_argument("--reference", default="", help="the payment or contract: the same one has effect once")
    action.set_defaults(change=change)
    return action


def shown(workspace: Workspace) -> str:
    """The account and its last entries, the newest first."""
    account = account_of(workspace)
    plan = account.workspace.plan
    lines = [
        f"{workspace.pk}  {account.workspace.name}  {plan.name}, by the {account.interval}",
        f"remaining {account.remaining} (subscription {account.subscription}, top-up {account.top_up}), "
        f"reserved {account.reserved}, next period {account.resets_at:%Y-%m-%d %H:%M} UTC",
    ]
    newest = account.entries.order_by("-number")[:ENTRIES]
    return "\n".join([*lines, *(_line(entry) for entry in newest)])


def _line(entry: CreditEntry) -> str:
    moved = "  ".join(f"{getattr(entry, name):+d}" for name in ("subscription", "top_up", "reserved"))
    after = f"{entry.subscription_after}  {entry.top_up_after}  {entry.reserved_after}"
    why = " ".join(filter(None, [entry.subject, entry.actor and f"by {entry.actor}:", entry.reason]))
    line = f"{entry.number:>6}  {entry.created_at:%Y-%m-%d %H:%M}  {entry.kind:<11}  {moved}  =  {after}"
    return f"{line}  {entry.reference}  {why}".rstrip()
