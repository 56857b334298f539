"""Small trials of other kinds than the demonstration's, signed and with people of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from tests.kept import kept
from trialwright.accounts import actions as accounts
from trialwright.accounts.models import Person
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import consenting, eligibility, randomising, screening, studies
from trialwright.conduct.actions.steps import StepReport, record_step
from trialwright.conduct.models import Participant, VisitRecord
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol

START = datetime(2023, 3, 6, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HEAD = """\
protocol: 1
identifier: {study}
version: "1"
date: 2023-01-15
languages: [en]
demonstration: yes
origin: assumed
source: us
title: "{title}"
participants: {participants}
sources: {{us: "Written for a test"}}
roles:
  investigator: {{like: investigator}}
  coordinator: {{like: coordinator}}
  pharmacist:
    label: "Pharmacist"
    at_site: yes
    may: [see_participants, see_ledger]
    knows_arm: yes
  nurse: {{label: "Nurse", at_site: yes, may: [see_participants, see_ledger], knows_arm: no}}
  statistician: {{like: trial_statistician}}
  administrator: {{like: administrator}}
consent:
  version: "1"
  parts: {{study: {{label: "Taking part"}}}}
criteria:
  inclusion: {{adult: {{text: "An adult"}}}}
code_lists:
  missing_reasons: {{not_done: {{label: "Not done"}}}}
forms:
  score:
    label: "Score"
    sections:
      all: {{label: "All", items: {{points: {{label: "Points", type: integer}}}}}}
populations:
  all: {{label: "All", definition: "All enrolled", who: "participant.treated"}}
endpoints:
  points:
    label: "Points"
    kind: primary
    population: all
    treatments: "All"
    variable: "{last}.score.points"
    definition: "Points"
    at: {last}
    intercurrent_events: {{death: {{label: "Death", strategy: composite}}}}
    summary: "Mean"
"""
INFUSIONS = (
    HEAD.format(study="INFUSION-01", title="Two infusions, blinded", participants=8, last="week_4")
    + """\
arms:
  active: {label: "Active", type: experimental, description: "Active"}
  placebo: {label: "Placebo", type: placebo_comparator, description: "Placebo"}
allocation: {ratio: {active: 1, placebo: 1}, block_sizes: [2, 4]}
steps:
  prepare: {label: "Prepare", roles: [pharmacist], at: [day_1, day_15], reveals_arm: yes}
  infuse:
    label: "Infuse"
    roles: [nurse]
    at: [day_1, day_15]
    after: [prepare]
    records: dose
    planned: {amount: 200, unit: mg}
anchors:
  allocation: {label: "Allocation", step: allocation}
  first: {label: "First infusion", step: infuse}
visits:
  day_1: {label: "Day 1", anchor: allocation, window_after_days: 3, forms: [score]}
  day_15:
    label: "Day 15"
    anchor: first
    day: 14
    window_before_days: 2
    window_after_days: 2
    forms: [score]
  week_4: {label: "Week 4", anchor: first, day: 28, window_after_days: 7, forms: [score]}
"""
)
IMPLANT = (
    HEAD.format(
        study="IMPLANT-01", title="A device, implanted once", participants=2, last="month_3"
    )
    + """\
arms:
  device: {label: "Device", type: experimental, description: "The device"}
steps:
  implant:
    label: "Implant"
    roles: [investigator]
    at: [operation]
    records: dose
    planned: {amount: 1, unit: device}
    two_people: yes
anchors:
  consent: {label: "Consent", step: consent}
  implanted: {label: "Implanted", step: implant}
visits:
  operation: {label: "Operation", anchor: consent, window_after_days: 30, forms: [score]}
  month_3:
    label: "Month 3"
    anchor: implanted
    after: 3 months
    window_after_days: 14
    forms: [score]
"""
)
COHORT = (
    HEAD.format(
        study="COHORT-01", title="A cohort without intervention", participants=5, last="year_1"
    ).replace("participant.treated", "not participant.withdrawn")
    + """\
arms:
  observed: {label: "Observed", type: no_intervention, description: "Nothing is given"}
anchors:
  consent: {label: "Consent", step: consent}
visits:
  baseline: {label: "Baseline", anchor: consent, window_after_days: 14, forms: [score]}
  year_1: {label: "Year 1", anchor: consent, after: 1 year, window_after_days: 30, forms: [score]}
"""
)

FORMS_OF_CYCLES = """\
  scan:
    label: "Scan"
    completed_by: [coordinator, investigator]
    signed_by: investigator
    sections:
      all:
        label: "All"
        items:
          lesion: {label: "Lesion", type: number, unit: mm, minimum: 0, maximum: 300}
          weight: {label: "Weight", type: number, unit: kg, minimum: 20, maximum: 300}
          ratio: {label: "Lesion by weight", type: score, expression: "lesion / weight"}
          more: {label: "More lesions", type: yes_no, show_when: "vitals.weight_now > 80"}
    checks:
      light:
        when: "weight < 40"
        severity: ask
        message: "Under 40 kg: is that right?"
        items: [weight]
  vitals:
    label: "Vital signs"
    sections:
      all: {label: "All", items: {weight_now: {label: "Weight", type: number, unit: kg}}}
  course:
    label: "Course"
    sections:
      all: {label: "All", items: {progressed_on: {label: "Progression", type: date}}}
"""
CYCLES = (
    HEAD.format(
        study="CYCLES-01", title="Cycles until progression, blinded", participants=8, last="end"
    )
    .replace("populations:\n", FORMS_OF_CYCLES + "populations:\n")
    .replace("  statistician:", "  monitor: {like: monitor}\n  statistician:")
    + """\
arms:
  active: {label: "Active", type: experimental, description: "Active"}
  placebo: {label: "Placebo", type: placebo_comparator, description: "Placebo"}
allocation: {ratio: {active: 1, placebo: 1}, block_sizes: [2, 4]}
steps:
  prepare: {label: "Prepare", roles: [pharmacist], at: [day_1], reveals_arm: yes}
  infuse:
    label: "Infuse"
    roles: [nurse]
    at: [day_1]
    after: [prepare]
    records: dose
    planned: {amount: 200, unit: mg}
anchors:
  allocation: {label: "Allocation", step: allocation}
  progression: {label: "Progression", item: running.course.progressed_on}
cycles:
  q3w:
    label: {en: "Cycle", zh: "周期"}
    from: allocation
    length: 21 d
    until: progression
    next_from: last_actual
  imaging:
    label: {en: "Imaging", zh: "影像"}
    from: allocation
    length: [{every: 6 w, times: 2}, {every: 9 w}]
    until: progression
visits:
  day_1: {label: "Day 1", cycle: q3w, day: 1, window_after_days: 3, forms: [scan, vitals]}
  day_8: {label: "Day 8", cycle: q3w, day: 8, window_after_days: 2, forms: [vitals]}
  picture: {label: "Picture", cycle: imaging, day: 1, window_after_days: 7, forms: [score]}
  end: {label: "The end", anchor: progression, day: 28, window_after_days: 7, forms: [score]}
  running: {label: "Running", forms: [course]}
  unplanned: {label: "Unscheduled visit", unscheduled: yes, forms: [vitals]}
"""
)


@dataclass(slots=True)
class Trial:
    """A signed trial, its people at one site, and a clock that the test sets."""

    protocol: Protocol
    now: datetime = START

    def person(self, name: str) -> Actor:
        """Somebody by their name, which is their role's, with a number from the second on."""
        person = Person.objects.get(username=f"{name}.{self.protocol.identifier}".lower())
        actor = actor_in(person, self.protocol.identifier, self.protocol.roles)
        assert actor is not None
        return actor

    def row(self, code: str) -> Participant:
        return Participant.objects.get(study=self.protocol.identifier, code=code)

    def visit(self, code: str, visit: str) -> VisitRecord:
        return VisitRecord.objects.get(participant=self.row(code), visit=visit)

    def later(self, **delta: int) -> None:
        self.now += timedelta(**delta)

    def consented(self) -> str:
        by = self.person("coordinator")
        code = screening.screen(by=by, site="C", at=self.now)
        consenting.consent(
            by=by, code=code, at=self.now,
            report=ConsentReport(
                "1", "en", self.person("investigator").person_id, self.now, {"study": True}
            ),
        )  # fmt: skip
        return code

    def assessed(self) -> str:
        code = self.consented()
        answers = {"adult": (Answer.PASS, "")}
        eligibility.assess_eligibility(
            by=self.person("investigator"), code=code, answers=answers, at=self.now
        )
        return code

    def eligible(self) -> str:
        code = self.assessed()
        eligibility.confirm_eligibility(by=self.person("investigator"), code=code, at=self.now)
        return code

    def randomised(self) -> str:
        code = self.eligible()
        randomising.randomise(by=self.person("investigator"), code=code, at=self.now)
        return code

    def taking(
        self, name: str, code: str, step: str, visit: str = "", report: StepReport | None = None
    ) -> "partial[int | None]":
        """The action of a step, for the test to do or to see refused."""
        return partial(
            record_step, by=self.person(name), code=code, step=step, visit=visit,
            report=report or StepReport(), at=self.now,
        )  # fmt: skip


def begin(
    text: str,
    at: datetime = START,
    *,
    seconds: Sequence[str] = ("investigator2",),
    seed: bytes = bytes(range(32)),
) -> Trial:
    """Sign a trial, with people of each of its roles at site C, and second ones of some."""
    return kept(("begun", text, at, tuple(seconds), seed), partial(_begin, text, at, seconds, seed))


def _begin(text: str, at: datetime, seconds: Sequence[str], seed: bytes) -> Trial:
    protocol = parse_file(text.encode())
    study = protocol.identifier
    with accounts.entry("add_people", at=at) as writer:
        accounts.ensure_site(writer, study=study, code="C", name_en="Centre", name_zh="中心")
        for name in (*protocol.roles.people, *seconds):
            person = accounts.add_person(
                writer, username=f"{name}.{study}".lower(), name=name, password="a long enough one"
            )
            role = name.rstrip("2")
            site = "C" if protocol.roles.at_a_site(role) else ""
            accounts.give_role(writer, person, study=study, role=role, site=site)
    trial = Trial(protocol, at)
    studies.sign_protocol(
        by=trial.person("investigator"), source=text.encode(), file_name="protocol.yaml",
        seed=seed, at=at - timedelta(days=10),
    )  # fmt: skip
    return trial
