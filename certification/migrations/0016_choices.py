from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0015_words'),
    ]

    operations = [
        migrations.AlterField(
            model_name='check',
            name='method',
            field=models.CharField(choices=[('computed', 'computed'), ('recomputed', 'computed again once the file was ready'), ('registry', 'answered by the register'), ('manual', 'by a person')], max_length=10, verbose_name='how'),
        ),
        migrations.AlterField(
            model_name='readfield',
            name='kind',
            field=models.CharField(choices=[('name', 'Name on the document'), ('number', 'Number'), ('identity', 'Identity number'), ('issuer', 'Issued by'), ('issued_on', 'Issued on'), ('first_issue', 'First issued on'), ('expires_on', 'Valid until')], max_length=12, verbose_name='kind'),
        ),
    ]
