"""How far the building of a demonstration study is. No fact of a trial: it enters no ledger."""

from django.db import models

from trialwright.conduct.models.study import Study


class Building(models.Model):
    """The demonstration's own bookmark, moved in the transaction of the steps it counts.

    `until` is the present in which the story ends; with it and the number of participants the
    story is the same at each telling, so that a broken-off building goes on after its `done` steps.
    """

    study = models.OneToOneField(Study, on_delete=models.PROTECT, primary_key=True)
    participants = models.PositiveIntegerField()
    until = models.DateTimeField()
    done = models.PositiveIntegerField(default=0)
    finished = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.study_id}: {self.done} steps"
