"""Claimed cases leave the queue's index all day: their dead entries must go early, or the claim wades through them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_queue")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE reviews_reviewcase SET (autovacuum_vacuum_scale_factor = 0.01,"
            " autovacuum_analyze_scale_factor = 0.02)",
            "ALTER TABLE reviews_reviewcase RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)",
        )
    ]
