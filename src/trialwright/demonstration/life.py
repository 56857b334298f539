"""One woman within the story: her code, and what nature has made of her so far."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from trialwright.demonstration.cohort import Woman
from trialwright.demonstration.narration import Narration
from trialwright.demonstration.sheets import Sitting
from trialwright.demonstration.team import Place

# How much of her healing has come by a visit.
_PROGRESS = {"month_1": 0.5, "month_2": 0.75, "month_3": 0.85, "after_hormones": 0.9}
_NORMAL_FLOW = 3.0
COURSE_STARTS = (0, 26, 52)
COURSE_DAYS = 21


@dataclass(slots=True)
class Life:
    """What is known of her as the story goes; `left` once she comes no more."""

    woman: Woman
    code: str
    operated_at: datetime | None = None
    healed: float = 0.0
    left: bool = False
    incomplete: set[Place] = field(default_factory=set)

    @property
    def operated_on(self) -> date:
        """The day of the operation."""
        return self.woman.operated if self.operated_at is None else self.operated_at.date()

    @property
    def hormones_began(self) -> date:
        """The first tablet, on the day after the operation."""
        return self.operated_on + timedelta(days=1)

    @property
    def hormones_ended(self) -> date:
        """The last tablet of the third course."""
        return self.hormones_began + timedelta(days=COURSE_STARTS[-1] + COURSE_DAYS - 1)

    @property
    def will_bleed(self) -> bool:
        """Whether she will bleed again without hormones."""
        return self._flow(1.0) >= 0.5

    @property
    def first_bleed(self) -> date:
        """The first day of that bleed."""
        return self.hormones_ended + timedelta(
            days=self.woman.stream("first bleed").randrange(28, 46)
        )

    def stays(self) -> bool:
        """Whether she still comes to her visits."""
        return not self.left

    def place(self, visit: str, form: str, repeat: int = 1) -> Place:
        """Where an entry of hers stands."""
        return self.code, visit, form, repeat

    def sitting(self, visit: str, on: date) -> Sitting:
        """She, as she is at a visit on a day."""
        before = self.operated_at is None
        progress = 0.0 if before else _PROGRESS.get(visit, 1.0)
        flow = self._flow(progress)
        if flow >= 0.5:
            flow = max(0.5, flow + self.woman.stream(visit, "flow").gauss(0, 0.12))
        tablet = None if before else self._tablet_day(on)
        cycle = None
        if visit == "first_bleed" and self.will_bleed:
            cycle = (on - self.first_bleed).days + 1
        return Sitting(
            self.woman,
            visit,
            on,
            flow,
            self.woman.scarring * (1 - 0.9 * self.healed * min(1, 0.4 + progress)),
            tablet,
            cycle,
        )

    def _flow(self, progress: float) -> float:
        own = self.woman.flow
        return own + (_NORMAL_FLOW - own) * self.healed * progress

    def _tablet_day(self, on: date) -> int | None:
        days = (on - self.hormones_began).days
        started = [start for start in COURSE_STARTS if start <= days]
        day = days - started[-1] + 1 if started else None
        return day if day is not None and day <= COURSE_DAYS else None


@dataclass(frozen=True, slots=True)
class Episode:
    """One woman's life in the telling: what every thread of hers is given."""

    tale: Narration
    life: Life

    def fills_in(self, visit: str, form: str) -> bool:
        """Whether her story tells this form of this visit."""
        return not self.life.woman.brief or (visit, form) in self.tale.team.read_by_rules
