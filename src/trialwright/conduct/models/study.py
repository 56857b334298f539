"""Studies and the versions of their protocols."""

from enum import StrEnum

from django.db import models

from trialwright.conduct.models.columns import after, identifier, one_of, person, together


class Study(models.Model):
    """One study; its row is the head that every action locks through the ledger first.

    `locks_held` counts its freezes and locks that aren't lifted, so that where there is none no
    action looks for them; `laboratories` counts those whose reference ranges are kept.
    """

    identifier = models.CharField(primary_key=True, max_length=64)
    demonstration = models.BooleanField()
    version = models.ForeignKey(
        "ProtocolVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    activated_at = models.DateTimeField(null=True)
    activated_by = person(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = person(null=True)
    locks_held = models.PositiveIntegerField(null=True)
    laboratories = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            together("study_activation_whole", "activated_at", "activated_by"),
            together("study_closing_whole", "closed_at", "closed_by"),
            after("study_closed_after_activation", "closed_at", "activated_at"),
        ]

    def __str__(self) -> str:
        return self.identifier


class ProtocolVersion(models.Model):
    """One version of a study's protocol: the file as it was signed, byte for byte.

    `previous` is the version that it amends; the study began with the one that has none.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signed_by = person()
    previous = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="next"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "version"], name="protocol_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.version}"


class SiteVersion(models.Model):
    """An amended version that has begun at a site, after the vote of its ethics committee.

    The version with which the study began needs no row. `reference` is how the committee's letter
    is found.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="site_versions")
    site = models.CharField(max_length=8)
    version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT)
    ethics_on = models.DateField()
    reference = models.CharField(max_length=120)
    since = models.DateTimeField()
    recorded_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "site", "version"], name="version_begins_once_at_a_site"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} at {self.site}"


class ProtocolFile(models.Model):
    """The bytes of a protocol, by their hash; apart, since its version is read often."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    source = models.BinaryField()

    def __str__(self) -> str:
        return self.sha256


class ProtocolDraft(models.Model):
    """The file from which a study is set up, or amended, until it is in force."""

    study = models.OneToOneField(
        Study, primary_key=True, on_delete=models.PROTECT, related_name="draft"
    )
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=120)
    uploaded_at = models.DateTimeField()
    uploaded_by = person(null=True)

    def __str__(self) -> str:
        return f"{self.study_id} {self.sha256[:12]}"


class Party(StrEnum):
    """On whose behalf a protocol is signed."""

    SPONSOR = "sponsor"
    INVESTIGATOR = "investigator"


class ProtocolSignature(models.Model):
    """One person's signature on exactly these bytes of a protocol."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="signatures")
    sha256 = models.CharField(max_length=64)
    party = models.CharField(max_length=16)
    role = models.CharField(max_length=40)
    signed_at = models.DateTimeField()
    signed_by = person()

    class Meta:
        constraints = [
            one_of("protocol_signature_party", "party", Party),
            models.UniqueConstraint(
                fields=["study", "sha256", "party", "signed_by"], name="protocol_signed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.party}"
