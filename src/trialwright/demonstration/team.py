"""The people of the study at their work: each method one step, done by whoever's it is.

Steps are counted. When a broken-off building goes on, those that were done are counted again but
not done again; what a later step needs of them is therefore read from the study, never returned.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache, wraps
from typing import ParamSpec

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Actor
from trialwright.conduct.acting import knows_arm, protocol_of
from trialwright.conduct.actions import (
    adverse_events,
    appointments,
    clocks,
    consenting,
    eligibility,
    entering,
    participation,
    querying,
    randomising,
    reviewing,
    screening,
    visiting,
)
from trialwright.conduct.actions.attaching import OnForm, attach_file
from trialwright.conduct.actions.steps import DONE, StepReport, record_step
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.first_results import first_results, hash_of_results
from trialwright.conduct.models import AdverseEvent, Entry, Participant, Query, Study
from trialwright.conduct.models.adverse_events import About, Judge, Outcome
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.reads.clocks import clocks_to_end
from trialwright.conduct.reads.people import actor_of
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.clock_details import How
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.conduct.tables import entry_of, row_of
from trialwright.demonstration.rules import read_by_rules
from trialwright.demonstration.sheets import Sheet, Typed
from trialwright.protocol.basics import Role
from trialwright.safety.seriousness import SeriousCriterion

Place = tuple[str, str, str, int]
"""Where an entry stands: participant's code, visit, form, repeat."""
P = ParamSpec("P")
# Said only where something is missing that the protocol warns of.
_WITHOUT = "As agreed with the medical monitor before the operation"
_CONSENT_VERSION = "1.0"


def step(work: Callable[P, None]) -> Callable[P, None]:
    """Count a step, and do it unless it was done before the building broke off."""

    @wraps(work)
    def once(*args: P.args, **kwargs: P.kwargs) -> None:
        team = args[0]
        assert isinstance(team, Team)  # noqa: S101 - a step is a method of the team
        team.steps += 1
        if team.steps > team.already:
            work(*args, **kwargs)

    return once


class Team:
    """All who act in the demonstration study; `already` steps are taken as done."""

    def __init__(self, study: str, already: int = 0) -> None:
        self.study, self.already, self.steps = study, already, 0
        version = Study.objects.select_related("version").get(identifier=study).version
        if version is None:
            raise NotFound
        self.protocol = protocol_of(version)
        self.read_by_rules = read_by_rules(self.protocol)
        self.actor = cache(self._actor)
        self._codes: dict[str, int] = {}
        self._revisions: dict[Place, int] = {}

    def _actor(self, role: str, site: str) -> Actor:
        seats = Membership.objects.filter(study=self.study, role=str(role), site__in=("", site))
        return actor_of(seats[0].person, self.study)

    def _at_their_site(self, role: str, code: str) -> Actor:
        return self.actor(role, code.partition("-")[0])

    def next_code(self, site: str) -> str:
        """The code that the next participant screened at a site is given."""
        self._codes[site] = self._codes.get(site, 0) + 1
        return f"{site}-{self._codes[site]:03d}"

    @step
    def screen(self, code: str, at: datetime) -> None:
        """Add somebody to the screening log."""
        site = code.partition("-")[0]
        given = screening.screen(by=self.actor(Role.COORDINATOR, site), site=site, at=at)
        if given != code:
            raise RuntimeError(f"The next participant of {site} is {given}, the story says {code}.")

    @step
    def fail_screening(self, code: str, reason: str, at: datetime) -> None:
        """Record why a participant doesn't enter the trial."""
        by = self._at_their_site(Role.COORDINATOR, code)
        screening.record_screen_failure(by=by, code=code, reason=reason, at=at)

    @step
    def consent(self, code: str, language: str, optional: Mapping[str, bool], at: datetime) -> None:
        """An investigator explains, the participant agrees, the coordinator records it."""
        consenting.consent(
            by=self._at_their_site(Role.COORDINATOR, code),
            code=code,
            report=ConsentReport(
                version=_CONSENT_VERSION,
                language=language,
                explained_by=self._at_their_site(Role.INVESTIGATOR, code).person_id,
                given_at=at,
                parts={"study": True, **optional},
            ),
            at=at,
        )

    @step
    def assess(self, code: str, failed: Mapping[str, str], at: datetime) -> None:
        """Record the criteria: all are met, or only those that are not are named, with why."""
        met = {each.key: (Answer.PASS, "") for each in self.protocol.criteria}
        eligibility.assess_eligibility(
            by=self._at_their_site(Role.COORDINATOR, code),
            code=code,
            answers={key: (Answer.FAIL, why) for key, why in failed.items()} or met,
            at=at,
        )

    @step
    def confirm(self, code: str, at: datetime) -> None:
        """Sign the eligibility."""
        eligibility.confirm_eligibility(
            by=self._at_their_site(Role.INVESTIGATOR, code), code=code, at=at
        )

    @step
    def randomise(self, code: str, at: datetime) -> None:
        """Allocate the next place."""
        by = self._at_their_site(Role.INVESTIGATOR, code)
        randomising.randomise(by=by, code=code, despite=_WITHOUT, at=at)

    @step
    def review_results(self, at: datetime) -> None:
        """The board has seen the first results, and signs."""
        allocation = self.protocol.allocation
        if allocation is None or allocation.pause_after is None:
            return
        results = first_results(self.study, self.protocol, allocation.pause_after, at)
        by = self.actor(allocation.pause_after.seen_by, "")
        reviewing.sign_results_seen(by=by, content_hash=hash_of_results(results), at=at)

    @step
    def take(self, code: str, name: str, at: datetime, report: StepReport = DONE) -> None:
        """A step of the protocol is taken, by the first of the roles that it names."""
        by = self._at_their_site(self.protocol.step(name).roles[0], code)
        record_step(by=by, code=code, step=name, report=replace(report, despite=_WITHOUT), at=at)

    def arm_told(self, code: str) -> int:
        """The arm as the surgeon was told it."""
        participant = Participant.objects.get(study=self.study, code=code)
        if not knows_arm(self._surgeon(code), participant):
            raise NotFound
        return allocation_list.arm_of(participant)

    def _surgeon(self, code: str) -> Actor:
        return self._at_their_site(Role.OPERATING_SURGEON, code)

    @step
    def see(self, code: str, visit: str, on: date, reason: str, at: datetime) -> None:
        """Record that a visit took place; a reason counts outside the window."""
        by = self._at_their_site(Role.COORDINATOR, code)
        visiting.record_visit(by=by, code=code, visit=visit, on=on, reason=reason, at=at)

    @step
    def agree(self, code: str, visit: str, on: datetime, at: datetime, reason: str = "") -> None:
        """Agree on when the participant comes to a visit; a reason moves what was agreed."""
        by = self._at_their_site(Role.COORDINATOR, code)
        appointments.make_appointment(
            by=by, code=code, visit=visit, starts_at=on, minutes=90, reason=reason, at=at
        )

    @step
    def call_off(self, code: str, visit: str, reason: str, at: datetime) -> None:
        """Cancel the appointment of a visit."""
        by = self._at_their_site(Role.COORDINATOR, code)
        appointments.cancel_appointment(by=by, code=code, visit=visit, reason=reason, at=at)

    @step
    def attach(self, place: Place, content: bytes, name: str, about: str, at: datetime) -> None:
        """Attach a file to a form, as the first of the roles that may fill it in."""
        code, visit, form, repeat = place
        attach_file(
            by=self._at_their_site(self.protocol.form(form).completed_by[0], code), code=code,
            content=content, file_name=name, about=about, place=OnForm(visit, form, repeat), at=at,
        )  # fmt: skip

    @step
    def attach_letter(self, code: str, content: bytes, about: str, at: datetime) -> None:
        """Attach a letter to the participant as a whole."""
        by = self._at_their_site(Role.INVESTIGATOR, code)
        attach_file(by=by, code=code, content=content, file_name="letter.pdf", about=about, at=at)

    @step
    def miss(self, code: str, visit: str, reason: str, at: datetime) -> None:
        """Record that a visit was missed, and why."""
        by = self._at_their_site(Role.COORDINATOR, code)
        visiting.record_missed_visit(by=by, code=code, visit=visit, reason=reason, at=at)

    def save(
        self,
        place: Place,
        sheet: Sheet,
        at: datetime,
        change_reasons: Mapping[str, str] | None = None,
    ) -> None:
        """Save a form, as the first of the roles that may fill it in."""
        based_on = self._revisions.get(place, 0)
        self._revisions[place] = based_on + 1
        self._save(place, sheet.typed, sheet.remarks, change_reasons or {}, based_on, at)

    @step
    def _save(
        self,
        place: Place,
        typed: Typed,
        remarks: Mapping[str, str],
        change_reasons: Mapping[str, str],
        based_on: int,
        at: datetime,
    ) -> None:
        code, visit, form, repeat = place
        entering.save_entry(
            by=self._at_their_site(self.protocol.form(form).completed_by[0], code),
            code=code,
            visit=visit,
            form=form,
            repeat=repeat,
            raw=typed,
            based_on=based_on,
            remarks=remarks,
            change_reasons=change_reasons,
            at=at,
        )

    @step
    def sign(self, place: Place, at: datetime) -> None:
        """Sign an entry as it stands, as the role the protocol says."""
        code, visit, form, repeat = place
        signer = self.protocol.form(form).signed_by
        if signer is None:
            return
        entering.sign_entry(
            by=self._at_their_site(signer, code),
            code=code,
            visit=visit,
            form=form,
            repeat=repeat,
            content_hash=hash_of(entry_content(self._entry(place))),
            at=at,
        )

    @step
    def ask(self, place: Place, item: str, text: str, at: datetime) -> None:
        """The monitor raises a query."""
        code, visit, form, repeat = place
        querying.raise_query(
            by=self.actor(Role.MONITOR, ""), code=code, visit=visit, form=form, item=item,
            repeat=repeat, text=text, at=at,
        )  # fmt: skip

    @step
    def answer(self, place: Place, text: str, at: datetime) -> None:
        """The coordinator answers the open query of an entry."""
        by = self._at_their_site(Role.COORDINATOR, place[0])
        query = Query.objects.get(entry=self._entry(place), status="open")
        querying.answer_query(by=by, code=place[0], number=query.number, answer=text, at=at)

    @step
    def close(self, place: Place, at: datetime) -> None:
        """The data manager closes what was answered about an entry."""
        by = self.actor(Role.DATA_MANAGER, "")
        for query in Query.objects.filter(entry=self._entry(place), status="answered"):
            querying.close_query(by=by, code=place[0], number=query.number, at=at)

    def _entry(self, place: Place) -> Entry:
        code, visit, form, repeat = place
        participant = row_of(Participant, study_id=self.study, code=code)
        if participant is None:
            raise NotFound
        entry = entry_of(participant, visit, form, repeat)
        if entry is None:
            raise NotFound
        return entry

    @step
    def withdraw(
        self, code: str, on: date, stops: Collection[str], reason: str, at: datetime
    ) -> None:
        """The participant withdraws."""
        by = self._at_their_site(Role.INVESTIGATOR, code)
        participation.withdraw(by=by, code=code, on=on, stops=stops, reason=reason, at=at)

    @step
    def lose(self, code: str, on: date, reason: str, at: datetime) -> None:
        """The participant can't be reached any more."""
        by = self._at_their_site(Role.INVESTIGATOR, code)
        participation.record_loss_to_follow_up(by=by, code=code, on=on, reason=reason, at=at)

    @step
    def record_event(self, code: str, term: str, grade: int, on: date, at: datetime) -> None:
        """The coordinator records a serious event: an admission."""
        admitted = adverse_events.Report(
            term, grade, started=on.isoformat(), described="Admitted for observation",
            criteria={SeriousCriterion.HOSPITALISATION},
        )  # fmt: skip
        by = self._at_their_site(Role.COORDINATOR, code)
        adverse_events.record_event(by=by, code=code, report=admitted, at=at)

    @step
    def judge(self, code: str, at: datetime) -> None:
        """The investigator and the medical monitor judge the cause of the latest event."""
        judges = {
            Judge.INVESTIGATOR: self._at_their_site(Role.INVESTIGATOR, code),
            Judge.SPONSOR: self.actor(Role.SAFETY_PHYSICIAN, ""),
        }
        for judge, by in judges.items():
            adverse_events.judge_event(
                by=by, code=code, number=self._event(code), judge=judge, about=About.TREATMENT,
                related=True, at=at,
            )  # fmt: skip

    @step
    def worsen(self, code: str, grade: int, since: date, at: datetime) -> None:
        """Record another grade of the latest event."""
        adverse_events.record_grade(
            by=self._at_their_site(Role.COORDINATOR, code), code=code, number=self._event(code),
            grade=grade, since=since.isoformat(), at=at,
        )  # fmt: skip

    @step
    def recover(self, code: str, ended: date, at: datetime) -> None:
        """Record recovery from the latest event: news for those who were told."""
        adverse_events.follow_event(
            by=self._at_their_site(Role.COORDINATOR, code), code=code, number=self._event(code),
            outcome=Outcome.RECOVERED, ended=ended.isoformat(), significant=True,
            criteria={SeriousCriterion.HOSPITALISATION}, reason="Discharged, no fever since", at=at,
        )  # fmt: skip

    @step
    def end_site_clocks(self, code: str, at: datetime) -> None:
        """The coordinator reports the event to the sponsor."""
        self._end_clocks(self._at_their_site(Role.COORDINATOR, code), code, at)

    @step
    def send_reports(self, code: str, at: datetime) -> None:
        """The safety office sends the reports that are due of the event."""
        self._end_clocks(self.actor(Role.SAFETY_OFFICE, ""), code, at)

    def _end_clocks(self, by: Actor, code: str, at: datetime) -> None:
        for each in clocks_to_end(by):
            if each.code == code:
                receipt = f"{each.region or code}-{each.number}"
                report = clocks.Report(How.SENT, reference=receipt)
                clocks.end_clock(by=by, number=each.number, report=report, at=at)

    def _event(self, code: str) -> int:
        rows = AdverseEvent.objects.filter(participant__study=self.study, participant__code=code)
        return int(rows.latest("number").number)
