"""How pregnancies and other situations without harm are said on pages."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trialwright.conduct.models import PregnancyOutcome
from trialwright.conduct.models.adverse_events import Special
from trialwright.conduct.reads.pregnancies import ChildLine, PregnancyLine
from trialwright.messages import Message
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.safety.event_words import SPECIAL_WORDS, term_words

PREGNANCY_WORDS: dict[PregnancyOutcome, Message] = {
    PregnancyOutcome.BIRTH: Message("Birth of one or more living children"),
    PregnancyOutcome.MISCARRIAGE: Message("Miscarriage"),
    PregnancyOutcome.ECTOPIC: Message("Ectopic pregnancy"),
    PregnancyOutcome.STILLBIRTH: Message("Stillbirth"),
    PregnancyOutcome.TERMINATION: Message("Termination by choice"),
    PregnancyOutcome.UNKNOWN: Message("Not known, and can't be learned"),
}
SEX_WORDS: dict[str, Message] = {"female": Message("Female"), "male": Message("Male")}


def case_words(term: str, special: str, language: str) -> str:
    """What a case is about: the term of an event, or the situation where nobody was harmed."""
    return term_words(term, language) if term else SPECIAL_WORDS[Special(special)].in_language(
        language
    )  # fmt: skip


def pregnancy_rows(frame: Frame, told: PregnancyLine) -> list[Row]:
    """What the form of a pregnancy says."""
    unknown, unwritten = _("Not known"), _("Nothing written")
    outcome = PREGNANCY_WORDS[told.outcome].in_language(frame.language) if told.outcome else ""
    loss = (
        [Link(_("Adverse event {number}").format(number=told.loss),
              f"{frame.href}/adverse-events/{told.loss}")]
        if told.loss else []
    )  # fmt: skip
    return [
        Row(_("Began, by the best estimate"), told.began, unsaid=unknown),
        Row(_("First day of the last period"), told.last_period, unsaid=unknown),
        Row(_("Birth expected on"), told.expected_on, unsaid=unknown),
        Row(_("Contraception used"), told.contraception, unsaid=unwritten),
        Row(_("Earlier pregnancies and risks"), told.history, unsaid=unwritten),
        Row(_("Outcome of the pregnancy"), outcome, unsaid=_("Not known yet"), links=loss),
        Row(_("Ended"), told.ended, unsaid=_("Not ended, or not known")),
        Row(_("Completed weeks at the end"), told.weeks, unsaid=unknown),
    ]


def child_words(told: ChildLine, language: str) -> str:
    """A child in one line of a report."""
    sex = SEX_WORDS[told.sex].in_language(language) if told.sex else ""
    weight = f"{told.weight_g} g" if told.weight_g is not None else ""
    died = _("died {day}").format(day=told.died_on) if told.died_on else ""
    return ", ".join(each for each in (told.born, sex, weight, told.condition, died) if each)


def case_rows(frame: Frame, children: tuple[ChildLine, ...]) -> list[Row]:
    """The own cases of each child that has any."""
    href = f"{frame.href}/adverse-events"
    return [
        Row(
            _("Cases of the child {code}").format(code=each.code),
            links=[
                Link(_("Adverse event {number}").format(number=number), f"{href}/{number}")
                for number in each.cases
            ],
        )
        for each in children
        if each.cases
    ]


def children_table(
    frame: Frame, children: tuple[ChildLine, ...], case: int, *, follows: bool
) -> Table:
    """The children of a pregnancy."""
    href = f"{frame.href}/adverse-events"
    rows = []
    for each in children:
        sex = SEX_WORDS[each.sex].in_language(frame.language) if each.sex else ""
        opened = f"{href}/{case}/children/{each.code}" if follows else ""
        rows.append(
            [
                Cell(each.code, code=True, href=opened),
                Cell(each.born, unsaid=_("Not known")),
                Cell(sex, unsaid=_("Not known")),
                Cell(each.weight_g, unsaid=_("Not known")),
                Cell(each.condition, unsaid=_("Nothing written")),
                Cell(each.died_on, unsaid=pgettext("child", "Lives")),
            ]
        )
    return Table(
        caption=_("Children"),
        columns=[
            Column(_("Child")), Column(_("Born")), Column(_("Sex")),
            Column(_("Weight at birth, g"), number=True), Column(_("Condition of the child")),
            Column(_("Died")),
        ],
        rows=rows,
        empty=_("No child is recorded."),
    )  # fmt: skip
