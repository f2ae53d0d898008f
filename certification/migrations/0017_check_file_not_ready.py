"""The index by which checks are found that ended because a file was not ready; made while the table is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("certification", "0016_choices")]

    operations = [
        AddIndexConcurrently(
            "check",
            models.Index(
                fields=["application"],
                name="check_file_not_ready",
                condition=models.Q(("finding", "file.not_ready")),
            ),
        ),
    ]
