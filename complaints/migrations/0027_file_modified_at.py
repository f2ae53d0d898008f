from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0026_library_gap_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="work",
            name="file_modified_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="file last modified, as stated by the server"
            ),
        ),
    ]
