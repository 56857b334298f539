"""An event as a case that is reported: its narrative, and the blinded and the unblinded copy."""

from functools import partial
from typing import Literal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts.models import Site
from trialwright.conduct.actions import cases as actions
from trialwright.conduct.reads.cases import Case, Opened, case_of_event, opened_case
from trialwright.conduct.reads.pregnancies import pregnancy_of_case
from trialwright.ledger import journal
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.report.cioms import CaseForm, OpenedForm, case_document
from trialwright.safety.seriousness import WORDS
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.cuts import as_pdf
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Link, Row
from trialwright.web.safety.event_words import (
    ABOUT_WORDS,
    JUDGE_WORDS,
    OUTCOME_WORDS,
    SPECIAL_WORDS,
    term_words,
)
from trialwright.web.safety.events import event_or_404
from trialwright.web.safety.situation_words import case_words, child_words, pregnancy_rows


@in_study
def case_page(frame: Frame, number: int) -> HttpResponse:
    """The narrative of a case, written anew each time, and both copies of the report."""
    case = case_of_event(frame.actor, number)
    href = f"{frame.href}/adverse-events/{number}"
    told = case.narrative
    step = steps.Step(
        heading=_("Case {number}").format(number=case.number),
        button=_("Save the narrative"),
        form=steps.form_of(
            question("text", Message("Narrative, in both copies"), ItemType.TEXT,
                     longest=actions.LONGEST_NARRATIVE,
                     hint=Message("Name no arm and no product here")),
            question("addition", Message("Only in the unblinded copy"), ItemType.TEXT,
                     longest=actions.LONGEST_NARRATIVE, optional=True),
            question("keeps_words", Message("Do words that could tell the arm stay?"),
                     ItemType.YES_NO, optional=True,
                     hint=Message("Yes only where they tell nothing here")),
            label=Message("Narrative"),
        ),
        act=partial(_write, frame, case),
        done=_("The narrative is kept; the copies have it."),
        then=f"{href}/case",
        facts=_facts(frame, case, href),
        start={"text": told.text, "addition": told.addition} if told else None,
    )  # fmt: skip
    event = event_or_404(frame, number)
    crumbs = [Link(_("Adverse event {number}").format(number=number), href)]
    return steps.run(frame, step, frame.about(event.participant, step.heading, crumbs=crumbs))


def _facts(frame: Frame, case: Case, href: str) -> list[Row]:
    copies = [Link(_("Blinded copy (PDF)"), f"{href}/case-blinded.pdf")]
    if case.knows:
        copies.append(Link(_("Unblinded copy (PDF)"), f"{href}/case-unblinded.pdf"))
    else:
        copies.append(Link(_("Unblind for a suspected reaction"), f"{href}/unblind"))
    kept = case.narrative.kept if case.narrative else ()
    return [
        Row(_("Term"), case_words(case.term, case.special, frame.language)),
        *([Row(_("Linked cases"), ", ".join(case.linked))] if case.linked else []),
        Row(_("Report"), _kind(case)),
        Row(_("Received"), case.received_at),
        Row(_("Latest information"), case.latest_at),
        Row(_("Copies"), links=copies),
        Row(_("Version of the narrative"), case.narrative.number if case.narrative else "",
            unsaid=_("None written yet")),
        *([Row(_("Words that could tell the arm, and stay"), ", ".join(kept))] if kept else []),
    ]  # fmt: skip


def _kind(case: Case) -> str:
    if case.nullified:
        return _("Nullification")
    if case.follow_up:
        return _("Follow-up {number}").format(number=case.follow_up)
    return _("First report")


def _write(frame: Frame, case: Case, given: Given) -> None:
    actions.write_narrative(
        by=frame.actor,
        code=case.code,
        event=case.event,
        text=str(given["text"]),
        addition=str(given.get("addition", "")),
        keeps_words=given.get("keeps_words") is True,
    )


@in_study
def blinded_page(frame: Frame, number: int) -> HttpResponse:
    """The blinded copy: the same for every arm."""
    case = case_of_event(frame.actor, number)
    return _pdf(frame, case, None)


@in_study
def unblinded_page(frame: Frame, number: int) -> HttpResponse:
    """The unblinded copy, for who has been shown the participant's arm."""
    case = case_of_event(frame.actor, number)
    return _pdf(frame, case, opened_case(frame.actor, number))


def _pdf(frame: Frame, case: Case, opened: Opened | None) -> HttpResponse:
    language: Literal["en", "zh"] = "zh" if frame.language.startswith("zh") else "en"
    document = case_document(_form(frame, case, opened), language=language)
    copy = "unblinded" if opened else "blinded"
    return as_pdf(document, f"{case.number}-{case.follow_up}-{copy}")


def _form(frame: Frame, case: Case, opened: Opened | None) -> CaseForm:
    language, now = frame.language, timezone.now().replace(microsecond=0)
    site = Site.objects.filter(study=frame.actor.study, code=case.site).first()
    chinese = language.startswith("zh")
    name = (site.name_zh if chinese else site.name_en) if site else case.site
    head = journal.head(frame.actor.study)
    return CaseForm(
        study=frame.actor.study,
        title=frame.protocol.title.in_language(language),
        number=case.number,
        follow_up=case.follow_up,
        nullified=case.nullified,
        code=case.code,
        site=name,
        age=case.age,
        sex=case.sex,
        term=term_words(case.term, language) + (f" (CTCAE {case.ctcae})" if case.ctcae else ""),
        child=case.child,
        linked=case.linked,
        pregnancy=_pregnancy(frame, case),
        special=SPECIAL_WORDS[case.special].in_language(language) if case.special else "",  # type: ignore[index]
        described=case.described,
        started=case.started,
        ended=case.ended,
        outcome=OUTCOME_WORDS[case.outcome].in_language(language),
        criteria=tuple(WORDS[each].in_language(language) for each in case.criteria),
        grades=tuple((str(grade), since) for grade, since in case.grades),
        opinions=tuple(
            (
                JUDGE_WORDS[judge].in_language(language),
                ABOUT_WORDS[about].in_language(language),
                _("Related") if related else _("Not related"),
                dates.written(at),
            )
            for judge, about, related, at in case.opinions
        ),
        treated_on=tuple(each.isoformat() for each in case.treated_on),
        narrative=case.narrative.text if case.narrative else "",
        protocol=frame.protocol.version,
        sponsor=frame.protocol.sponsor or "",
        received=dates.exact(case.received_at),
        latest=dates.exact(case.latest_at),
        reporter=_("Investigator at {site}").format(site=name),
        made_on=timezone.localdate().isoformat(),
        made_at=now,
        ledger=(head.seq, head.hash.hex()),
        demonstration=frame.demonstration,
        training_of=frame.protocol.training_of,
        opened=_opened(frame, case, opened) if opened else None,
    )


def _pregnancy(frame: Frame, case: Case) -> tuple[tuple[str, str], ...]:
    """What the form of a pregnancy says, with its children."""
    told = None if case.term else pregnancy_of_case(frame.actor, case.event)
    if told is None:
        return ()
    rows = [
        (each.key, str(each.value or "") or each.unsaid) for each in pregnancy_rows(frame, told)
    ]
    return (*rows, *((_("Child {code}").format(code=each.code), child_words(each, frame.language))
                     for each in told.children))  # fmt: skip


def _opened(frame: Frame, case: Case, opened: Opened) -> OpenedForm:
    language, arm = frame.language, opened.arm
    return OpenedForm(
        arm=f"{arm.number}. {arm.label.in_language(language)}",
        given=tuple(
            (
                each.what.in_language(language),
                each.lot,
                dates.exact(each.at),
                each.amount,
                each.planned,
                each.per_kg,
            )
            for each in opened.given
        ),
        addition=case.narrative.addition if case.narrative else "",
    )
