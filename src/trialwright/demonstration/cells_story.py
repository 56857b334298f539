"""What happens in the study of cells, by the real actions of its people, in the order of time."""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import (
    clocks,
    consenting,
    eligibility,
    entering,
    identifying,
    randomising,
    screening,
    special_situations,
    unblinding,
    visiting,
)
from trialwright.conduct.actions.special_situations import Birth, PregnancyReport
from trialwright.conduct.actions.steps import record_step
from trialwright.conduct.identity.identities import Known
from trialwright.conduct.models import Entry, Participant, PregnancyOutcome
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.products.bedside import products_for
from trialwright.conduct.reads.clocks import clocks_to_end
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.clock_details import How
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.demonstration.cells_supply import SITE, CellsSupply, hospital_number
from trialwright.protocol.model import Protocol

_INFUSED = (40, 61, 82, 103, 124, 145, 330, 480)
"""Days from the signature of the protocol to each participant's infusion."""
_MADE, _BAD_NEWS, _UNBLINDED = (5, 20, 138), 134, 490
"""Days on which the lots are made, a donor turns out infected, an arm is shown."""
_CONCEIVES, _TOLD, _CARRIES, _SEEN = 60, 35, 262, 60
"""Days: infusion to conception, to its being told, to the birth, and to the child's visit."""
_WEEK_4 = 28
_THAWED_TOO_LONG, _SHOWN = 2, 4
"""Which of those given cells had to wait for another container, and which participant's arm is
shown, counted from 0."""
_WOMEN = ((33, "52.4"), (36, "61.0"), (29, "55.5"), (38, "58.2"), (31, "49.9"), (35, "66.3"),
          (27, "53.1"), (34, "57.7"))  # fmt: skip
"""Age in years and body weight in kg, in the order in which they come."""


class CellsStory:
    """The story between two moments; `now` is where it stands."""

    def __init__(self, protocol: Protocol, began: datetime, until: datetime) -> None:
        self.protocol, self.began, self.until = protocol, began, until
        self.now = began
        self.supply = CellsSupply(self)
        # Who came, and of them who was given cells, in turn.
        self.codes: list[str] = []
        self.given: list[str] = []
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._planned = count()

    def by(self, role: str) -> Actor:
        """Who has a role in the study."""
        study = self.protocol.identifier
        seat = Membership.objects.filter(study=study, role=role).select_related("person")[0]
        actor = actor_in(seat.person, study, self.protocol.roles)
        if actor is None:
            raise NotFound
        return actor

    def on(self, days: int, hour: int = 9, minute: int = 0) -> None:
        """Go on to a time of a day, told in days from the beginning."""
        moment = self.began.replace(hour=hour, minute=minute) + timedelta(days=days)
        self.now = min(moment, self.until)

    def later(self, **delta: int) -> None:
        """Go on by so much."""
        self.now = min(self.now + timedelta(**delta), self.until)

    def day(self, days: int) -> date:
        """The date of a day that is told in days from the beginning."""
        return (self.began + timedelta(days=days)).date()

    def plan(self, days: int, act: Callable[[], None]) -> None:
        """Have something happen on a day, told in days from the beginning."""
        heapq.heappush(self._agenda, (days, next(self._planned), act))

    def tell(self) -> None:
        """All of it, each matter when its day has come; none after the present."""
        failed, first, second = _MADE
        self.plan(failed, self.supply.failed_lot)
        self.plan(first, self.supply.conditional_lot)
        self.plan(_BAD_NEWS, self.supply.donor_turns_out_infected)
        self.plan(second, self.supply.released_lot)
        self.plan(_UNBLINDED, self._unblind)
        for number, days in enumerate(_INFUSED):
            self.plan(days, partial(self._infuse, number, days))
        while self._agenda:
            days, _, act = heapq.heappop(self._agenda)
            if self.day(days) <= self.until.date():
                self.on(days)
                act()

    def _infuse(self, number: int, days: int) -> None:
        """Screened, consented, found eligible, allocated and infused in one day."""
        age, weight = _WOMEN[number]
        coordinator, investigator = self.by("coordinator"), self.by("investigator")
        code = screening.screen(by=coordinator, site=SITE, at=self.now)
        self.later(minutes=40)
        agreed = ConsentReport(
            "1.0", "zh", investigator.person_id, self.now, {"study": True, "pregnancy": True}
        )
        consenting.consent(by=coordinator, code=code, report=agreed, at=self.now)
        self._visit(code, "screening", "vital_signs", {"age": str(age), "weight": weight})
        self.later(minutes=30)
        answers = {each.key: (Answer.PASS, "") for each in self.protocol.criteria}
        eligibility.assess_eligibility(by=coordinator, code=code, answers=answers, at=self.now)
        eligibility.confirm_eligibility(by=investigator, code=code, at=self.now)
        known = Known(name=f"{code} (invented)", hospital_number=hospital_number(code))
        identifying.save_identity(by=coordinator, code=code, known=known, at=self.now)
        self.later(minutes=30)
        randomising.randomise(by=investigator, code=code, at=self.now)
        self.later(minutes=30)
        participant = Participant.objects.get(study=self.protocol.identifier, code=code)
        if "cells" in products_for(participant, self.protocol, ""):
            self.given.append(code)
            if len(self.given) == _THAWED_TOO_LONG:
                self.supply.thaw_too_long(code)
            self.supply.give(code)
            if len(self.given) == 1:
                self._plan_pregnancy(code, days + _CONCEIVES)
        self.later(minutes=30)
        record_step(by=self.by("infusion_doctor"), code=code, step="infuse", at=self.now)
        self.codes.append(code)
        flushes = {"flushes": str(max(0, 9 - number))}
        week_4 = partial(self._visit, code, "week_4", "symptoms", flushes)
        self.plan(days + _WEEK_4, week_4)

    def _visit(self, code: str, visit: str, form: str, typed: Mapping[str, str]) -> None:
        coordinator = self.by("coordinator")
        visiting.record_visit(
            by=coordinator, code=code, visit=visit, on=self.now.date(), at=self.now
        )
        entering.save_entry(
            by=coordinator, code=code, visit=visit, form=form, raw=typed, based_on=0, at=self.now
        )
        entry = Entry.objects.get(
            participant__study=self.protocol.identifier, participant__code=code, visit=visit,
            form=form,
        )  # fmt: skip
        entering.sign_entry(
            by=self.by("investigator"), code=code, visit=visit, form=form,
            content_hash=hash_of(entry_content(entry)), at=self.now,
        )  # fmt: skip

    def _unblind(self) -> None:
        """In an emergency elsewhere, at night; what it does to the results is judged next day."""
        code = self.codes[_SHOWN]
        reason = "Anaphylaxis in the emergency department of another hospital, which asks"
        self.later(hours=14)
        shown = unblinding.unblind(
            by=self.by("investigator"), code=code, reason=reason, at=self.now
        )
        self.later(hours=11)
        unblinding.judge_unblinding(
            by=self.by("safety_physician"), number=shown.number, at=self.now,
            effect="None on the primary endpoint: week 4 was over and signed.",
        )  # fmt: skip

    def _plan_pregnancy(self, code: str, conceived: int) -> None:
        born = conceived + _CARRIES
        self.plan(conceived + _TOLD, partial(self._pregnant, code, conceived))
        self.plan(born + 4, partial(self._born, code, born))
        self.plan(born + _SEEN, partial(self._child_seen, code, born))

    def _pregnant(self, code: str, conceived: int) -> None:
        told = PregnancyReport(
            began=self.day(conceived).isoformat(),
            last_period=self.day(conceived - 14).isoformat(),
            expected_on=self.day(conceived + 266).isoformat(),
            contraception="None",
            history="No earlier pregnancy",
            described="A test at home was positive; seen at the hospital, in the cavity",
        )
        self.pregnancy = special_situations.record_pregnancy(
            by=self.by("coordinator"), code=code, report=told, at=self.now
        )
        self._send_reports(code)

    def _born(self, code: str, born: int) -> None:
        by, number = self.by("coordinator"), self.pregnancy
        special_situations.record_pregnancy_outcome(
            by=by, code=code, number=number, outcome=PregnancyOutcome.BIRTH,
            ended=self.day(born).isoformat(), weeks=39, at=self.now,
        )  # fmt: skip
        self.later(minutes=10)
        self.child = special_situations.record_child(
            by=by, code=code, number=number, birth=self._birth(born, "Well"), at=self.now
        )
        self._send_reports(code)

    def _child_seen(self, code: str, born: int) -> None:
        """What had not been seen at the birth."""
        birth = replace(
            self._birth(born, "Heart murmur; echocardiography: a small ventricular septal defect"),
            malformation="Ventricular septal defect", grade=1,
        )  # fmt: skip
        special_situations.follow_child(
            by=self.by("coordinator"), code=code, child=self.child, birth=birth,
            reason="Examined at the age of two months", at=self.now,
        )  # fmt: skip
        self._send_reports(code)

    def _birth(self, born: int, condition: str) -> Birth:
        return Birth(self.day(born).isoformat(), "female", 3120, condition)

    def _send_reports(self, code: str) -> None:
        """The coordinator tells the sponsor, some hours later."""
        self.later(hours=3)
        by = self.by("coordinator")
        for each in clocks_to_end(by):
            if each.code == code:
                report = clocks.Report(How.SENT, reference=f"{code}-{each.number}")
                clocks.end_clock(by=by, number=each.number, report=report, at=self.now)
