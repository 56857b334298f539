"""Which version of the protocol stands for whom: in a study, at a site, for a participant.

What `protocol.versions` says is stored with the participant, so that a page needs no history to
know it; it is computed again wherever it can change: when somebody is screened, when a version
begins at the site, when a consent is recorded.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from trialwright.conduct.acting import ActionContext, protocol_of
from trialwright.conduct.models import (
    Consent,
    Participant,
    ProtocolVersion,
    SiteVersion,
    Study,
)
from trialwright.conduct.participants.planning import replan
from trialwright.conduct.tables import chain_of, version_for
from trialwright.protocol.versions import Agreed, Begun, Moves, version_under


def version_at_site(study: Study, site: str, newest: ProtocolVersion) -> ProtocolVersion:
    """The version that whoever is screened at a site now stands under."""
    chain = chain_of(newest)
    if len(chain) == 1:
        return chain[0]
    begun = set(
        SiteVersion.objects.filter(study=study, site=site).values_list("version", flat=True)
    )
    return next((each for each in reversed(chain) if each.pk in begun), chain[0])


def settled_version(participant: Participant, newest: ProtocolVersion) -> ProtocolVersion:
    """The version under which a participant stands by all that is recorded now."""
    chain = chain_of(newest)
    if len(chain) == 1:
        return chain[0]
    begun = begun_at(participant.study_id, participant.site, chain)
    given = Consent.objects.filter(participant=participant).values_list("version", "given_at")
    consents = [Agreed(document, at) for document, at in given]
    return chain[version_under(begun, participant.screened_at, consents)]


def begun_at(study: str, site: str, chain: list[ProtocolVersion]) -> list[Begun]:
    """What has begun at a site, as the pure function wants it."""
    since = dict(
        SiteVersion.objects.filter(study=study, site=site).values_list("version_id", "since")
    )
    return _begun(chain, since)


def begun_everywhere(study: str, chain: list[ProtocolVersion]) -> dict[str, list[Begun]]:
    """What has begun at each site, in one statement."""
    since: dict[str, dict[UUID, datetime]] = defaultdict(dict)
    rows = SiteVersion.objects.filter(study=study)
    for site, version, moment in rows.values_list("site", "version_id", "since"):
        since[site][version] = moment
    return {site: _begun(chain, held) for site, held in since.items()}


def _begun(chain: list[ProtocolVersion], since: Mapping[UUID, datetime]) -> list[Begun]:
    found = []
    for number, version in enumerate(chain):
        if version.pk in since:
            protocol = protocol_of(version)
            moves = protocol.amendment.moves if protocol.amendment else Moves.RECONSENT
            document = protocol.consent.version if protocol.consent else None
            found.append(Begun(number, moves, document, since[version.pk]))
    return found


def to_move_to(
    participant: Participant, study: Study, begun: list[Begun] | None = None
) -> ProtocolVersion | None:
    """The version to which a new consent would move a participant; None where none would.

    begun: what has begun at the participant's site, where that is at hand.
    """
    newest = study.version
    if newest is None or newest.previous_id is None:
        return None
    chain, here = chain_of(newest), version_for(participant, newest)
    if begun is None:
        begun = begun_at(participant.study_id, participant.site, chain)
    later = [
        each.number
        for each in begun
        if each.moves is not Moves.NEW_ONLY and each.number > chain.index(here)
    ]
    return chain[max(later)] if later else None


def settle(context: ActionContext) -> bool:
    """Have the participant stand under their version as it is now; whether it is another.

    The visits are planned again by it. What was entered stays with the version it was entered
    under.
    """
    participant, newest = context.participant, context.study.version
    assert newest is not None  # noqa: S101 - `acting` has asked
    now = settled_version(participant, newest)
    if now.pk == version_for(participant, newest).pk:
        return False
    context.change(participant, version=None if now.previous_id is None else now)
    context.protocol = protocol_of(now)
    replan(context)
    return True
