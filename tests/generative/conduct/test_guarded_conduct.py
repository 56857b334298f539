"""Whatever is done in whatever order, the running trial comes to no forbidden state.

Participants, lots, containers, events, holds and decisions are moved by the actions that pages
call, each committed. What each does or refuses is what a plain reading of the protocol says
(`guarded_trial.Expected`); after each the tables say the same, and the ledger the same as they.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import connection
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.generative.conduct.guarded_trial import (
    ALL,
    BOARD,
    CONTAINER,
    PARTICIPANTS,
    REGIMENS,
    Bag,
    Event,
    Member,
    add_lot,
    guarded,
    pick,
    randomise,
    react,
)
from tests.integration.conduct.product_trial import STUDY
from tests.kept import empty_tables
from trialwright.conduct.actions import adverse_events, cutting, holds, participation
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.actions.holds import Decision
from trialwright.conduct.actions.lots import exclude_donor
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.models import (
    AllocationSlot,
    BedsideCheck,
    Container,
    Ending,
    Hold,
    HoldSignature,
    Lot,
    LotDecision,
    Participant,
    ProductResult,
    Study,
)
from trialwright.conduct.models.adverse_events import About, Judge, Outcome
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.may_treat import may_treat
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.safety.hold_content import to_decide
from trialwright.conduct.safety.hold_details import Choice, details_of_decision
from trialwright.conduct.safety.holding import standing_of
from trialwright.conduct.safety.safety_state import SafetyState, safety_state
from trialwright.custody.bedside import Refusal
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus
from trialwright.ledger import files
from trialwright.ledger.snapshot import standing
from trialwright.ledger.verify import verify
from trialwright.safety.seriousness import SeriousCriterion

EXAMPLES, STEPS = 8, 30
# Without these the machine would show nothing; how often is in Hypothesis's statistics.
MUST_BE_SEEN = {
    "an arm crossed", "all crossed", "a hold ended", "treatment refused by a hold", "a near miss",
    "a release by who tested",
}  # fmt: skip
seen: Counter[str] = Counter()
numbers = st.integers(0, 2**16)
mostly = st.sampled_from([True, True, True, False])


class GuardedConduct(RuleBasedStateMachine):
    """The trial as it runs; each rule is what one person does."""

    def __init__(self) -> None:
        super().__init__()
        empty_tables(connection)
        self.cells, self.expected = guarded()
        self.trial = self.cells.trial
        self.read: tuple[str, object] = ("", None)
        self.verified: object = None
        self.cuts = 0

    def teardown(self) -> None:
        # What was refused since has added nothing to the ledger, and nothing to the tables.
        self.verify()
        empty_tables(connection)

    def happens(self, what: str) -> None:
        seen[what] += 1
        event(what)

    def doing(self, act: Callable[[], object], allowed: bool) -> bool:
        """Do what is expected to be done, or to be refused and to leave nothing behind."""
        before = standing(STUDY)
        try:
            act()
        except (ActionRefused, NotFound) as refusal:
            assert not allowed, refusal
            assert standing(STUDY) == before
            return False
        assert allowed
        return True

    @initialize(reactions=st.sampled_from([0, 1, 1, 2]))
    def begin_near_a_bound(self, reactions: int) -> None:
        """One more reaction on the first regimen crosses its bound, and one on the other that of
        all."""
        fresh = self.of(lambda one: one.dose and one.arm in REGIMENS)[1:]
        for code in sorted(fresh, key=lambda each: self.expected.members[each].arm)[:reactions]:
            react(self.cells, self.expected, code)
            self.settle()

    def settle(self) -> None:
        for group in self.expected.settle():
            words = {ALL: "all crossed", "grave": "held at once"}
            self.happens(words.get(group, "an arm crossed"))

    # Participants.

    @precondition(lambda self: self.of(lambda one: not one.arm))
    @rule(number=numbers)
    def randomise(self, number: int) -> None:
        code = pick(self.of(lambda one: not one.arm), number)
        act = partial(randomise, self.cells, self.expected, code)
        if self.doing(act, not self.expected.paused):
            assert self.expected.members[code].arm not in self.expected.arms_not_given

    def of(self, where: Callable[[object], bool]) -> list[str]:
        return [code for code, one in self.expected.members.items() if where(one)]

    @rule(number=numbers, given=mostly)
    def record_dose(self, number: int, given: bool) -> None:
        code = pick(self.of(lambda one: one.arm and one.dose is None) or self.expected.members,
                    number)  # fmt: skip
        one = self.expected.members[code]
        report = StepReport() if given else StepReport(StepStatus.NOT_DONE, reason="On hold")
        act = self.trial.taking("doctor", code, "infuse", "day_1", report)
        held = given and not one.begun and one.arm and self.expected.held(code)
        if self.doing(act, self.expected.may_record(code, given)):
            one.dose, one.treated_on = given, self.today if given else None
            if given and seen["a hold ended"]:
                self.happens("treated after a hold")
            self.settle()
        elif held:
            self.happens("treatment refused by a hold")

    @property
    def today(self) -> date:
        return self.trial.now.date()

    @precondition(lambda self: self.of(lambda one: bool(one.arm)))
    @rule(number=numbers, what=st.sampled_from(["withdraw", "die", "revoke_death"]))
    def change_participation(self, number: int, what: str) -> None:
        code = pick(self.of(lambda one: bool(one.arm)), number)
        getattr(self, what)(code, self.expected.members[code])

    def withdraw(self, code: str, one: Member) -> None:
        act = partial(
            participation.withdraw, by=self.by("coordinator"), code=code, on=self.today,
            stops={"treatment"}, at=self.trial.now,
        )  # fmt: skip
        if self.doing(act, not (one.stops or one.died)):
            one.stops = True

    def die(self, code: str, one: Member) -> None:
        act = partial(
            participation.record_death, by=self.by("coordinator"), code=code, on=self.today,
            died_of="Death", at=self.trial.now,
        )  # fmt: skip
        if self.doing(act, not one.died):
            one.died = True
            self.add(Event(code, self.today, grave=True, fatal=True))

    def revoke_death(self, code: str, one: Member) -> None:
        for ending in Ending.objects.filter(participant__code=code, kind="died"):
            participation.revoke(
                by=self.by("coordinator"), code=code, ending=ending.pk, reason="Another person",
                at=self.trial.now,
            )  # fmt: skip
            one.died = False
            for each in self.expected.events.values():
                if each.who == code and each.fatal:
                    each.stands = each.fatal = False
            self.settle()

    # Events.

    def add(self, one: Event) -> None:
        self.expected.events[len(self.expected.events) + 1] = one
        self.settle()

    @rule(
        number=numbers,
        kind=st.sampled_from(["reaction", "reaction", "reaction", "mild", "grave"]),
        started=st.sampled_from(["treatment", "treatment", "today", "unknown"]),
    )
    def record_event(self, number: int, kind: str, started: str) -> None:
        treated = self.of(lambda one: one.dose and one.arm in REGIMENS)
        code = pick(treated if started == "treatment" and treated else self.expected.members,
                    number)  # fmt: skip
        begun = self.expected.members[code].treated_on or self.today
        day = {"treatment": begun, "today": self.today, "unknown": None}[started]
        report = Report(
            "Reaction", 3, day.isoformat() if day else "",
            criteria={SeriousCriterion.LIFE_THREATENING} if kind == "grave" else (),
            stopping={"reaction"} if kind == "reaction" else (),
        )  # fmt: skip
        found = adverse_events.record_event(
            by=self.by("coordinator"), code=code, report=report, at=self.trial.now
        )
        assert found == len(self.expected.events) + 1
        self.add(Event(code, day, reaction=kind == "reaction", grave=kind == "grave"))

    @precondition(lambda self: any(each.stands for each in self.expected.events.values()))
    @rule(number=numbers, what=st.sampled_from(["correct", "judge", "nullify"]), yes=mostly)
    def change_event(self, number: int, what: str, yes: bool) -> None:
        among = self.expected.events.items()
        key, one = pick(among, number, lambda each: each[1].stands)
        getattr(self, what)(key, one, yes)
        self.settle()

    def correct(self, key: int, one: Event, reaction: bool) -> None:
        act = partial(
            adverse_events.follow_event, by=self.by("coordinator"), code=one.who, number=key,
            outcome=Outcome.RECOVERED, reason="The discharge letter",
            criteria={SeriousCriterion.LIFE_THREATENING} if one.grave else (),
            stopping={"reaction"} if reaction else (), at=self.trial.now,
        )  # fmt: skip
        if self.doing(act, not one.fatal):
            one.reaction = reaction

    def judge(self, key: int, one: Event, related: bool) -> None:
        adverse_events.judge_event(
            by=self.by("investigator"), code=one.who, number=key, judge=Judge.INVESTIGATOR,
            about=About.TREATMENT, related=related, at=self.trial.now,
        )  # fmt: skip
        one.related = related

    def nullify(self, key: int, one: Event, _yes: bool) -> None:
        act = partial(
            adverse_events.nullify_event, by=self.by("investigator"), code=one.who, number=key,
            reason="Another participant's", at=self.trial.now,
        )  # fmt: skip
        if self.doing(act, not one.fatal):
            one.stands = False

    # Holds.

    @precondition(lambda self: not self.expected.holds)
    @rule(arm=st.sampled_from(["", *REGIMENS]))
    def set_hold(self, arm: str) -> None:
        who = self.by("board" if arm else "investigator")
        holds.set_hold(by=who, reason="A cluster", arm=arm, at=self.trial.now)
        self.expected.hold("person", arm or ALL)

    def cut_data(self) -> None:
        self.cuts += 1
        by = self.by("board_statistician")
        cutting.cut_data(by=by, name=f"cut-{self.cuts}", at=self.trial.now)
        self.expected.cut_since_hold = True

    def content_hash(self) -> str:
        study = Study.objects.get(pk=STUDY)
        return to_decide(study, self.state(), standing_of(STUDY)).content_hash

    def state(self) -> SafetyState:
        return safety_state(Study.objects.get(pk=STUDY), self.trial.protocol, self.trial.now)

    @precondition(lambda self: self.expected.holds)
    @rule(
        names=st.sampled_from([BOARD, BOARD, BOARD[:1], BOARD[1:], BOARD[:1] * 2, ("doctor",)]),
        choice=st.sampled_from([*[Choice.RESUME] * 6, Choice.CLOSE_ARMS, Choice.CLOSE_STUDY]),
        arm=st.sampled_from(REGIMENS),
        cut=mostly,
        read=mostly,
    )
    def decide(self, names: Sequence[str], choice: Choice, arm: str, cut: bool, read: bool) -> None:
        self.decided(names, choice, (arm,) if choice is Choice.CLOSE_ARMS else (), cut, read)

    @precondition(lambda self: self.expected.holds)
    @rule()
    def end_the_hold(self) -> None:
        """The board reads what stands and resumes: nothing hinders it."""
        self.decided(BOARD, Choice.RESUME, (), cut=True, read=True)
        assert not self.expected.holds

    def decided(
        self, names: Sequence[str], choice: Choice, arms: tuple[str, ...], cut: bool, read: bool
    ) -> None:
        """Each of some signs one decision; what is signed is what was read, now or before."""
        if cut and not self.expected.cut_since_hold:
            self.cut_data()
        if read or not self.read[0]:
            self.read = (self.content_hash(), self.expected.read())
        for name in names:
            if self.expected.holds:
                self.sign(name, choice, arms)

    def sign(self, name: str, choice: Choice, arms: tuple[str, ...]) -> None:
        content_hash, read = self.read
        act = partial(
            holds.sign_decision, by=self.by(name), decision=Decision(choice, "It was mild", arms),
            content_hash=content_hash, at=self.trial.now,
        )  # fmt: skip
        said = (content_hash, choice, arms)
        stale = read != self.expected.read()
        # What passes with time alone may have changed as well: who is watched to the end.
        same = not stale and content_hash == self.content_hash()
        allowed = name in BOARD and self.expected.cut_since_hold and same
        if not self.doing(act, allowed and self.expected.signed.get(name) != said):
            if stale and name in BOARD:
                self.happens("a decision on stale counts")
            return
        self.expected.signed[name] = said
        if all(self.expected.signed.get(each) == said for each in BOARD):
            self.expected.decided(choice.value, arms)
            self.happens("a hold ended")
            self.settle()

    # Lots and containers.

    def by(self, name: str) -> object:
        return self.cells.by(name)

    @precondition(lambda self: len(self.expected.lots) < 4)
    @rule(
        viability=st.sampled_from(["92", "92", "92", "60", "-"]),
        sterility=st.sampled_from(["yes", "yes", "no", "", "-"]),
        number=numbers,
        own_donor=st.booleans(),
        who=st.sampled_from(["laboratory", "head"]),
    )
    def new_lot(
        self, viability: str, sterility: str, number: int, own_donor: bool, who: str
    ) -> None:
        good = [code for code, good in self.expected.donors.items() if good]
        donor = None if own_donor or not good else pick(good, number)
        code = self.cells.lot(donor, who, viability=viability, sterility=sterility)
        said = {
            "viability": {"92": True, "60": False}.get(viability),
            "sterility": {"yes": True, "no": False}.get(sterility),
        }
        tested = {viability, sterility} != {"-"}
        add_lot(self.expected, code, who if tested else "laboratory", **said)
        for each in self.cells.at_site(code, 2):
            self.expected.bags[each] = Bag(code)

    @rule(
        number=numbers,
        what=st.sampled_from(["decide", "decide", "test", "test", "exclude"]),
        who=st.sampled_from(["laboratory", "head"]),
        signs=st.sampled_from(["qualified", "head"]),
        status=st.sampled_from(["released", "released", "conditional", "recalled", "failed"]),
        test=st.sampled_from(["viability", "sterility"]),
        passed=st.sampled_from([True, True, False, None]),
    )
    def change_lot(
        self, number: int, what: str, who: str, signs: str, status: str, test: str,
        passed: bool | None,
    ) -> None:  # fmt: skip
        code = pick(self.expected.lots, number)
        batch, before = self.expected.lots[code], self.expected.lots[code].status
        if what == "decide":
            self.decide_lot(code, status, signs)
        elif what == "test":
            typed = {True: {"viability": "92", "sterility": "yes"}, None: {},
                     False: {"viability": "60", "sterility": "no"}}[passed]  # fmt: skip
            self.cells.result(test, typed.get(test, ""), who, lot=code)
            self.expected.tested(code, test, passed, who)
        elif self.expected.donors[batch.donor]:
            self.exclude(batch.donor, by_test=bool(passed))
        if batch.status == "failed" != before:
            self.happens("a lot failed")

    def decide_lot(self, code: str, status: str, signs: str) -> None:
        """Sign what becomes of a lot; whether it may is what the protocol says."""
        left = ["sterility"] if status == "conditional" else []
        act = partial(
            self.cells.decide, code, LotStatus(status), signs, reason="Read", leaves_open=left
        )
        if self.doing(act, self.expected.may_decide(code, status, signs)):
            self.expected.lots[code].status = status
        elif self.expected.may_decide(code, status, "qualified"):
            self.happens("a release by who tested")

    @precondition(lambda self: len(self.expected.lots) < 4)
    @rule(entered=st.sampled_from(["laboratory", "head"]))
    def try_to_release_ones_own_lot(self, entered: str) -> None:
        """All is right but that who signs has entered the tests, or hasn't."""
        code = self.cells.lot(None, entered)
        add_lot(self.expected, code, entered, viability=True, sterility=True)
        self.decide_lot(code, "released", "head")

    def exclude(self, donor: str, *, by_test: bool) -> None:
        if by_test:
            self.cells.result("hiv", "yes", donor=donor)
        else:
            exclude_donor(
                by=self.by("qualified"), donor=donor, reason="A journey", at=self.trial.now
            )
        self.expected.excluded(donor)

    @rule(number=numbers, whose=numbers,
          status=st.sampled_from(["thawed", "thawed", "thawed", "loaded", "reserved", "stock",
                                  "destroyed"]))  # fmt: skip
    def move_container(self, number: int, whose: int, status: str) -> None:
        before = [each for each, one in self.expected.bags.items() if one.status == "stock"]
        code = pick(before if status == "thawed" and before else self.expected.bags, number)
        self.move(code, status, pick(self.expected.members, whose) if status == "reserved" else "")

    def move(self, code: str, status: str, who: str) -> None:
        """Move a container; whether it may be is what the protocol says."""
        act = partial(self.cells.move, code, ContainerStatus(status), participant=who, reason="No")
        if self.doing(act, self.expected.may_move(code, status)):
            bag = self.expected.bags[code]
            bag.status = status
            if status in ("reserved", "stock"):
                bag.reserved_for = who
            if status == "thawed":
                bag.thawed_at = self.trial.now

    @rule(
        number=numbers,
        which=numbers,
        amount=st.sampled_from(["100", "100", "60", "40", "120"]),
        slip=st.sampled_from([*[""] * 7, "wristband", "alone", "late"]),
    )
    def give_container(self, number: int, which: int, amount: str, slip: str) -> None:
        waiting = self.of(lambda one: one.arm in REGIMENS and one.dose is None)
        code = pick(waiting or self.expected.members, number)
        ready = [each for each, one in self.expected.bags.items() if one.thawed_at]
        bag = pick(ready or self.expected.bags, which)
        end = self.trial.now + (timedelta(hours=5) if slip == "late" else timedelta(minutes=20))
        self.give(code, bag, Decimal(amount), end, slip)

    def waiting_under_a_hold(self) -> list[str]:
        """Who is allocated to a regimen, awaits it, and may not get it until a decision."""
        regimen = self.of(lambda one: one.arm in REGIMENS and one.dose is None)
        members = self.expected.members
        return [
            code
            for code in regimen
            if self.expected.held(code)
            and not (members[code].died or members[code].stops or members[code].amounts)
        ]

    @precondition(lambda self: self.waiting_under_a_hold())
    @rule(number=numbers)
    def try_to_treat_under_a_hold(self, number: int) -> None:
        """All is right but that there is a hold: the bag is thawed, scanned, and not given."""
        code = pick(self.waiting_under_a_hold(), number)
        ready = [
            each for each, one in self.expected.bags.items()
            if one.status == "stock" and self.expected.usable(one.lot)
        ]  # fmt: skip
        if ready:
            bag = pick(ready, number)
            self.move(bag, "thawed", "")
            end = self.trial.now + timedelta(minutes=20)
            self.give(code, bag, CONTAINER, end, "")

    def give(self, code: str, bag: str, amount: Decimal, end: datetime, slip: str) -> None:
        """Scan a container at the bedside; whether it is given is what the protocol says."""
        other = next(each for each in self.expected.members if each != code)
        scan = self.cells.scan(bag, code, amount=amount, end=end)
        changed = {"amount": scan.amount, "end": end}
        if slip == "wristband":
            changed["wristband"] = self.cells.scan(bag, other).wristband
        if slip == "alone":
            changed["second"] = self.by("pharmacist").person_id
        allowed = slip not in ("wristband", "alone") and self.expected.may_give(
            code, bag, scan.amount, end
        )
        why = self.cells.give(bag, code, **changed)
        assert (why == ()) == allowed, (why, slip)
        if why:
            self.expected.near_misses += 1
            self.happens("a near miss")
            if Refusal.HOLD in why:
                self.happens("treatment refused by a hold")
            return
        what = self.expected.bags[bag]
        what.status = "given" if scan.amount == CONTAINER else "part_given"
        self.expected.members[code].amounts.append(scan.amount)

    # Time.

    @precondition(lambda self: self.today < date(2026, 1, 1))
    @rule(hours=st.sampled_from([1, 3, 5, 24, 24 * 30, 24 * 100]))
    def wait(self, hours: int) -> None:
        self.trial.later(hours=hours)
        self.expected.now = self.trial.now

    # What must hold after each.

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        self.the_tables_stand_as_expected()
        self.one_page_says_whether_the_next_may_be_treated()
        self.nothing_is_signed_by_one_alone()
        self.each_has_one_place_and_each_refused_scan_is_kept()
        self.the_ledger_says_what_the_tables_say()
        # No two things happen in one moment.
        self.trial.later(seconds=1)
        self.expected.now = self.trial.now

    def the_tables_stand_as_expected(self) -> None:
        in_force = standing_of(STUDY)
        assert sorted((hold.kind, details.group) for hold, details in in_force.open) == sorted(
            self.expected.holds
        )
        assert (in_force.closed_arms, in_force.study_closed) == (
            self.expected.closed_arms, self.expected.closed,
        )  # fmt: skip
        for each in self.state().standings():
            counted, who = self.expected.counts(each.group)
            assert (each.counted, each.events) == (counted, len(who))
        lots = dict(Lot.objects.values_list("code", "status"))
        assert lots == {code: each.status for code, each in self.expected.lots.items()}
        bags = dict(Container.objects.values_list("code", "status"))
        assert bags == {code: each.status for code, each in self.expected.bags.items()}
        states = dict(Participant.objects.values_list("code", "state"))
        for code, one in self.expected.members.items():
            assert (states[code] == "treated") == (one.dose is True and not one.died)

    def one_page_says_whether_the_next_may_be_treated(self) -> None:
        full = not self.of(lambda one: not one.arm)
        found = may_treat(self.by("investigator"))
        assert found.yes == (not self.expected.paused and not full)
        assert found.randomised == len(self.of(lambda one: bool(one.arm))) <= PARTICIPANTS

    def nothing_is_signed_by_one_alone(self) -> None:
        board = {self.by(name).person_id for name in BOARD}
        for hold in Hold.objects.exclude(decision=None):
            signatures = list(HoldSignature.objects.filter(decision=hold.decision_id))
            assert {each.signed_by for each in signatures} == board
            said = details_of_decision(hold.decision)
            assert {details_of_decision(each).content_hash for each in signatures} == {
                said.content_hash
            }
        for one in LotDecision.objects.filter(status__in=["released", "conditional"]):
            entered = ProductResult.objects.filter(lot=one.lot, entered_at__lte=one.at)
            assert one.by not in entered.values_list("entered_by", flat=True)

    def each_has_one_place_and_each_refused_scan_is_kept(self) -> None:
        places = AllocationSlot.objects.exclude(participant=None)
        given = list(places.values_list("participant__code", flat=True))
        assert sorted(given) == sorted(self.of(lambda one: bool(one.arm)))
        accepted = Container.objects.filter(status__in=["given", "part_given"]).count()
        assert BedsideCheck.objects.count() == accepted + self.expected.near_misses

    def the_ledger_says_what_the_tables_say(self) -> None:
        if standing(STUDY) != self.verified:
            self.verify()

    def verify(self) -> None:
        keys = files.keys()
        self.verified = standing(STUDY)
        found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
        assert [str(each) for each in found.problems] == []


def test_no_order_of_acts_comes_to_a_forbidden_state(transactional_db: None) -> None:
    seen.clear()
    run_state_machine_as_test(
        GuardedConduct,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    assert set(seen) >= MUST_BE_SEEN, sorted(seen.items())
