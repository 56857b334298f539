"""Who gave a consent instead of the participant, the assent, and when the participant was born."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ('conduct', '0029_reminders'),
    ]

    operations = [
        migrations.AddField('consent', 'instead', models.CharField(max_length=16, null=True)),
        migrations.AddField('consent', 'born', models.CharField(max_length=10, null=True)),
        migrations.AddField('consent', 'assent', models.BooleanField(null=True)),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(
                condition=Q(instead__in=['representative', 'waived']), name='consent_instead'
            ),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(
                condition=Q(instead='representative') | Q(assent__isnull=True),
                name='consent_assent_to_representative',
            ),
        ),
    ]
