"""Kits come in strengths."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The strength that is printed on a kit; none where all are alike."""

    dependencies = [('conduct', '0039_board_meetings')]

    operations = [
        migrations.AddField(
            model_name='kit',
            name='strength',
            field=models.CharField(max_length=40, null=True),
        ),
    ]
