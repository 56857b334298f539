"""Visits that took place, complete forms and valid signatures, by the names of
`protocol.requirements`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from trialwright.conduct.models import Entry, Participant, Signature, VisitRecord, VisitStatus
from trialwright.conduct.models.entries import EntryStatus
from trialwright.protocol.model import Protocol
from trialwright.protocol.progress import required_by_steps
from trialwright.protocol.requirements import Requirement


def met_by(participants: Iterable[Participant]) -> Mapping[Any, frozenset[str]]:
    """What each participant has met, by primary key, in three statements for all of them."""
    keys = [participant.pk for participant in participants]
    found: dict[Any, set[str]] = defaultdict(set)
    done = VisitRecord.objects.filter(participant__in=keys, status=VisitStatus.DONE.value)
    for key, visit in done.values_list("participant", "visit"):
        found[key].add(str(Requirement(visit)))
    valid = Signature.objects.filter(participant__in=keys, void_at=None).exclude(entry=None)
    signed = set(valid.values_list("entry", flat=True))
    unsigned: dict[Any, set[str]] = defaultdict(set)
    entries = Entry.objects.filter(participant__in=keys, status=EntryStatus.COMPLETE.value)
    for pk, key, visit, form in entries.values_list("pk", "participant", "visit", "form"):
        found[key].add(str(Requirement(visit, form)))
        name = str(Requirement(visit, form, signed=True))
        (found if pk in signed else unsigned)[key].add(name)
    # Of a form with several records each is signed, or the form isn't.
    return {key: frozenset(found[key] - unsigned[key]) for key in keys}


def met_for_steps(participant: Participant, protocol: Protocol) -> frozenset[str]:
    """What of the requirements of the protocol's steps a participant has met."""
    if not required_by_steps(protocol):
        return frozenset()
    return met_by([participant])[participant.pk]
