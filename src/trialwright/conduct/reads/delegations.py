"""The delegation log of a study, as its people see it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from trialwright.accounts.models import Delegation, Membership, Person
from trialwright.accounts.policy import Act, Actor, role_to_delegate
from trialwright.accounts.reads import names_of
from trialwright.conduct.models import Study
from trialwright.conduct.reads.training import must_practise


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log, with the names of the two who sign it.

    practises_first: of one that waits for the person's signature, whether they have to enter a
    visit in the training copy before.
    """

    id: UUID
    study: str
    site: str
    person_id: UUID
    name: str
    role: str
    begins: date
    ends: date | None
    delegated_by: str
    delegated_at: datetime
    accepted_at: datetime | None
    practises_first: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who holds a role at a site, to whom it can be delegated."""

    person_id: UUID
    name: str
    role: str
    site: str


def delegation_log(by: Actor) -> tuple[Line, ...]:
    """The lines that a person may see: of the sites where they delegate, of all for who manages
    people, and their own."""
    manages = by.role_for(Act.MANAGE_PEOPLE) is not None
    rows = Delegation.objects.filter(study=by.study).order_by("site", "begins", "pk")
    lines = _told(list(rows))
    return tuple(
        line
        for line in lines
        if manages or line.person_id == by.person_id or role_to_delegate(by, line.site) is not None
    )


def candidates(by: Actor) -> tuple[Candidate, ...]:
    """To whom this person can delegate what, at the sites where they may."""
    rows = Membership.objects.filter(study=by.study).exclude(site="").select_related("person")
    return tuple(
        Candidate(row.person_id, row.person.name, row.role, row.site)
        for row in rows.order_by("person__name", "role", "site")
        if row.person_id != by.person_id
        and by.roles.needs_delegation(row.role)
        and role_to_delegate(by, row.site) is not None
    )


def lines_to_sign(person: Person, study: str = "") -> tuple[Line, ...]:
    """The lines that wait for this person's own signature, in one study or in all."""
    rows = Delegation.objects.filter(person=person, accepted_at=None).order_by("study", "begins")
    return _told([row for row in rows if study in ("", row.study)])


def _practises_first(row: Delegation) -> bool:
    study = Study.objects.filter(pk=row.study).first() if row.accepted_at is None else None
    return study is not None and must_practise(study, row.person_id, row.role, row.site)


def _told(rows: list[Delegation]) -> tuple[Line, ...]:
    ids = {str(row.person_id) for row in rows} | {str(row.delegated_by) for row in rows}
    names = names_of(ids)
    return tuple(
        Line(
            id=row.pk,
            study=row.study,
            site=row.site,
            person_id=row.person_id,
            name=names.get(str(row.person_id), ""),
            role=row.role,
            begins=row.begins,
            ends=row.ends,
            delegated_by=names.get(str(row.delegated_by), ""),
            delegated_at=row.delegated_at,
            accepted_at=row.accepted_at,
            practises_first=_practises_first(row),
        )
        for row in rows
    )
