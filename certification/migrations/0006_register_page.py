"""The index by which the check that a picture of a register's page belongs to is found; made while the table is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("certification", "0005_registers")]

    operations = [
        AddIndexConcurrently(
            "check",
            models.Index(fields=["file"], name="check_file", condition=models.Q(("file__isnull", False))),
        ),
    ]
