"""What signed heads count of a study, and what a restore may not give a second time.

Numbers that were given and then lost with a restore stay given: the participant and the place of a
list exist outside the database, on paper and in the ward.
"""

from collections.abc import Collection, Mapping

from django.db.models import Max

from trialwright.accounts.models import Site
from trialwright.conduct import audited
from trialwright.conduct.models import AllocationSlot, GivenBefore, Participant, Signature, Study
from trialwright.conduct.tables import row_of
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.journal import Writer
from trialwright.ledger.tallies import Counts, HeadTally

PARTICIPANTS, PLACES, SIGNATURES = "participants/", "places/", "signatures"


def tallies() -> tuple[HeadTally, ...]:
    """What the ledger's heads carry of conduct."""
    return (
        HeadTally("participant", "number", _participants),
        HeadTally("slot", "participant_id", _places),
        HeadTally("signature", "signed_at", _signatures),
    )


def _participants(study: str, ids: Collection[str] | None) -> Counts:
    rows = Participant.objects.filter(study=study)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    found = rows.values_list("site").annotate(last=Max("number")).order_by()
    return {f"{PARTICIPANTS}{site}": last for site, last in found}


def _places(study: str, ids: Collection[str] | None) -> Counts:
    rows = AllocationSlot.objects.filter(study=study, participant__isnull=False)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    found = rows.values_list("list_name").annotate(last=Max("place")).order_by()
    return {f"{PLACES}{name}": last for name, last in found}


def _signatures(study: str, _ids: Collection[str] | None) -> Counts:
    return {SIGNATURES: Signature.objects.filter(participant__study=study).count()}


def given_before(study: Study, name: str) -> int:
    """The last number that was given before a restore; 0 if there was none."""
    row = row_of(GivenBefore, study_id=study.identifier, name=name)
    return 0 if row is None else row.last


def reserve(writer: Writer, study: str, lost: Mapping[str, int]) -> None:
    """Have no number of those that were lost given again."""
    row = Study.objects.filter(identifier=study).first()
    for name, last in sorted(lost.items()):
        if row is None or name == SIGNATURES:
            continue
        _require_known(row, name)
        kept = GivenBefore.objects.filter(study=row, name=name).first()
        if kept is None:
            audited.record(writer, GivenBefore(study=row, name=name, last=last))
        elif kept.last < last:
            audited.change(writer, kept, last=last)


def _require_known(study: Study, name: str) -> None:
    kind, _, which = name.partition("/")
    places = AllocationSlot.objects.filter(study=study, list_name=which)
    sites = Site.objects.filter(study=study.identifier, code=which)
    known = {PARTICIPANTS: sites, PLACES: places}.get(f"{kind}/")
    if known is None or not known.exists():
        raise LedgerError(
            f"Nothing is counted as {name} in {study.identifier}. Write participants/SITE or"
            " places/LIST, as this study has them."
        )
