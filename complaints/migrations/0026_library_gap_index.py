from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("complaints", "0025_work_attached_at")]

    operations = [
        AddIndexConcurrently(
            model_name="libraryentry",
            index=models.Index(
                condition=models.Q(("gap", ""), _negated=True), fields=["gap"], name="library_entry_gap"
            ),
        ),
    ]
