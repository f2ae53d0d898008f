from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0020_restitution_flags'),
    ]

    operations = [
        migrations.AddField(
            model_name='remedy',
            name='tried_at',
            field=models.DateTimeField(null=True, verbose_name='last tried at'),
        ),
        migrations.AddField(
            model_name='platformreport',
            name='tried_at',
            field=models.DateTimeField(null=True, verbose_name='last tried at'),
        ),
    ]
