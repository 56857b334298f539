"""Recording what must be reported though nobody was harmed, and pregnancies to the children."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act
from trialwright.conduct.actions import special_situations as actions
from trialwright.conduct.actions.adverse_events import LONGEST_TEXT
from trialwright.conduct.actions.special_situations import Birth, PregnancyReport, Situation
from trialwright.conduct.models import PregnancyOutcome
from trialwright.conduct.models.adverse_events import Special
from trialwright.conduct.reads.adverse_events import serious_events_of
from trialwright.conduct.reads.participants import one
from trialwright.conduct.reads.pregnancies import PregnancyLine, pregnancy_of_case
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import Item, ItemType
from trialwright.safety.ctcae import by_name
from trialwright.safety.section import grading
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Link
from trialwright.web.safety.event_words import SPECIAL_WORDS, term_words
from trialwright.web.safety.events import event_or_404
from trialwright.web.safety.recording import day_of, grade_choices, known_at, known_items
from trialwright.web.safety.situation_words import PREGNANCY_WORDS, SEX_WORDS, pregnancy_rows

_PARTIAL, _TEXT = ItemType.PARTIAL_DATE, ItemType.TEXT


@in_study
def situation_page(frame: Frame, code: str) -> HttpResponse:
    """Record a special situation in which nobody was harmed."""
    participant = one(frame.actor, code, Act.RECORD_EVENTS)
    kinds = steps.choices(
        "special",
        *((key.value, words) for key, words in SPECIAL_WORDS.items()
          if key is not Special.PREGNANCY),
    )  # fmt: skip
    step = steps.Step(
        heading=_("Record a situation without harm of {code}").format(code=code),
        button=_("Record the situation"),
        form=steps.form_of(
            question("special", Message("What happened?"), ItemType.CHOICE, code_list=kinds),
            question("started", Message("On which day?"), _PARTIAL, optional=True),
            question("described", Message("What was observed"), _TEXT, longest=LONGEST_TEXT,
                     hint=Message("Without naming the arm or the product given")),
            *known_items(),
        ),
        act=partial(_record_situation, frame, code),
        done=_("The situation is recorded. It has a case, and is no adverse event."),
        then=f"{frame.href}/participants/{code}",
        goes_on_to_what_came=True,
        intro=_("Where the participant was harmed, record the adverse event instead."),
    )  # fmt: skip
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _record_situation(frame: Frame, code: str, given: Given) -> str:
    situation = Situation(
        Special(str(given["special"])), str(given["described"]), day_of(given, "started"),
        known_at(given),
    )  # fmt: skip
    number = actions.record_situation(by=frame.actor, code=code, situation=situation)
    return f"{frame.href}/adverse-events/{number}"


@in_study
def pregnancy_page(frame: Frame, code: str) -> HttpResponse:
    """Record a pregnancy."""
    participant = one(frame.actor, code, Act.RECORD_EVENTS)
    step = steps.Step(
        heading=_("Record a pregnancy of {code}").format(code=code),
        button=_("Record the pregnancy"),
        form=steps.form_of(
            question("began", Message("When did it begin, by the best estimate?"), _PARTIAL,
                     optional=True),
            question("last_period", Message("First day of the last period"), _PARTIAL,
                     optional=True),
            question("expected_on", Message("Birth expected on"), _PARTIAL, optional=True,
                     future=True),
            question("contraception", Message("Contraception used"), _TEXT, longest=1000,
                     optional=True),
            question("history", Message("Earlier pregnancies and risks"), _TEXT,
                     longest=LONGEST_TEXT, optional=True),
            question("described", Message("What was observed"), _TEXT, longest=LONGEST_TEXT,
                     optional=True, hint=Message("Without naming the arm or the product given")),
            *known_items(),
        ),
        act=partial(_record_pregnancy, frame, code),
        done=_("The pregnancy is recorded. Record its outcome and the child as they are known."),
        then=f"{frame.href}/participants/{code}",
        goes_on_to_what_came=True,
        intro=_("A pregnancy is no adverse event; it is reported, and followed to the child."),
    )  # fmt: skip
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _record_pregnancy(frame: Frame, code: str, given: Given) -> str:
    report = PregnancyReport(
        began=day_of(given, "began"),
        last_period=day_of(given, "last_period"),
        expected_on=day_of(given, "expected_on"),
        contraception=str(given.get("contraception", "")),
        history=str(given.get("history", "")),
        described=str(given.get("described", "")),
        known_at=known_at(given),
    )
    number = actions.record_pregnancy(by=frame.actor, code=code, report=report)
    return f"{frame.href}/adverse-events/{number}"


@in_study
def outcome_page(frame: Frame, number: int) -> HttpResponse:
    """Record how a pregnancy ended."""
    told = _own(frame, number)
    outcomes = steps.choices(
        "outcome", *((key.value, words) for key, words in PREGNANCY_WORDS.items())
    )
    events = [
        (str(each), Message("{number}: {term}", number=each, term=term_words(term, frame.language)))
        for each, term in serious_events_of(frame.actor, told.code)
    ]  # fmt: skip
    named = [
        question("loss", Message("Which recorded serious event was it?"), ItemType.CHOICE,
                 optional=True, code_list=steps.choices("loss", *events),
                 hint=Message("Of a miscarriage, an ectopic pregnancy or a stillbirth"))
    ] if events else []  # fmt: skip
    start = {"outcome": told.outcome.value if told.outcome else "", "ended": told.ended}
    start |= {"weeks": str(told.weeks) if told.weeks is not None else ""}
    step = steps.Step(
        heading=_("Record the outcome of the pregnancy of {code}").format(code=told.code),
        button=_("Save"),
        form=steps.form_of(
            question("outcome", Message("How did the pregnancy end?"), ItemType.CHOICE,
                     code_list=outcomes),
            question("ended", Message("When did it end?"), _PARTIAL, optional=True),
            question("weeks", Message("Completed weeks at the end"), ItemType.INTEGER,
                     optional=True, minimum=Decimal(0), maximum=Decimal(45)),
            *named,
            question("described", Message("What was observed"), _TEXT, longest=LONGEST_TEXT,
                     optional=True, hint=Message("Without naming the arm or the product given")),
            *known_items(),
        ),
        act=partial(_record_outcome, frame, told),
        done=_("The outcome is recorded; those who were told of the pregnancy are to hear of it."),
        then=f"{frame.href}/adverse-events/{number}",
        facts=pregnancy_rows(frame, told)[:3],
        start=start | ({"loss": str(told.loss)} if told.loss else {}),
    )  # fmt: skip
    return _run(frame, told, step)


def _record_outcome(frame: Frame, told: PregnancyLine, given: Given) -> None:
    loss, weeks = given.get("loss"), given.get("weeks")
    actions.record_pregnancy_outcome(
        by=frame.actor,
        code=told.code,
        number=told.case,
        outcome=PregnancyOutcome(str(given["outcome"])),
        ended=day_of(given, "ended"),
        weeks=None if weeks is None else int(str(weeks)),
        loss=int(str(loss)) if loss else None,
        described=str(given.get("described", "")),
        known_at=known_at(given),
    )


@in_study
def child_page(frame: Frame, number: int) -> HttpResponse:
    """Record a child of a pregnancy."""
    told = _own(frame, number)
    if told.outcome is not PregnancyOutcome.BIRTH:
        raise NotFound
    step = steps.Step(
        heading=_("Record a child of {code}").format(code=told.code),
        button=_("Record the child"),
        form=steps.form_of(*_of_child(frame), *known_items()),
        act=lambda given: actions.record_child(
            by=frame.actor, code=told.code, number=number, birth=_birth(given),
            known_at=known_at(given),
        ),
        done=_("The child is recorded. A malformation or a death has a case of its own."),
        then=f"{frame.href}/adverse-events/{number}",
        start={"born": told.ended},
    )  # fmt: skip
    return _run(frame, told, step)


@in_study
def follow_child_page(frame: Frame, number: int, child: str) -> HttpResponse:
    """Record what is known of a child now."""
    told = _own(frame, number)
    line = next((each for each in told.children if each.code == child), None)
    if line is None:
        raise NotFound
    reason = question("reason", Message("What is new, or why is it changed?"), _TEXT, longest=500)
    step = steps.Step(
        heading=_("Record what is known of the child {code}").format(code=child),
        button=_("Save"),
        form=steps.form_of(*_of_child(frame), reason, *known_items()),
        act=lambda given: actions.follow_child(
            by=frame.actor, code=told.code, child=child, birth=_birth(given),
            reason=str(given["reason"]), known_at=known_at(given),
        ),
        done=_("Saved. What was said before stays in the audit trail."),
        then=f"{frame.href}/adverse-events/{number}",
        start={
            "born": line.born, "sex": line.sex, "condition": line.condition,
            "weight_g": str(line.weight_g) if line.weight_g is not None else "",
            "died_on": line.died_on,
        },
    )  # fmt: skip
    return _run(frame, told, step)


def _of_child(frame: Frame) -> list[Item]:
    sexes = steps.choices("sex", *SEX_WORDS.items())
    said = grading(frame.protocol)
    term = by_name(said.version)[actions.MALFORMATION] if said else None
    return [
        question("born", Message("When was the child born?"), _PARTIAL),
        question("sex", Message("Sex"), ItemType.CHOICE, code_list=sexes, optional=True),
        question("weight_g", Message("Weight at birth, g"), ItemType.INTEGER, optional=True,
                 minimum=Decimal(100), maximum=Decimal(8000)),
        question("condition", Message("Condition of the child"), _TEXT,
                 longest=LONGEST_TEXT, optional=True),
        question("malformation", Message("A malformation that isn't recorded yet"), _TEXT,
                 longest=LONGEST_TEXT, optional=True,
                 hint=Message("It becomes a serious case of the child")),
        question("grade", Message("Grade of the malformation"), ItemType.CHOICE,
                 code_list=grade_choices(term), optional=True),
        question("died_on", Message("If the child died: when?"), _PARTIAL, optional=True),
        question("died_of", Message("Of what did the child die?"), _TEXT, longest=LONGEST_TEXT,
                 optional=True),
    ]  # fmt: skip


def _birth(given: Given) -> Birth:
    grade, weight = given.get("grade"), given.get("weight_g")
    texts: Mapping[str, str] = {
        key: str(given.get(key, "")) for key in ("sex", "condition", "malformation", "died_of")
    }
    return Birth(
        born=day_of(given, "born"),
        weight_g=None if weight is None else int(str(weight)),
        grade=int(str(grade)) if grade else None,
        died_on=day_of(given, "died_on"),
        **texts,
    )


def _own(frame: Frame, number: int) -> PregnancyLine:
    """A pregnancy that stands, of a participant for whom the person records events."""
    told = pregnancy_of_case(frame.actor, number)
    if told is None or told.nullified:
        raise NotFound
    one(frame.actor, told.code, Act.RECORD_EVENTS)
    return told


def _run(frame: Frame, told: PregnancyLine, step: steps.Step) -> HttpResponse:
    crumbs = [Link(_("Case {number}").format(number=told.case), step.then)]
    event = event_or_404(frame, told.case)
    return steps.run(frame, step, frame.about(event.participant, step.heading, crumbs=crumbs))
