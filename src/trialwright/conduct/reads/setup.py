"""How far a study is from its first participant: one checklist, from its protocol to its sites."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from trialwright.accounts.models import Membership, Person, Site, SiteStatus
from trialwright.accounts.policy import Act, Actor
from trialwright.accounts.reads import actor_in, names_of, studies_of
from trialwright.conduct.allocation.external_list import (
    external_allocations,
    kept,
    problems_of_list,
)
from trialwright.conduct.models import Party, ProtocolFile, ProtocolSignature, Study
from trialwright.conduct.reads.simulations import has_passed
from trialwright.conduct.reads.training import training_of
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.setting_up import (
    check_kept,
    checked_draft,
    draft_of,
    protocol_in_force,
    roles_of,
)
from trialwright.ledger import files, key_escrow
from trialwright.protocol.model import Protocol
from trialwright.protocol.roles import Roles
from trialwright.protocol.yaml_nodes import read_nodes
from trialwright.safety.checked import CheckedFile


class Phase(StrEnum):
    """Where a study stands."""

    SET_UP = "set_up"
    RUNNING = "running"
    CLOSED = "closed"


class Wanted(StrEnum):
    """What a study needs before its first participant, in the order in which it is done."""

    PROTOCOL = "protocol"
    FACTS = "facts"
    SITES = "sites"
    PEOPLE = "people"
    INVESTIGATORS = "investigators"
    SPONSOR = "sponsor"
    LIST = "list"
    KEYS = "keys"
    SIMULATION = "simulation"
    TRAINING = "training"
    SPONSOR_SIGNATURE = "sponsor_signature"
    INVESTIGATOR_SIGNATURE = "investigator_signature"
    ACTIVATION = "activation"
    AMENDMENT = "amendment"
    OPENING = "opening"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the checklist. `missing` counts what is; `names` says what or who it is.

    `optional` is what a demonstration can do without.
    """

    what: Wanted
    missing: int = 0
    names: tuple[str, ...] = ()
    optional: bool = False

    @property
    def met(self) -> bool:
        """Whether nothing of it is missing."""
        return self.missing == 0


@dataclass(frozen=True, slots=True)
class ProtocolSigned:
    """One signature on a protocol file."""

    party: Party
    role: str
    name: str
    person_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class SiteTold:
    """A site as the pages of setting up show it."""

    code: str
    name_en: str
    name_zh: str
    time_zone: str
    languages: tuple[str, ...]
    status: SiteStatus


@dataclass(frozen=True, slots=True)
class Waiting:
    """The file that waits to be signed."""

    sha256: str
    file_name: str
    uploaded_at: datetime
    checked: CheckedFile
    signatures: tuple[ProtocolSigned, ...]


@dataclass(frozen=True, slots=True)
class SetUp:
    """A study from outside: where it stands, what it waits for, its sites."""

    identifier: str
    demonstration: bool
    phase: Phase
    in_force: Protocol | None
    waiting: Waiting | None
    sites: tuple[SiteTold, ...]
    requirements: tuple[Requirement, ...]

    @property
    def protocol(self) -> Protocol | None:
        """The protocol to show: in force, else the draft as far as it can be read."""
        return self.in_force or (self.waiting.checked.protocol if self.waiting else None)

    def missing_before_force(self) -> tuple[Requirement, ...]:
        """What keeps the file that waits from coming into force."""
        return tuple(
            each
            for each in self.requirements
            if not (each.met or each.optional)
            and each.what not in (Wanted.ACTIVATION, Wanted.AMENDMENT, Wanted.OPENING)
        )


def enter_setup(person: Person, study: str, *, log_counts: bool = True) -> tuple[Actor, Study]:
    """The person in a study that may not be activated yet; raises NotFound without a role there.

    Args:
        log_counts: False where they come to sign their own line of the delegation log.
    """
    row = Study.objects.select_related("version").filter(pk=study).first()
    if row is None:
        raise NotFound
    actor = actor_in(
        person, study, roles_of(row), delegated=not row.demonstration, log_counts=log_counts
    )
    if actor is None:
        raise NotFound
    return actor, row


def setup_of(identifier: str) -> SetUp:
    """The whole of it; raises NotFound where there is no such study. The caller asks the policy."""
    study = Study.objects.select_related("version").filter(pk=identifier).first()
    if study is None:
        raise NotFound
    waiting = _waiting(study)
    sites = sites_of(identifier)
    return SetUp(
        identifier=identifier,
        demonstration=study.demonstration,
        phase=phase_of(study),
        in_force=protocol_in_force(study),
        waiting=waiting,
        sites=sites,
        requirements=tuple(_requirements(study, waiting, sites)),
    )


def phase_of(study: Study) -> Phase:
    """Where a study stands."""
    if study.closed_at is not None:
        return Phase.CLOSED
    return Phase.SET_UP if study.version_id is None else Phase.RUNNING


def sites_of(study: str) -> tuple[SiteTold, ...]:
    """The sites of a study by their codes."""
    return tuple(
        SiteTold(
            row.code, row.name_en, row.name_zh, row.time_zone,
            tuple(filter(None, row.languages.split(","))), SiteStatus(row.status),
        )
        for row in Site.objects.filter(study=study).order_by("code")
    )  # fmt: skip


def protocol_signatures(study: Study, sha256: str) -> tuple[ProtocolSigned, ...]:
    """The signatures on exactly these bytes of a protocol, the first one first."""
    rows = ProtocolSignature.objects.filter(study=study, sha256=sha256).order_by("signed_at")
    names = names_of({str(row.signed_by) for row in rows})
    return tuple(
        ProtocolSigned(
            Party(row.party), row.role, names.get(str(row.signed_by), ""), row.signed_by,
            row.signed_at,
        )
        for row in rows
    )  # fmt: skip


def _waiting(study: Study) -> Waiting | None:
    draft = draft_of(study)
    if draft is None:
        return None
    signed = protocol_signatures(study, draft.sha256)
    checked = checked_draft(study) or check_kept(draft.sha256)
    return Waiting(draft.sha256, draft.file_name, draft.uploaded_at, checked, signed)


def _requirements(
    study: Study, waiting: Waiting | None, sites: tuple[SiteTold, ...]
) -> Iterator[Requirement]:
    roles = roles_of(study)
    holders = _holders(study.identifier)
    parties = {each.party for each in waiting.signatures} if waiting else set()
    if study.version_id is None or waiting is not None:
        problems = waiting.checked.problems if waiting else ()
        wanting = len(problems) if waiting else 1
        yield Requirement(Wanted.PROTOCOL, wanting)
        unready = waiting.checked.unready if waiting else ()
        names = tuple(fact.path for fact in unready)
        yield Requirement(Wanted.FACTS, len(unready), names, optional=study.demonstration)
    yield Requirement(Wanted.SITES, 0 if sites else 1)
    empty = tuple(
        key for key in roles.people if not any(holder == key for holder, _site in holders)
    )
    yield Requirement(Wanted.PEOPLE, len(empty), empty, optional=True)
    signers = roles.who_may(Act.SIGN_PROTOCOL)
    lacking = tuple(
        site.code
        for site in sites
        if not any(holders[role, site.code] for role in signers if roles.at_a_site(role))
    )
    yield Requirement(Wanted.INVESTIGATORS, len(lacking), lacking)
    if study.version_id is None or waiting is not None:
        central = central_signers(roles)
        somebody = any(holders[role, ""] for role in central)
        can_do_without = study.demonstration and not central
        yield Requirement(Wanted.SPONSOR, 0 if somebody else 1, optional=can_do_without)
        if study.version_id is None and waiting is not None and not problems:
            yield from _lists(study, waiting)
        tested = key_escrow.recovery_was_tested(files.keys())
        yield Requirement(Wanted.KEYS, 0 if tested else 1, optional=study.demonstration)
        passed = waiting is not None and has_passed(study.identifier, waiting.sha256)
        yield Requirement(Wanted.SIMULATION, 0 if passed else 1, optional=study.demonstration)
        if study.version_id is None and waiting is not None and not problems:
            yield _training(study, waiting.sha256)
        unsigned = 0 if Party.SPONSOR in parties else 1
        yield Requirement(Wanted.SPONSOR_SIGNATURE, unsigned, optional=can_do_without)
        yield Requirement(Wanted.INVESTIGATOR_SIGNATURE, 0 if Party.INVESTIGATOR in parties else 1)
        yield Requirement(Wanted.ACTIVATION if study.version_id is None else Wanted.AMENDMENT, 1)
    opened = [site for site in sites if site.status is not SiteStatus.PLANNED]
    yield Requirement(Wanted.OPENING, 0 if opened else 1)


def _lists(study: Study, waiting: Waiting) -> Iterator[Requirement]:
    """The allocation lists that are drawn outside are uploaded, and fit this very file."""
    protocol = waiting.checked.protocol
    external = external_allocations(protocol) if protocol else ()
    if protocol is None or not external:
        return
    found = [(each, kept(study, each)) for each in external]
    lacking = [
        each.key
        for each, uploaded in found
        if uploaded is None or any(problems_of_list(uploaded, protocol, each))
    ]
    yield Requirement(Wanted.LIST, len(lacking), optional=study.demonstration)


def _training(study: Study, sha256: str) -> Requirement:
    """Everybody who enters data has entered one visit in the training copy of this very file."""
    lacking = training_of(study, sha256).untrained
    names = tuple(each.name for each in lacking)
    return Requirement(Wanted.TRAINING, len(lacking), names, optional=study.demonstration)


def central_signers(roles: Roles) -> frozenset[str]:
    """The roles that sign a protocol on behalf of the sponsor: those held at no site."""
    return frozenset(role for role in roles.who_may(Act.SIGN_PROTOCOL) if not roles.at_a_site(role))


def _holders(study: str) -> dict[tuple[str, str], int]:
    """How many people hold each role at each site, those who are invited included."""
    counted: dict[tuple[str, str], int] = defaultdict(int)
    rows = Membership.objects.filter(study=study).values_list("role", "site")
    for role, site in rows:
        counted[role, site] += 1
    return counted


def studies_to_copy(person: Person) -> tuple[tuple[str, str], ...]:
    """The studies of a person whose protocol can begin another: identifier and title."""
    found = []
    for identifier in studies_of(person):
        try:
            _actor, study = enter_setup(person, identifier)
        except NotFound:
            continue
        protocol = setup_of(study.identifier).protocol
        found.append((identifier, protocol.title.en if protocol else identifier))
    return tuple(found)


def copy_of(person: Person, identifier: str) -> tuple[str, bytes]:
    """The name and bytes of the protocol file of a study of this person; NotFound without one."""
    _actor, study = enter_setup(person, identifier)
    draft = draft_of(study)
    if study.version is not None:
        sha256 = study.version.sha256
    elif draft is not None:
        sha256 = draft.sha256
    else:
        raise NotFound
    return f"{identifier}.yaml", bytes(ProtocolFile.objects.get(pk=sha256).source)


def waiting_file(identifier: str) -> tuple[bytes, str]:
    """The bytes of the file that waits in a study, and their hash; NotFound without one."""
    study = Study.objects.filter(pk=identifier).first()
    draft = draft_of(study) if study is not None else None
    if draft is None:
        raise NotFound
    return bytes(ProtocolFile.objects.get(pk=draft.sha256).source), draft.sha256


_LACKING = re.compile(r"^The protocol has no `([a-z_]+)`$")
_TOLD = re.compile(r"^#   - (.+)$", re.M)


def open_questions(waiting: Waiting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the registration of a drafted file doesn't tell, as the draft says it in English, and
    the keys of the top level that the file lacks."""
    text = bytes(ProtocolFile.objects.get(pk=waiting.sha256).source).decode(errors="replace")
    root, _problems = read_nodes(text.encode())
    there = root.keys() if root else ()
    head = text.partition("\nprotocol:")[0]
    lacking = tuple(
        key
        for problem in waiting.checked.problems
        if problem.rule == "missing-key"
        for key in _LACKING.findall(problem.message)
        if key not in there
    )
    return tuple(_TOLD.findall(head)), lacking
