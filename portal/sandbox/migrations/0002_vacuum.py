"""A move writes every follow once: its dead rows must go while it runs, or each page wades through those before it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0001_platform")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE sandbox_follow SET (autovacuum_vacuum_scale_factor = 0.05,"
            " autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)",
            "ALTER TABLE sandbox_follow RESET (autovacuum_vacuum_scale_factor,"
            " autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor)",
        )
    ]
