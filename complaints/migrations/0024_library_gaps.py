from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0023_pause_of_a_hold")]

    operations = [
        migrations.AddField(
            model_name="libraryentry",
            name="gap",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unreadable", "cannot be read"),
                    ("too_heavy", "took more memory or time than allowed; tried again later"),
                    ("failed", "its job failed; tried again later"),
                    ("crowded", "most of its words are in too many works; found through those"),
                    ("unfinished", "more works match than were compared"),
                ],
                db_default="",
                default="",
                max_length=20,
                verbose_name="what is missing",
            ),
        ),
        migrations.AddField(
            model_name="libraryentry",
            name="tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="tries"),
        ),
    ]
