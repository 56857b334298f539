"""Studies and the versions of their protocols."""

from django.db import models

from trialwright.conduct.models.columns import identifier, person, together


class Study(models.Model):
    """One study; its row is the head that every action locks through the ledger first."""

    identifier = models.CharField(primary_key=True, max_length=64)
    demonstration = models.BooleanField()
    version = models.ForeignKey(
        "ProtocolVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    activated_at = models.DateTimeField(null=True)
    activated_by = person(null=True)

    class Meta:
        constraints = [together("study_activation_whole", "activated_at", "activated_by")]

    def __str__(self) -> str:
        return self.identifier


class ProtocolVersion(models.Model):
    """One version of a study's protocol: the file as it was signed, byte for byte."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signed_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "version"], name="protocol_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.version}"


class ProtocolFile(models.Model):
    """The bytes of a signed protocol, by their hash; apart, since its version is read often."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    source = models.BinaryField()

    def __str__(self) -> str:
        return self.sha256
