from django.db import migrations, models

# What a remedy said of its restitution becomes a time of the restitution's own. These are few rows.
_TO_RESTITUTION = """
    UPDATE complaints_restitution r
    SET flagged_at = CASE WHEN m.problem = 'new_flag' THEN now() END,
        interrupted_at = CASE WHEN m.problem = 'job_failed' THEN now() END
    FROM complaints_remedy m WHERE m.id = r.remedy_id AND m.problem IN ('new_flag', 'job_failed');
    UPDATE complaints_remedy SET problem = ''
    WHERE problem IN ('new_flag', 'job_failed') AND id IN (SELECT remedy_id FROM complaints_restitution);
"""
_TO_REMEDY = """
    UPDATE complaints_remedy m
    SET problem = CASE WHEN r.flagged_at IS NULL THEN 'job_failed' ELSE 'new_flag' END
    FROM complaints_restitution r
    WHERE r.remedy_id = m.id AND (r.flagged_at IS NOT NULL OR r.interrupted_at IS NOT NULL);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0019_ranges'),
    ]

    operations = [
        migrations.AddField(
            model_name='followerchoice',
            name='account_gone',
            field=models.BooleanField(db_default=False, default=False, verbose_name='one of the accounts is gone'),
        ),
        migrations.AddField(
            model_name='restitution',
            name='flagged_at',
            field=models.DateTimeField(null=True, verbose_name='waiting for a review since'),
        ),
        migrations.AddField(
            model_name='restitution',
            name='interrupted_at',
            field=models.DateTimeField(null=True, verbose_name='interrupted since'),
        ),
        migrations.AddField(
            model_name='restitution',
            name='not_moved',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='accepted, but not moved'),
        ),
        migrations.AlterField(
            model_name='invitationanswer',
            name='outcome',
            field=models.CharField(blank=True, choices=[('', 'being carried out'), ('moved', 'follows the author instead'), ('declined', 'stays, or has changed it themselves'), ('not_moved', 'accepted, but was not moved')], max_length=10, verbose_name='outcome'),
        ),
        migrations.RunSQL(_TO_RESTITUTION, _TO_REMEDY),
    ]
