"""Participants: who was screened, what each agreed to, states, visits."""

import json
from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import after, identifier, one_of, person, together
from trialwright.conduct.models.study import ProtocolVersion, Study


class State(StrEnum):
    """Where a participant stands; `conduct.participants.states` says which step leads where."""

    SCREENED = "screened"
    CONSENTED = "consented"
    ELIGIBLE = "eligible"
    RANDOMISED = "randomised"
    TREATED = "treated"
    NOT_TREATED = "not_treated"
    COMPLETED = "completed"
    SCREEN_FAILED = "screen_failed"
    WITHDRAWN = "withdrawn"
    LOST = "lost"
    DIED = "died"


class Participant(models.Model):
    """One screened person, by a code; the name is nowhere in the system.

    The moments are those that every trial can have, each recorded by one action; the protocol's
    own steps have a table of theirs (`StepRecord`). `version` is the protocol under which they
    stand, as `protocol.versions` has it; without one, the one with which the study began. What a
    withdrawal stops is kept apart from the state: who stops treatment may come to the visits.
    `allocated_again` says of each later allocation, by its key, when it was made (JSON, ISO 8601).
    `kind` and `linked_to` are of a protocol with kinds of participant; `arm_of` is whose arm a
    linked participant shares. `group` is of a protocol with groups, from the confirmation of the
    eligibility on.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="participants")
    site = models.CharField(max_length=8)
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    screened_at = models.DateTimeField()
    consented_at = models.DateTimeField(null=True)
    eligible_at = models.DateTimeField(null=True)
    randomised_at = models.DateTimeField(null=True)
    allocated_again = models.TextField(null=True)  # noqa: DJ001 - most have none
    version = models.ForeignKey(
        ProtocolVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=40, null=True)  # noqa: DJ001 - entries begin with a kind
    linked_to = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="linked"
    )
    arm_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=40, null=True)  # noqa: DJ001 - entries begin with a group
    screen_failure_reason = models.TextField(blank=True)
    stops_treatment = models.BooleanField(default=False)
    stops_visits = models.BooleanField(default=False)
    stops_contact = models.BooleanField(default=False)
    stops_samples = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "code"], name="participant_code_once"),
            models.UniqueConstraint(fields=["study", "site", "number"], name="participant_number"),
            one_of("participant_state", "state", State),
            models.CheckConstraint(
                condition=Q(linked_to__isnull=True) | Q(kind__isnull=False, randomised_at=None),
                name="participant_linked_has_kind",
            ),
            models.CheckConstraint(
                condition=Q(arm_of__isnull=True) | Q(linked_to__isnull=False),
                name="participant_arm_by_link",
            ),
            models.CheckConstraint(
                condition=Q(group__isnull=True) | Q(eligible_at__isnull=False),
                name="participant_group_with_eligibility",
            ),
            after("eligible_after_consent", "eligible_at", "consented_at"),
            after("randomised_after_eligible", "randomised_at", "eligible_at"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def made_again(self) -> dict[str, str]:
        """When each later allocation was made, by its key, the first of them first."""
        made: dict[str, str] = json.loads(self.allocated_again or "{}")
        return made


class Instead(StrEnum):
    """What stands instead of the participant's own consent."""

    REPRESENTATIVE = "representative"
    WAIVED = "waived"


class Consent(models.Model):
    """One consent given, with the parts agreed to and declined; or its waiver, which has none.

    instead: a representative's consent or a waiver; None of the participant's own. born: when the
    participant was born, as far as it was said (ISO text of any precision). assent: of a
    representative's, whether the participant assented; None where they were not asked. given_at: of
    a waiver, the moment from which data are taken.
    """

    id = identifier()
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="consents")
    version = models.CharField(max_length=32)
    language = models.CharField(max_length=8)
    explained_by = person()
    given_at = models.DateTimeField()
    parts = models.JSONField()
    instead = models.CharField(max_length=16, null=True)  # noqa: DJ001 - the ledger's entries
    born = models.CharField(max_length=10, null=True)  # noqa: DJ001 - begin where there is one
    assent = models.BooleanField(null=True)

    class Meta:
        constraints = [
            one_of("consent_instead", "instead", Instead),
            models.CheckConstraint(
                condition=Q(instead="representative") | Q(assent__isnull=True),
                name="consent_assent_to_representative",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.version}"


class ConsentWithdrawal(models.Model):
    """One part of a consent, agreed to and withdrawn from later."""

    id = identifier()
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="withdrawals")
    part = models.CharField(max_length=64)
    on = models.DateField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consent", "part"], name="consent_part_withdrawn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.part} withdrawn on {self.on}"


class Answer(StrEnum):
    """What was found of a criterion. Passing an exclusion criterion means that it doesn't apply."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "unknown"


class CriterionAnswer(models.Model):
    """One eligibility criterion of one participant: pass, fail or unknown, and why."""

    id = identifier()
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="criteria")
    criterion = models.CharField(max_length=64)
    answer = models.CharField(max_length=8)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "criterion"], name="criterion_once"),
            one_of("criterion_answer", "answer", Answer),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.answer}"


class EndingKind(StrEnum):
    """Why participation changed."""

    WITHDRAWN = "withdrawn"
    LOST = "lost"
    DIED = "died"
    COMPLETED = "completed"


class Ending(models.Model):
    """A withdrawal (whole or of parts), a loss, a death or the planned end."""

    id = identifier()
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="endings")
    kind = models.CharField(max_length=16)
    on = models.DateField()
    stops = models.JSONField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [one_of("ending_kind", "kind", EndingKind)]

    def __str__(self) -> str:
        return f"{self.kind} on {self.on}"


class VisitStatus(StrEnum):
    """What has become of a planned visit."""

    PLANNED = "planned"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


class VisitRecord(models.Model):
    """One visit of one participant: when it is planned for and what became of it."""

    id = identifier()
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="visits")
    visit = models.CharField(max_length=64)
    status = models.CharField(max_length=16)
    target = models.DateField(null=True)
    opens = models.DateField(null=True)
    closes = models.DateField(null=True)
    by_fallback = models.BooleanField(default=False)
    actual = models.DateField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "visit"], name="visit_once"),
            one_of("visit_status", "status", VisitStatus),
            together("visit_window_whole", "target", "opens", "closes"),
            models.CheckConstraint(
                condition=Q(status="done", actual__isnull=False)
                | (~Q(status="done") & Q(actual__isnull=True)),
                name="visit_done_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit}: {self.status}"
