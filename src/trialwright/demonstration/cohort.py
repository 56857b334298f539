"""Who is in the demonstration: every woman's site, day in theatre and traits, from one seed.

Pure. Nothing here knows an arm; how well a womb heals depends on it, and is drawn in `healing`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random

SEED = "DEMO-HAEC-01"
RUN_IN = 10
RUN_IN_DAYS_APART = 7
PAUSE_AFTER = 5
PAUSE_DAYS = 35
"""From the fifth operation to the sixth: its day-28 result, and the board's review of all five."""
REVIEW_AFTER_DAYS = 29
STORY_DAYS = 250
"""Days from the first operation to the present."""
PREPARATION_DAYS = 90
"""Days from the signing of the protocol to the first operation."""
WHOLE = 50
"""So many randomised women's stories are told whole, and of a fifth as many who never are."""


class Fate(StrEnum):
    """What sets a woman's way apart; most have none of these."""

    ORDINARY = "ordinary"
    # Never randomised.
    DECLINES = "declines"
    FAILS = "fails"
    LOGGED = "logged"
    IN_BASELINE = "in baseline"
    ASSESSED = "assessed"
    WAITING = "waiting"
    # Randomised.
    TODAY = "randomised today"
    NOT_TREATED = "not treated"
    IN_PART = "treated in part"
    LOST = "lost"
    WITHDRAWS = "withdraws"
    PREGNANT = "pregnant"
    MISCARRIES = "miscarries"
    JUST_PREGNANT = "just pregnant"
    OPERATED_AGAIN = "operated again"
    OVERDUE = "overdue"
    UNSIGNED = "unsigned"
    INCOMPLETE = "incomplete"


CONCEIVE = frozenset({Fate.PREGNANT, Fate.MISCARRIES, Fate.JUST_PREGNANT})

# Of each 34 randomised in turn, so that a larger demonstration has more of each.
_FATES = {
    0: Fate.PREGNANT, 2: Fate.MISCARRIES, 3: Fate.LOST, 5: Fate.JUST_PREGNANT, 7: Fate.IN_PART,
    8: Fate.OPERATED_AGAIN, 12: Fate.NOT_TREATED, 15: Fate.WITHDRAWS, 17: Fate.UNSIGNED,
    21: Fate.OVERDUE, 26: Fate.INCOMPLETE,
}  # fmt: skip
_EACH = 34


@dataclass(frozen=True, slots=True)
class Woman:
    """One invented woman before any treatment; `number` names her streams and nothing else.

    operated: the day in theatre; for one who never gets there, the day it would have been.
    flow: her bleeding now, from 0 (none) to 3 (normal). scarring: from 0 (mild) to 1 (severe).
    reason: of a screening failure, which one.
    brief: whether only the forms are filled in that a rule of the protocol reads, unsigned.
    """

    number: int
    site: str
    fate: Fate
    operated: date
    consented: date
    age: int
    height: float
    weight: float
    flow: float
    scarring: float
    rhd: str
    language: str
    reason: int = 0
    brief: bool = False

    @property
    def bleeds(self) -> bool:
        """Whether she has any bleeding before the treatment."""
        return self.flow >= 0.5

    def stream(self, *matter: object) -> Random:
        """Her own random numbers for one matter, the same whatever else happens."""
        return Random("/".join(str(each) for each in (SEED, self.number, *matter)))  # noqa: S311


def opening(today: date) -> date:
    """The day the protocol is signed."""
    return today - timedelta(days=STORY_DAYS + PREPARATION_DAYS)


def cohort(participants: int, today: date) -> tuple[Woman, ...]:
    """All women of a demonstration of which so many are randomised, the last of them today."""
    if participants == 0:
        return ()
    days = theatre_days(participants, today)
    chosen = [_woman(i, _fate(i, day, today), day, brief=i >= WHOLE) for i, day in enumerate(days)]
    return (*chosen, *_never_randomised(participants, days, today))


def theatre_days(participants: int, today: date) -> list[date]:
    """The days of the operations: a run-in of one a week with its pause, then evenly, two of them
    today."""
    first = today - timedelta(days=STORY_DAYS)
    run_in = [
        first
        + timedelta(days=RUN_IN_DAYS_APART * i)
        + timedelta(days=(PAUSE_DAYS - RUN_IN_DAYS_APART) * (i >= PAUSE_AFTER))
        for i in range(RUN_IN)
    ]
    if participants <= RUN_IN:
        return [*run_in[: participants - 1], today]
    left = participants - RUN_IN
    last_two = [today] * min(2, left)
    between = left - len(last_two)
    span = (today - run_in[-1]).days - 2 - RUN_IN_DAYS_APART
    steps = [RUN_IN_DAYS_APART + span * i // max(between - 1, 1) for i in range(between)]
    return [*run_in, *(_workday(run_in[-1] + timedelta(days=step)) for step in steps), *last_two]


def _workday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _fate(i: int, day: date, today: date) -> Fate:
    return Fate.TODAY if day == today else _FATES.get(i % _EACH, Fate.ORDINARY)


def _never_randomised(participants: int, days: list[date], today: date) -> list[Woman]:
    """Screening failures all along, and those who stand today somewhere before the operation."""
    failures = max(1, participants // 5)
    women = []
    for i in range(failures):
        fate = Fate.DECLINES if i % 5 == 4 else Fate.FAILS
        day, brief = days[i * len(days) // failures], i >= WHOLE // 5
        women.append(_woman(participants + i, fate, day, reason=i, brief=brief))
    soon = (
        (Fate.WAITING, 0), (Fate.WAITING, 0), (Fate.ASSESSED, 0), (Fate.IN_BASELINE, 12),
        (Fate.IN_BASELINE, 26), (Fate.IN_BASELINE, 40), (Fate.IN_BASELINE, 66), (Fate.LOGGED, 80),
        (Fate.LOGGED, 81),
    )  # fmt: skip
    for i, (fate, ahead) in enumerate(soon, start=failures):
        women.append(_woman(participants + i, fate, today + timedelta(days=ahead), reason=i))
    return women


def _woman(
    number: int, fate: Fate, operated: date, *, reason: int = 0, brief: bool = False
) -> Woman:
    draw = Random(f"{SEED}/{number}/herself")  # noqa: S311
    height = round(draw.gauss(160.5, 5.2), 1)
    amenorrhoea = draw.random() < 0.3
    prepared = draw.randrange(66, 84)
    return Woman(
        number=number,
        site="N" if number % 5 in (1, 3) else "C",
        fate=fate,
        operated=operated,
        consented=operated - timedelta(days=prepared),
        age=min(40, max(22, round(draw.gauss(31.5, 4)))),
        height=min(175, max(149, height)),
        weight=round(min(78, max(44, draw.gauss(21.6, 2.3) * (height / 100) ** 2)), 1),
        flow=draw.uniform(0, 0.35) if amenorrhoea else draw.uniform(0.7, 1.7),
        scarring=draw.betavariate(3, 2),
        rhd="negative" if number % 17 == 4 else "positive",
        language="zh",
        reason=reason,
        brief=brief,
    )


HEALING_BY_ARM = {1: 0.58, 2: 0.34, 3: 0.31, 4: 0.40, 5: 0.45}
"""The mean share of normal regained by arm: what nature does in this demonstration, invented."""


def healing(woman: Woman, arm: int | None) -> float:
    """The share of normal she regains, from 0 to 1; without any product, little."""
    mean = HEALING_BY_ARM[arm] if arm else 0.2
    share = woman.stream("healing").betavariate(4 * mean, 4 * (1 - mean))
    return max(share, 0.6) if woman.fate in CONCEIVE else share
