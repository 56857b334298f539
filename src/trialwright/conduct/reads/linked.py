"""Whom a participant is linked with, as far as a person may see."""

from dataclasses import dataclass

from django.db.models import Q

from trialwright.accounts.policy import Actor
from trialwright.conduct.models import Participant, State
from trialwright.conduct.reads.participants import study_and_protocol, visible
from trialwright.protocol.basics import Text


@dataclass(frozen=True, slots=True)
class LinkedParticipant:
    """A participant at one end of a link."""

    code: str
    kind: Text
    state: State


def linked_to(by: Actor, row: Participant) -> tuple[LinkedParticipant, ...]:
    """Whom a participant is linked to, then those who are linked to them, by code."""
    if row.kind is None:
        return ()
    _study, protocol = study_and_protocol(by)
    labels = {kind.key: kind.label for kind in protocol.kinds}
    rows = visible(by).filter(Q(linked_to=row.pk) | Q(pk=row.linked_to_id)).order_by("code")
    found = sorted(rows, key=lambda each: (each.pk != row.linked_to_id, each.code))
    return tuple(
        LinkedParticipant(each.code, labels[each.kind or ""], State(each.state)) for each in found
    )
