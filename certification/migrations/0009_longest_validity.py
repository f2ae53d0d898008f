"""The rows that were there before meet the constraint on the end of a certificate, too."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("certification", "0008_life_cycle_indexes")]

    operations = [ValidateConstraint("certificate", "certificate_longest_validity")]
