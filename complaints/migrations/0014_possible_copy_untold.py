"""The index by which possible copies that nobody was told of are found; made while the table is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("complaints", "0013_library_notices")]

    operations = [
        AddIndexConcurrently(
            "possiblecopy",
            models.Index(
                fields=["work"],
                name="possible_copy_untold",
                condition=models.Q(("complaint", None), ("dismissed_at", None), ("told_at", None)),
            ),
        ),
    ]
