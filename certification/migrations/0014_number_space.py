"""Types that are there keep their code as the space of their numbers, so that the fingerprints of these stay as they are."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0013_draw_checks'),
    ]

    operations = [
        migrations.AddField(
            model_name='credentialtype',
            name='number_space',
            field=models.SlugField(blank=True, db_default='', db_index=False, default='', help_text="A number that several types with the same space name is on one holder's certificates only.", max_length=40, verbose_name='number space'),
        ),
        migrations.RunSQL(
            "UPDATE certification_credentialtype SET number_space = code WHERE number_space = ''",
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name='certificate',
            name='renewable_from',
            field=models.DateTimeField(editable=False, null=True, verbose_name='renewable because of a change from'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='credentialtype',
            trigger=pgtrigger.compiler.Trigger(name='used_number_space_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF COALESCE(NULLIF(NEW.number_space, ''), NEW.code)\n                       <> COALESCE(NULLIF(OLD.number_space, ''), OLD.code)\n                       AND EXISTS (SELECT 1 FROM certification_credential WHERE type_id = OLD.id AND fingerprint <> '') THEN\n                        RAISE EXCEPTION 'numbers of credential type % were compared in its number space', OLD.code\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                    ", hash='ead442a9d780137da6e720ae4bc67c016f3a795f', operation='UPDATE OF "number_space", "code"', pgid='pgtrigger_used_number_space_stays_2faa3', table='certification_credentialtype', when='BEFORE')),
        ),
    ]
