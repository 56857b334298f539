"""Pregnancies, followed to their outcome and the children; situations without harm."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0043_attachments'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pregnancy',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('last_period', models.CharField(blank=True, max_length=10)),
                ('expected_on', models.CharField(blank=True, max_length=10)),
                ('contraception', models.TextField(blank=True)),
                ('history', models.TextField(blank=True)),
                ('outcome', models.CharField(blank=True, max_length=16)),
                ('weeks', models.PositiveSmallIntegerField(null=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='pregnancy', to='conduct.adverseevent')),
                ('loss', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pregnancies_lost', to='conduct.adverseevent')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pregnancies', to='conduct.study')),
            ],
        ),
        migrations.CreateModel(
            name='PregnancyChild',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=64)),
                ('born', models.CharField(blank=True, max_length=10)),
                ('sex', models.CharField(blank=True, max_length=8)),
                ('weight_g', models.PositiveIntegerField(null=True)),
                ('condition', models.TextField(blank=True)),
                ('died_on', models.CharField(blank=True, max_length=10)),
                ('pregnancy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='children', to='conduct.pregnancy')),
            ],
        ),
        migrations.AddField(
            model_name='adverseevent',
            name='child',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='conduct.pregnancychild'),
        ),
        migrations.AddConstraint(
            model_name='adverseevent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('term', ''), _negated=True), models.Q(('special', ''), _negated=True), _connector='OR'), name='adverse_event_without_term_is_special'),
        ),
        migrations.AddConstraint(
            model_name='pregnancy',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', ''), ('outcome__in', ['birth', 'miscarriage', 'ectopic', 'stillbirth', 'termination', 'unknown']), _connector='OR'), name='pregnancy_outcome'),
        ),
        migrations.AddConstraint(
            model_name='pregnancychild',
            constraint=models.UniqueConstraint(fields=('pregnancy', 'code'), name='pregnancy_child_once'),
        ),
        migrations.AddConstraint(
            model_name='pregnancychild',
            constraint=models.CheckConstraint(condition=models.Q(('sex__in', ['', 'female', 'male'])), name='pregnancy_child_sex'),
        ),
    ]
