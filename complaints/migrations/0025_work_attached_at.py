from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0024_library_gaps"),
    ]

    operations = [
        migrations.AddField(
            model_name="work",
            name="attached_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="file attached at"),
        ),
    ]
