"""Special situations in which nobody was harmed, and pregnancies, followed to the children.

They are reported as the protocol's clocks say, and are no adverse events. A pregnancy that is lost
names the participant's serious event; a malformation or the death of a child is the child's own
case, linked to the mother's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.actions.adverse_events import (
    LONGEST_TEXT,
    Report,
    date_problems,
    enter,
    known_problems,
    order_problem,
)
from trialwright.conduct.models import AdverseEvent, Pregnancy, PregnancyChild, PregnancyOutcome
from trialwright.conduct.models.adverse_events import Outcome, Special
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.safety.events import is_serious, own_events
from trialwright.safety.ctcae import by_name
from trialwright.safety.section import grading
from trialwright.safety.seriousness import SeriousCriterion

# The terms of CTCAE for a child's case: of any kind of malformation, and of a death.
MALFORMATION = "Congenital, familial and genetic disorders - Other, specify"
NEONATAL_DEATH = "Death neonatal"
LOST = frozenset(
    {PregnancyOutcome.MISCARRIAGE, PregnancyOutcome.ECTOPIC, PregnancyOutcome.STILLBIRTH}
)
"""Outcomes that are a serious event of the participant."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation that is to be reported though nobody was harmed.

    started: an ISO date, cut short where only part is known; known_at: when the site learned of it,
    the present if left out.
    """

    special: Special
    described: str
    started: str = ""
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PregnancyReport:
    """What is known of a pregnancy when it is reported.

    began: by the best estimate; last_period, expected_on: all ISO dates that may be cut short.
    """

    began: str = ""
    last_period: str = ""
    expected_on: str = ""
    contraception: str = ""
    history: str = ""
    described: str = ""
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Birth:
    """A child. grade: of the malformation, where there is one; died_on: empty for who lives."""

    born: str
    sex: str = ""
    weight_g: int | None = None
    condition: str = ""
    malformation: str = ""
    grade: int | None = None
    died_on: str = ""
    died_of: str = ""


def record_situation(
    *, by: Actor, code: str, situation: Situation, at: datetime | None = None
) -> int:
    """Record a special situation without harm; returns the number of its case."""
    with acting(by, Act.RECORD_EVENTS, "record_situation", code=code, at=at) as context:
        if situation.special is Special.PREGNANCY:
            words = _("A pregnancy has a form of its own: “Record a pregnancy”.")
            raise ActionRefused(problems=(Problem("special", words),))
        problems = date_problems(context, "started", situation.started)
        problems += known_problems(context, situation.known_at)
        if not situation.described.strip():
            problems.append(Problem("described", _("Write what happened.")))
        _refuse(problems)
        return _enter_case(context, situation).number


def record_pregnancy(
    *, by: Actor, code: str, report: PregnancyReport, at: datetime | None = None
) -> int:
    """Record a pregnancy; returns the number of its case."""
    with acting(by, Act.RECORD_EVENTS, "record_pregnancy", code=code, at=at) as context:
        problems = date_problems(context, "began", report.began)
        problems += date_problems(context, "last_period", report.last_period)
        problems += date_problems(context, "expected_on", report.expected_on, ahead=True)
        problems += order_problem(
            report.began, report.expected_on, "expected_on",
            _("The birth is expected before the pregnancy began. Correct one of the two days."),
        )  # fmt: skip
        problems += known_problems(context, report.known_at)
        if _open_pregnancy(context) is not None:
            words = _("A pregnancy of this participant is recorded and has no outcome yet.")
            problems.append(Problem("began", words))
        _refuse(problems)
        case = _enter_case(
            context,
            Situation(Special.PREGNANCY, report.described, report.began, report.known_at),
        )
        context.record(
            Pregnancy(
                study=context.study,
                case=case,
                last_period=report.last_period,
                expected_on=report.expected_on,
                contraception=report.contraception.strip(),
                history=report.history.strip(),
            )
        )
        return case.number


def record_pregnancy_outcome(
    *,
    by: Actor,
    code: str,
    number: int,
    outcome: PregnancyOutcome,
    ended: str = "",
    weeks: int | None = None,
    loss: int | None = None,
    described: str = "",
    known_at: datetime | None = None,
    at: datetime | None = None,
) -> None:
    """Record how a pregnancy ended: significant news for those who were told of it.

    Args:
        weeks: of gestation, completed, at the end.
        loss: the number of the participant's serious event that the end was; a loss needs one.
    """
    with acting(by, Act.RECORD_EVENTS, "record_pregnancy_outcome", code=code, at=at) as context:
        pregnancy = pregnancy_of(context, number)
        case = pregnancy.case
        problems = date_problems(context, "ended", ended)
        problems += order_problem(case.started, ended)
        problems += known_problems(context, known_at)
        if pregnancy.children.exists() and outcome is not PregnancyOutcome.BIRTH:
            words = _("A child is recorded of this pregnancy: its outcome is a birth.")
            problems.append(Problem("outcome", words))
        event = own_events(context.participant).filter(number=loss).first() if loss else None
        if outcome in LOST and (event is None or not is_serious(event)):
            words = _(
                "This is a serious event of the participant. Record it first, then name it here."
            )
            problems.append(Problem("loss", words))
        _refuse(problems)
        context.change(pregnancy, outcome=outcome.value, weeks=weeks, loss=event)
        context.change(case, ended=ended, described=described.strip() or case.described)
        _is_news(context, case)


def record_child(
    *,
    by: Actor,
    code: str,
    number: int,
    birth: Birth,
    known_at: datetime | None = None,
    at: datetime | None = None,
) -> str:
    """Record a child of a pregnancy that ended in a birth; returns the child's code.

    A malformation, and a death, is entered as a case of the child's own.
    """
    with acting(by, Act.RECORD_EVENTS, "record_child", code=code, at=at) as context:
        pregnancy = pregnancy_of(context, number)
        problems = _birth_problems(context, birth) + known_problems(context, known_at)
        if pregnancy.outcome != PregnancyOutcome.BIRTH:
            words = _("Record first that the pregnancy ended in a birth.")
            problems.append(Problem("born", words))
        _refuse(problems)
        siblings = PregnancyChild.objects.filter(pregnancy__case__participant=context.participant)
        child = PregnancyChild(
            pregnancy=pregnancy,
            code=f"{context.participant.code}-CH{siblings.count() + 1}",
            born=birth.born,
            sex=birth.sex,
            weight_g=birth.weight_g,
            condition=birth.condition.strip(),
            died_on=birth.died_on,
        )
        context.record(child)
        _enter_cases(context, child, birth)
        _is_news(context, pregnancy.case)
        return child.code


def follow_child(
    *,
    by: Actor,
    code: str,
    child: str,
    birth: Birth,
    reason: str,
    known_at: datetime | None = None,
    at: datetime | None = None,
) -> None:
    """Record what is known of a child now; what was said before stays in the audit trail.

    A malformation that is told now is another case of the child, as is a death.
    """
    with acting(by, Act.RECORD_EVENTS, "follow_child", code=code, at=at) as context:
        rows = PregnancyChild.objects.filter(pregnancy__case__participant=context.participant)
        found = rows.filter(code=child).select_related("pregnancy__case").first()
        if found is None:
            raise NotFound
        problems = _birth_problems(context, birth) + known_problems(context, known_at)
        dead = found.events.filter(death=True, nullified="").exists()
        if dead and not birth.died_on:
            words = _("The death is recorded. Nullify its case first if it was an error.")
            problems.append(Problem("died_on", words))
        if not reason.strip():
            problems.append(Problem("reason", _("Write what is new, or why it is changed.")))
        _refuse(problems)
        context.set_reason(reason.strip())
        context.change(
            found,
            born=birth.born,
            sex=birth.sex,
            weight_g=birth.weight_g,
            condition=birth.condition.strip(),
            died_on=birth.died_on,
        )
        _enter_cases(context, found, birth, died=bool(birth.died_on) and not dead)
        _is_news(context, found.pregnancy.case)


def pregnancy_of(context: ActionContext, number: int) -> Pregnancy:
    """The pregnancy of a case of the participant that stands."""
    rows = Pregnancy.objects.filter(case__participant=context.participant, case__nullified="")
    found = rows.filter(case__number=number).select_related("case").first()
    if found is None:
        raise NotFound
    return found


def _open_pregnancy(context: ActionContext) -> Pregnancy | None:
    rows = Pregnancy.objects.filter(case__participant=context.participant, case__nullified="")
    return rows.filter(outcome="").first()


def _enter_case(context: ActionContext, situation: Situation) -> AdverseEvent:
    """A case without a term: to be reported, and no adverse event."""
    numbers = AdverseEvent.objects.filter(study=context.study)
    case = AdverseEvent(
        study=context.study,
        number=(numbers.aggregate(last=Max("number"))["last"] or 0) + 1,
        participant=context.participant,
        term="",
        described=situation.described.strip(),
        special=situation.special.value,
        started=situation.started,
        known_at=situation.known_at or context.at,
        outcome=Outcome.UNKNOWN.value,
        **{each.value: False for each in SeriousCriterion},
        recorded_at=context.at,
        recorded_by=context.by.person_id,
    )
    context.record(case)
    return case


def _birth_problems(context: ActionContext, birth: Birth) -> list[Problem]:
    problems = date_problems(context, "born", birth.born)
    problems += date_problems(context, "died_on", birth.died_on)
    problems += order_problem(
        birth.born, birth.died_on, "died_on",
        _("The child died before the birth. Correct one of the two days."),
    )  # fmt: skip
    said = grading(context.protocol)
    known = sorted(by_name(said.version)[MALFORMATION].grades) if said else list(range(1, 6))
    if birth.malformation.strip() and (birth.grade not in known or birth.grade == 5):
        words = _("Choose a grade of 1 to 4; a death has a question of its own.")
        problems.append(Problem("grade", words))
    if birth.grade is not None and not birth.malformation.strip():
        problems.append(Problem("malformation", _("Write which malformation it is.")))
    for name, text in (("malformation", birth.malformation), ("condition", birth.condition)):
        if len(text) > LONGEST_TEXT:
            told = _("Write at most %(most)d characters.") % {"most": LONGEST_TEXT}
            problems.append(Problem(name, told))
    if birth.died_of.strip() and not birth.died_on:
        problems.append(Problem("died_on", _("Enter the day of death, or the part that is known.")))
    return problems


def _enter_cases(
    context: ActionContext, child: PregnancyChild, birth: Birth, *, died: bool | None = None
) -> None:
    """The cases of a child that follow from what is told of it."""
    if birth.malformation.strip():
        assert birth.grade is not None  # noqa: S101 - `_birth_problems` has asked
        _enter_of(
            context, child, MALFORMATION, birth.grade, birth.born, birth.malformation,
            {SeriousCriterion.CONGENITAL},
        )  # fmt: skip
    if bool(birth.died_on) if died is None else died:
        _enter_of(
            context, child, NEONATAL_DEATH, _grade_of_death(context), birth.died_on, birth.died_of,
            {SeriousCriterion.DEATH},
        )  # fmt: skip


def _grade_of_death(context: ActionContext) -> int:
    """CTCAE gives the loss of a newborn grade 4 where the death is the child's, not the
    participant's; without a terminology it is 5."""
    said = grading(context.protocol)
    return max(by_name(said.version)[NEONATAL_DEATH].grades) if said else 5


def _enter_of(
    context: ActionContext,
    child: PregnancyChild,
    term: str,
    grade: int,
    started: str,
    described: str,
    criteria: Collection[SeriousCriterion],
) -> None:
    fatal = SeriousCriterion.DEATH in criteria
    enter(
        context,
        Report(
            term=term,
            grade=grade,
            started=started,
            described=described,
            outcome=Outcome.FATAL if fatal else Outcome.NOT_RECOVERED,
            criteria=criteria,
            known_at=context.learned_at,
        ),
        child=child,
    )


def _is_news(context: ActionContext, case: AdverseEvent) -> None:
    """Those who were told of the case are to hear of it, whatever of its row has changed."""
    context.news.add(case.pk)
    context.touched.add(AdverseEvent.__name__)
    context.changed.append(case)


def _refuse(problems: Collection[Problem]) -> None:
    if problems:
        raise ActionRefused(problems=tuple(problems))
