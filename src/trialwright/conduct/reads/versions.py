"""The versions of a study's protocol: which stand, where each has begun, who stands under it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import names_of
from trialwright.conduct.acting import protocol_for, protocol_of
from trialwright.conduct.models import Participant, ProtocolVersion, SiteVersion, Study
from trialwright.conduct.reads.participants import (
    one,
)
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.tables import chain_of
from trialwright.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class BegunAt:
    """A version that has begun at a site; the vote is None for the one the study began with."""

    site: str
    since: datetime | None
    ethics_on: date | None
    reference: str
    by: str


@dataclass(frozen=True, slots=True)
class VersionTold:
    """One version: its file, where it has begun and where not yet, and how many stand under it."""

    version: str
    sha256: str
    signed_at: datetime
    protocol: Protocol
    begun: tuple[BegunAt, ...]
    waiting: tuple[str, ...]
    participants: int


def versions_of(study: Study) -> tuple[VersionTold, ...]:
    """All versions of a study, the newest first. The caller asks the policy."""
    newest = study.version
    if newest is None:
        return ()
    chain = chain_of(newest)
    rows = list(SiteVersion.objects.filter(study=study).order_by("site"))
    names = names_of({str(row.recorded_by) for row in rows})
    sites = list(
        Site.objects.filter(study=study.pk).order_by("code").values_list("code", flat=True)
    )
    counted = Counter(
        pk or chain[0].pk
        for pk in Participant.objects.filter(study=study).values_list("version_id", flat=True)
    )
    told = []
    for number, version in enumerate(chain):
        begun = tuple(
            BegunAt(row.site, row.since, row.ethics_on, row.reference, names[str(row.recorded_by)])
            for row in rows
            if row.version_id == version.pk
        )
        if number == 0:
            begun = tuple(BegunAt(site, None, None, "", "") for site in sites)
        there = {each.site for each in begun}
        told.append(
            VersionTold(
                version.version, version.sha256, version.signed_at, protocol_of(version), begun,
                tuple(site for site in sites if site not in there), counted[version.pk],
            )
        )  # fmt: skip
    return tuple(reversed(told))


def protocol_called(study: Study, version: str) -> Protocol:
    """The protocol of a version by its name; NotFound without one."""
    row = ProtocolVersion.objects.filter(study=study, version=version).first()
    if row is None:
        raise NotFound
    return protocol_of(row)


def protocol_under(by: Actor, study: Study, code: str, newest: Protocol) -> Protocol:
    """The protocol under which a participant stands; the newest one where the study has no other
    or the participant isn't there for this person."""
    version = study.version
    if version is None or (version.previous_id is None and not newest.kinds):
        return newest
    try:
        return protocol_for(one(by, code), version)
    except NotFound:
        return newest
