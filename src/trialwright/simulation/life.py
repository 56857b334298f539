"""A participant's life in the trial: entering, coming, and one of the ways in which it ends."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.actions import participation
from trialwright.conduct.actions.screening import Link
from trialwright.conduct.models import State
from trialwright.conduct.participants.planning import enrolled_at
from trialwright.conduct.participants.states import can_stop, next_states
from trialwright.protocol.visits import Visit
from trialwright.simulation.diaries import begin_diaries
from trialwright.simulation.entering_trial import enter, screen
from trialwright.simulation.escalating import wait_for_cohort
from trialwright.simulation.person import SimulatedPerson
from trialwright.simulation.stage import Stage, Thread
from trialwright.simulation.visiting import (
    attend,
    due_visits,
    fill_in,
    open_at_any_time,
    still_comes,
    take_steps,
)

_GOLDEN = 0.6180339887498949
"""Fractions of its multiples fill the unit interval evenly: so few participants keep rates."""
LINKED_FROM = 100_000
"""Numbers of linked participants, whose random numbers are their own, begin after this."""
_ENDINGS = ("withdrawals", "losses", "deaths", "stops")


class Recruitment:
    """Who comes, until enough have entered: the wanted number, and those who don't enter."""

    def __init__(self, stage: Stage, wanted: int) -> None:
        self.stage, self.wanted = stage, wanted
        self.begun = self.failing = self.lost = self.linked = 0
        self.shift = stage.stream("shift").random()

    def thread(self) -> Thread:
        """Let one after another be screened."""
        most = 3 * self.wanted + 20
        while self.begun - self.failing - self.lost < self.wanted and self.begun < most:
            yield self.stage.in_days(self.stage.plan.accrual_days if self.begun else 1)
            share = (self.shift + self.begun * _GOLDEN) % 1
            turn = None
            if share < self.stage.plan.screening_failures:
                turn = self.failing
                self.failing += 1
            self.stage.begin(self._life(self.begun, turn), self.stage.crew.zone(self.begun))
            self.begun += 1

    def _life(self, number: int, turn: int | None) -> Iterator[datetime]:
        yield self.stage.now
        person = screen(self.stage, number)
        if person is None:
            self.lost += 1
            return
        yield from enter(person, turn)
        if enrolled_at(person.row, person.protocol) is not None:
            for link in links_of(person):
                self.linked += 1
                self.stage.begin(self._linked(LINKED_FROM + self.linked, link))
            yield from live(person)
        elif turn is None:
            self.lost += 1

    def _linked(self, number: int, link: Link) -> Iterator[datetime]:
        """Somebody who comes with a participant, and who may come with them in turn."""
        yield self.stage.in_days(self.stage.stream("linked", number).randrange(1, 30), 14)
        person = screen(self.stage, number, link)
        if person is None:
            return
        yield from enter(person, None)
        if enrolled_at(person.row, person.protocol) is not None:
            for further in links_of(person):
                self.linked += 1
                self.stage.begin(self._linked(LINKED_FROM + self.linked, further))
            yield from live(person)


def links_of(person: SimulatedPerson) -> Iterator[Link]:
    """Who comes with a participant: of each kind that is linked to theirs one or two."""
    kinds = person.protocol.kinds
    mine = person.protocol.part_of
    for kind in kinds:
        if mine is not None and kind.of == mine.key:
            for _each in range(person.stream("linked", kind.key).randint(1, 2)):
                yield Link(kind.key, person.code)


def live(person: SimulatedPerson) -> Thread:
    """Live from the enrolment to the end."""
    stage = person.stage
    stage.begin(_ending(person))
    begin_diaries(person)
    for visit in open_at_any_time(person):
        stage.begin(_unscheduled(person, visit))
    horizon = stage.today + timedelta(days=365 * stage.plan.years)
    tried: set[str] = set()
    while still_comes(person):
        yield stage.in_days(0, 11)
        take_steps(person, None)
        due = [each for each in due_visits(person) if each.visit.key not in tried]
        if not due:
            break
        day = max(stage.today, due[0].day)
        if day > horizon:
            return
        yield stage.at(day, 9, person.stream(due[0].visit.key, "minute").randrange(60))
        if not still_comes(person):
            return
        again = [each for each in due_visits(person) if _same(each.visit, due[0].visit)]
        if again and again[0].day <= stage.today:
            # One that is refused stays planned, and isn't tried for ever.
            tried.add(again[0].visit.key)
            yield from wait_for_cohort(person)
            if not still_comes(person):
                return
            attend(person, again[0])
    if still_comes(person):
        yield stage.in_days(1, 12)
        if still_comes(person):  # an ending may have come in between
            _complete(person)


def _same(one: Visit, other: Visit) -> bool:
    return one.key == other.key


def _complete(person: SimulatedPerson) -> None:
    """Reach the planned end; what was never given is said before."""
    stage = person.stage
    if State.COMPLETED not in next_states(person.row, person.protocol):
        return
    end = partial(participation.complete, code=person.code, on=stage.today, at=stage.now)
    people = stage.crew.able(Act.CHANGE_PARTICIPATION, person.site)
    stage.act("complete", people, lambda by: end(by=by))


def _unscheduled(person: SimulatedPerson, visit: Visit) -> Thread:
    """Come once to a visit that is open at any time."""
    random = person.stream(visit.key, "when")
    yield person.stage.in_days(random.randrange(3, 90), 13)
    if still_comes(person):
        fill_in(person, visit)


def _ending(person: SimulatedPerson) -> Thread:
    """Stop, withdraw, be lost or die before the planned end, as the rates will."""
    stage, plan = person.stage, person.stage.plan
    shift = stage.stream("endings").random()
    share = (shift + person.number * _GOLDEN) % 1
    kind = None
    for name in _ENDINGS:
        share -= getattr(plan, name)
        if share < 0:
            kind = name
            break
    if kind is None:
        return
    most = 365 * plan.years
    days = most if person.protocol.cycles else (_last_planned(person) - stage.today).days
    when = person.stream("ending").uniform(0.1, 0.9) * max(2, min(days, most))
    yield stage.in_days(max(1, round(when)), 18)
    if still_comes(person):
        _end(person, kind)


def _last_planned(person: SimulatedPerson) -> date:
    days = [each.day for each in due_visits(person)]
    return max(days, default=person.stage.today)


def _end(person: SimulatedPerson, kind: str) -> None:
    stage = person.stage
    code, on, at = person.code, stage.today, stage.now
    stops = [each for each in ("treatment", "visits") if each in can_stop(person.row)]
    withdraw = partial(participation.withdraw, code=code, on=on, at=at)
    die = partial(participation.record_death, code=code, on=on, died_of="Death NOS", at=at)
    lose = partial(participation.record_loss_to_follow_up, code=code, on=on, at=at)
    actions: dict[str, Callable[[Actor], None]] = {
        "withdrawals": lambda by: withdraw(by=by, stops=stops, reason="Withdrew consent"),
        "stops": lambda by: withdraw(by=by, stops=["treatment"], reason="Stopped treatment"),
        "losses": lambda by: lose(by=by, reason="Three calls, one letter"),
        "deaths": lambda by: die(by=by),
    }
    if kind == "stops" and "treatment" not in stops:
        return
    people = stage.crew.able(Act.CHANGE_PARTICIPATION, person.site)
    stage.act(kind, people, actions[kind])
