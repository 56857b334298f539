"""What people are in a study and what each role may do: the object that the policy asks.

The capabilities are a closed set, since each is something that the program does; the roles are
the protocol's. A file names its own in `roles:`, or takes the bundled ones as they are
(`standard_roles.yaml`) and says in `blinding:` which of them may not learn an arm.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Form


class Act(StrEnum):
    """A capability: everything that a page or an action does is one of these."""

    SEE_STUDY = "see_study"
    SEE_PARTICIPANTS = "see_participants"
    SCREEN = "screen"
    CONSENT = "record_consent"
    EXPLAIN_CONSENT = "explain_consent"
    ASSESS_ELIGIBILITY = "assess_eligibility"
    CONFIRM_ELIGIBILITY = "confirm_eligibility"
    RANDOMISE = "randomise"
    PLAN_VISITS = "record_visits"
    ASSESS_BLINDED = "assess_blinded"
    ANSWER_QUERY = "answer_queries"
    RAISE_QUERY = "raise_queries"
    VERIFY_SOURCE = "verify_source"
    CHANGE_PARTICIPATION = "end_participation"
    RECORD_DEVIATION = "record_deviations"
    CLASSIFY_DEVIATION = "classify_deviations"
    RECORD_EVENTS = "record_events"
    JUDGE_EVENTS = "judge_events"
    JUDGE_EVENTS_FOR_SPONSOR = "judge_events_for_sponsor"
    ADJUDICATE_EVENTS = "adjudicate_events"
    REPORT_SAFETY = "report_safety"
    HOLD_TRIAL = "hold_trial"
    UNBLIND = "unblind_in_emergency"
    KEEP_ENVELOPES = "keep_envelopes"
    RECORD_LOTS = "record_lots"
    RELEASE_LOTS = "release_lots"
    HANDLE_PRODUCTS = "handle_products"
    SEE_ARM = "see_arm"
    SEE_ARMS = "see_results_by_arm"
    KEEP_LABORATORY = "keep_laboratory_data"
    SEE_LEDGER = "see_ledger"
    LOCK_DATA = "lock_data"
    CUT_DATA = "cut_data"
    SEE_CUTS = "see_cuts"
    SIGN_PROTOCOL = "sign_protocol"
    MANAGE_PEOPLE = "manage_people"


OF_PRODUCTS = frozenset({Act.RECORD_LOTS, Act.RELEASE_LOTS, Act.HANDLE_PRODUCTS})
"""Who may do one of these sees which product is given to whom."""

NEEDS_ARM = OF_PRODUCTS | {Act.SEE_ARMS, Act.KEEP_ENVELOPES}
"""What a role that is blinded can't do, whatever else it may."""

CHOOSES = frozenset({Act.RANDOMISE, Act.CONFIRM_ELIGIBILITY})
"""Whoever may do one of these decides who gets the next place of the list."""

WRITTEN = tuple(act for act in Act if act not in (Act.SEE_STUDY, Act.SEE_ARM))
"""What `may:` can hold: every role sees its study, and `knows_arm` says who sees an arm."""

PARTICIPANT = "participant"
"""The role that doesn't sign in: participants are blinded or not like the others."""


class Knows(StrEnum):
    """Whether a role may learn arms: never, from a step that shows one, or at any time."""

    NO = "no"
    AFTER = "after"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class StudyRole:
    """What a person is in a study. `at_site`: it is held at one site and reaches no other.

    `after` is the step of the file that shows the role an arm; with `Knows.AFTER` and without it,
    any step that the role takes and that reveals the arm.
    """

    key: str
    label: Text
    at_site: bool
    may: frozenset[Act]
    knows_arm: Knows
    after: str | None = None
    line: int = 0

    @property
    def grants(self) -> frozenset[Act]:
        """What it may do, once its blinding is counted in."""
        if self.key == PARTICIPANT:
            return frozenset()
        allowed = self.may | {Act.SEE_STUDY}
        if self.knows_arm is Knows.NO:
            return allowed - NEEDS_ARM
        if self.knows_arm is Knows.YES and Act.SEE_PARTICIPANTS in allowed:
            return allowed | {Act.SEE_ARM}
        of_all = {Act.SEE_ARMS, Act.KEEP_ENVELOPES}
        return allowed - of_all if self.knows_arm is Knows.AFTER else allowed

    def blinded(self) -> "StudyRole":
        """The same role, which may not learn an arm."""
        return replace(self, knows_arm=Knows.NO, after=None)

    def unblinded(self) -> "StudyRole":
        """The same role, which may; one that is shown arms by a step learns them there alone."""
        return self if self.knows_arm is not Knows.NO else replace(self, knows_arm=Knows.YES)


@dataclass(frozen=True)
class Roles:
    """The roles of one version of a protocol, in the order in which they are named."""

    all: tuple[StudyRole, ...]

    @cached_property
    def by_key(self) -> dict[str, StudyRole]:
        """The roles by their keys."""
        return {role.key: role for role in self.all}

    @cached_property
    def _granted(self) -> dict[Act, frozenset[str]]:
        return {act: frozenset(role.key for role in self.all if act in role.grants) for act in Act}

    def who_may(self, act: Act) -> frozenset[str]:
        """The keys of the roles that may do this."""
        return self._granted[act]

    def at_a_site(self, key: str) -> bool:
        """Whether a role is held at one site; one that isn't there reaches nothing."""
        return key not in self.by_key or self.by_key[key].at_site

    def place(self, key: str) -> int:
        """Where a role stands in the order of naming; one that isn't there, last."""
        return next((n for n, role in enumerate(self.all) if role.key == key), len(self.all))

    def needs_delegation(self, key: str) -> bool:
        """Whether a role at a site is delegated there, as all but those who sign the protocol."""
        return self.at_a_site(key) and key not in self.who_may(Act.SIGN_PROTOCOL)

    @property
    def people(self) -> tuple[str, ...]:
        """The keys of the roles that people sign in under."""
        return tuple(role.key for role in self.all if role.key != PARTICIPANT)

    @property
    def blinded(self) -> frozenset[str]:
        """The keys of the roles that may not learn an arm."""
        return frozenset(role.key for role in self.all if role.knows_arm is Knows.NO)

    @property
    def unblinded(self) -> frozenset[str]:
        """The keys of the roles that may, at any time or after a step."""
        return frozenset(self.by_key) - self.blinded

    def may_learn_arm(self, key: str) -> bool:
        """Whether a role may learn an arm, at any time or after a step; an unknown one never."""
        return key in self.unblinded

    def may_know_list(self, key: str) -> bool:
        """Whether a role may know who gets which arm before they come: it knows arms at any time,
        and chooses nobody."""
        role = self.by_key.get(key)
        return role is not None and role.knows_arm is Knows.YES and not role.grants & CHOOSES

    def assesses_blinded(self, form: Form) -> bool:
        """Whether a form is a blinded assessment: one that a blinded assessor completes or signs.

        Where the file tells assessors the arm, there is none.
        """
        assessors = self.who_may(Act.ASSESS_BLINDED) & self.blinded
        signer = (form.signed_by,) if form.signed_by else ()
        return bool(assessors & {*form.completed_by, *signer})

    def label(self, key: str, language: str) -> str:
        """What a role is called; one of another version of the protocol, its key."""
        role = self.by_key.get(key)
        return key if role is None else role.label.in_language(language)

    def labels(self, keys: Collection[str], language: str) -> list[str]:
        """What several roles are called, in the order in which roles are named."""
        return [role.label.in_language(language) for role in self.all if role.key in keys]

    def with_blinding(self, unblinded: Iterable[str]) -> "Roles":
        """The same roles, of which these alone may learn an arm."""
        open_to = set(unblinded)
        return Roles(
            tuple(role.unblinded() if role.key in open_to else role.blinded() for role in self.all)
        )
