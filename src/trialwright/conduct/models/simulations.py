"""Simulations of a protocol file, as the program reported them: file, seed, what came of it."""

from django.db import models

from trialwright.conduct.models.columns import identifier, person
from trialwright.conduct.models.study import Study


class SimulationRun(models.Model):
    """One simulated study of exactly these bytes, with one seed, under one release.

    failures: what keeps it from having passed, in sentences, one a line; empty if it passed. never:
    how many things of the protocol nobody reached. The two hashes are of its data cut and reports:
    the same file, number, seed and release give them again.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="simulations")
    sha256 = models.CharField(max_length=64)
    program = models.CharField(max_length=32)
    participants = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    enrolled = models.PositiveIntegerField()
    never = models.PositiveIntegerField()
    failures = models.TextField(blank=True)
    cut_sha256 = models.CharField(max_length=64)
    report_sha256 = models.CharField(max_length=64)
    run_at = models.DateTimeField()
    run_by = person()

    def __str__(self) -> str:
        return f"simulation of {self.sha256[:12]} with seed {self.seed}"
