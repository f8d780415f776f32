from django.db import migrations

from invorec.lib.encryption import encrypt

PURPOSE = "stored answers"


def encrypt_bodies(apps, schema_editor):
    """Answers that were stored in clear; each lives a day at most."""
    records = apps.get_model("api", "IdempotencyRecord").objects
    for pk, body in records.values_list("pk", "body").iterator():
        records.filter(pk=pk).update(body=encrypt(body, purpose=PURPOSE))


class Migration(migrations.Migration):
    dependencies = [("api", "0002_idempotency_records")]

    operations = [migrations.RunPython(encrypt_bodies, migrations.RunPython.noop, elidable=True)]
