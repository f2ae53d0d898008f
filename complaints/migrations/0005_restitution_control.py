import datetime
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import portal.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0004_spans'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RestitutionControl',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('pause', 'Pause'), ('resume', 'Resume'), ('stop', 'Stop and give back')], max_length=10, verbose_name='kind')),
                ('state', models.CharField(choices=[('proposed', 'Waiting for a second person'), ('made', 'Carried out'), ('refused', 'Not agreed'), ('overtaken', 'Overtaken by a reversal')], default='made', max_length=10, verbose_name='state')),
                ('reason', models.TextField(verbose_name='reason')),
                ('at', models.DateTimeField(default=portal.clock.now, verbose_name='at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
            ],
            options={
                'verbose_name': 'control of a restitution',
                'verbose_name_plural': 'controls of restitutions',
                'ordering': ('pk',),
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='restitution',
            name='moves_by_table',
        ),
        migrations.RemoveConstraint(
            model_name='restitution',
            name='restitution_one_running',
        ),
        migrations.AddField(
            model_name='restitution',
            name='control_reason',
            field=models.TextField(blank=True, verbose_name='reason of the pause or stop'),
        ),
        migrations.AddField(
            model_name='restitution',
            name='exhausted_at',
            field=models.DateTimeField(null=True, verbose_name='all followers looked at'),
        ),
        migrations.AddField(
            model_name='restitution',
            name='paused_at',
            field=models.DateTimeField(null=True, verbose_name='paused at'),
        ),
        migrations.AddField(
            model_name='restitution',
            name='paused_for',
            field=models.DurationField(default=datetime.timedelta, verbose_name='time spent paused'),
        ),
        migrations.AddField(
            model_name='restitution',
            name='stopped_at',
            field=models.DateTimeField(null=True, verbose_name='stopped at'),
        ),
        migrations.AddIndex(
            model_name='restitution',
            index=models.Index(fields=['-planned_at', '-id'], name='restitution_latest'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='restitution',
            trigger=pgtrigger.compiler.Trigger(name='moves_by_table', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{done:reversing,held:cancelled,held:moving,moving:done,moving:paused,moving:reversing,partly_reversed:reversing,paused:moving,paused:reversing,reserved:cancelled,reserved:held,reversing:partly_reversed,reversing:reversed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='86bb25dbdc0565dc6cd2a2ead7687d5f36f6be35', operation='UPDATE', pgid='pgtrigger_moves_by_table_a0d3b', table='complaints_restitution', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='restitution',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('held', 'moving', 'paused'))), fields=('platform', 'source', 'target'), name='restitution_one_running'),
        ),
        migrations.AddField(
            model_name='restitutioncontrol',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='restitutioncontrol',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='second person'),
        ),
        migrations.AddField(
            model_name='restitutioncontrol',
            name='restitution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='controls', to='complaints.restitution', verbose_name='restitution'),
        ),
        migrations.AddConstraint(
            model_name='restitutioncontrol',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('restitution',), name='control_one_proposed'),
        ),
        migrations.AddConstraint(
            model_name='restitutioncontrol',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'stop'), ('state', 'made'), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('by')), _negated=True)), _connector='OR'), name='control_stop_by_two'),
        ),
        migrations.AddConstraint(
            model_name='restitutioncontrol',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'stop'), ('state', 'made'), _connector='OR'), name='control_only_stops_wait'),
        ),
    ]
