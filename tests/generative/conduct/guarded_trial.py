"""A running trial of cells whose rules hold, and what a plain reading of its protocol expects.

`Expected` keeps by itself what was done, and says what may be done next and what then stands: it
reads no table, and shares with the program the bounds of the signed rule alone.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

from tests.integration.conduct.other_trials import Trial, begin
from tests.integration.conduct.product_trial import FILE as CELLS
from tests.integration.conduct.product_trial import Cells
from tests.kept import kept
from trialwright.conduct.actions import identifying
from trialwright.conduct.actions.adverse_events import Report, record_event
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.identity.identities import Known
from trialwright.conduct.models import Lot
from trialwright.conduct.safety.safety_state import stopping_design
from trialwright.custody.lots import LotStatus
from trialwright.design.selection import SelectionDesign

T = TypeVar("T")
PARTICIPANTS, WATCHED_DAYS, THAWED_HOURS, CONTAINER = 12, 28, 4, Decimal(100)
REGIMENS = ("one", "two")
ALL, GRAVE = "all", "grave"
BOARD = ("board", "board2")
ARMS_BEFORE = """\
arms:
  cells: {label: "Cells", type: experimental, description: "Cells", products: [cells]}
  water: {label: "Water", type: placebo_comparator, description: "Water", products: [water]}
allocation: {ratio: {cells: 1, water: 1}, block_sizes: [2, 4]}
"""
ARMS = """\
arms:
  one: {label: "One", type: experimental, description: "One", products: [cells]}
  control: {label: "Water", type: placebo_comparator, description: "Water", products: [water]}
  two: {label: "Two", type: experimental, description: "Two", products: [cells]}
allocation: {ratio: {one: 1, control: 1, two: 1}, block_sizes: [3, 6]}
"""
SAFETY = """\
safety:
  stopping_event:
    first_day: 0
    last_day: 28
    unassessed_counts_as_related: yes
    any_of: {reaction: {en: "A reaction", zh: "反应"}}
  hold_at_once:
    grave:
      label: {en: "A related death", zh: "相关死亡"}
      criteria: [death, life_threatening]
      related: yes
      participants: 1
  holds:
    pauses: {arm_rule: arm, pooled_rule: all}
    decided_by: {board: 2}
design:
  kind: selection
  arms: 3
  control: 2
  blocks: 4
  arm_rule: {limit: 0.15, prior: [0.3, 1.7], threshold: 0.85, participants: 12}
  pooled_rule: {limit: 0.10, prior: [0.2, 1.8], threshold: 0.98, participants: 24}
  held_places: refilled
  counted: treated
"""
BOARD_ROLES = """\
  board: {like: safety_board, knows_arm: yes}
  board_statistician: {like: board_statistician}
  head: {label: Head, may: [see_ledger, record_lots, release_lots], knows_arm: yes}
  administrator:"""
assert ARMS_BEFORE in CELLS
FILE = (
    CELLS.replace(ARMS_BEFORE, ARMS)
    .replace("participants: 20", f"participants: {PARTICIPANTS}")
    .replace("window_after_days: 60", "window_after_days: 3000")
    .replace("  administrator:", BOARD_ROLES)
    + SAFETY
)
WAY = [each.value for each in LotStatus]
MOVES = {
    "stock": {"reserved", "thawed", "destroyed"},
    "reserved": {"stock", "thawed", "destroyed"},
    "thawed": {"loaded", "destroyed"},
    "loaded": {"destroyed"},
}


@dataclass
class Member:
    """A participant: the arm ("" before the allocation), what was given from containers, whether
    the dose is recorded (None: not yet) and on what day it was."""

    arm: str = ""
    amounts: list[Decimal] = field(default_factory=list)
    dose: bool | None = None
    treated_on: date | None = None
    died: bool = False
    stops: bool = False

    @property
    def begun(self) -> bool:
        return bool(self.amounts) or self.dose is True


@dataclass
class Event:
    """An adverse event. related: as the investigator says, None while nothing is said."""

    who: str
    started: date | None
    reaction: bool = False
    grave: bool = False
    fatal: bool = False
    related: bool | None = None
    stands: bool = True

    def begins_after(self, treated_on: date, days: int | None = None) -> bool:
        """Whether it may have begun with the treatment, and within so many days of it."""
        if self.started is None:
            return True
        late = days is not None and self.started > treated_on + timedelta(days=days)
        return self.started >= treated_on and not late


@dataclass
class Batch:
    """A lot: its stored status, whether each test is passed (None: indeterminate), its donor, and
    who entered any of its tests."""

    donor: str
    expires_at: datetime
    status: str = "quarantine"
    tests: dict[str, bool | None] = field(default_factory=dict)
    entered_by: set[str] = field(default_factory=set)


@dataclass
class Bag:
    """A container at the site."""

    lot: str
    status: str = "stock"
    reserved_for: str = ""
    thawed_at: datetime | None = None


@dataclass
class Expected:
    """What stands, by a plain reading of the protocol and of what was done."""

    bounds: dict[str, tuple[int | None, ...]]
    now: datetime
    members: dict[str, Member] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)
    donors: dict[str, bool] = field(default_factory=dict)
    lots: dict[str, Batch] = field(default_factory=dict)
    bags: dict[str, Bag] = field(default_factory=dict)
    holds: list[tuple[str, str]] = field(default_factory=list)
    covered: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    closed_arms: set[str] = field(default_factory=set)
    closed: bool = False
    signed: dict[str, object] = field(default_factory=dict)
    cut_since_hold: bool = False
    near_misses: int = 0

    # Holds.

    def arms_of(self, group: str) -> tuple[str, ...]:
        return REGIMENS if group == ALL else (group,)

    def counts(self, group: str) -> tuple[int, frozenset[str]]:
        """How many of a group are treated, and who of them had a reaction: each once."""
        treated = {
            code: one.treated_on
            for code, one in self.members.items()
            if one.treated_on and one.arm in self.arms_of(group)
        }
        had = {
            each.who
            for each in self.events.values()
            if each.stands and each.reaction and each.who in treated
            and each.begins_after(treated[each.who], WATCHED_DAYS)
        }  # fmt: skip
        return len(treated), frozenset(had)

    def grave(self) -> frozenset[str]:
        """Who of the treated had an event that holds at once."""
        return frozenset(
            each.who
            for each in self.events.values()
            if each.stands and each.grave and each.related is not False
            and (on := self.members[each.who].treated_on) and each.begins_after(on)
        )  # fmt: skip

    def settle(self) -> list[str]:
        """Set the holds that the rules ask for now; returns the groups of those that are new."""
        if self.closed:
            return []
        found = []
        for group in (*REGIMENS, ALL):
            counted, who = self.counts(group)
            bound = self.bounds[group][counted]
            before, known = self.covered.get(group, (counted + 1, frozenset()))
            covered = who <= known and counted >= before
            if bound is not None and len(who) >= bound and not covered:
                found.append(("rule", group))
        who = self.grave()
        if who and not who <= self.covered.get(GRAVE, (0, frozenset()))[1]:
            found.append(("at_once", GRAVE))
        new = [each for each in found
               if each not in self.holds and each[1] not in self.closed_arms]  # fmt: skip
        for each in new:
            self.hold(*each)
        return [group for _kind, group in new]

    def hold(self, kind: str, group: str) -> None:
        self.holds.append((kind, group))
        self.cut_since_hold = False

    @property
    def paused(self) -> bool:
        """Whether nobody is allocated or begins."""
        return self.closed or any(group in (ALL, GRAVE) for _kind, group in self.holds)

    @property
    def arms_not_given(self) -> set[str]:
        return self.closed_arms | {group for _kind, group in self.holds if group in REGIMENS}

    def held(self, code: str) -> bool:
        """Whether no treatment of this participant may begin."""
        return self.paused or self.members[code].arm in self.arms_not_given

    def decided(self, choice: str, arms: Iterable[str]) -> None:
        """A decision takes effect: the same counts don't hold again."""
        for group in (*REGIMENS, ALL):
            self.covered[group] = self.counts(group)
        if self.grave():
            self.covered[GRAVE] = (0, self.grave())
        self.holds, self.signed = [], {}
        self.closed_arms |= set(arms) if choice == "close_arms" else set()
        self.closed = self.closed or choice == "close_study"

    def read(self) -> object:
        """What whoever decides reads, but for what passes with time."""
        counts = tuple(self.counts(group) for group in (*REGIMENS, ALL))
        return counts, self.grave(), tuple(self.holds), self.cut_since_hold

    # Product.

    def status(self, lot: str) -> str:
        batch = self.lots[lot]
        before_end = WAY.index(batch.status) < WAY.index("expired")
        return "expired" if before_end and self.now > batch.expires_at else batch.status

    def usable(self, lot: str) -> bool:
        return self.status(lot) in ("conditional", "released")

    def may_decide(self, lot: str, status: str, who: str) -> bool:
        """Whether a lot may be brought to a status by somebody's signature."""
        if WAY.index(status) <= WAY.index(self.status(lot)):
            return False
        if status in ("recalled", "failed"):
            return True
        batch = self.lots[lot]
        open_ = {key for key in ("viability", "sterility") if batch.tests.get(key) is None}
        if who in batch.entered_by:
            return False
        if False in batch.tests.values() or not self.donors[batch.donor]:
            return False
        return open_ == set() if status == "released" else open_ == {"sterility"}

    def end(self, lots: Iterable[str], status: str) -> None:
        for each in lots:
            batch = self.lots[each]
            batch.status = max(batch.status, status, key=WAY.index)

    def tested(self, lot: str, test: str, passed: bool | None, who: str) -> None:
        batch = self.lots[lot]
        batch.tests[test] = passed
        batch.entered_by.add(who)
        if False in batch.tests.values() and batch.status != "quarantine":
            self.end([lot], "failed")

    def excluded(self, donor: str) -> None:
        self.donors[donor] = False
        self.end([key for key, each in self.lots.items() if each.donor == donor], "failed")

    def may_move(self, bag: str, status: str) -> bool:
        one = self.bags[bag]
        aside = status in ("stock", "destroyed")
        return status in MOVES.get(one.status, ()) and (aside or self.usable(one.lot))

    # Treatment.

    def may_give(self, code: str, bag: str, amount: Decimal, end: datetime) -> bool:
        """Whether a container may be given, both identifiers and two people being right."""
        one, what = self.members[code], self.bags[bag]
        ready = what.status in ("thawed", "loaded") and what.thawed_at is not None
        return (
            ready
            and end <= what.thawed_at + timedelta(hours=THAWED_HOURS)  # type: ignore[operator]
            and self.usable(what.lot)
            and what.reserved_for in ("", code)
            and one.arm in REGIMENS
            and 0 < amount <= CONTAINER - sum(one.amounts)
            and one.dose is None
            and not (one.died or one.stops or self.held(code))
        )

    def may_record(self, code: str, given: bool) -> bool:
        """Whether a dose may be recorded as given, or as not given."""
        one = self.members[code]
        if one.dose is not None or one.died or not one.arm:
            return False
        if not given:
            return not one.begun
        lacks = one.arm in REGIMENS and not one.amounts
        return not lacks and (one.begun or not (one.stops or self.held(code)))


def guarded(text: str = FILE) -> tuple[Cells, Expected]:
    """The trial with five treated, of whom one had a reaction, three allocated, four eligible, a
    released lot and one in quarantine."""
    protocol, now, expected = kept(("guarded", text), partial(_guarded, text))
    return Cells(trial=Trial(protocol, now)), deepcopy(expected)


def _guarded(text: str) -> tuple[object, datetime, Expected]:
    cells = Cells(trial=begin(text, seconds=("investigator2", "board2")))
    trial = cells.trial
    design = stopping_design(trial.protocol)
    assert isinstance(design, SelectionDesign)
    own = dict.fromkeys(REGIMENS, design.arm_rule.hold_at)
    expected = Expected(own | {ALL: design.pooled_rule.hold_at}, trial.now)
    lot = cells.released()
    add_lot(expected, lot, viability=True, sterility=True)
    expected.lots[lot].status = "released"
    add_lot(expected, cells.lot(viability="92", sterility="-"), viability=True)
    for each in cells.at_site(lot, 7):
        expected.bags[each] = Bag(lot)
    for _number in range(PARTICIPANTS):
        code = trial.eligible()
        known = Known(name="Wang", hospital_number=f"H-{code}")
        identifying.save_identity(by=cells.by("coordinator"), code=code, known=known, at=trial.now)
        expected.members[code] = Member()
    for number, code in enumerate(list(expected.members)[:8]):
        randomise(cells, expected, code)
        if number < 5:
            treat(cells, expected, code)
    react(cells, expected, next(c for c, one in expected.members.items() if one.arm == "one"))
    return trial.protocol, trial.now, expected


def add_lot(expected: Expected, code: str, who: str = "laboratory", **tests: bool | None) -> None:
    """Expect a lot that was registered."""
    row = Lot.objects.get(code=code)
    donor = row.donors.get().donor.code
    expected.donors.setdefault(donor, True)
    expected.lots[code] = Batch(donor, row.expires_at, tests=dict(tests), entered_by={who})


def randomise(cells: Cells, expected: Expected, code: str) -> None:
    """Allocate a participant, and note the arm that the list gave."""
    from trialwright.conduct.actions.randomising import randomise as act

    act(by=cells.by("investigator"), code=code, at=cells.trial.now)
    number = allocation_list.arm_of(cells.trial.row(code))
    expected.members[code].arm = cells.trial.protocol.arm_numbered(number).key


def treat(cells: Cells, expected: Expected, code: str) -> None:
    """Treat a participant of the world that the machine begins with."""
    from trialwright.custody.containers import ContainerStatus

    one = expected.members[code]
    if one.arm in REGIMENS:
        bag = next(key for key, each in expected.bags.items() if each.status == "stock")
        cells.move(bag, ContainerStatus.THAWED)
        assert cells.give(bag, code) == ()
        expected.bags[bag].status, one.amounts = "given", [CONTAINER]
        expected.bags[bag].thawed_at = cells.trial.now
    cells.infuse(code)
    one.dose, one.treated_on = True, cells.trial.now.date()


def react(cells: Cells, expected: Expected, code: str) -> None:
    """A reaction of a participant on the day of the treatment."""
    day = cells.trial.now.date()
    number = record_event(
        by=cells.by("coordinator"), code=code, at=cells.trial.now,
        report=Report("Reaction", 3, day.isoformat(), stopping={"reaction"}),
    )  # fmt: skip
    expected.events[number] = Event(code, day, reaction=True)


def pick(among: Iterable[T], number: int, where: Callable[[T], bool] = lambda _: True) -> T:
    """One of several by a drawn number."""
    found = [each for each in among if where(each)]
    return found[number % len(found)]
