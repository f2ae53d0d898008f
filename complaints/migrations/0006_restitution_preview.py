import django.db.models.deletion
import portal.clock
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0005_restitution_control'),
    ]

    operations = [
        migrations.CreateModel(
            name='RestitutionPreview',
            fields=[
                ('complaint', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='preview', serialize=False, to='complaints.complaint', verbose_name='complaint')),
                ('run', models.PositiveIntegerField(default=1)),
                ('cursor', models.BigIntegerField(default=0)),
                ('batch', models.PositiveIntegerField(default=5000, verbose_name='page size')),
                ('moved', models.PositiveIntegerField(default=0, verbose_name='moved')),
                ('already', models.PositiveIntegerField(default=0, verbose_name='followed both')),
                ('excluded', models.JSONField(default=dict, verbose_name='excluded')),
                ('passed', models.PositiveIntegerField(default=0, verbose_name='not attributable')),
                ('expected', models.PositiveIntegerField(default=0, verbose_name='followers of the account at the start')),
                ('asked_at', models.DateTimeField(default=portal.clock.now, verbose_name='asked for at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('is_complete', models.BooleanField(default=False, verbose_name='complete')),
                ('problem', models.CharField(blank=True, max_length=40, verbose_name='error')),
            ],
            options={
                'verbose_name': 'preview of a restitution',
                'verbose_name_plural': 'previews of restitutions',
                'constraints': [models.CheckConstraint(condition=models.Q(('is_complete', False), models.Q(('ended_at__isnull', False), ('problem', '')), _connector='OR'), name='preview_complete_when_ended')],
            },
        ),
    ]
