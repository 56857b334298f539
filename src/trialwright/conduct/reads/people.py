"""Who somebody is in a study: the seats held there, under the roles of the signed protocol."""

from trialwright.accounts.models import Person
from trialwright.accounts.policy import Act, Actor, may
from trialwright.accounts.reads import actor_in
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.models import Study
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.setting_up import with_manager
from trialwright.conduct.tables import row_of, version_of
from trialwright.protocol.model import Protocol


def enter(person: Person, study: str) -> tuple[Actor, Study, Protocol]:
    """The person in the study, the study, and the protocol it runs on.

    Raises:
        NotFound: there is no such study, it has no signed protocol, or no role is held there.
    """
    row = row_of(Study, identifier=study)
    if row is None or row.version_id is None:
        raise NotFound
    row.version = version_of(row.version_id)
    protocol = protocol_of(row.version)
    actor = actor_in(person, study, with_manager(protocol.roles), delegated=not row.demonstration)
    if actor is None or not may(actor, Act.SEE_STUDY):
        raise NotFound
    return actor, row, protocol


def actor_of(person: Person, study: str) -> Actor:
    """The person in the study; raises NotFound as `enter` does."""
    return enter(person, study)[0]
