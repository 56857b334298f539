"""The delegation log: an investigator delegates a role at the site to a person, who signs too.

From then on the policy lets that person act in the role on the days of the line alone, by the
calendar of the site.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from trialwright.accounts import delegations
from trialwright.accounts.models import Delegation, Membership, Person, Site
from trialwright.accounts.policy import Actor, role_to_delegate
from trialwright.accounts.reads import day_in
from trialwright.conduct.models import Study
from trialwright.conduct.reads.training import must_practise
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.setting_up import SetUpContext, own_affair, roles_of, setting_up


@dataclass(frozen=True, slots=True)
class Delegated:
    """What is delegated: a role at a site to a person, from a day to a last day or without end."""

    person: UUID
    role: str
    site: str
    begins: date
    ends: date | None = None


def delegate(*, by: Actor, line: Delegated, at: datetime | None = None) -> UUID:
    """Sign a line of the log as the investigator who delegates; returns the line.

    Raises:
        ActionRefused: the person doesn't hold the role there, the investigator would delegate to
            themselves, the days are out of order or past, or another line covers them.
    """
    with setting_up(by, _asking(line.site), "delegate", site=line.site, at=at) as context:
        _require_role(context.study, line)
        if line.person == by.person_id:
            raise ActionRefused(_("Nobody delegates to themselves. Another investigator does."))
        if line.begins < _today(context, line.site):
            raise ActionRefused(
                problems=(
                    Problem("begins", _("A delegation begins today or later. Enter such a day.")),
                )
            )
        if line.ends is not None and line.ends < line.begins:
            raise ActionRefused(
                problems=(Problem("ends", _("The last day lies before the first one.")),)
            )
        if any(_overlap(line, other) for other in _lines(context.study, line)):
            raise ActionRefused(
                _("The log has a line for this person and role on some of these days. End that.")
            )
        row = Delegation(
            study=context.study.identifier,
            site=line.site,
            person_id=line.person,
            role=line.role,
            begins=line.begins,
            ends=line.ends,
            delegated_at=context.at,
            delegated_by=by.person_id,
        )
        delegations.record(context.writer, row)
        return row.pk


def accept_delegation(*, by: Person, study: str, line: UUID, at: datetime | None = None) -> None:
    """Sign a line of the log as the person to whom something is delegated.

    Raises:
        NotFound: there is no such line of this person.
        ActionRefused: it is signed already; or the site of a study of real participants has opened,
            and the person, who would enter data there, has entered no visit in the training copy.
    """
    with own_affair(by, study, "accept_delegation", at=at) as context:
        row = Delegation.objects.filter(pk=line, study=study, person=by).first()
        if row is None:
            raise NotFound
        if row.accepted_at is not None:
            raise ActionRefused(_("You have signed this line already."))
        _require_training(context.study, row)
        delegations.accept(context.writer, row, context.at)


def end_delegation(*, by: Actor, line: UUID, last: date, at: datetime | None = None) -> None:
    """Have a line end with a day; from the next midnight of the site it lets nobody act."""
    row = Delegation.objects.filter(pk=line, study=by.study).first()
    if row is None:
        raise NotFound
    with setting_up(by, _asking(row.site), "end_delegation", site=row.site, at=at) as context:
        row.refresh_from_db()
        yesterday = _today(context, row.site) - timedelta(days=1)
        if last < max(row.begins, yesterday) or (row.ends is not None and last > row.ends):
            raise ActionRefused(
                problems=(
                    Problem(
                        "last", _("The last day is yesterday at the earliest, and within the line.")
                    ),
                )
            )
        delegations.end(context.writer, row, last)


def _require_training(study: Study, line: Delegation) -> None:
    """Refuse who comes to a site that has opened before they have practised."""
    if must_practise(study, line.person_id, line.role, line.site):
        raise ActionRefused(
            _(
                "Site %(code)s has opened, and you have entered no visit in the training copy of "
                "the study. Enter all your forms of one visit there first, then sign; whoever "
                "manages the study lets you in on the page of the training copy."
            )
            % {"code": line.site}
        )


def _asking(site: str) -> Callable[[Actor], str | None]:
    return lambda actor: role_to_delegate(actor, site)


def _require_role(study: Study, line: Delegated) -> None:
    held = Membership.objects.filter(
        person=line.person, study=study.pk, role=line.role, site=line.site
    )
    if not held.exists() or not roles_of(study).needs_delegation(line.role):
        raise ActionRefused(
            problems=(
                Problem(
                    "role",
                    _(
                        "What is delegated is a role that the person holds at this site. An "
                        "administrator gives roles."
                    ),
                ),
            )
        )


def _lines(study: Study, line: Delegated) -> list[Delegation]:
    return list(
        Delegation.objects.filter(
            study=study.pk, person=line.person, role=line.role, site=line.site
        )
    )


def _overlap(line: Delegated, other: Delegation) -> bool:
    before = line.ends is not None and line.ends < other.begins
    after = other.ends is not None and other.ends < line.begins
    return not (before or after)


def _today(context: SetUpContext, site: str) -> date:
    row = Site.objects.get(study=context.study.pk, code=site)
    return day_in(row.time_zone, context.at)
