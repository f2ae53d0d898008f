"""File every certificate under the n-grams of names without accents, strokes and dots, in batches of 1,000."""

from typing import Any

from django.db import migrations

from certification import search_ngrams


def file_again(apps: Any, _schema: Any) -> None:
    """Write the n-grams of rows that have any; those of erased people stay empty."""
    certificates = apps.get_model("certification", "Certificate").objects
    batch = []
    for row in certificates.exclude(search_ngrams=[]).select_related("area").order_by("pk").iterator(chunk_size=1_000):
        texts = (row.public_name, row.claims, row.affiliation, row.agency_name, *row.area.names.values())
        row.search_ngrams = search_ngrams.ngrams_of_texts(*texts)
        batch.append(row)
        if len(batch) == 1_000:
            certificates.bulk_update(batch, ["search_ngrams"])
            batch.clear()
    certificates.bulk_update(batch, ["search_ngrams"])


class Migration(migrations.Migration):
    """Nothing of the schema changes."""

    dependencies = [("certification", "0002_reading")]
    operations = [migrations.RunPython(file_again, migrations.RunPython.noop)]
