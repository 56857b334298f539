"""Which forms of a participant a person can sign now, at one visit or in the whole casebook."""

from collections.abc import Callable
from dataclasses import dataclass

from trialwright.accounts.policy import Actor, role_to_sign
from trialwright.conduct.models import Entry, Participant, Signature
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.conduct.tables import rows_of
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import occurrence_of


@dataclass(frozen=True, slots=True)
class Signable:
    """Complete forms without a signature that one person signs under one role, in the order of the
    protocol; `content_hash` stands for all that is in them.
    """

    role: str
    entries: tuple[Entry, ...]

    @property
    def content_hash(self) -> str:
        """One hash of the hashes of all forms, each with its place."""
        return hash_of(
            [
                [each.visit, each.form, each.repeat, hash_of(entry_content(each))]
                for each in self.entries
            ]
        )


def signable(
    by: Actor,
    participant: Participant,
    protocol: Protocol,
    *,
    knows_arm: bool,
    visit: str | None = None,
) -> Signable | None:
    """The forms that `by` can sign now; None where there are none. `visit`: of this one alone."""
    roles = {
        form.key: role
        for form in protocol.forms
        if (role := role_to_sign(by, form, site=participant.site, knows_arm=knows_arm))
    }
    valid = Signature.objects.filter(participant=participant, void_at=None, entry__isnull=False)
    signed = set(valid.values_list("entry_id", flat=True))
    found = [
        entry
        for entry in rows_of(Entry, participant_id=participant.pk)
        if entry.status == EntryStatus.COMPLETE
        and entry.form in roles
        and entry.pk not in signed
        and visit in (None, entry.visit)
    ]
    if not found:
        return None
    found.sort(key=_order(protocol))
    role = roles[found[0].form]
    for entry in found:
        entry.participant = participant
    return Signable(role, tuple(each for each in found if roles[each.form] == role))


def _order(protocol: Protocol) -> Callable[[Entry], tuple[int, ...]]:
    visits = {visit.key: place for place, visit in enumerate(protocol.visits)}
    forms = {form.key: place for place, form in enumerate(protocol.forms)}

    def place(entry: Entry) -> tuple[int, ...]:
        visit, occurrence = occurrence_of(entry.visit)
        return (visits.get(visit, len(visits)), occurrence, forms[entry.form], entry.repeat)

    return place
