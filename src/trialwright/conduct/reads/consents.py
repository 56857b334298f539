"""The consents of a participant, for all who may see the participant."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from trialwright.accounts.models import Person
from trialwright.accounts.policy import Actor
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.models import Consent, Instead, Participant, ProtocolVersion
from trialwright.conduct.reads.participants import one
from trialwright.protocol.basics import Text
from trialwright.protocol.consent import Consent as Document
from trialwright.protocol.consent import Giver


@dataclass(frozen=True, slots=True)
class PartGiven:
    """One part: agreed to or declined, and when it was withdrawn if it was."""

    key: str
    label: Text
    agreed: bool
    optional: bool
    withdrawn_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """One consent; `number` counts them from 1 in the order in which they were given."""

    number: int
    version: str
    language: str
    explained_by: str
    explained_by_id: UUID
    given_at: datetime
    parts: tuple[PartGiven, ...]
    given_by: Giver = Giver.PARTICIPANT
    born: str = ""
    assent: bool | None = None
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Consents:
    """All consents of a participant, the first first, and the documents of the study."""

    participant: Participant
    given: tuple[ConsentGiven, ...]
    documents: tuple[Document, ...]
    shared_with: str = ""
    """The code of whose consent counts for the participant, where it isn't their own."""

    @property
    def last(self) -> ConsentGiven | None:
        """The consent that counts now."""
        return self.given[-1] if self.given else None

    @property
    def withdrawable(self) -> tuple[PartGiven, ...]:
        """The parts agreed to now that can be withdrawn without leaving the trial."""
        parts = self.last.parts if self.last else ()
        return tuple(p for p in parts if p.agreed and p.optional and p.withdrawn_on is None)


def consents_of(by: Actor, code: str) -> Consents:
    """The consents of a participant this person may see; NotFound for any other."""
    participant = one(by, code)
    versions = ProtocolVersion.objects.filter(study=by.study).order_by("-signed_at")
    found = (protocol_of(version).consent for version in versions)
    documents = {each.version: each for each in reversed([d for d in found if d is not None])}
    rows = participant.consents.order_by("given_at").prefetch_related("withdrawals")
    given = tuple(_given(n, row, documents.get(row.version)) for n, row in enumerate(rows, 1))
    other = participant.linked_to if participant.consented_at and not given else None
    shared = other.code if other else ""
    return Consents(participant, given, tuple(reversed(documents.values())), shared)


def _given(number: int, row: Consent, document: Document | None) -> ConsentGiven:
    known = {part.key: part for part in document.parts} if document else {}
    withdrawn = {each.part: each for each in row.withdrawals.all()}
    order = [key for key in known if key in row.parts]
    parts = []
    for key in [*order, *(key for key in row.parts if key not in known)]:
        left = withdrawn.get(key)
        parts.append(
            PartGiven(
                key=key,
                label=known[key].label if key in known else Text(key, key),
                agreed=row.parts[key],
                optional=key in known and known[key].optional,
                withdrawn_on=left.on if left else None,
                reason=left.reason if left else "",
            )
        )
    name = Person.objects.filter(pk=row.explained_by).values_list("name", flat=True).first()
    return ConsentGiven(
        number=number,
        version=row.version,
        language=row.language,
        explained_by=name or "",
        explained_by_id=row.explained_by,
        given_at=row.given_at,
        parts=tuple(parts),
        given_by=Giver.REPRESENTATIVE
        if row.instead == Instead.REPRESENTATIVE
        else Giver.PARTICIPANT,
        born=row.born or "",
        assent=row.assent,
        waived=row.instead == Instead.WAIVED,
    )
