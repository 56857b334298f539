"""Protocol deviations: what departed from the protocol, how serious it is, what was done."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person, together
from trialwright.conduct.models.participants import Participant
from trialwright.conduct.models.study import Study


class DeviationKind(StrEnum):
    """What departed from the protocol. The system notes some itself; a person may note any."""

    VISIT_WINDOW = "visit_window"
    MISSED_VISIT = "missed_visit"
    ELIGIBILITY = "eligibility"
    STRATUM = "stratum"
    PREREQUISITE = "prerequisite"
    CONSENT = "consent"
    TREATMENT = "treatment"
    PRODUCT = "product"
    TIME_LIMIT = "time_limit"
    OTHER = "other"


class Classification(StrEnum):
    """How serious: an important one may affect rights, safety or the reliability of the data."""

    MINOR = "minor"
    IMPORTANT = "important"


class Deviation(models.Model):
    """One departure from the protocol.

    `subject` is the key of what it is about (a visit, criterion, factor or requirement), `cause`
    the item whose change brought it about; `description` is what a person wrote. Until it is
    classified it waits for the investigator.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="deviations")
    number = models.PositiveIntegerField()
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="deviations"
    )
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64, blank=True)
    cause = models.CharField(max_length=255, blank=True)
    on = models.DateField()
    description = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = person()
    classification = models.CharField(max_length=16, null=True)  # noqa: DJ001
    done = models.TextField(null=True)  # noqa: DJ001
    classified_at = models.DateTimeField(null=True)
    classified_by = person(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="deviation_number_once"),
            one_of("deviation_kind", "kind", DeviationKind),
            models.CheckConstraint(
                condition=Q(classification__isnull=True)
                | Q(classification__in=[each.value for each in Classification]),
                name="deviation_classification",
            ),
            together(
                "deviation_classified_whole",
                "classification",
                "done",
                "classified_at",
                "classified_by",
            ),
        ]

    def __str__(self) -> str:
        return f"deviation {self.number}: {self.kind}"
