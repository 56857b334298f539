"""A simulated trial is a running one: the same counts, holds and decisions at the same looks.

The design's simulation follows 1,000 trials, half of each way of counting, by the lists of studies
that are signed with given seeds. All are read by the state builder from the tables; 30 of them,
each with a crossing, an event known after later treatments and a lifted hold, are lived through the
actions.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pytest
from django.db import transaction

from tests.integration.conduct.other_trials import HEAD, START, Trial, begin
from trialwright.conduct import held_rows
from trialwright.conduct.actions import adverse_events, cutting, holds, randomising
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.actions.holds import Decision
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import (
    AdverseEvent,
    AllocationSlot,
    HoldDecision,
    Participant,
    StepRecord,
    Study,
)
from trialwright.conduct.models.adverse_events import Outcome
from trialwright.conduct.refusals import ActionRefused
from trialwright.conduct.safety.hold_content import to_decide
from trialwright.conduct.safety.hold_details import Choice, details_of_decision
from trialwright.conduct.safety.holding import standing_of
from trialwright.conduct.safety.safety_state import SafetyState, safety_state, stopping_design
from trialwright.design.places import blocks_of, places_needed
from trialwright.design.selection import SelectionDesign
from trialwright.design.selection_conduct import conduct_of
from trialwright.design.selection_simulation import follow
from trialwright.protocol.loader import parse_file
from trialwright.safety.holding import Covered, crossings, followed_at, with_event
from trialwright.safety.seriousness import SeriousCriterion
from trialwright.safety.standing import ALL, standings

STUDY = "SIMULATED-01"
PARTICIPANTS, TRIALS = 12, 500
# Of each way of counting so many lists are followed, and so many trials of each are lived.
LISTS, LIVED = 3, 5
WINDOW, DECIDED_AFTER = 28, 5
FILE = (
    HEAD.format(study=STUDY, title="Two regimens", participants=PARTICIPANTS, last="day_28")
    .replace("{like: coordinator}", "{like: coordinator, knows_arm: yes}")
    .replace("{like: investigator}", "{like: investigator, knows_arm: yes}")
    .replace(
        "  administrator:",
        "  board: {like: safety_board, knows_arm: yes}\n"
        "  board_statistician: {like: board_statistician}\n  administrator:",
    )
    + """\
arms:
  one: {label: "One", type: experimental, description: "One"}
  control: {label: "Control", type: active_comparator, description: "Control"}
  two: {label: "Two", type: experimental, description: "Two"}
allocation: {ratio: {one: 1, control: 1, two: 1}, block_sizes: [3, 6]}
steps:
  infuse: {label: "Infuse", roles: [nurse], records: dose, planned: {amount: 1, unit: mg}}
anchors: {first: {label: "Infusion", step: infuse}}
visits:
  day_28: {label: "Day 28", anchor: first, day: 28, window_after_days: 7, forms: [score]}
safety:
  stopping_event:
    first_day: 0
    last_day: 28
    unassessed_counts_as_related: yes
    any_of: {reaction: {en: "A reaction", zh: "反应"}}
  holds:
    pauses: {arm_rule: all, pooled_rule: all}
    decided_by: {board: 2}
design:
  kind: selection
  arms: 3
  control: 2
  blocks: 4
  arm_rule: {limit: 0.15, prior: [0.3, 1.7], threshold: 0.85, participants: 12}
  pooled_rule: {limit: 0.10, prior: [0.2, 1.8], threshold: 0.95, participants: 12}
  held_places: refilled
  counted: COUNTED
"""
)
COUNTINGS = ("evaluable", "treated")
PEOPLE = ("coordinator", "investigator", "board", "board2", "board_statistician")


def seed_of(number: int) -> bytes:
    return number.to_bytes(32, "big")


def file_of(counted: str) -> str:
    return FILE.replace("COUNTED", counted)


@dataclass(frozen=True)
class Reading:
    """What the simulation read at a look of one trial, by group, and what was decided then."""

    day: int
    counts: Mapping[str, tuple[int, int]]
    open: frozenset[str]
    decided: bool
    lifted: bool


@dataclass(frozen=True)
class Simulated:
    """One simulated trial: by participant the day of coming, of treatment and of a known event
    (infinite for never) and the number of the arm, and the looks in their order. It follows the
    list whose number is its own modulo `LISTS`."""

    number: int
    came: tuple[float, ...]
    treated: tuple[float, ...]
    known: tuple[float, ...]
    arms: tuple[int, ...]
    looks: tuple[Reading, ...]

    @property
    def telling(self) -> bool:
        """Whether it has a crossing, an event known after later treatments, and a lifted hold."""
        late = any(
            treated < later < known < np.inf
            for treated, known in zip(self.treated, self.known, strict=True)
            for later in self.treated
        )
        return late and any(each.lifted for each in self.looks)


@cache
def simulated(counted: str) -> tuple[Simulated, ...]:
    """The trials of one way of counting: the first hold of each is lifted, a second one closes."""
    protocol = parse_file(file_of(counted).encode())
    design = stopping_design(protocol)
    assert isinstance(design, SelectionDesign)
    conduct = conduct_of(
        protocol, arrivals_per_week=1.5, follow_up_days=float(WINDOW), lifted_holds=1,
        decided_after_days=DECIDED_AFTER,
    )  # fmt: skip
    blocks = conduct.allocation
    long = places_needed(blocks, PARTICIPANTS, design.refillable)
    few = [blocks.list(seed_of(n), "", long) for n in range(LISTS)]
    lists = np.array([[few[n % LISTS] for n in range(TRIALS)]]) - 1
    now, came = follow(design, conduct, [0.3, 0.2, 0.35], trials=TRIALS, seed=11, lists=lists)
    groups = (*(protocol.arm_numbered(number).key for number in design.regimens), ALL)
    looks: list[list[Reading]] = [[] for _ in range(TRIALS)]
    for look in now.looks or ():
        for k, row in enumerate(look.rows):
            counts = zip(look.counted[k].tolist(), look.events[k].tolist(), strict=True)
            looks[row].append(
                Reading(
                    int(look.at[k]), dict(zip(groups, counts, strict=True)),
                    frozenset(g for g, held in zip(groups, look.open[k], strict=True) if held),
                    bool(look.decided[k]), bool(look.lifted[k]),
                )
            )  # fmt: skip
    course = now.course
    return tuple(
        Simulated(
            n, tuple(came[n]), tuple(course.treated_at[n]), tuple(course.known_at[n]),
            tuple((now.arms[n] + 1).tolist()), tuple(looks[n]),
        )
        for n in range(TRIALS)
    )  # fmt: skip


def counts_of(state: SafetyState) -> dict[str, tuple[int, int]]:
    return {each.group: (each.counted, each.events) for each in state.standings()}


@pytest.mark.parametrize("counted", COUNTINGS)
def test_simulated_trials_are_read_alike_by_the_state_builder(db: None, counted: str) -> None:
    """Of each the looks are read again from the courses that the tables tell in the end, with what
    each decision covers. Events of a day are read before anybody is treated on it. Of a tenth the
    tables also tell what they held on the day of a look."""
    tables = Tables(begin(file_of(counted)))
    holding = lifts = 0
    for each in simulated(counted):
        if each.number % 10 == 0 and each.looks:
            chosen = each.looks[each.number // 10 % len(each.looks)]
            state = tables.tell(each, chosen.day, chosen.day)
            assert counts_of(state) == chosen.counts, (each.number, chosen)
        end = max((look.day for look in each.looks), default=0) + 400
        replay(tables.tell(each, np.inf, end), each)
        holding += any(look.open for look in each.looks)
        lifts += each.telling
    assert holding > TRIALS / 2 and lifts > TRIALS / 10


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is written in this block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def replay(state: SafetyState, each: Simulated) -> None:
    """Read all looks of a trial from the courses that the tables tell."""
    design = state.design
    assert isinstance(design, SelectionDesign)
    regimens = [state.arms[number - 1] for number in design.regimens]
    covered: dict[str, Covered] = {}
    held: set[str] = set()
    closed: set[str] = set()
    for look in each.looks:
        day = START.date().toordinal() + look.day
        before = [one for one in state.people if one.treated_at < day]
        followed = followed_at(before, day, WINDOW)
        found = standings(design, state.arms, followed)
        assert {s.group: (s.counted, s.events) for s in found} == look.counts
        crossed = crossings(design, state.rules, state.arms, followed, covered)
        held |= {one.group for one in crossed} - closed
        assert held == look.open, (each.number, look)
        if look.decided:
            covered = {
                s.group: Covered(s.counted, with_event(followed, s.group, regimens)) for s in found
            }
            closed |= set() if look.lifted else held | ({*regimens, ALL} if ALL in held else set())
            held = set()


def moment(day: float) -> datetime:
    return START + timedelta(days=int(day))


class Tables:
    """The tables of a signed study, each place of whose list somebody has: those who come in its
    simulated trials, which the tables tell one after the other, are the first with their arm."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.study = Study.objects.get(pk=STUDY)
        self.by = trial.person("coordinator").person_id
        places = arms_at()
        rows = Participant.objects.bulk_create(map(self._participant, range(len(places))))
        self.with_arm: dict[int, list[Participant]] = defaultdict(list)
        for row, (slot, arm) in zip(rows, places.items(), strict=True):
            slot.participant = row
            self.with_arm[arm].append(row)
        AllocationSlot.objects.bulk_update(places, ["participant"])

    def _participant(self, n: int) -> Participant:
        return Participant(
            study=self.study, site="C", number=n + 1, code=f"C-{n + 1:03d}", state="treated",
            screened_at=START, consented_at=START, eligible_at=START, randomised_at=START,
        )  # fmt: skip

    def tell(self, each: Simulated, day: float, today: int) -> SafetyState:
        """What the tables tell on `today` once they hold who was treated before `day`, and the
        events known by it."""
        free = {arm: iter(rows) for arm, rows in self.with_arm.items()}
        who = {n: next(free[each.arms[n]]) for n, at in enumerate(each.treated) if at < day}
        with undone():
            StepRecord.objects.bulk_create(
                self._dose(row, moment(each.treated[n])) for n, row in who.items()
            )
            AdverseEvent.objects.bulk_create(
                self._event(row, each, n)
                for n, row in who.items()
                if each.known[n] <= day and each.known[n] < np.inf
            )
            return safety_state(self.study, self.trial.protocol, moment(today))

    def _dose(self, row: Participant, at: datetime) -> StepRecord:
        return StepRecord(
            participant=row, step="infuse", status="done", at=at, taken_on=at.date(), amount="1",
            unit="mg",
        )  # fmt: skip

    def _event(self, row: Participant, each: Simulated, n: int) -> AdverseEvent:
        at = moment(each.known[n])
        return AdverseEvent(
            study=self.study, number=n + 1, participant=row, term="Reaction",
            started=moment(each.treated[n]).date().isoformat(), known_at=at, recorded_at=at,
            recorded_by=self.by, outcome="unknown", stopping=["reaction"],
            **{each.value: False for each in SeriousCriterion},
        )  # fmt: skip


def arms_at() -> dict[AllocationSlot, int]:
    """The places of the list in their order, each with its arm."""
    slots = AllocationSlot.objects.filter(study=STUDY).order_by("place")
    return {slot: allocation_list.opened(slot) for slot in slots}


@pytest.mark.parametrize("counted", COUNTINGS)
@pytest.mark.parametrize("number", range(LISTS))
def test_simulated_trials_lived_through_the_actions_decide_alike(
    db: None, counted: str, number: int
) -> None:
    trial = begin(file_of(counted), seconds=("investigator2", "board2"), seed=seed_of(number))
    codes = [trial.eligible() for _ in range(PARTICIPANTS)]
    own = [one for one in simulated(counted) if one.number % LISTS == number and one.telling]
    assert len(own) >= LIVED
    for each in own[:LIVED]:
        # Nobody else acts meanwhile, so that what is read is kept, as within one action.
        with undone(), held_rows.held():
            Life(each, Trial(trial.protocol, trial.now), codes).live()


class Life:
    """A simulated trial in the running system, day by day."""

    def __init__(self, each: Simulated, trial: Trial, codes: Sequence[str]) -> None:
        self.each, self.trial, self.codes = each, trial, codes
        self.people = {name: trial.person(name) for name in PEOPLE}
        self.treated: set[int] = set()
        self.early: dict[int, int] = {}
        self.looks = list(each.looks)

    def live(self) -> None:
        each = self.each
        marks = {*each.came, *each.treated, *each.known, *(look.day for look in each.looks)}
        marks |= {self.noticed(n) for n in range(PARTICIPANTS)}
        for day in sorted(mark for mark in marks if mark < np.inf):
            self.trial.now = moment(day)
            for n in range(PARTICIPANTS):
                if self.noticed(n) == day:
                    self.notice(n)
                if each.known[n] == day:
                    self.tell(n)
            while self.looks and self.looks[0].day == day:
                self.look(self.looks.pop(0))
            for n in range(PARTICIPANTS):
                self.come(n, day)
        assert not self.looks
        assert self.treated == {n for n, day in enumerate(each.treated) if day < np.inf}

    def noticed(self, n: int) -> float:
        """The day on which an event is first recorded, as none of those that stop, if it is."""
        begun, known = self.each.treated[n], self.each.known[n]
        corrected = n % 3 == 1 and begun + 2 < known < np.inf
        return begun + (known - begun) // 2 if corrected else np.inf

    def notice(self, n: int) -> None:
        self.early[n] = self.record(n, Report("Reaction", 1, started=self.begun(n)))

    def begun(self, n: int) -> str:
        return moment(self.each.treated[n]).date().isoformat()

    def tell(self, n: int) -> None:
        """A third of the events is corrected to one that stops, a third is recorded late."""
        if n in self.early:
            adverse_events.follow_event(
                by=self.people["coordinator"], code=self.codes[n], number=self.early[n],
                outcome=Outcome.UNKNOWN, reason="The discharge letter", stopping={"reaction"},
                at=self.trial.now,
            )  # fmt: skip
            return
        late = n % 3 == 2 and self.each.known[n] - self.each.treated[n] > 2
        known_at = self.trial.now - timedelta(days=1 if late else 0)
        self.record(n, Report("Reaction", 3, self.begun(n), known_at=known_at,
                              stopping={"reaction"}))  # fmt: skip

    def record(self, n: int, report: Report) -> int:
        return adverse_events.record_event(
            by=self.people["coordinator"], code=self.codes[n], report=report,
            at=self.trial.now,
        )  # fmt: skip

    def look(self, look: Reading) -> None:
        """The counts and holds are those of the simulation; then what it decided is signed."""
        state = self.state()
        assert counts_of(state) == look.counts
        standing = standing_of(STUDY)
        assert {details.group for _hold, details in standing.open} == look.open
        if not look.decided:
            return
        decision = self.decision(look)
        cutting.cut_data(
            by=self.people["board_statistician"], name=f"day-{look.day}", at=self.trial.now
        )
        study = Study.objects.get(pk=STUDY)
        signed = [
            holds.sign_decision(
                by=self.people[name], decision=decision,
                content_hash=to_decide(study, state, standing).content_hash, at=self.trial.now,
            )
            for name in ("board", "board2")
        ]  # fmt: skip
        assert signed == [False, True], "two of the board sign"
        assert not standing_of(STUDY).open
        row = HoldDecision.objects.order_by("-number")[0]
        covered = {c.group: (c.counted, c.events) for c in details_of_decision(row).covered}
        assert covered == look.counts

    def decision(self, look: Reading) -> Decision:
        if look.lifted:
            return Decision(Choice.RESUME, "The reactions were mild")
        left = {"one", "two"} - look.open - standing_of(STUDY).closed_arms
        if ALL in look.open or not left:
            return Decision(Choice.CLOSE_STUDY, "Too many reactions")
        return Decision(Choice.CLOSE_ARMS, "Too many reactions", sorted(look.open))

    def state(self) -> SafetyState:
        study = Study.objects.get(pk=STUDY)
        return safety_state(study, self.trial.protocol, self.trial.now)

    def come(self, n: int, day: float) -> None:
        """Whoever comes is treated on the day of the simulation, and refused before it."""
        code = self.codes[n]
        if self.each.came[n] == day and self.each.treated[n] > day and self.paused:
            with pytest.raises(ActionRefused, match=r"on hold|has closed the trial"):
                self.randomise(code)
        if self.each.treated[n] == day:
            self.randomise(code)
            assert allocation_list.arm_of(self.trial.row(code)) == self.each.arms[n]
            self.trial.taking("nurse", code, "infuse")()
            self.treated.add(n)

    @property
    def paused(self) -> bool:
        standing = standing_of(STUDY)
        return standing.pauses_all or standing.study_closed

    def randomise(self, code: str) -> None:
        randomising.randomise(by=self.people["investigator"], code=code, at=self.trial.now)


def test_the_list_of_a_seed_is_the_one_that_the_study_follows(db: None) -> None:
    trial = begin(file_of("treated"), seed=seed_of(7))
    assert trial.protocol.allocation is not None
    found = list(arms_at().values())
    blocks = blocks_of(trial.protocol.allocation)
    assert tuple(found) == blocks.list(seed_of(7), "", len(found))
