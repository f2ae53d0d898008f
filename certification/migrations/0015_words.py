from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0014_number_space'),
    ]

    operations = [
        migrations.AlterField(
            model_name='keyarea',
            name='regulated',
            field=models.BooleanField(default=False, help_text='By law, only licence holders may give advice here. The API says so; requirements say what is checked.', verbose_name='regulated'),
        ),
        migrations.AlterField(
            model_name='registerquery',
            name='reason',
            field=models.CharField(choices=[('application', 'an application was submitted'), ('again', 'a reviewer asked again'), ('recheck', 'periodic re-check'), ('look_up', 'a person looked it up')], max_length=12, verbose_name='reason'),
        ),
    ]
