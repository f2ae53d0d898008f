from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webhooks', '0001_webhooks'),
    ]

    operations = [
        migrations.AddField(
            model_name='collectedevent',
            name='left_out',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
