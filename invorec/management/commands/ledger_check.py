"""`manage.py ledger_check`: proves every balance from its entries, and every invoice to its one charge."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.audit import ledger_faults, snapshot
from billing.models import CreditAccount, CreditEntry
from extraction.charges import charge_faults
from extraction.models import Invoice


class Command(BaseCommand):
    help = "Prove the ledger, at one moment of a service that may go on meanwhile. Exit code 1 names what is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        with snapshot():
            faults = [*ledger_faults(), *charge_faults()]
            seen = {
                "accounts": CreditAccount.objects.count(),
                "entries": CreditEntry.objects.count(),
                "live invoices": Invoice.objects.filter(livemode=True).count(),
            }
        for fault in faults:
            self.stderr.write(fault)
        checked = ", ".join(f"{number} {name}" for name, number in seen.items())
        if faults:
            raise CommandError(f"{len(faults)} faults in {checked}.")
        self.stdout.write(f"Everything adds up: {checked}.")
