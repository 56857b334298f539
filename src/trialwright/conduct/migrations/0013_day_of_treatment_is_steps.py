from django.core.management.base import CommandError
from django.db import migrations
from django.db.models import Q

_COLUMNS = (
    'allocation_received_at',
    'product_released_at',
    'resection_complete_at',
    'surgeon_told_at',
    'treated_at',
    'treatment_status',
    'treatment_reason',
    'late_reasons',
)
_CONSTRAINTS = (
    'received_after_randomised',
    'released_after_received',
    'resection_after_eligible',
    'told_after_resection',
    'told_after_released',
    'treatment_whole',
    'untreated_has_reason',
)


def refuse_to_lose(apps, schema_editor):
    """A study whose days of treatment stand in these columns keeps them: nothing is dropped."""
    # As the owner, who migrates: the web's own role may not read while tables are being made.
    participants = apps.get_model('conduct', 'Participant').objects
    found = participants.using(schema_editor.connection.alias).filter(
        Q(allocation_received_at__isnull=False)
        | Q(product_released_at__isnull=False)
        | Q(resection_complete_at__isnull=False)
        | Q(surgeon_told_at__isnull=False)
        | Q(treated_at__isnull=False)
    )
    studies = sorted(set(found.values_list('study_id', flat=True)))
    if studies:
        raise CommandError(
            f"The days of treatment of {', '.join(studies)} were recorded by an earlier release, "
            "in columns that this one doesn't have. Nothing was changed. Keep the study on the "
            "earlier release; a demonstration is built again in an empty data folder."
        )


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0012_consent_withdrawals'),
    ]

    operations = [
        migrations.RunPython(refuse_to_lose, migrations.RunPython.noop, elidable=True),
        *(migrations.RemoveConstraint(model_name='participant', name=name) for name in _CONSTRAINTS),
        *(migrations.RemoveField(model_name='participant', name=name) for name in _COLUMNS),
    ]
