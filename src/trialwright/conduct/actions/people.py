"""Who belongs to a study: invited by a one-time link, given roles, let go.

Nobody gives themselves a role, and a study keeps somebody who manages its people. All of it stands
in the installation's chain of the ledger, whose lock orders what two administrators do at once.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.accounts import actions as accounts
from trialwright.accounts import invitations, second_factor
from trialwright.accounts.models import Invitation, Membership, Person, Site
from trialwright.accounts.policy import INSTALLATION_ROLE, Act, Actor
from trialwright.conduct.models import Study, UploadedList
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.setting_up import role_now, roles_of
from trialwright.ledger import journal
from trialwright.protocol.roles import Roles

_LONGEST_USERNAME, _LONGEST_NAME = 64, 200


@dataclass(frozen=True, slots=True)
class RoleGiven:
    """A role to be given: at a site or (site empty) in the whole study, to a last day or none."""

    role: str
    site: str = ""
    until: date | None = None


@contextmanager
def _managing(
    by: Actor, action: str, at: datetime | None
) -> Iterator[tuple[journal.Writer, Roles]]:
    """The frame: the installation's lock, then the policy as it is under it."""
    now = at or timezone.now()
    with accounts.entry(action, at=now, by=by.person_id) as writer:
        study = Study.objects.select_related("version").get(pk=by.study)
        role_now(by.person_id, study, Act.MANAGE_PEOPLE)
        yield writer, roles_of(study)


def invite(
    *, by: Actor, username: str, name: str, roles: Sequence[RoleGiven], at: datetime | None = None
) -> UUID:
    """Invite somebody who isn't here yet, with the roles they will hold; returns the invitation.

    Raises:
        ActionRefused: the name for signing in is taken, or a role can't be held so.
    """
    username, name = username.strip(), " ".join(name.split())
    with _managing(by, "invite", at) as (writer, known):
        problems = []
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            problems.append(Problem("name", _("Enter the person's name.")))
        if not username.isascii() or not username.replace(".", "").replace("-", "").isalnum():
            problems.append(
                Problem("username", _("Enter a username: letters, digits, points, hyphens."))
            )
        elif len(username) > _LONGEST_USERNAME or Person.objects.filter(username=username).exists():
            problems.append(
                Problem(
                    "username",
                    _(
                        "Somebody signs in under this name already. Choose another name, or give "
                        "that person the role."
                    ),
                )
            )
        if not roles:
            problems.append(Problem("role", _("Choose at least one role.")))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        person = accounts.add_person(writer, username=username, name=name, password=None)
        for given in roles:
            _give(writer, by.study, known, person, given)
        return invitations.make(writer, person).pk


def invite_again(*, by: Actor, person: UUID, at: datetime | None = None) -> UUID:
    """Make another link for somebody of the study who hasn't come in yet; the first one is void."""
    with _managing(by, "invite_again", at) as (writer, _known):
        row = _person_of(by.study, person)
        if row.is_active:
            raise ActionRefused(_("This person has come in already. Only who hasn't needs a link."))
        return invitations.make(writer, row).pk


def reset_password(*, by: Actor, person: UUID, at: datetime | None = None) -> UUID:
    """Make a link with which somebody of the study, who has come in before, sets a new password.

    Their sessions end, and the password that they had lets nobody in any more.
    """
    with _managing(by, "reset_password", at) as (writer, _known):
        row = _other_of(by, person)
        if not row.is_active:
            raise ActionRefused(
                _("This person has not come in, or was let go. Make a link instead.")
            )
        accounts.deactivate(writer, row)
        return invitations.make(writer, row).pk


def remove_second_factor(*, by: Actor, person: UUID, at: datetime | None = None) -> None:
    """Take the second factors of somebody of the study who has lost them; the password remains."""
    with _managing(by, "remove_second_factor", at) as (writer, _known):
        row = _other_of(by, person)
        if not second_factor.has(row):
            raise ActionRefused(_("This person has no second factor."))
        second_factor.remove(writer, list(row.factors.all()))


def _other_of(by: Actor, person: UUID) -> Person:
    """Somebody of the study other than who acts: one's own account has pages of its own."""
    row = _person_of(by.study, person)
    if row.pk == by.person_id:
        raise ActionRefused(_("For your own account, open the page with your name."))
    return row


def accept_invitation(
    *, invitation: UUID, password: str, signed_in_as: Person | None, at: datetime | None = None
) -> Person:
    """Set the password of who was invited, once; from then on they sign in with it.

    Raises:
        ActionRefused: the link was used, is too old or void, another person is signed in, or the
            password is too easily guessed.
    """
    now = at or timezone.now()
    person_id = Invitation.objects.values_list("person_id", flat=True).get(pk=invitation)
    with accounts.entry("accept_invitation", at=now, by=person_id) as writer:
        row = Invitation.objects.select_related("person").get(pk=invitation)
        if why := why_closed(row, signed_in_as, now):
            raise ActionRefused(why)
        try:
            validate_password(password, row.person)
        except ValidationError as error:
            problems = tuple(Problem("password", sentence) for sentence in error.messages)
            raise ActionRefused(problems=problems) from None
        invitations.use(writer, row)
        accounts.set_password(writer, row.person, password)
        return row.person


def why_closed(row: Invitation, signed_in_as: Person | None, now: datetime) -> str:
    """Why a link doesn't open for who holds it; empty if it does."""
    if row.used_at is not None:
        return str(_("This link was used already. Sign in with the password that was set then."))
    if row.void_at is not None or now >= row.expires_at:
        return str(_("This link opens nothing any more. Ask who invited you for another."))
    if signed_in_as is not None and signed_in_as.pk != row.person_id:
        return str(_("This link is for another person than who is signed in here. Sign out first."))
    return ""


def give_role(*, by: Actor, username: str, given: RoleGiven, at: datetime | None = None) -> None:
    """Give somebody who is here already a role in the study."""
    with _managing(by, "give_role", at) as (writer, known):
        person = Person.objects.filter(username=username.strip()).first()
        if person is None:
            raise ActionRefused(
                problems=(
                    Problem(
                        "username", _("Nobody signs in under this name. Invite the person instead.")
                    ),
                )
            )
        if person.pk == by.person_id:
            raise ActionRefused(
                _("Nobody gives themselves a role. Ask another administrator of the study.")
            )
        _give(writer, by.study, known, person, given)


def end_role(*, by: Actor, membership: int, at: datetime | None = None) -> None:
    """Take a role from somebody; what they did in it stays theirs."""
    with _managing(by, "end_role", at) as (writer, known):
        row = Membership.objects.filter(pk=membership, study=by.study).first()
        if row is None:
            raise NotFound
        _require_manager_left(by.study, known, without=lambda other: other.pk == row.pk)
        accounts.take_role(writer, row)


def end_all_roles(*, by: Actor, person: UUID, at: datetime | None = None) -> None:
    """Take every role of the study from somebody, and void the link of who never came in."""
    with _managing(by, "end_all_roles", at) as (writer, known):
        row = _person_of(by.study, person)
        _require_manager_left(by.study, known, without=lambda other: other.person_id == person)
        for held in Membership.objects.filter(person=row, study=by.study):
            accounts.take_role(writer, held)
        if not Membership.objects.filter(person=row).exists():
            invitations.void(writer, row)


def _give(
    writer: journal.Writer, study: str, known: Roles, person: Person, given: RoleGiven
) -> None:
    if given.role not in known.people:
        raise ActionRefused(
            problems=(Problem("role", _("This protocol has no such role. Choose one of its own.")),)
        )
    at_a_site = known.at_a_site(given.role)
    if at_a_site and not Site.objects.filter(study=study, code=given.site).exists():
        raise ActionRefused(
            problems=(
                Problem("site", _("This role is held at a site. Choose one of the study's sites.")),
            )
        )
    if given.until is not None and given.until < writer.entry.happened_at.date():
        raise ActionRefused(
            problems=(Problem("until", _("The last day lies in the past. Enter a later one.")),)
        )
    uploads = UploadedList.objects.filter(study=study, uploaded_by=person.pk)
    if not known.may_know_list(given.role) and uploads.exists():
        words = _(
            "This person has uploaded an allocation list of this study, and knows who gets which "
            "arm. Give the role “%(role)s” to somebody else."
        )
        label = known.label(given.role, get_language() or "en")
        raise ActionRefused(problems=(Problem("role", words % {"role": label}),))
    site = given.site if at_a_site else ""
    held = Membership.objects.filter(person=person, study=study, role=given.role, site=site)
    if held.exists():
        raise ActionRefused(
            problems=(
                Problem(
                    "role",
                    _("This person holds the role there already. To change its end, end it first."),
                ),
            )
        )
    accounts.give_role(writer, person, study=study, role=given.role, site=site, until=given.until)


def _require_manager_left(
    study: str, known: Roles, *, without: Callable[[Membership], bool]
) -> None:
    managers = Membership.objects.filter(
        study=study, role__in=known.who_may(Act.MANAGE_PEOPLE), person__is_active=True
    )
    gone = [row for row in managers if without(row)]
    left = [row for row in managers if not without(row) and row.until is None]
    if gone and not left:
        raise ActionRefused(
            _(
                "Nobody would be left who manages the people of this study. Give somebody else "
                "the role first, without a last day."
            )
        )


def _person_of(study: str, person: UUID) -> Person:
    row = Person.objects.filter(pk=person, memberships__study=study).first()
    if row is None:
        raise NotFound
    return row


def first_administrator(*, username: str, name: str, at: datetime | None = None) -> UUID:
    """Make the first administrator of the installation; returns their invitation.

    For a command: who has the machine has everything on it. Studies that nobody manages yet get
    them as administrator.
    """
    now = at or timezone.now()
    with accounts.entry("first_administrator", at=now) as writer:
        if Membership.objects.filter(study="", role=INSTALLATION_ROLE).exists():
            raise ActionRefused(
                _(
                    "This installation has an administrator. They invite others; who has lost "
                    "their password gets another link: trialwright people link NAME"
                )
            )
        if Person.objects.filter(username=username).exists():
            raise ActionRefused(_("Somebody signs in under this name already. Choose another."))
        person = accounts.add_person(writer, username=username, name=name, password=None)
        accounts.give_role(writer, person, study="", role=INSTALLATION_ROLE)
        for study in Study.objects.select_related("version"):
            managing = roles_of(study).who_may(Act.MANAGE_PEOPLE)
            held = Membership.objects.filter(study=study.pk, role__in=managing)
            if not held.exists():
                accounts.give_role(writer, person, study=study.pk, role=min(managing))
        return invitations.make(writer, person).pk


def another_link(*, username: str, at: datetime | None = None) -> UUID:
    """Make a link with which somebody sets a new password; for a command. Their sessions end."""
    with accounts.entry("another_link", at=at or timezone.now()) as writer:
        person = Person.objects.filter(username=username).first()
        if person is None:
            raise ActionRefused(_("Nobody signs in under this name. Invite the person instead."))
        accounts.deactivate(writer, person)
        return invitations.make(writer, person).pk


def forget_second_factor(*, username: str, at: datetime | None = None) -> None:
    """Take somebody's second factors; for a command."""
    with accounts.entry("remove_second_factor", at=at or timezone.now()) as writer:
        person = Person.objects.filter(username=username).first()
        if person is None:
            raise ActionRefused(_("Nobody signs in under this name."))
        second_factor.remove(writer, list(person.factors.all()))


def deactivate(*, username: str, at: datetime | None = None) -> None:
    """Let a person into the installation no more; for a command. Their sessions end."""
    with accounts.entry("deactivate", at=at or timezone.now()) as writer:
        person = Person.objects.filter(username=username).first()
        if person is None:
            raise ActionRefused(_("Nobody signs in under this name."))
        others = Membership.objects.filter(
            study="", role=INSTALLATION_ROLE, person__is_active=True
        ).exclude(person=person)
        if person.memberships.filter(study="").exists() and not others.exists():
            raise ActionRefused(
                _("This is the last administrator of the installation, who can't be let go.")
            )
        invitations.void(writer, person)
        accounts.deactivate(writer, person)
