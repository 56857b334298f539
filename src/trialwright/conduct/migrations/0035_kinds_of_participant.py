"""Kinds of participant, whom each is linked to and whose arm each shares."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def link(name):
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name=name,
        to='conduct.participant',
    )


class Migration(migrations.Migration):
    dependencies = [
        ('conduct', '0034_products'),
    ]

    operations = [
        migrations.AddField('participant', 'kind', models.CharField(max_length=40, null=True)),
        migrations.AddField('participant', 'linked_to', link('linked')),
        migrations.AddField('participant', 'arm_of', link('+')),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.CheckConstraint(
                condition=Q(linked_to__isnull=True) | Q(kind__isnull=False, randomised_at=None),
                name='participant_linked_has_kind',
            ),
        ),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.CheckConstraint(
                condition=Q(arm_of__isnull=True) | Q(linked_to__isnull=False),
                name='participant_arm_by_link',
            ),
        ),
    ]
