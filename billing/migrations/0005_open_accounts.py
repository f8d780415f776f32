"""An account for every workspace that has none, with this period's credits; and entries that nobody can change."""

from django.conf import settings
from django.db import migrations
from django.utils import timezone

from billing.periods import begins_at, day_of, next_day

FORBID = """
CREATE FUNCTION billing_creditentry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the ledger are never changed or deleted' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER billing_creditentry_is_final BEFORE UPDATE OR DELETE ON billing_creditentry
    FOR EACH ROW EXECUTE FUNCTION billing_creditentry_is_final();
"""
ALLOW = """
DROP TRIGGER billing_creditentry_is_final ON billing_creditentry;
DROP FUNCTION billing_creditentry_is_final();
"""


def open_accounts(apps, schema_editor):
    """Of monthly periods that begin today, in UTC."""
    account_of, entry_of = apps.get_model("billing", "CreditAccount"), apps.get_model("billing", "CreditEntry")
    now = timezone.now()
    today = day_of(now, "UTC")
    renews_on = next_day(today, billing_day=today.day, months=1)
    for workspace in apps.get_model("billing", "Workspace").objects.filter(credits=None).select_related("plan"):
        credits = workspace.plan.monthly_pages
        account = account_of.objects.create(
            workspace=workspace,
            subscription=credits,
            allotment=credits,
            entry_count=1,
            billing_day=today.day,
            period_on=today,
            renews_on=renews_on,
            resets_at=begins_at(renews_on, "UTC"),
        )
        entry_of.objects.create(
            account=account,
            number=1,
            kind="grant",
            reference=f"period:{workspace.pk}:{today}",
            subscription=credits,
            subscription_after=credits,
            top_up_after=0,
            reserved_after=0,
            period_on=today,
            details={"plan": workspace.plan_id, "interval": "month"},
            created_at=now,
        )


def forbid_changes(apps, schema_editor):
    """SQLite has no such trigger: there `EntryQuerySet` alone refuses."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORBID)


def allow_changes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW)


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_credits"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.RunPython(open_accounts, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(forbid_changes, allow_changes, elidable=False),
    ]
