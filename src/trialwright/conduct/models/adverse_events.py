"""Adverse events: what happened, how its grade went, and what each judge says of its cause."""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from trialwright.conduct.models.columns import identifier, one_of, person
from trialwright.conduct.models.participants import Participant
from trialwright.conduct.models.study import Study


class Outcome(StrEnum):
    """What became of an event."""

    RECOVERED = "recovered"
    RECOVERING = "recovering"
    NOT_RECOVERED = "not_recovered"
    SEQUELAE = "sequelae"
    FATAL = "fatal"
    UNKNOWN = "unknown"


class Special(StrEnum):
    """A situation that has the same duty to report as a reaction, event or not."""

    PREGNANCY = "pregnancy"
    MEDICATION_ERROR = "medication_error"
    WRONG_CONTAINER = "wrong_container"
    OVERDOSE = "overdose"
    OUTSIDE_PROTOCOL = "outside_protocol"


class Judge(StrEnum):
    """Whose opinion of the cause it is."""

    INVESTIGATOR = "investigator"
    SPONSOR = "sponsor"
    ADJUDICATOR = "adjudicator"


class About(StrEnum):
    """What the event may be related to: blinded people can't tell one product from another."""

    TREATMENT = "treatment"
    PROCEDURE = "procedure"


class AdverseEvent(models.Model):
    """One event, or special situation, of a participant.

    `term` is one of the version of CTCAE in `ctcae`, as named in the protocol when it was recorded;
    without a version it is what was written. `started` and `ended` are ISO dates cut short where
    only part is known, empty where nothing is. Seriousness is computed from the six answers.
    `stopping` holds the keys of the protocol's stopping questions answered with yes.

    A special situation in which nobody was harmed has no term and no grade, and is no adverse
    event: it is reported, and stands in no table of these. An event of a `child` is the child's
    own, of the participant's pregnancy.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="adverse_events")
    number = models.PositiveIntegerField()
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="adverse_events"
    )
    term = models.CharField(max_length=255)
    ctcae = models.CharField(max_length=8, blank=True)
    described = models.TextField(blank=True)
    special = models.CharField(max_length=24, blank=True)
    child = models.ForeignKey(
        "PregnancyChild", null=True, on_delete=models.PROTECT, related_name="events"
    )
    started = models.CharField(max_length=10, blank=True)
    ended = models.CharField(max_length=10, blank=True)
    known_at = models.DateTimeField()
    outcome = models.CharField(max_length=16)
    death = models.BooleanField()
    life_threatening = models.BooleanField()
    hospitalisation = models.BooleanField()
    disability = models.BooleanField()
    congenital = models.BooleanField()
    important = models.BooleanField()
    stopping = models.JSONField(default=list)
    # The kind of event under which the protocol wants no immediate report of it.
    exempt = models.CharField(max_length=40, blank=True)
    # Why it is no event after all; it stays, is shown as such, and counts nowhere.
    nullified = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="adverse_event_number_once"),
            one_of("adverse_event_outcome", "outcome", Outcome),
            models.CheckConstraint(
                condition=Q(special="") | Q(special__in=[each.value for each in Special]),
                name="adverse_event_special",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.FATAL.value, death=True)
                | (~Q(outcome=Outcome.FATAL.value) & Q(death=False)),
                name="adverse_event_fatal_is_death",
            ),
            models.CheckConstraint(
                condition=~Q(term="") | ~Q(special=""), name="adverse_event_without_term_is_special"
            ),
            models.CheckConstraint(
                condition=Q(known_at__lte=F("recorded_at")), name="adverse_event_known_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.term}"


class EventGrade(models.Model):
    """One step of an event's grade: it was of this grade from then on."""

    id = identifier()
    event = models.ForeignKey(AdverseEvent, on_delete=models.PROTECT, related_name="grades")
    number = models.PositiveSmallIntegerField()
    grade = models.PositiveSmallIntegerField()
    since = models.CharField(max_length=10, blank=True)
    known_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "number"], name="event_grade_number_once"),
            models.CheckConstraint(
                condition=Q(grade__gte=1, grade__lte=5), name="event_grade_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade} from {self.since}"


class EventOpinion(models.Model):
    """What one judge says of the cause; it can be said anew, and the ledger keeps what was said."""

    id = identifier()
    event = models.ForeignKey(AdverseEvent, on_delete=models.PROTECT, related_name="opinions")
    judge = models.CharField(max_length=16)
    about = models.CharField(max_length=16)
    related = models.BooleanField()
    given_at = models.DateTimeField()
    given_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "judge", "about"], name="event_opinion_once"),
            one_of("event_opinion_judge", "judge", Judge),
            one_of("event_opinion_about", "about", About),
        ]

    def __str__(self) -> str:
        return f"{self.judge}: {self.about} {self.related}"
