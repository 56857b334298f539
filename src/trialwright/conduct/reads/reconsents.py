"""Who is to consent again, as far as a person may see."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import Consent, Instead, State, Study
from trialwright.conduct.participants.reconsenting import Reconsent, documents_to_renew
from trialwright.conduct.reads.participants import study_and_protocol, visible


@dataclass(frozen=True, slots=True)
class ReconsentLine:
    """A participant who is to consent again, to which version of the document and why."""

    code: str
    version: str
    why: Reconsent


def to_reconsent(by: Actor) -> tuple[ReconsentLine, ...]:
    """The participants whom a person may see and who are to consent again, by code."""
    study, protocol = study_and_protocol(by)
    amended = study.version is not None and study.version.previous_id is not None
    ages = protocol.consent is not None and protocol.consent.majority is not None
    if not (amended or ages):
        return ()
    rows = visible(by).filter(consented_at__isnull=False).exclude(state=State.SCREEN_FAILED.value)
    if not amended:
        last = Consent.objects.filter(participant=OuterRef("pk")).order_by("-given_at")
        rows = rows.annotate(instead=Subquery(last.values("instead")[:1])).filter(
            instead=Instead.REPRESENTATIVE.value
        )
    return tuple(
        ReconsentLine(row.code, document.version, why)
        for row, document, why in documents_to_renew(study, _with(study, rows.order_by("code")))
    )


def reconsents_due(by: Actor) -> tuple[ReconsentLine, ...]:
    """Those for whom this person may record it."""
    if not may(by, Act.CONSENT):
        return ()
    return to_reconsent(by)


def _with(study: Study, rows):  # type: ignore[no-untyped-def]
    found = list(rows)
    for row in found:
        row.study = study
    return found
