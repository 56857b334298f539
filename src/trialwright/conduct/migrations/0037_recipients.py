"""By whom a container was received, as a keyed mark with an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conduct", "0036_groups")]

    operations = [
        migrations.AddField(
            model_name="container",
            name="recipient",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="container",
            index=models.Index(
                condition=models.Q(("recipient", ""), _negated=True),
                fields=["study", "recipient"],
                name="container_of_recipient",
            ),
        ),
    ]
