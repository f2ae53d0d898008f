from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0006_restitution_preview'),
    ]

    operations = [
        migrations.CreateModel(
            name='YearlyReturn',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name='year')),
                ('moved', models.PositiveBigIntegerField(default=0, verbose_name='moved')),
                ('already', models.PositiveBigIntegerField(default=0, verbose_name='followed both')),
                ('restored', models.PositiveBigIntegerField(default=0, verbose_name='restored')),
                ('undone', models.PositiveBigIntegerField(default=0, verbose_name='undone by followers')),
                ('counted_at', models.DateTimeField(verbose_name='counted at')),
            ],
            options={
                'verbose_name': 'returns of a year',
                'verbose_name_plural': 'returns by year',
                'ordering': ('-year',),
            },
        ),
    ]
