"""The life cycle: abolitions, inspections, reasons for another look, decisions in batches, and the maximum kept with each period."""


import certification.models.batches
import certification.models.rechecks
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
import portal.clock
import portal.languages
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0006_register_page'),
        ('evidence', '0001_files'),
        ('people', '0001_people'),
        ('reviews', '0002_vacuum'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Abolition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('explanations', portal.languages.TranslatedField(max_length=1000, verbose_name='why')),
                ('takes_effect_at', models.DateTimeField(verbose_name='takes effect at')),
                ('proposed_at', models.DateTimeField(default=portal.clock.now, verbose_name='proposed at')),
                ('announced_at', models.DateTimeField(null=True, verbose_name='announced at')),
                ('noticed_at', models.DateTimeField(editable=False, null=True, verbose_name='notices given at')),
                ('called_off_at', models.DateTimeField(null=True, verbose_name='called off at')),
            ],
            options={
                'verbose_name': 'abolition',
                'verbose_name_plural': 'abolitions',
                'ordering': ('-proposed_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('renewals', 'Unchanged renewals'), ('suspensions', 'Suspensions of many certificates')], max_length=20, verbose_name='kind')),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=certification.models.batches._no_codes, size=None)),
                ('explanation', models.TextField(blank=True, max_length=4000, verbose_name='message to the holders')),
                ('prepared_at', models.DateTimeField(default=portal.clock.now, verbose_name='prepared at')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed at')),
                ('discarded_at', models.DateTimeField(null=True, verbose_name='discarded at')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
            ],
            options={
                'verbose_name': 'batch of decisions',
                'verbose_name_plural': 'batches of decisions',
                'ordering': ('-prepared_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='BatchItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grounds', models.TextField(blank=True, max_length=2000, verbose_name='what was found')),
                ('outcome', models.CharField(blank=True, choices=[('done', 'Decided'), ('queued', 'In the review queue for someone else'), ('skipped', 'Left as it was')], max_length=10, verbose_name='outcome')),
                ('refusal', models.CharField(blank=True, max_length=300, verbose_name='why not')),
                ('done_at', models.DateTimeField(null=True, verbose_name='done at')),
            ],
            options={
                'verbose_name': 'item of a batch',
                'verbose_name_plural': 'items of batches',
                'ordering': ('batch', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('lot', 'drawn by lot'), ('flag', 'has a flag')], max_length=10, verbose_name='cause')),
                ('asked_at', models.DateTimeField(null=True, verbose_name='asked at')),
                ('due_at', models.DateTimeField(null=True, verbose_name='answer by')),
                ('answer', models.TextField(blank=True, max_length=4000, verbose_name="holder's answer")),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
            ],
            options={
                'verbose_name': 'inspection',
                'verbose_name_plural': 'inspections',
                'ordering': ('-round', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='InspectionRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='Its first day.', unique=True, verbose_name='month')),
                ('seed', models.CharField(max_length=64, verbose_name='seed')),
                ('drawn_at', models.DateTimeField(default=portal.clock.now, verbose_name='drawn at')),
                ('population', models.PositiveIntegerField(verbose_name='valid certificates')),
                ('drawn', models.PositiveIntegerField(verbose_name='drawn by lot')),
                ('flagged', models.PositiveIntegerField(verbose_name='with a flag')),
            ],
            options={
                'verbose_name': 'round of inspections',
                'verbose_name_plural': 'rounds of inspections',
                'ordering': ('-month',),
            },
        ),
        migrations.CreateModel(
            name='ProfileClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('professions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), default=certification.models.rechecks._no_codes, size=None)),
                ('read_at', models.DateTimeField(default=portal.clock.now, verbose_name='read at')),
            ],
            options={
                'verbose_name': 'professions in a profile',
                'verbose_name_plural': 'professions in profiles',
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='RecheckTrigger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('profile_name', "The name in the platform's profile changed"), ('profile_profession', "The profession in the platform's profile changed"), ('agency', 'The agency changed'), ('holder', 'The holder reported a change'), ('inspection', 'The holder answered an inspection'), ('inspection_missed', 'The holder did not answer an inspection'), ('register', 'A look-up in the register failed'), ('look_up', 'A look-up in the register is due'), ('document', 'A document has reached its end date')], max_length=30, verbose_name='cause')),
                ('occasion', models.CharField(max_length=120, verbose_name='occasion')),
                ('facts', models.JSONField(default=dict, verbose_name='facts')),
                ('text', models.TextField(blank=True, max_length=4000, verbose_name='what the holder wrote')),
                ('at', models.DateTimeField(default=portal.clock.now, verbose_name='at')),
            ],
            options={
                'verbose_name': 'reason for another look',
                'verbose_name_plural': 'reasons for another look',
                'ordering': ('at', 'pk'),
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='certificate',
            name='ends_within_longest_validity',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='certificate',
            name='moves_by_table',
        ),
        migrations.AddField(
            model_name='application',
            name='unchanged',
            field=models.BooleanField(db_default=False, default=False, verbose_name='nothing changed'),
        ),
        migrations.AddField(
            model_name='certificate',
            name='full_valid_to',
            field=models.DateTimeField(null=True, verbose_name='valid to, without the abolition'),
        ),
        migrations.AddField(
            model_name='certificate',
            name='max_validity',
            field=models.PositiveSmallIntegerField(editable=False, null=True, verbose_name='longest validity, in days'),
        ),
        migrations.AlterField(
            model_name='interruption',
            name='state',
            field=models.CharField(choices=[('active', 'Valid'), ('suspended', 'Suspended'), ('revoked', 'Revoked'), ('expired', 'Expired'), ('surrendered', 'Surrendered by its holder'), ('lapsed', 'Lapsed because the rules changed')], max_length=30, verbose_name='state'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='certificate',
            trigger=pgtrigger.compiler.Trigger(name='keeps_longest_validity', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    SELECT max_validity INTO NEW.max_validity FROM certification_requirement WHERE id = NEW.requirement_id;\n    RETURN NEW;\n', hash='5b9b425d3c387f710e244c130031144363b438a9', operation='INSERT OR UPDATE OF "valid_to", "issued_at", "requirement_id", "max_validity"', pgid='pgtrigger_keeps_longest_validity_48c85', table='certification_certificate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='certificate',
            trigger=pgtrigger.compiler.Trigger(name='moves_by_table', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{active:expired,active:lapsed,active:revoked,active:surrendered,active:suspended,revoked:active,suspended:active,suspended:revoked}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='07e8439de732bb0d9bf177e5903ebce4fe2ae6a3', operation='UPDATE', pgid='pgtrigger_moves_by_table_aa381', table='certification_certificate', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='abolition',
            name='announced_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='announced by'),
        ),
        migrations.AddField(
            model_name='abolition',
            name='area',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='abolitions', to='certification.keyarea', verbose_name='key area'),
        ),
        migrations.AddField(
            model_name='abolition',
            name='called_off_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='called off by'),
        ),
        migrations.AddField(
            model_name='abolition',
            name='category',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.applicantcategory', verbose_name='applicant category'),
        ),
        migrations.AddField(
            model_name='abolition',
            name='credential_type',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.credentialtype', verbose_name='credential type'),
        ),
        migrations.AddField(
            model_name='abolition',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by'),
        ),
        migrations.AddField(
            model_name='certificate',
            name='abolition',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='certification.abolition', verbose_name='abolition'),
        ),
        migrations.AddField(
            model_name='batch',
            name='area',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.keyarea', verbose_name='key area'),
        ),
        migrations.AddField(
            model_name='batch',
            name='confirmed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by'),
        ),
        migrations.AddField(
            model_name='batch',
            name='prepared_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by'),
        ),
        migrations.AddField(
            model_name='batchitem',
            name='application',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.application'),
        ),
        migrations.AddField(
            model_name='batchitem',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='certification.batch'),
        ),
        migrations.AddField(
            model_name='batchitem',
            name='certificate',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.certificate'),
        ),
        migrations.AddField(
            model_name='batchitem',
            name='decision',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reviews.decision'),
        ),
        migrations.AddField(
            model_name='inspection',
            name='certificate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='certification.certificate'),
        ),
        migrations.AddField(
            model_name='inspection',
            name='files',
            field=models.ManyToManyField(blank=True, related_name='+', to='evidence.evidencefile'),
        ),
        migrations.AddField(
            model_name='inspection',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='certification.inspectionround'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inspectionround',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f063708c1802f5b3f9c4db7fac72ff9e932a0a23', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1052c', table='certification_inspectionround', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='profileclaim',
            name='link',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='profile_claim', to='people.linkedaccount'),
        ),
        migrations.AddField(
            model_name='rechecktrigger',
            name='check_result',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recheck_triggers', to='certification.check', verbose_name='check'),
        ),
        migrations.AddField(
            model_name='rechecktrigger',
            name='credential',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recheck_triggers', to='certification.credential', verbose_name='credential'),
        ),
        migrations.AddField(
            model_name='rechecktrigger',
            name='certificate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='triggers', to='certification.certificate'),
        ),
        migrations.AddField(
            model_name='rechecktrigger',
            name='inquiry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='triggers', to='certification.inquiry'),
        ),
        migrations.AddField(
            model_name='inspection',
            name='trigger',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inspection', to='certification.rechecktrigger', verbose_name='result'),
        ),
        migrations.AddConstraint(
            model_name='abolition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('area__isnull', False), ('credential_type', None)), models.Q(('area', None), ('category', None), ('credential_type__isnull', False)), _connector='OR'), name='abolition_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='abolition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('announced_at', None), ('announced_by', None)), models.Q(('announced_at__isnull', False), ('announced_by__isnull', False), models.Q(('announced_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='abolition_by_two'),
        ),
        migrations.AddConstraint(
            model_name='abolition',
            constraint=models.CheckConstraint(condition=models.Q(('announced_at', None), ('takes_effect_at__gte', django.db.models.expressions.CombinedExpression(models.F('announced_at'), '+', models.Value(datetime.timedelta(days=60)))), _connector='OR'), name='abolition_with_notice'),
        ),
        migrations.AddConstraint(
            model_name='abolition',
            constraint=models.UniqueConstraint(condition=models.Q(('called_off_at', None)), fields=('area', 'category', 'credential_type'), name='abolition_once', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(condition=models.Q(('confirmed_at__isnull', False), ('finished_at', None)), fields=['confirmed_at'], name='batch_under_way'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('discarded_at', None)), _connector='OR'), name='batch_confirmed_by_at'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'suspensions'), _negated=True), ('confirmed_by', None), models.Q(('confirmed_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='batch_suspensions_by_two'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at', None), ('confirmed_at__isnull', False), _connector='OR'), name='batch_finished_after_confirmed'),
        ),
        migrations.AddIndex(
            model_name='batchitem',
            index=models.Index(condition=models.Q(('outcome', '')), fields=['batch', 'id'], name='batch_item_open'),
        ),
        migrations.AddConstraint(
            model_name='batchitem',
            constraint=models.UniqueConstraint(fields=('batch', 'certificate', 'application'), name='batch_item_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='batchitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('application', None), ('certificate__isnull', False)), models.Q(('application__isnull', False), ('certificate', None)), _connector='OR'), name='batch_item_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='batchitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('done_at__isnull', False)), _connector='OR'), name='batch_item_outcome_at'),
        ),
        migrations.AddConstraint(
            model_name='rechecktrigger',
            constraint=models.UniqueConstraint(fields=('certificate', 'occasion'), name='recheck_once'),
        ),
        migrations.AddIndex(
            model_name='inspection',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['due_at'], name='inspection_due'),
        ),
        migrations.AddConstraint(
            model_name='inspection',
            constraint=models.UniqueConstraint(fields=('round', 'certificate'), name='inspection_once_a_round'),
        ),
        migrations.AddConstraint(
            model_name='inspection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('asked_at', None), ('due_at', None)), models.Q(('asked_at__isnull', False), ('due_at__isnull', False)), _connector='OR'), name='inspection_asked_until'),
        ),
    ]
