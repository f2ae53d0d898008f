import django.db.models.deletion
import portal.clock
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0007_yearly_returns'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('restitution', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reconciliation', serialize=False, to='complaints.restitution', verbose_name='restitution')),
                ('run', models.PositiveIntegerField(default=1)),
                ('page', models.PositiveIntegerField(default=0)),
                ('step', models.PositiveIntegerField(default=1)),
                ('agreed', models.PositiveIntegerField(default=0, verbose_name='agree')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='changed since')),
                ('differing', models.PositiveIntegerField(default=0, verbose_name='differ')),
                ('asked_at', models.DateTimeField(default=portal.clock.now, verbose_name='asked for at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('problem', models.CharField(blank=True, max_length=40, verbose_name='error')),
            ],
            options={
                'verbose_name': 'comparison with the platform',
                'verbose_name_plural': 'comparisons with platforms',
                'ordering': ['pk'],
            },
        ),
    ]
