"""Narratives of events, for reports to those outside."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0041_envelopes'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseNarrative',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='narratives', to='conduct.adverseevent')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='narratives', to='conduct.study')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('event', 'number'), name='narrative_number_once')],
            },
        ),
    ]
