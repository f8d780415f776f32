"""Credits on the wire."""

from __future__ import annotations

from rest_framework import serializers

from billing.models import CreditAccount
from invorec.lib.wire import IsoTime, ObjectType, Shown, UnixTime


class CreditsSerializer(Shown[CreditAccount]):
    """What a workspace has to spend."""

    subscription = serializers.IntegerField(read_only=True, help_text="Left of this period's; spent first.")
    topUp = serializers.IntegerField(source="top_up", read_only=True, help_text="Bought besides; these never lapse.")
    remaining = serializers.IntegerField(read_only=True, help_text="Both together. One credit reads one page.")
    planMonthlyAllotment = serializers.IntegerField(
        source="workspace.plan.monthly_pages",
        read_only=True,
        help_text="What the plan gives a month. With yearly periods, twelve times as much is given once a year.",
    )
    plan = serializers.CharField(source="workspace.plan_id", read_only=True)
    object = ObjectType("credits")
    reserved = serializers.IntegerField(
        read_only=True, help_text="Held for documents that are being read; not among the remaining."
    )
    resets = UnixTime(source="resets_at")
    resetsAt = IsoTime(source="resets_at")
