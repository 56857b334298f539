"""Laboratory results that came by file: how each file is read, what it held, what was entered."""

from django.db import models

from trialwright.conduct.models.columns import identifier, person
from trialwright.conduct.models.entries import Entry
from trialwright.conduct.models.study import Study


class ResultMapping(models.Model):
    """One version of a mapping of files onto forms, as it was written; the newest is used."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="result_mappings")
    name = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    text = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = person()
    role = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "name", "version"], name="result_mapping_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class ResultFile(models.Model):
    """One file of results, read by one version of a mapping.

    `sha256` is the hash of the file's bytes. The file itself isn't kept, which may name people:
    `lines` are what the mapping read of it, a list for each result.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="result_files")
    number = models.PositiveIntegerField()
    mapping = models.ForeignKey(ResultMapping, on_delete=models.PROTECT, related_name="files")
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    lines = models.JSONField()
    uploaded_at = models.DateTimeField()
    uploaded_by = person()
    role = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="result_file_number_once"),
            models.UniqueConstraint(fields=["mapping", "sha256"], name="result_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.file_name}"


class ImportedValue(models.Model):
    """That a value of a form was entered from a row of a file, at which revision of the form."""

    id = identifier()
    file = models.ForeignKey(ResultFile, on_delete=models.PROTECT, related_name="values")
    row = models.PositiveIntegerField()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="imported")
    item = models.CharField(max_length=64)
    revision = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.item} from row {self.row}"
