"""May this person do this to that? The one place that answers; what isn't granted is refused.

Pages, API, exports and jobs all ask here. What a role may do, and whether it may learn an arm, is
what the signed version of the protocol says (`protocol.roles`). What could reveal an arm is an act
of its own (`SEE_ARM`, `SEE_ARMS`), and a person who may not is shown nothing, not a hint.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from trialwright.protocol.allocations import Allocation
from trialwright.protocol.cohorts import Cohorts
from trialwright.protocol.forms import Form
from trialwright.protocol.groups import Group
from trialwright.protocol.model import Protocol
from trialwright.protocol.roles import OF_PRODUCTS, PARTICIPANT, Act, Roles

__all__ = [
    "INSTALLATION_ROLE",
    "Act",
    "Actor",
    "Roles",
    "Seat",
    "may",
    "may_act_on",
    "may_see_attachments",
    "may_see_form",
    "role_to_acknowledge",
    "role_to_attach",
    "role_to_complete",
    "role_to_confirm_notice",
    "role_to_decide_hold",
    "role_to_end_clock",
    "role_to_give_diary",
    "role_to_identify",
    "role_to_import",
    "role_to_keep_board",
    "role_to_lock",
    "role_to_open_diary",
    "role_to_receive_kits",
    "role_to_review_results",
    "role_to_see_arm",
    "role_to_see_products",
    "role_to_sign",
    "role_to_sign_meeting",
    "role_to_stop_lot",
    "role_to_supply_kits",
    "role_to_upload_list",
    "role_to_write_diary",
]


INSTALLATION_ROLE = "administrator"
"""The role of who starts studies here and invites the first people of each."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One role held in a study, at one site or (site None) at all of them."""

    role: str
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as one study knows them: plain id, seats there, and what its roles may do."""

    person_id: UUID
    name: str
    study: str
    seats: frozenset[Seat]
    roles: Roles
    participant: str | None = None
    """The code of the participant who acts, by the link to their diary and without an account."""

    def role_for(self, act: Act, site: str | None = None) -> str | None:
        """The role under which the person may do `act` (at `site`), or None: the answer is no.

        A seat that works at one site covers that site alone; without a site in question, any
        seat will do.
        """
        return self.role_among(self.roles.who_may(act), site)

    def role_among(self, roles: Collection[str], site: str | None = None) -> str | None:
        """The first of the person's roles (at `site`) that is one of `roles`, or None."""
        for seat in sorted(self.seats, key=lambda seat: self.roles.place(seat.role)):
            here = site is None or seat.site == site or self._everywhere(seat)
            if here and seat.role in roles:
                return seat.role
        return None

    @property
    def sites(self) -> frozenset[str] | None:
        """The sites whose participants the person may see; None when those of all."""
        return self.sites_for(Act.SEE_PARTICIPANTS)

    def sites_for(self, act: Act) -> frozenset[str] | None:
        """The sites at which the person may do `act`; None when at all of them."""
        return self._sites_among(self.roles.who_may(act))

    def _sites_among(self, roles: Collection[str]) -> frozenset[str] | None:
        """The sites at which the person holds one of `roles`; None when at all of them."""
        seats = {seat for seat in self.seats if seat.role in roles}
        if any(self._everywhere(seat) for seat in seats):
            return None
        return frozenset(seat.site for seat in seats if seat.site is not None)

    def _everywhere(self, seat: Seat) -> bool:
        return seat.site is None and not self.roles.at_a_site(seat.role)


def may(actor: Actor, act: Act, *, site: str | None = None, knows_arm: bool = False) -> bool:
    """Whether `actor` may do `act`, at `site` where it concerns a participant there.

    Args:
        knows_arm: whether the person has already seen the arm of the participant concerned;
            what was seen may be seen again.
    """
    if act is Act.SEE_ARM and knows_arm:
        return may(actor, Act.SEE_PARTICIPANTS, site=site)
    return actor.role_for(act, site) is not None


def may_act_on(actor: Actor, *, code: str, site: str) -> bool:
    """Whether a participant is there for `actor`: who sees those of the site, and themselves."""
    return actor.participant == code or may(actor, Act.SEE_PARTICIPANTS, site=site)


def may_see_form(actor: Actor, form: Form, *, site: str, knows_arm: bool) -> bool:
    """Whether a person finds the form there; an unmasking one is only for who may know the arm."""
    if not may(actor, Act.SEE_PARTICIPANTS, site=site):
        return False
    return not form.unmasking or may(actor, Act.SEE_ARM, site=site, knows_arm=knows_arm)


def may_see_attachments(actor: Actor, form: Form | None, *, site: str, knows_arm: bool) -> bool:
    """Whether a person finds the files of a form (None: of the participant) there; those of a form
    of which any item could reveal an arm are only for who may know it."""
    if form is None:
        return may(actor, Act.SEE_PARTICIPANTS, site=site)
    sees_arm = may(actor, Act.SEE_ARM, site=site, knows_arm=knows_arm)
    return may_see_form(actor, form, site=site, knows_arm=knows_arm) and (
        sees_arm or not form.unmasking_items
    )


def role_to_attach(actor: Actor, form: Form | None, *, site: str, knows_arm: bool) -> str | None:
    """The role under which they attach files to a form, which who fills it in may, or (None) to
    the participant, which who takes the consent may; None where they may not."""
    if not may_see_attachments(actor, form, site=site, knows_arm=knows_arm):
        return None
    if form is None:
        return actor.role_for(Act.CONSENT, site)
    return role_to_complete(actor, form, site=site, knows_arm=knows_arm)


def role_to_delegate(actor: Actor, site: str) -> str | None:
    """The role of a site's own investigator under which the person delegates there, or None: who
    signs the protocol for all sites delegates at none."""
    signers = actor.roles.who_may(Act.SIGN_PROTOCOL)
    return actor.role_among({role for role in signers if actor.roles.at_a_site(role)}, site)


def role_to_acknowledge(actor: Actor, site: str) -> str | None:
    """The role under which a person acknowledges the report of a monitor's visit to a site, or
    None: that of the site's own investigator, who answers for it."""
    return role_to_delegate(actor, site)


def role_to_identify(actor: Actor, site: str) -> str | None:
    """The role under which a person reads who a site's participants are, or None: the site's own
    staff who screen them or take their consent, and nobody who works for all sites."""
    staff = actor.roles.who_may(Act.SCREEN) | actor.roles.who_may(Act.CONSENT)
    return actor.role_among({role for role in staff if actor.roles.at_a_site(role)}, site)


def role_to_lock(actor: Actor) -> str | None:
    """The role under which a person freezes and locks data, or None; where the protocol gives that
    to nobody, a role that signs it and belongs to no site."""
    lockers = actor.roles.who_may(Act.LOCK_DATA)
    if not lockers:
        signers = actor.roles.who_may(Act.SIGN_PROTOCOL)
        lockers = frozenset(role for role in signers if not actor.roles.at_a_site(role)) or signers
    return actor.role_among(lockers)


def role_to_review_results(actor: Actor, protocol: Protocol) -> str | None:
    """The role under which they sign that the first results have been seen, or None: the protocol
    names it, and it sees the participants of all sites."""
    pause = protocol.allocation and protocol.allocation.pause_after
    if not pause or not may(actor, Act.SEE_PARTICIPANTS) or actor.sites is not None:
        return None
    return actor.role_among({pause.seen_by})


def role_to_decide_hold(actor: Actor, deciders: Collection[str]) -> str | None:
    """The role under which they sign a decision that ends a hold, or None: the protocol names it,
    and it sees the participants of all sites, or signs the protocol."""
    if not may(actor, Act.SEE_PARTICIPANTS):
        return None
    return actor.role_among(deciders)


def role_to_keep_board(actor: Actor, members: Collection[str]) -> str | None:
    """The role under which they record a meeting of the board, closed part and all, or None: a
    member, or the board's statistician, who makes cuts and sees results by arm."""
    roles = actor.roles
    keepers = frozenset(members) | (roles.who_may(Act.CUT_DATA) & roles.who_may(Act.SEE_ARMS))
    return actor.role_among(keepers & roles.who_may(Act.SEE_ARMS))


def role_to_sign_meeting(actor: Actor, members: Collection[str]) -> str | None:
    """The role under which they sign a meeting of the board, or None: that of a member who may
    see the closed part."""
    return actor.role_among(frozenset(members) & actor.roles.who_may(Act.SEE_ARMS))


def role_to_end_clock(actor: Actor, site: str | None) -> str | None:
    """The role under which they record that a report was sent, or None: at a site (of its own
    clock) whoever records events there; of the sponsor's clocks whoever reports safety. Where the
    protocol gives that to nobody, a role that signs it."""
    if not may(actor, Act.SEE_PARTICIPANTS):
        return None
    act = Act.REPORT_SAFETY if site is None else Act.RECORD_EVENTS
    roles = actor.roles.who_may(act) or actor.roles.who_may(Act.SIGN_PROTOCOL)
    return actor.role_among(roles, site)


def role_to_decide_group(actor: Actor, group: Group, *, opens: bool) -> str | None:
    """The role under which they open (or close) a group of participants, or None: the protocol
    names it, and it sees the participants of all sites."""
    role = group.opens.by if opens else group.closes.by
    if not role or not may(actor, Act.SEE_PARTICIPANTS) or actor.sites is not None:
        return None
    return actor.role_among({role})


def role_to_decide_cohorts(actor: Actor, cohorts: Cohorts | None) -> str | None:
    """The role under which they open the next dose cohort, or None: the protocol names it, and it
    sees the participants of all sites."""
    if not cohorts or not may(actor, Act.SEE_PARTICIPANTS) or actor.sites is not None:
        return None
    return actor.role_among({cohorts.decide})


def role_to_upload_list(actor: Actor, allocation: Allocation) -> str | None:
    """The role under which they upload an allocation list that was drawn outside, or None: the
    protocol names it, it knows every arm and chooses nobody to allocate."""
    return actor.role_among({allocation.uploaded_by})


def role_to_supply_kits(actor: Actor, protocol: Protocol) -> str | None:
    """The role under which they list kits and send them to sites, or None: the protocol names it,
    it knows what is in each, and it belongs to no site."""
    return actor.role_among({protocol.kits.supplied_by}) if protocol.kits else None


def role_to_receive_kits(actor: Actor, protocol: Protocol, site: str | None) -> str | None:
    """The role under which they receive a site's kits and take them back, or None; without a site
    in question, those of any."""
    return actor.role_among(protocol.kits.received_by, site) if protocol.kits else None


def role_to_see_products(actor: Actor) -> str | None:
    """The role under which they see which product was given to whom, or None: whoever has to do
    with products, and whoever reports safety and may see arms."""
    roles = actor.roles
    seeing = frozenset().union(*(roles.who_may(act) for act in OF_PRODUCTS))
    return actor.role_among(
        seeing | (roles.who_may(Act.REPORT_SAFETY) & roles.who_may(Act.SEE_ARM))
    )


def role_to_stop_lot(actor: Actor) -> str | None:
    """The role under which they fail or recall a lot, or exclude a donor, or None: whoever records
    or releases lots, and whoever reports safety and sees what was given."""
    roles = actor.roles
    reporting = roles.who_may(Act.REPORT_SAFETY) & roles.who_may(Act.SEE_ARM)
    deciding = roles.who_may(Act.RELEASE_LOTS) | roles.who_may(Act.RECORD_LOTS)
    return actor.role_among(deciding | reporting)


def role_to_confirm_notice(actor: Actor, site: str) -> str | None:
    """The role under which the treating doctor confirms what they were told of a product, or None:
    who judges events at the site, else who signs the protocol there."""
    roles = actor.roles.who_may(Act.JUDGE_EVENTS) or actor.roles.who_may(Act.SIGN_PROTOCOL)
    return actor.role_among(roles, site)


def role_to_see_arm(
    actor: Actor, protocol: Protocol, *, site: str, taken: Collection[str]
) -> str | None:
    """The role under which a person may be shown the arm of a participant at a site, or None.

    Args:
        taken: the protocol's steps that have been taken for the participant. Who takes a step that
            reveals the arm may be shown it once somebody has taken it.
    """
    if role := actor.role_for(Act.SEE_ARM, site):
        return role
    told = {role for s in protocol.steps if s.reveals_arm and s.key in taken for role in s.roles}
    return actor.role_among(told, site) if may(actor, Act.SEE_PARTICIPANTS, site=site) else None


def role_to_complete(actor: Actor, form: Form, *, site: str, knows_arm: bool) -> str | None:
    """The role under which the person may fill the form in, or None."""
    return _role_on_form(actor, form, form.completed_by, site, knows_arm)


def role_to_import(actor: Actor, form: Form, *, site: str, knows_arm: bool) -> str | None:
    """The role under which results of a laboratory's file may be entered on the form, or None."""
    keepers = actor.roles.who_may(Act.KEEP_LABORATORY)
    return _role_on_form(actor, form, keepers, site, knows_arm)


def role_to_write_diary(actor: Actor, form: Form, site: str) -> str | None:
    """The participant's role, where the form is a diary and a participant acts; else None."""
    theirs = form.diary is not None and actor.participant is not None
    return actor.role_among({PARTICIPANT}, site) if theirs else None


def role_to_open_diary(actor: Actor, code: str) -> str | None:
    """The participant's role, where this participant acts; None for everybody else."""
    return actor.role_among({PARTICIPANT}) if actor.participant == code else None


def role_to_give_diary(actor: Actor, site: str) -> str | None:
    """The role under which they make a participant's link to the diary, or end it, or None."""
    return actor.role_for(Act.CONSENT, site)


def role_to_sign(actor: Actor, form: Form, *, site: str, knows_arm: bool) -> str | None:
    """The role under which the person may sign the form, or None."""
    roles = () if form.signed_by is None else (form.signed_by,)
    return _role_on_form(actor, form, roles, site, knows_arm)


def _role_on_form(
    actor: Actor, form: Form, roles: Collection[str], site: str, knows_arm: bool
) -> str | None:
    """A blinded assessment is closed to whoever has seen the arm, or may by any role."""
    if not may_see_form(actor, form, site=site, knows_arm=knows_arm):
        return None
    sees_arm = may(actor, Act.SEE_ARM, site=site, knows_arm=knows_arm)
    if sees_arm and actor.roles.assesses_blinded(form):
        return None
    return actor.role_among(roles, site)
