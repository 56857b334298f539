"""A study with its people, and the ordinary answers to its forms, for the tests of conduct."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from tests.kept import kept
from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import (
    consenting,
    eligibility,
    entering,
    randomising,
    reviewing,
    screening,
    studies,
    visiting,
)
from trialwright.conduct.actions.steps import DONE, StepReport, record_step
from trialwright.conduct.models import Entry, Participant, StepRecord
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.participants.step_details import StepDetails, details_of
from trialwright.conduct.reads.first_results import results_to_review
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.demonstration.people import ensure_people
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role
from trialwright.protocol.loader import parse_file
from trialwright.protocol.roles import Roles

STUDY = "DEMO-HAEC-01"
SEED = bytes(range(32))
ZONE = ZoneInfo("Asia/Shanghai")
# Long enough ago that three years of a story lie in the past.
START = datetime(2023, 3, 6, 9, 0, tzinfo=ZONE)

HISTORY = {
    "pregnancies": "2", "births": "0", "cause": "curettage", "injured_on": "2020-06",
    "menses_regular": "yes", "menses_normal": "yes", "wish": "yes", "adhesiolyses": "1",
    "failed_adhesiolyses": "1", "uterine_disease": "no", "tuberculosis": "no", "malignancy": "no",
    "heart_normal": "yes", "psychiatric": "no", "thrombosis": "no", "lung_disease": "no",
    "oestrogen_contraindicated": "no", "allergy": "no", "vein_access": "yes",
}  # fmt: skip


def screening_forms(day: date) -> dict[str, dict[str, str]]:
    """Answers of a woman who is eligible, stage III, to the forms that decide it."""
    on = day.isoformat()
    return {
        "demographics": {"age": "31", "height": "161.0", "weight": "54.5"},
        "history": HISTORY,
        "hysteroscopy": {
            "looked_on": on, "extent": "over_two_thirds", "adhesion_type": "dense",
            "menses": "hypomenorrhoea", "esh_stage": "IIIa",
        },
        "chemistry": {
            "sampled_on": on, "alt": "18", "ast": "21", "bilirubin": "9.5", "creatinine": "56",
            "inr": "1.0", "fibrinogen": "2.8",
        },
        "virology": {
            "sampled_on": on, "hiv": "negative", "hbsag": "negative", "hcv": "negative",
            "syphilis": "negative",
        },
    }  # fmt: skip


@dataclass(slots=True)
class World:
    """The people of one site, and a clock that the test sets."""

    now: datetime
    roles: Roles = field(default_factory=lambda: demonstration().roles)

    def person(self, role: str, site: str = "C") -> Actor:
        rows = Membership.objects.filter(study=STUDY, role=str(role), site__in=("", site))
        actor = actor_in(rows.order_by("person__username")[0].person, STUDY, self.roles)
        assert actor is not None
        return actor

    @property
    def coordinator(self) -> Actor:
        return self.person(Role.COORDINATOR)

    @property
    def investigator(self) -> Actor:
        return self.person(Role.INVESTIGATOR)

    @property
    def surgeon(self) -> Actor:
        return self.person(Role.OPERATING_SURGEON)

    @property
    def handler(self) -> Actor:
        return self.person(Role.PRODUCT_HANDLER)

    @property
    def assessor(self) -> Actor:
        return self.person(Role.OUTCOME_ASSESSOR)

    @property
    def monitor(self) -> Actor:
        return self.person(Role.MONITOR)

    def row(self, code: str) -> Participant:
        return Participant.objects.get(study=STUDY, code=code)

    def screened(self) -> str:
        return screening.screen(by=self.coordinator, site="C", at=self.now)

    def consented(self) -> str:
        code = self.screened()
        consenting.consent(
            by=self.coordinator,
            code=code,
            report=ConsentReport(
                version="1.0",
                language="zh",
                explained_by=self.investigator.person_id,
                given_at=self.now,
                parts={"study": True, "pregnancy": True, "samples": False, "contact": True},
            ),
            at=self.now,
        )
        return code

    def save(
        self,
        by: Actor,
        code: str,
        visit: str,
        form: str,
        raw: Mapping[str, str],
        *,
        based_on: int = 0,
        **more: Mapping[str, str],
    ) -> entering.Saved:
        return entering.save_entry(
            by=by, code=code, visit=visit, form=form, raw=raw,
            based_on=based_on, at=self.now, **more,
        )  # fmt: skip

    def entered(self) -> str:
        code = self.consented()
        day = self.now.date()
        visiting.record_visit(
            by=self.coordinator, code=code, visit="screening", on=day, at=self.now
        )
        for form, raw in screening_forms(day).items():
            who = self.investigator if form == "hysteroscopy" else self.coordinator
            self.save(who, code, "screening", form, raw)
        hcg = {"sampled_on": day.isoformat(), "sampled_at": "08:10", "hcg": "<1.2"}
        self.save(self.coordinator, code, "admission", "beta_hcg", hcg)
        return code

    def assess(self, code: str) -> None:
        answers = {each.key: (Answer.PASS, "") for each in demonstration().criteria}
        eligibility.assess_eligibility(by=self.coordinator, code=code, answers=answers, at=self.now)

    def assessed(self) -> str:
        code = self.entered()
        self.assess(code)
        return code

    def eligible(self) -> str:
        code = self.assessed()
        eligibility.confirm_eligibility(by=self.investigator, code=code, at=self.now)
        return code

    def visited(self, code: str, visit: str) -> None:
        visiting.record_visit(
            by=self.coordinator, code=code, visit=visit, on=self.now.date(), at=self.now
        )

    def sign(self, by: Actor, code: str, visit: str, form: str) -> None:
        entry = Entry.objects.get(
            participant__code=code, participant__study=STUDY, visit=visit, form=form
        )
        entering.sign_entry(
            by=by, code=code, visit=visit, form=form, content_hash=hash_of(entry_content(entry)),
            at=self.now,
        )  # fmt: skip

    def randomised(self) -> str:
        code = self.eligible()
        randomising.randomise(by=self.investigator, code=code, at=self.now)
        return code

    def treated(self) -> str:
        code = self.randomised()
        self.treat(code)
        return code

    def taking(
        self, by: Actor, code: str, step: str, report: StepReport = DONE
    ) -> partial[int | None]:
        """A step of the demonstration's file, to be taken by calling this."""
        return partial(record_step, by=by, code=code, step=step, report=report, at=self.now)

    def receive(self, code: str) -> int | None:
        return self.taking(self.handler, code, "receive")()

    def prepared(self, code: str) -> None:
        """All steps of the day before the treatment."""
        self.receive(code)
        self.taking(self.handler, code, "release")()
        self.taking(self.surgeon, code, "resect")()
        self.taking(self.surgeon, code, "tell")()

    def treat(self, code: str, report: StepReport = DONE) -> None:
        """The whole day of the operation, in one moment."""
        self.prepared(code)
        self.taking(self.surgeon, code, "place", report)()

    def not_treated(self, code: str, reason: str = "Perforation") -> partial[int | None]:
        return self.taking(self.surgeon, code, "place", none_given(reason))

    def step(self, code: str, step: str) -> StepRecord:
        return StepRecord.objects.get(participant=self.row(code), step=step)

    def details(self, code: str, step: str) -> StepDetails:
        return details_of(STUDY, self.step(code, step))

    def run_in(self) -> None:
        """Treat the ten of the run-in, days apart, and end its pause; the next can come."""
        for number in range(10):
            if number == 5:
                self.later(days=21)
                self.review()
            self.treated()
            self.later(days=7)

    def review(self) -> None:
        """The board signs that it has seen the first results."""
        board = self.person(Role.SAFETY_BOARD)
        content_hash = results_to_review(board).content_hash
        reviewing.sign_results_seen(by=board, content_hash=content_hash, at=self.now)

    def later(self, **delta: int) -> None:
        self.now += timedelta(**delta)


def none_given(reason: str) -> StepReport:
    return StepReport(StepStatus.NOT_DONE, reason=reason)


def without_warnings(source: bytes) -> bytes:
    """The file without what it only warns of: these participants have no baseline cycles.

    `test_requirements` has those who are asked for them.
    """
    return re.sub(rb"\n    warn: \[[^\]]*\]", b"", source)


def begin(source: bytes | None = None, seed: bytes = SEED, *, warnings: bool = False) -> World:
    """The demonstration study (or another protocol of its name), signed, without participants."""
    source = source or demonstration().source_bytes
    source = source if warnings else without_warnings(source)
    return kept(("begun", source, seed), partial(_begin, source, seed))


def _begin(source: bytes, seed: bytes) -> World:
    ensure_people(STUDY, "a secret of the tests")
    world = World(START, parse_file(source).roles)
    studies.sign_protocol(
        by=world.investigator,
        source=source,
        file_name="demo_haec_01.yaml",
        seed=seed,
        at=START - timedelta(days=10),
    )
    return world
