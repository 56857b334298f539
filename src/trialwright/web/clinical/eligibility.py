"""Eligibility: criterion by criterion, then the investigator's signature."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import eligibility
from trialwright.conduct.models import State
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.reads.eligibility import CriterionLine, Eligibility, eligibility_of
from trialwright.conduct.reads.participants import one
from trialwright.protocol.basics import Text
from trialwright.protocol.expression import parse
from trialwright.protocol.forms import Form, Item, ItemType, Section
from trialwright.protocol.model import CriterionKind
from trialwright.protocol.scopes import ItemScope
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.form_words import signed_rows
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, both, question
from trialwright.web.components import Link, Row

_INCLUSION = steps.choices(
    "inclusion",
    ("pass", both("Met", "符合")),
    ("fail", both("Not met", "不符合")),
    ("unknown", both("Not known", "不明确")),
)
_EXCLUSION = steps.choices(
    "exclusion",
    ("pass", both("Does not apply", "不存在")),
    ("fail", both("Applies", "存在")),
    ("unknown", both("Not known", "不明确")),
)
_WHY = both("Why", "原因")
_GROUPS = (
    (CriterionKind.INCLUSION, both("Inclusion criteria", "入选标准")),
    (CriterionKind.EXCLUSION, both("Exclusion criteria", "排除标准")),
)
_SAID = {
    CriterionKind.INCLUSION: {
        Answer.PASS: both("The data say: met", "数据显示：符合"),
        Answer.FAIL: both("The data say: not met", "数据显示：不符合"),
        Answer.UNKNOWN: both("Data are missing for this", "缺少判断所需数据"),
    },
    CriterionKind.EXCLUSION: {
        Answer.PASS: both("The data say: does not apply", "数据显示：不存在"),
        Answer.FAIL: both("The data say: applies", "数据显示：存在"),
        Answer.UNKNOWN: both("Data are missing for this", "缺少判断所需数据"),
    },
}


@in_study
def eligibility_page(frame: Frame, code: str) -> HttpResponse:
    """Answer the criteria, what the data already say filled in; for others, the answers to read."""
    told = eligibility_of(frame.actor, code)
    answers = may(frame.actor, Act.ASSESS_ELIGIBILITY, site=told.participant.site)
    open_now = told.participant.state in (State.CONSENTED, State.ELIGIBLE)
    if frame.request.method != "POST" and not (answers and open_now):
        return _read_only(frame, told)
    one(frame.actor, code, Act.ASSESS_ELIGIBILITY)
    start: dict[str, str] = {}
    for line in told.lines:
        answer = line.answer or (line.computed if line.computed is not Answer.UNKNOWN else None)
        if answer is not None:
            start[line.criterion.key] = answer.value
        start[f"{line.criterion.key}_why"] = line.why
    step = steps.Step(
        heading=_("Eligibility of {code}").format(code=code),
        button=_("Save the answers"),
        form=_form(told),
        act=partial(_assess, frame, told),
        done=_("The answers are saved. An investigator confirms them next."),
        then=f"{frame.href}/participants/{code}",
        start=start,
    )
    return steps.run(frame, step, frame.about(told.participant, step.heading, crumbs=[]))


def _read_only(frame: Frame, told: Eligibility) -> HttpResponse:
    signed = signed_rows(told.signatures) or [Row(_("Signed"), unsaid=_("Not yet"))]
    context = frame.about(
        told.participant,
        _("Eligibility of {code}").format(code=told.participant.code),
        crumbs=[],
        sections=_sections(frame, told),
        signatures=signed,
    )
    return render(frame.request, "web/answers.html", context)


def _form(told: Eligibility) -> Form:
    sections = tuple(
        Section(
            kind.value,
            label,
            tuple(
                item
                for line in told.lines
                if line.criterion.kind is kind
                for item in _questions(line)
            ),
        )
        for kind, label in _GROUPS
    )
    return Form("eligibility", Text("Eligibility", "入选资格"), sections, (), 0)


def _questions(line: CriterionLine) -> tuple[Item, Item]:
    criterion = line.criterion
    codes = _INCLUSION if criterion.kind is CriterionKind.INCLUSION else _EXCLUSION
    hint = _SAID[criterion.kind][line.computed] if line.computed else None
    asked = question(
        criterion.key, criterion.text, ItemType.CHOICE, code_list=codes, hint=hint, optional=False
    )
    needed = parse(f"{criterion.key} != 'pass'").typed(ItemScope((asked,)))
    why = question(f"{criterion.key}_why", _WHY, ItemType.TEXT, longest=500, show_when=needed)
    return asked, why


def _assess(frame: Frame, told: Eligibility, given: Given) -> None:
    answers = {}
    for line in told.lines:
        key = line.criterion.key
        answers[key] = (Answer(str(given[key])), str(given.get(f"{key}_why", "")))
    eligibility.assess_eligibility(by=frame.actor, code=told.participant.code, answers=answers)


@in_study
def sign_page(frame: Frame, code: str) -> HttpResponse:
    """Check the answers, then sign them as investigator."""
    one(frame.actor, code, Act.CONFIRM_ELIGIBILITY)
    told = eligibility_of(frame.actor, code)
    href = f"{frame.href}/participants/{code}"
    signed = signing.signed_by(
        frame,
        lambda content_hash: eligibility.confirm_eligibility(
            by=frame.actor, code=code, content_hash=content_hash
        ),
    )
    if signed.signed:
        return redirect(href)
    context = frame.about(
        told.participant,
        _("Check the eligibility of {code}, then sign").format(code=code),
        crumbs=[Link(_("Eligibility"), f"{href}/eligibility")],
        sections=_sections(frame, told, f"{href}/eligibility"),
        revision=told.content_hash,
        statement=_(
            "I confirm that each criterion was checked against its source and that she is eligible."
        ),
        **signing.context(frame, _("Sign as investigator"), signed),
    )
    return render(frame.request, "web/check.html", context, status=signed.status)


def _sections(frame: Frame, told: Eligibility, change: str = "") -> list[tuple[str, list[Row]]]:
    sections = []
    for kind, label in _GROUPS:
        codes = _INCLUSION if kind is CriterionKind.INCLUSION else _EXCLUSION
        rows = []
        for line in told.lines:
            if line.criterion.kind is kind:
                word = ""
                if line.answer:
                    word = codes.code(line.answer.value).label.in_language(frame.language)
                    word += f": {line.why}" if line.why else ""
                rows.append(
                    Row(
                        line.criterion.text.in_language(frame.language),
                        word,
                        unsaid=_("Not answered"),
                        change=change and f"{change}#i-{line.criterion.key}",
                    )
                )
        sections.append((label.in_language(frame.language), rows))
    return sections
