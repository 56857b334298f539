"""Groups of participants: who is in which, and the decisions that open and close them."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import trialwright.accounts.models


class Migration(migrations.Migration):
    dependencies = [
        ('conduct', '0035_kinds_of_participant'),
    ]

    operations = [
        migrations.AddField('participant', 'group', models.CharField(max_length=40, null=True)),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.CheckConstraint(
                condition=Q(group__isnull=True) | Q(eligible_at__isnull=False),
                name='participant_group_with_eligibility',
            ),
        ),
        migrations.AddField('cohortdecision', 'group', models.CharField(max_length=40, null=True)),
        migrations.RemoveConstraint('cohortdecision', 'cohort_decided_once'),
        migrations.AddConstraint(
            model_name='cohortdecision',
            constraint=models.UniqueConstraint(
                fields=['study', 'group', 'number'],
                name='cohort_decided_once',
                nulls_distinct=False,
            ),
        ),
        migrations.CreateModel(
            name='GroupDecision',
            fields=[
                ('id', trialwright.accounts.models.DrawnField(editable=False, primary_key=True, serialize=False)),
                ('group', models.CharField(max_length=40)),
                ('verdict', models.CharField(max_length=8)),
                ('entered', models.PositiveIntegerField()),
                ('content_hash', models.CharField(max_length=64)),
                ('reason', models.TextField()),
                ('decided_at', models.DateTimeField()),
                ('decided_by', models.UUIDField()),
                ('role', models.CharField(max_length=40)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='group_decisions', to='conduct.study')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('study', 'group', 'verdict'), name='group_decided_once'),
                    models.CheckConstraint(condition=Q(verdict__in=['open', 'close']), name='group_verdict'),
                ],
            },
        ),
    ]
