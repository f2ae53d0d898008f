"""Answers of tens of thousands of ids are kept as they are: packing them costs as much as deciding on a page."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0002_vacuum")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE sandbox_answer ALTER given SET STORAGE EXTERNAL",
            "ALTER TABLE sandbox_answer ALTER given SET STORAGE EXTENDED",
        )
    ]
