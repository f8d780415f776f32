from django.db import migrations
from django.db.models import OuterRef, Subquery


def copy_from_invoices(apps, schema_editor):
    """A job made before jobs knew their schema was read with its invoice's."""
    invoice = apps.get_model("extraction", "Invoice").objects.filter(pk=OuterRef("invoice"))
    apps.get_model("extraction", "ExtractionJob").objects.update(
        schema=Subquery(invoice.values("schema")[:1]), schema_name=Subquery(invoice.values("schema_name")[:1])
    )


class Migration(migrations.Migration):

    dependencies = [
        ("extraction", "0003_changes"),
    ]

    operations = [
        migrations.RunPython(copy_from_invoices, migrations.RunPython.noop),
    ]
