"""Sealed envelopes, and the unblinding that opening one is."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0040_kit_strengths'),
    ]

    operations = [
        migrations.CreateModel(
            name='Envelope',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('printing', models.PositiveIntegerField()),
                ('allocation', models.CharField(max_length=40, null=True)),
                ('printed_at', models.DateTimeField()),
                ('printed_by', models.UUIDField()),
                ('role', models.CharField(max_length=40)),
                ('state', models.CharField(max_length=9)),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_by', models.UUIDField(null=True)),
                ('reason', models.TextField(blank=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='unplannedunblinding',
            name='unblinding_urgency',
        ),
        migrations.AddConstraint(
            model_name='unplannedunblinding',
            constraint=models.CheckConstraint(condition=models.Q(('urgency__in', ['emergency', 'reaction', 'accident', 'envelope'])), name='unblinding_urgency'),
        ),
        migrations.AddField(
            model_name='envelope',
            name='participant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='envelopes', to='conduct.participant'),
        ),
        migrations.AddField(
            model_name='envelope',
            name='study',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='envelopes', to='conduct.study'),
        ),
        migrations.AddField(
            model_name='envelope',
            name='unblinding',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='envelopes', to='conduct.unplannedunblinding'),
        ),
        migrations.AddConstraint(
            model_name='envelope',
            constraint=models.UniqueConstraint(fields=('study', 'number'), name='envelope_number_once'),
        ),
        migrations.AddConstraint(
            model_name='envelope',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'kept')), fields=('participant',), name='envelope_kept_once'),
        ),
        migrations.AddConstraint(
            model_name='envelope',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['kept', 'opened', 'returned', 'destroyed', 'lost'])), name='envelope_state'),
        ),
        migrations.AddConstraint(
            model_name='envelope',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_by__isnull', True)), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='envelope_settled_whole'),
        ),
        migrations.AddConstraint(
            model_name='envelope',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('state', 'kept')), models.Q(models.Q(('state', 'kept'), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='envelope_kept_until_settled'),
        ),
        migrations.AddConstraint(
            model_name='envelope',
            constraint=models.CheckConstraint(condition=models.Q(('unblinding__isnull', True), ('state', 'opened'), _connector='OR'), name='envelope_unblinds_when_opened'),
        ),
    ]
