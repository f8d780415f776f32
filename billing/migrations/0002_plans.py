"""The plans of contract section 10, as rows that staff can edit from then on."""

from django.db import migrations

PLANS = {
    "free": {"name": "Free", "monthly_pages": 25, "max_pages_per_file": 1, "max_members": 1, "max_schemas": 1},
    "starter": {"name": "Starter", "monthly_pages": 300, "max_members": 3, "max_schemas": 3},
    "growth": {"name": "Growth", "monthly_pages": 1500, "max_members": 10, "max_schemas": 10, "priority": True},
    "business": {
        "name": "Business",
        "monthly_pages": 6000,
        "priority": True,
        "api_access": True,
        "webhooks": True,
    },
}


def add_plans(apps, schema_editor):
    plan = apps.get_model("billing", "Plan")
    for code, values in PLANS.items():
        plan.objects.get_or_create(code=code, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(add_plans, migrations.RunPython.noop, elidable=False)]
