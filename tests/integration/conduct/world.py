"""A study with its people, and the ordinary answers to its forms, for the tests of conduct."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import (
    consenting,
    eligibility,
    entering,
    randomising,
    screening,
    studies,
    visiting,
)
from trialwright.conduct.demonstration.people import ensure_people
from trialwright.conduct.models import Entry, Participant
from trialwright.conduct.models.participants import Answer, TreatmentStatus
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.protocol.basics import Role
from trialwright.protocol.demonstration import demonstration

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

    def person(self, role: Role, site: str = "C") -> Actor:
        rows = Membership.objects.filter(study=STUDY, role=role.value, site__in=("", site))
        actor = actor_in(rows[0].person, STUDY)
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
            version="1.0",
            language="zh",
            explained_by=self.investigator.person_id,
            given_at=self.now,
            parts={"study": True, "pregnancy": True, "samples": False, "contact": True},
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
        randomising.receive_allocation(by=self.handler, code=code, at=self.now)
        randomising.release_product(by=self.handler, code=code, at=self.now)
        randomising.declare_resection(by=self.surgeon, code=code, at=self.now)
        randomising.tell_surgeon(by=self.surgeon, code=code, at=self.now)
        randomising.record_treatment(
            by=self.surgeon, code=code, status=TreatmentStatus.FULL, at=self.now
        )
        return code

    def later(self, **delta: int) -> None:
        self.now += timedelta(**delta)


def begin(source: bytes | None = None, seed: bytes = SEED) -> World:
    """The demonstration study (or another protocol of its name), signed, without participants."""
    ensure_people(STUDY, "a secret of the tests")
    world = World(START)
    studies.sign_protocol(
        by=world.investigator,
        source=source or demonstration().source_bytes,
        file_name="demo_haec_01.yaml",
        seed=seed,
        at=START - timedelta(days=10),
    )
    return world
