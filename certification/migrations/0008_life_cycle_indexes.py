"""Indexes of the life cycle, and the constraint on the end of a certificate; made while the tables are in use."""

import django.db.models.expressions
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("certification", "0007_life_cycle")]

    operations = [
        AddIndexConcurrently(
            model_name='application',
            index=models.Index(condition=models.Q(('state', 'in_review'), ('unchanged', True)), fields=['area', 'submitted_at'], name='application_unchanged'),
        ),
        AddIndexConcurrently(
            model_name='certificate',
            index=models.Index(condition=models.Q(('abolition__isnull', False)), fields=['abolition', 'id'], name='certificate_of_abolition'),
        ),
        AddIndexConcurrently(
            model_name='certificate',
            index=models.Index(condition=models.Q(('max_validity', None)), fields=['id'], name='certificate_no_maximum'),
        ),
        AddIndexConcurrently(
            model_name='certificate',
            index=GinIndex(
                fields=['search_ngrams'],
                condition=models.Q(('state', 'active')),
                fastupdate=False,
                name='certificate_active_ngrams',
            ),
        ),
        RemoveIndexConcurrently(model_name='certificate', name='certificate_search_ngrams'),
        AddConstraintNotValid(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__lte', django.db.models.expressions.CombinedExpression(models.F('issued_at'), '+', models.Func(models.F('max_validity'), output_field=models.DurationField(), template='make_interval(hours => 24 * %(expressions)s)')))), name='certificate_longest_validity'),
        ),
    ]
