"""Files that stand beside data: what is known of each, and its bytes under encryption."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person, together
from trialwright.conduct.models.entries import Entry
from trialwright.conduct.models.participants import Participant


class FileKind(StrEnum):
    """What a file is, by its content."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"


class Attachment(models.Model):
    """A file on a form (or, without one, on a participant). It never changes; it is removed with a
    reason. `restricted`: its form could reveal an arm, so it has no words of its own.
    """

    id = identifier()
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="attachments"
    )
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, null=True, related_name="attachments"
    )
    number = models.PositiveIntegerField()
    restricted = models.BooleanField()
    kind = models.CharField(max_length=8)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    about = models.CharField(max_length=200, blank=True)
    attached_at = models.DateTimeField()
    attached_by = person()
    role = models.CharField(max_length=40)
    removed_at = models.DateTimeField(null=True)
    removed_by = person(null=True)
    removed_reason = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "number"], name="attachment_once"),
            one_of("attachment_kind", "kind", FileKind),
            together("attachment_removed_whole", "removed_at", "removed_by", "removed_reason"),
            models.CheckConstraint(
                condition=Q(restricted=False) | Q(about="", entry__isnull=False),
                name="attachment_restricted_says_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"attachment {self.number}"


class AttachedFile(models.Model):
    """The bytes of an attachment, sealed for it; apart, so that a list doesn't carry them."""

    attachment = models.OneToOneField(
        Attachment, on_delete=models.PROTECT, primary_key=True, related_name="file"
    )
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"file of {self.attachment_id}"
