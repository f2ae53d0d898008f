from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbound', '0002_discrepancies'),
    ]

    operations = [
        migrations.AlterField(
            model_name='discrepancy',
            name='effect',
            field=models.CharField(choices=[('label', 'label of a certificate'), ('removal', 'removal of a video'), ('restriction', 'closing of an account'), ('message', 'message to an account'), ('followers', 'return of followers')], max_length=12, verbose_name='effect'),
        ),
    ]
