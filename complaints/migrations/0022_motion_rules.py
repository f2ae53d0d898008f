from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0021_tried_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="matchsegment",
            name="by_rhythm",
            field=models.FloatField(db_default=0, default=0, verbose_name="seconds compared by rhythm only"),
        ),
        migrations.AddField(
            model_name="matchsegment",
            name="needed",
            field=models.FloatField(null=True, verbose_name="correlation needed"),
        ),
        migrations.AddField(
            model_name="matchsegment",
            name="rule",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=20, verbose_name="rule of movement"
            ),
        ),
    ]
