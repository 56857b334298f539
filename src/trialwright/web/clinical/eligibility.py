"""Eligibility: criterion by criterion, then the investigator's signature."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import eligibility
from trialwright.conduct.allocation.groups import GroupChoice
from trialwright.conduct.models import State
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.reads.eligibility import CriterionLine, Eligibility, eligibility_of
from trialwright.conduct.reads.participants import one
from trialwright.conduct.signing import ELIGIBILITY
from trialwright.messages import Message
from trialwright.protocol.expression import parse
from trialwright.protocol.forms import Form, Item, ItemType, Section
from trialwright.protocol.model import CriterionKind
from trialwright.protocol.scopes import ItemScope
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.ledger_words import reason_words
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Link, Row
from trialwright.web.signature_words import meaning_of, signed_rows

_INCLUSION = steps.choices(
    "inclusion",
    ("pass", Message("Met")),
    ("fail", Message("Not met")),
    ("unknown", Message("Not known")),
)
_EXCLUSION = steps.choices(
    "exclusion",
    ("pass", Message("Does not apply")),
    ("fail", Message("Applies")),
    ("unknown", Message("Not known")),
)
_WHY = Message("Why")
_GROUPS = (
    (CriterionKind.INCLUSION, Message("Inclusion criteria")),
    (CriterionKind.EXCLUSION, Message("Exclusion criteria")),
)
_SAID = {
    CriterionKind.INCLUSION: {
        Answer.PASS: Message("The data say: met"),
        Answer.FAIL: Message("The data say: not met"),
        Answer.UNKNOWN: Message("Data are missing for this"),
    },
    CriterionKind.EXCLUSION: {
        Answer.PASS: Message("The data say: does not apply"),
        Answer.FAIL: Message("The data say: applies"),
        Answer.UNKNOWN: Message("Data are missing for this"),
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
    signed = signed_rows(frame, told.signatures) or [Row(_("Signed"), unsaid=_("Not yet"))]
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
            steps.label_of(label),
            tuple(
                item
                for line in told.lines
                if line.criterion.kind is kind
                for item in _questions(line)
            ),
        )
        for kind, label in _GROUPS
    )
    label = steps.label_of(Message.in_context("step", "Eligibility"))
    return Form("eligibility", label, sections, (), 0)


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
    post = frame.request.POST
    choice = GroupChoice(post["group"], post.get("why", "")) if post.get("group") else None
    signed = signing.signed_by(
        frame,
        lambda content_hash: eligibility.confirm_eligibility(
            by=frame.actor, code=code, content_hash=content_hash, group=choice
        ),
    )
    if signed.signed:
        return redirect(href)
    ready = all(
        line.answer is Answer.PASS and line.computed is not Answer.FAIL for line in told.lines
    )
    context = frame.about(
        told.participant,
        _("Check the eligibility of {code}, then sign").format(code=code),
        crumbs=[Link(_("Eligibility"), f"{href}/eligibility")],
        sections=_sections(frame, told, f"{href}/eligibility"),
        under=""
        if ready
        else _("Not every criterion is met and answered, so there is nothing to sign yet."),
        revision=told.content_hash,
        statement=meaning_of(ELIGIBILITY),
        groups=_groups(frame, told, post.get("group", "")),
        why=post.get("why", ""),
        **signing.context(frame, _("Sign as investigator") if ready else "", signed),
    )
    return render(frame.request, "web/confirm_eligibility.html", context, status=signed.status)


def _groups(frame: Frame, told: Eligibility, chosen: str) -> list[tuple[str, str, bool]]:
    """(key, words, whether chosen) of each group that this person can choose; none where nobody
    chooses. Where groups also follow from the values, that comes first."""
    found = [(each.key, each.label.in_language(frame.language)) for each in told.choosable]
    if found and not told.asks_group:
        found.insert(0, ("", _("By the protocol's rule")))
    return [(key, words, key == chosen) for key, words in found]


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
                    word += f": {reason_words(frame, line.why)}" if line.why else ""
                if line.computed is not None and line.computed is not line.answer:
                    now = _SAID[kind][line.computed].in_language(frame.language)
                    word = f"{word} · {now}" if word else now
                rows.append(
                    Row(
                        line.criterion.text.in_language(frame.language),
                        word,
                        unsaid=_("Not answered"),
                        change=change and f"{change}#i-{line.criterion.key}",
                        links=_forms_of(frame, told, line),
                    )
                )
        sections.append((label.in_language(frame.language), rows))
    return sections


def _forms_of(frame: Frame, told: Eligibility, line: CriterionLine) -> list[Link]:
    """The forms whose answers decide a criterion."""
    check = line.criterion.check
    places = sorted({tuple(name.split(".")[:2]) for name in check.names}) if check else []
    href = f"{frame.href}/participants/{told.participant.code}/visits"
    return [
        Link(
            frame.protocol.form(form).label.in_language(frame.language),
            f"{href}/{visit}/{form}/1",
        )
        for visit, form in places
    ]
