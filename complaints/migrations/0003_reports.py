import django.db.models.deletion
import portal.clock
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0002_ledger'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlatformReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(max_length=40, verbose_name='platform')),
                ('report', models.CharField(max_length=80, verbose_name='id of the report')),
                ('problem', models.CharField(blank=True, max_length=20, verbose_name='problem')),
                ('found_at', models.DateTimeField(default=portal.clock.now, verbose_name='found at')),
                ('told_at', models.DateTimeField(null=True, verbose_name='reporter notified at')),
                ('answer', models.CharField(blank=True, choices=[('accepted', 'accepted'), ('rejected', 'rejected')], max_length=10, verbose_name='answer')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered at')),
                ('complaint', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='report', to='complaints.complaint', verbose_name='complaint')),
            ],
            options={
                'verbose_name': 'report of a platform',
                'verbose_name_plural': 'reports of platforms',
                'ordering': ('pk',),
                'constraints': [models.UniqueConstraint(fields=('platform', 'report'), name='platform_report_once')],
            },
        ),
    ]
