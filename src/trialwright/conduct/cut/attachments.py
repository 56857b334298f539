"""Attachments as a cut has them: those of open forms, and those that only unblinded people see."""

from collections.abc import Iterable

from trialwright.analysis import cut_attachments as c
from trialwright.conduct.clock import Zones, day_of, zones_of
from trialwright.conduct.models import Attachment, Study
from trialwright.protocol.occurrences import occurrence_of


def attachments(
    study: Study, *, restricted: bool, zones: Zones | None = None
) -> Iterable[c.Attachment]:
    """Those that stand, of forms that could reveal an arm (`restricted`) or of all others."""
    zones = zones or zones_of(study.identifier)
    rows = Attachment.objects.filter(
        participant__study=study, restricted=restricted, removed_at=None
    )
    for row in rows.select_related("participant", "entry"):
        entry = row.entry
        visit, occurrence = occurrence_of(entry.visit) if entry else ("", 1)
        yield c.Attachment(
            participant=row.participant.code,
            number=row.number,
            visit=visit,
            form=entry.form if entry else "",
            repeat=entry.repeat if entry else 1,
            kind=row.kind,
            size_bytes=row.size_bytes,
            sha256=row.sha256,
            about=row.about,
            attached_on=day_of(row.attached_at, zones.at(row.participant.site)).isoformat(),
            occurrence=occurrence,
        )
