"""May this person do this to that? The one place that answers; what isn't granted is refused.

Pages, API, exports and jobs all ask here. Masking is part of it: what could reveal an arm is an
act of its own (`SEE_ARM`, `SEE_ARMS`), and a person who may not is shown nothing, not a hint.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from trialwright.accounts.roles import AT_A_SITE, PEOPLE
from trialwright.protocol.basics import Role
from trialwright.protocol.forms import Form


class Act(StrEnum):
    """What can be asked for. Everything a page or an action does is one of these."""

    SEE_STUDY = "see the study"
    SEE_PARTICIPANTS = "see participants and their data"
    SCREEN = "add a participant to the screening log"
    CONSENT = "record a consent"
    ASSESS_ELIGIBILITY = "record the eligibility criteria"
    CONFIRM_ELIGIBILITY = "sign the eligibility"
    RANDOMISE = "randomise a participant"
    RECEIVE_ALLOCATION = "receive the allocation at the cell laboratory"
    RELEASE_PRODUCT = "release the product for a participant"
    DECLARE_RESECTION = "declare the resection complete"
    RECORD_TREATMENT = "record the treatment"
    PLAN_VISITS = "record that a visit took place or was missed"
    ANSWER_QUERY = "answer a query"
    RAISE_QUERY = "raise or close a query"
    CHANGE_PARTICIPATION = "record a withdrawal, a loss or a death"
    SEE_ARM = "see the arm of one participant"
    SEE_ARMS = "see results by arm"
    SEE_LEDGER = "see the ledger"
    CUT_DATA = "make a data cut"
    SEE_CUTS = "see data cuts and pooled reports"
    SIGN_PROTOCOL = "sign the protocol"
    MANAGE_PEOPLE = "manage people and sites"


_EVERYONE = frozenset(PEOPLE)
_CLINICAL = _EVERYONE - {Role.ADMINISTRATOR}
_TEAM = frozenset({Role.INVESTIGATOR, Role.COORDINATOR})
_CELL_LABORATORY = frozenset({Role.PRODUCT_HANDLER, Role.LABORATORY_RELEASER})

GRANTS: dict[Act, frozenset[Role]] = {
    Act.SEE_STUDY: _EVERYONE,
    Act.SEE_PARTICIPANTS: _CLINICAL,
    Act.SCREEN: _TEAM,
    Act.CONSENT: _TEAM,
    Act.ASSESS_ELIGIBILITY: _TEAM,
    Act.CONFIRM_ELIGIBILITY: frozenset({Role.INVESTIGATOR}),
    Act.RANDOMISE: frozenset({Role.INVESTIGATOR, Role.OPERATING_SURGEON}),
    Act.RECEIVE_ALLOCATION: _CELL_LABORATORY,
    Act.RELEASE_PRODUCT: _CELL_LABORATORY,
    Act.DECLARE_RESECTION: frozenset({Role.OPERATING_SURGEON}),
    Act.RECORD_TREATMENT: frozenset({Role.OPERATING_SURGEON, Role.PRODUCT_HANDLER}),
    Act.PLAN_VISITS: _TEAM,
    Act.ANSWER_QUERY: _TEAM,
    Act.RAISE_QUERY: frozenset({Role.MONITOR, Role.DATA_MANAGER}),
    Act.CHANGE_PARTICIPATION: _TEAM,
    Act.SEE_ARM: _CELL_LABORATORY | {Role.SAFETY_BOARD, Role.BOARD_STATISTICIAN},
    Act.SEE_ARMS: frozenset({Role.SAFETY_BOARD, Role.BOARD_STATISTICIAN}),
    Act.SEE_LEDGER: _CLINICAL,
    Act.CUT_DATA: frozenset({Role.DATA_MANAGER, Role.TRIAL_STATISTICIAN, Role.BOARD_STATISTICIAN}),
    Act.SEE_CUTS: frozenset(
        {
            Role.DATA_MANAGER,
            Role.TRIAL_STATISTICIAN,
            Role.BOARD_STATISTICIAN,
            Role.SAFETY_BOARD,
            Role.MONITOR,
            Role.SAFETY_PHYSICIAN,
        }
    ),
    Act.SIGN_PROTOCOL: frozenset({Role.INVESTIGATOR, Role.SAFETY_PHYSICIAN}),
    Act.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """One role held in a study, at one site or (site None) at all of them."""

    role: Role
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as one study knows her: her plain id and her seats there."""

    person_id: UUID
    name: str
    study: str
    seats: frozenset[Seat]

    def role_for(self, act: Act, site: str | None = None) -> Role | None:
        """The role under which she may do `act` (at `site`), or None: the answer is no.

        A seat that works at one site covers that site alone; without a site in question, any
        seat will do.
        """
        return self.role_among(GRANTS[act], site)

    def role_among(self, roles: Collection[Role], site: str | None = None) -> Role | None:
        """The first of her roles (at `site`) that is one of `roles`, or None."""
        for seat in sorted(self.seats, key=lambda seat: PEOPLE.index(seat.role)):
            everywhere = seat.site is None and seat.role not in AT_A_SITE
            here = site is None or seat.site == site or everywhere
            if here and seat.role in roles:
                return seat.role
        return None

    @property
    def sites(self) -> frozenset[str] | None:
        """The sites whose participants she may see; None when she may see those of all."""
        return self.sites_among(GRANTS[Act.SEE_PARTICIPANTS])

    def sites_among(self, roles: Collection[Role]) -> frozenset[str] | None:
        """The sites at which she holds one of `roles`; None when at all of them."""
        seats = {seat for seat in self.seats if seat.role in roles}
        if any(seat.site is None and seat.role not in AT_A_SITE for seat in seats):
            return None
        return frozenset(seat.site for seat in seats if seat.site is not None)


def may(actor: Actor, act: Act, *, site: str | None = None, knows_arm: bool = False) -> bool:
    """Whether `actor` may do `act`, at `site` where it concerns a participant there.

    Args:
        knows_arm: whether she has already seen the arm of the participant concerned; what she
            has seen she may see again.
    """
    if act is Act.SEE_ARM and knows_arm:
        return may(actor, Act.SEE_PARTICIPANTS, site=site)
    return actor.role_for(act, site) is not None


def may_see_form(actor: Actor, form: Form, *, site: str, knows_arm: bool) -> bool:
    """Whether the form is there for her; an unmasking one is only for who may know the arm."""
    if not may(actor, Act.SEE_PARTICIPANTS, site=site):
        return False
    return not form.unmasking or may(actor, Act.SEE_ARM, site=site, knows_arm=knows_arm)


def role_to_complete(actor: Actor, form: Form, *, site: str, knows_arm: bool) -> Role | None:
    """The role under which she may fill the form in, or None."""
    return _role_on_form(actor, form, form.completed_by, site, knows_arm)


def role_to_sign(actor: Actor, form: Form, *, site: str, knows_arm: bool) -> Role | None:
    """The role under which she may sign the form, or None."""
    roles = () if form.signed_by is None else (form.signed_by,)
    return _role_on_form(actor, form, roles, site, knows_arm)


def _role_on_form(
    actor: Actor, form: Form, roles: Collection[Role], site: str, knows_arm: bool
) -> Role | None:
    """A masked assessment is closed to an assessor who has seen the arm, or may by another role."""
    if not may_see_form(actor, form, site=site, knows_arm=knows_arm):
        return None
    role = actor.role_among(roles, site)
    sees_arm = may(actor, Act.SEE_ARM, site=site, knows_arm=knows_arm)
    return None if role is Role.OUTCOME_ASSESSOR and sees_arm else role
