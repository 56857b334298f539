"""The concealed list: one equal-length ciphertext for each place, and who has opened one."""

from enum import StrEnum

from django.db import models

from trialwright.conduct.models.columns import identifier, one_of, person, together
from trialwright.conduct.models.participants import Participant
from trialwright.conduct.models.study import Study


class AllocationSlot(models.Model):
    """One place of one list. `participant` is filled in, in order, as they are allocated.

    allocation: the key of a later allocation; None of the one by which participants enter.
    stratum: what the draw of an arm read of the participant, where arms are drawn one by one.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="slots")
    list_name = models.CharField(max_length=64)
    place = models.PositiveIntegerField()
    sealed = models.BinaryField()
    stratum = models.TextField(null=True)  # noqa: DJ001 - places made beforehand have none
    allocation = models.CharField(max_length=40, null=True)  # noqa: DJ001 - the first has none
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, null=True, related_name="slots"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "list_name", "place"], name="slot_once"),
            models.UniqueConstraint(
                fields=["participant"],
                condition=models.Q(allocation__isnull=True),
                name="allocated_once",
            ),
            models.UniqueConstraint(
                fields=["participant", "allocation"], name="allocated_again_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list_name} {self.place}"


class AllocationSource(models.Model):
    """What all arms of a study follow from: the random numbers and the terms of the allocation, as
    one ciphertext. Whoever holds the keys can find every arm again once the study has closed."""

    study = models.OneToOneField(
        Study, primary_key=True, on_delete=models.PROTECT, related_name="allocation_source"
    )
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.study_id)


class UploadedList(models.Model):
    """One upload of an allocation list that was drawn outside; the last of an allocation counts.

    allocation: its key in the protocol. sealed: the hash of the file, and the arm of each place.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="uploaded_lists")
    allocation = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField()
    uploaded_by = person()
    role = models.CharField(max_length=40)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "allocation", "number"], name="uploaded_list_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.allocation} {self.number}"


class Unblinding(models.Model):
    """Who has seen which participant's arm, and why; that person is unblinded for the participant
    from then on.
    """

    id = identifier()
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="seen_by")
    person = person()
    seen_at = models.DateTimeField()
    why = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "person"], name="arm_seen_once")
        ]

    def __str__(self) -> str:
        return self.why


class GivenBefore(models.Model):
    """Up to which number something had been given before a restore, by what was signed of it.

    `name` is a list's place (`places/LIST`) or a site's participant (`participants/SITE`), as the
    signed heads count them; no number up to `last` is given to anybody else.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="given_before")
    name = models.CharField(max_length=128)
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "name"], name="given_before_once")]

    def __str__(self) -> str:
        return f"{self.name} to {self.last}"


class Urgency(StrEnum):
    """Why somebody is unblinded outside the plan."""

    EMERGENCY = "emergency"
    REACTION = "reaction"
    ACCIDENT = "accident"
    ENVELOPE = "envelope"


class UnplannedUnblinding(models.Model):
    """One unblinding outside the plan: who learned one participant's arm, why, and what follows.

    `reason` is what was written by who didn't know the arm; of somebody who did it is `sealed`.
    What was learned stands nowhere here. `effect` is the judgement of what it does to the results.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="unblindings")
    number = models.PositiveIntegerField()
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="unblindings"
    )
    person = person()
    role = models.CharField(max_length=40)
    urgency = models.CharField(max_length=10)
    happened_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    event = models.ForeignKey(
        "AdverseEvent", null=True, on_delete=models.PROTECT, related_name="unblindings"
    )
    effect = models.TextField(blank=True)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.UUIDField(null=True)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="unblinding_number_once"),
            one_of("unblinding_urgency", "urgency", Urgency),
            together("unblinding_judgement_whole", "judged_at", "judged_by"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.urgency}"
