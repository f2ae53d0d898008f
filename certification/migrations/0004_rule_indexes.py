"""Indexes by which a preview of a rule finds the certificates that it concerns."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('certification', '0003_rules'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='certificate',
            index=models.Index(condition=models.Q(('state__in', ('active', 'suspended'))), fields=['area', 'category', 'id'], name='certificate_of_requirement'),
        ),
        AddIndexConcurrently(
            model_name='credential',
            index=models.Index(fields=['type', 'id'], name='credential_of_type'),
        ),
    ]
