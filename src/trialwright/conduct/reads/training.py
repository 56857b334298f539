"""The training copy of a study: which one is of a file, and who has entered a visit there.

A training copy is a demonstration of its own, made of the very bytes of a study's file but for its
identifier and its marks. Its identifier follows from both, and that it began with these bytes is
seen by their hash: so nothing else needs to say that it is the copy of this file.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from trialwright.accounts.models import Membership, Site, SiteStatus
from trialwright.conduct.models import Entry, ProtocolFile, ProtocolVersion, Study
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.setting_up import check_kept, draft_of
from trialwright.ledger.models import LedgerRow
from trialwright.protocol.editing import as_training
from trialwright.protocol.model import Protocol

_LONGEST = 64
_PREFIX = "TRAINING"


@dataclass(frozen=True, slots=True)
class Trainee:
    """Somebody who enters data in the study, and whether they have entered a visit in the copy."""

    person_id: UUID
    name: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    trained: bool


@dataclass(frozen=True, slots=True)
class Training:
    """The training copy of one file: its identifier, whether it is made, who practises there."""

    identifier: str
    made: bool
    people: tuple[Trainee, ...]

    @property
    def untrained(self) -> tuple[Trainee, ...]:
        """Who has still to enter a visit."""
        return tuple(each for each in self.people if not each.trained)


def training_of(study: Study, sha256: str) -> Training:
    """The training copy of a kept file of a study, and everybody who enters data under the file.

    Those who were invited and haven't come in are nobody yet. The caller asks the policy.
    """
    identifier, copy_sha256 = copied_as(study.pk, sha256)
    protocol = check_kept(sha256).protocol
    if protocol is None:
        return Training(identifier, False, ())
    made = _began_with(identifier, copy_sha256)
    trained = _trained(identifier, protocol) if made else frozenset()
    held: dict[tuple[str, UUID], list[tuple[str, str]]] = defaultdict(list)
    for person_id, name, role, site in _seats(study.pk, protocol):
        held[name, person_id].append((role, site))
    people = tuple(
        Trainee(
            person_id,
            name,
            tuple(dict.fromkeys(role for role, _site in seats)),
            tuple(dict.fromkeys(site for _role, site in seats)),
            person_id in trained,
        )
        for (name, person_id), seats in sorted(held.items())
    )
    return Training(identifier, made, people)


def untrained_at(study: Study, site: str) -> tuple[str, ...]:
    """The names of those at a site who have entered no visit in a training copy of any version of
    the study, or of the file that waits."""
    lacking = {(each.name, each.person_id) for each in _untrained(study) if site in each.sites}
    return tuple(name for name, _person in sorted(lacking))


def must_practise(study: Study, person: UUID, role: str, site: str) -> bool:
    """Whether a person who holds a role at a site has to enter a visit in the training copy before
    they act there: the role enters data, they have entered none in a copy of any version of the
    study or of the file that waits, and the site has opened. Before, its opening asks. A
    demonstration asks nobody."""
    row = Site.objects.get(study=study.pk, code=site)
    if study.demonstration or row.status == SiteStatus.PLANNED:
        return False
    return any(
        each.person_id == person and role in each.roles and site in each.sites
        for each in _untrained(study)
    )


def _untrained(study: Study) -> list[Trainee]:
    """Who enters data under a version of the study or the file that waits, and has entered no visit
    in any copy; once for each file."""
    versions = ProtocolVersion.objects.filter(study=study).values_list("sha256", flat=True)
    draft = draft_of(study)
    files = {*versions, *([draft.sha256] if draft else [])}
    told = [training_of(study, sha256) for sha256 in sorted(files)]
    trained = {each.person_id for one in told for each in one.people if each.trained}
    return [each for one in told for each in one.people if each.person_id not in trained]


@lru_cache(maxsize=64)
def copied_as(study: str, sha256: str) -> tuple[str, str]:
    """The identifier of the training copy of a kept file, and the hash of the copy's file."""
    identifier, source = copy_of_file(study, sha256)
    return identifier, hashlib.sha256(source).hexdigest()


def copy_of_file(study: str, sha256: str) -> tuple[str, bytes]:
    """The identifier of the training copy of a kept file, and the copy's file.

    Raises:
        EditError: the file isn't written so that it can be marked in place.
    """
    ending = f"-{sha256[:6]}"
    identifier = f"{_PREFIX}-{study}"[: _LONGEST - len(ending)] + ending
    source = bytes(ProtocolFile.objects.get(pk=sha256).source)
    return identifier, as_training(source, study, identifier)


def _began_with(identifier: str, sha256: str) -> bool:
    """Whether there is a demonstration of this name that began with exactly these bytes."""
    return ProtocolVersion.objects.filter(
        study=identifier, study__demonstration=True, previous=None, sha256=sha256
    ).exists()


def _seats(study: str, protocol: Protocol) -> Iterator[tuple[UUID, str, str, str]]:
    """Who holds a role that fills in a form: id, name, role and site."""
    filling = {role for form in protocol.forms if not form.diary for role in form.completed_by}
    rows = Membership.objects.filter(study=study, role__in=filling, person__is_active=True)
    yield from rows.order_by("role", "site").values_list(
        "person_id", "person__name", "role", "site"
    )


def _trained(copy: str, protocol: Protocol) -> frozenset[UUID]:
    """Who has entered a visit: all its forms that they fill in are complete, one by themselves."""
    begun = LedgerRow.objects.filter(study=copy, entity="entry", field="form")
    rows = begun.exclude(by="").values_list("id", "by")
    by_entry = {UUID(id): UUID(by) for id, by in rows if _is_id(by)}
    seats = defaultdict(set)
    members = Membership.objects.filter(study=copy, person__in=set(by_entry.values()))
    for person_id, role in members.values_list("person_id", "role"):
        seats[person_id].add(role)
    complete: dict[tuple[UUID, str], set[str]] = defaultdict(set)
    entries = Entry.objects.filter(participant__study=copy, status=EntryStatus.COMPLETE.value)
    begun_at: dict[UUID, set[tuple[UUID, str]]] = defaultdict(set)
    for pk, participant, visit, form in entries.values_list(
        "pk", "participant_id", "visit", "form"
    ):
        complete[participant, visit].add(form)
        if pk in by_entry:
            begun_at[by_entry[pk]].add((participant, visit))
    return frozenset(
        person
        for person, places in begun_at.items()
        if any(
            _own_forms(protocol, visit, seats[person]) <= complete[participant, visit]
            for participant, visit in places
        )
    )


def _own_forms(protocol: Protocol, visit: str, roles: Collection[str]) -> set[str]:
    """The forms of a visit that these roles fill in, each once."""
    forms = (protocol.form(key) for key in protocol.visit(visit).forms)
    return {
        form.key
        for form in forms
        if form.diary is None and not form.repeating and set(form.completed_by) & set(roles)
    }


def _is_id(by: str) -> bool:
    try:
        UUID(by)
    except ValueError:
        return False
    return True
