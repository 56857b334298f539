"""Who is to consent again, and why: a new version of the document, or their majority."""

from collections.abc import Collection, Iterator
from datetime import date
from enum import StrEnum

from django.utils import timezone

from trialwright.conduct.acting import protocol_of
from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.models import Consent, Instead, Participant, State, Study
from trialwright.conduct.participants.planning import OVER
from trialwright.conduct.tables import chain_of, version_for, version_of
from trialwright.conduct.versions import begun_everywhere, to_move_to
from trialwright.protocol.consent import Consent as Document
from trialwright.protocol.model import Protocol
from trialwright.protocol.values import PartialDate


class Reconsent(StrEnum):
    """Why somebody is to consent again."""

    MAJORITY = "majority"
    VERSION = "version"


def reconsent_of(row: Participant, protocol: Protocol, today: date) -> Reconsent | None:
    """Why somebody who goes on is to consent again; None where they aren't.

    protocol: the version under which the participant stands. today: the day at their site.
    """
    if not _goes_on(row):
        return None
    last = row.consents.order_by("given_at").last()
    return _reason(last, document_to_renew(row, protocol), today)


def document_to_renew(row: Participant, protocol: Protocol) -> Document | None:
    """The document to which a participant would consent again: that of the version to move to."""
    study = row.study
    if study.version_id is not None:
        study.version = version_of(study.version_id)
    version = to_move_to(row, study)
    moved = protocol_of(version).consent if version is not None else None
    return moved or protocol.consent


def documents_to_renew(
    study: Study, rows: Collection[Participant]
) -> Iterator[tuple[Participant, Document, Reconsent]]:
    """Those of these participants who are to consent again, in a handful of statements."""
    newest = study.version
    if newest is None:
        return
    chain = chain_of(newest)
    begun = begun_everywhere(study.identifier, chain) if len(chain) > 1 else {}
    given = Consent.objects.filter(participant__in=rows).order_by("given_at")
    last = {each.participant_id: each for each in given}
    now, zones = timezone.now(), zones_of(study.identifier)
    for row in rows:
        version = to_move_to(row, study, begun.get(row.site, []))
        document = protocol_of(version or version_for(row, newest)).consent
        why = _reason(last.get(row.pk), document, day_of(now, zones.at(row.site)))
        if document is not None and why is not None and _goes_on(row):
            yield row, document, why


def _goes_on(row: Participant) -> bool:
    return row.state not in OVER or (row.state == State.WITHDRAWN and not row.stops_contact)


def _reason(last: Consent | None, document: Document | None, today: date) -> Reconsent | None:
    if last is None or document is None or document.waived is not None:
        return None
    represented = last.instead == Instead.REPRESENTATIVE and last.born is not None
    if represented and document.may_be_of_age(PartialDate.parse(last.born or ""), today):
        return Reconsent.MAJORITY
    return Reconsent.VERSION if last.version != document.version else None
