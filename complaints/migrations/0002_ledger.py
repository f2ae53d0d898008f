"""Pages of the ledger are kept as they are: packing tens of thousands of ids costs as much as deciding on them."""

from django.db import migrations

_COLUMNS = ("moved", "already", "restore_data")


def _stored(how: str) -> str:
    return "ALTER TABLE complaints_restitutionpage " + ", ".join(f"ALTER {name} SET STORAGE {how}" for name in _COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_originality")]

    operations = [migrations.RunSQL(_stored("EXTERNAL"), _stored("EXTENDED"))]
