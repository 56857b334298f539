"""What monitoring keeps: the random number by which participants are drawn for verification, and
the reports of visits with their findings."""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from trialwright.conduct.models.columns import after, identifier, one_of, person, together
from trialwright.conduct.models.participants import Participant
from trialwright.conduct.models.study import Study


class VerificationSeed(models.Model):
    """The random number from which follows whose source data are verified in full, as a
    ciphertext: who knows it knows beforehand who is drawn."""

    id = identifier()
    study = models.OneToOneField(Study, on_delete=models.PROTECT, related_name="verification_seed")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"verification seed of {self.study_id}"


class VisitKind(StrEnum):
    """What a monitor came for, or looked at from elsewhere."""

    INITIATION = "initiation"
    ON_SITE = "on_site"
    REMOTE = "remote"
    CLOSE_OUT = "close_out"


class Severity(StrEnum):
    """How grave a finding is, as inspectors grade theirs."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class MonitoringVisit(models.Model):
    """One visit of a monitor to a site and the report of it.

    What is written changes until it is signed, and the site finds it there from then on. The
    site's investigator acknowledges it. `content_hash` is of what was signed, findings included.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="monitoring_visits")
    number = models.PositiveIntegerField()
    site = models.CharField(max_length=8)
    kind = models.CharField(max_length=16)
    first_day = models.DateField()
    last_day = models.DateField()
    summary = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = person()
    role = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64, null=True)  # noqa: DJ001
    signed_at = models.DateTimeField(null=True)
    signed_by = person(null=True)
    signed_as = models.CharField(max_length=40, null=True)  # noqa: DJ001
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = person(null=True)
    acknowledged_as = models.CharField(max_length=40, null=True)  # noqa: DJ001

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="monitoring_visit_once"),
            one_of("monitoring_visit_kind", "kind", VisitKind),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="monitoring_visit_goes_forward"
            ),
            together(
                "monitoring_visit_signed_whole",
                "content_hash", "signed_at", "signed_by", "signed_as",
            ),
            together(
                "monitoring_visit_acknowledged_whole",
                "acknowledged_at", "acknowledged_by", "acknowledged_as",
            ),
            after("monitoring_visit_signed_first", "acknowledged_at", "signed_at"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.study_id} {self.number}"


class VisitFinding(models.Model):
    """One finding of a visit: what was found, of whom and in which form where it is about one, what
    the site is asked to do and until when.

    The site says what was done, as often as needed; who verifies there replies that it settles the
    finding, which closes it, or why not: then it waits for the site again. An answer takes the
    place of the one before and of its reply; the ledger keeps all of them.
    """

    id = identifier()
    visit = models.ForeignKey(MonitoringVisit, on_delete=models.PROTECT, related_name="findings")
    number = models.PositiveIntegerField()
    severity = models.CharField(max_length=16)
    participant = models.ForeignKey(
        Participant, null=True, on_delete=models.PROTECT, related_name="+"
    )
    form = models.CharField(max_length=64, blank=True)
    description = models.TextField()
    action = models.TextField()
    due = models.DateField()
    answer = models.TextField(null=True)  # noqa: DJ001
    answered_at = models.DateTimeField(null=True)
    answered_by = person(null=True)
    reply = models.TextField(null=True)  # noqa: DJ001
    replied_at = models.DateTimeField(null=True)
    replied_by = person(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="visit_finding_once"),
            one_of("visit_finding_severity", "severity", Severity),
            together("visit_finding_answered_whole", "answer", "answered_at", "answered_by"),
            together("visit_finding_replied_whole", "reply", "replied_at", "replied_by"),
            after("visit_finding_replied_to_answer", "replied_at", "answered_at"),
            after("visit_finding_closed_by_reply", "closed_at", "replied_at"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.number}"
