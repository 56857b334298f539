"""Adverse events: the list, and one with its grades, its opinions and what can be done."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import adverse_events
from trialwright.conduct.models import AdverseEvent, PregnancyOutcome
from trialwright.conduct.models.adverse_events import About, Judge, Special
from trialwright.conduct.reads.adverse_events import (
    events_seen,
    judges,
    onset_against_product,
    onsets,
    with_doses,
)
from trialwright.conduct.reads.cases import is_reportable
from trialwright.conduct.reads.causes import events_to_judge
from trialwright.conduct.reads.pregnancies import (
    PregnancyLine,
    pregnancy_of_case,
    pregnancy_of_child,
)
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.events import ACT_OF
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import ItemType
from trialwright.safety.onset import OnsetMarks
from trialwright.safety.section import stopping_event
from trialwright.web.clinical import steps
from trialwright.web.clinical.filters import Places, choice, narrowed
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.safety.clocks import clocks_of
from trialwright.web.safety.event_words import (
    ABOUT_WORDS,
    JUDGE_WORDS,
    OUTCOME_WORDS,
    PRODUCT_WORDS,
    SPECIAL_WORDS,
    criteria_words,
    onset_words,
    relation_words,
    serious_status,
    term_of,
    term_words,
)
from trialwright.web.safety.situation_words import (
    case_rows,
    case_words,
    children_table,
    pregnancy_rows,
)

_SERIOUS = ("death", "life_threatening", "hospitalisation", "disability", "congenital", "important")
_PLACES = Places("participant__code", "participant__site", moment="known_at")


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All events of the participants one may see, the latest first."""
    grades = [(str(grade), _("Grade {grade}").format(grade=grade)) for grade in range(1, 6)]
    worst, serious = (
        choice(frame, "grade", _("Worst grade"), grades),
        choice(
            frame, "serious", _("Seriousness"), [("yes", _("Serious")), ("no", _("Not serious"))]
        ),
    )  # fmt: skip
    fields, rows = narrowed(frame, with_doses(frame.actor, events_seen(frame.actor)), _PLACES)
    marks = onsets(frame.actor)
    if worst.value:
        rows = rows.filter(worst=int(worst.value))
    if serious.value:
        none = dict.fromkeys(_SERIOUS, False)
        rows = rows.filter(**none) if serious.value == "no" else rows.exclude(**none)
    cause = choice(frame, "cause", _("Cause"), [("open", _("Waits for your judgement"))])
    judging = any(may(frame.actor, act) for act in ACT_OF.values())
    if judging and cause.value:
        rows = rows.filter(pk__in=events_to_judge(frame.actor).order_by().values("pk"))
    count = rows.count()
    listing = Listing(
        heading=_("Adverse events"),
        caption=ngettext("{count} event", "{count} events", count).format(count=count),
        columns=[
            Column(_("Event")), Column(_("Participant")), Column(_("Term")),
            Column(_("Worst grade"), number=True), Column(_("Began")),
            Column(_("Time of onset")), Column(_("Outcome")), Column(_("Seriousness")),
        ],
        rows=rows,
        cells=lambda row: [
            Cell(row.number, href=f"{frame.href}/adverse-events/{row.number}"),
            Cell(row.participant.code, code=True),
            Cell(case_words(row.term, row.special, frame.language)),
            Cell(row.worst, unsaid="–"),
            Cell(row.started, unsaid=_("Not known")),
            Cell(onset_words(marks(row), frame.language), unsaid="–"),
            Cell(OUTCOME_WORDS[row.outcome].in_language(frame.language) if row.term else "",
                 unsaid="–"),
            Cell(serious_status(row)),
        ],
        plain=lambda row: _plain(row, marks(row)),
        empty=_("No event of this kind. One is recorded from the participant's page."),
        more={"filters": [*fields, worst, serious, *([cause] if judging else [])]},
    )  # fmt: skip
    return answer(frame, listing, kind)


def _plain(row: AdverseEvent, marks: OnsetMarks | None) -> dict[str, object]:
    return {
        "event": row.number,
        "participant": row.participant.code,
        "term": row.term,
        "ctcae": row.ctcae,
        "worst_grade": row.worst,  # type: ignore[attr-defined]
        "started": row.started,
        "ended": row.ended,
        "onset_to_consent": marks.consent.value if marks else "",
        "onset_to_treatment": marks.treatment.value if marks else "",
        "known_at": iso(row.known_at),
        "outcome": row.outcome,
        **{name: getattr(row, name) for name in _SERIOUS},
        "special": row.special,
        "nullified": row.nullified,
    }


def event_or_404(frame: Frame, number: int) -> AdverseEvent:
    """One event that the person may see.

    Raises:
        NotFound: there is none, or not for them.
    """
    found = with_doses(frame.actor, events_seen(frame.actor)).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


@in_study
def event_page(frame: Frame, number: int) -> HttpResponse:
    """One event, whole."""
    event = event_or_404(frame, number)
    href = f"{frame.href}/adverse-events/{number}"
    pregnancy = None if event.term else pregnancy_of_case(frame.actor, number)
    context = frame.about(
        event.participant,
        _heading(event),
        crumbs=[Link(_("Adverse events"), f"{frame.href}/adverse-events")],
        facts=_facts(frame, event) if event.term else _situation(frame, event, pregnancy),
        tables=_tables(frame, event, pregnancy),
        restricted=_onset_and_product(frame, event),
        clocks=clocks_of(frame, number),
        links=_links(frame, event, pregnancy, href),
    )
    return render(frame.request, "web/safety/event.html", context)


def _heading(event: AdverseEvent) -> str:
    if event.special == Special.PREGNANCY and not event.term:
        return _("Pregnancy, case {number}").format(number=event.number)
    words = _("Adverse event {number}") if event.term else _("Situation, case {number}")
    return words.format(number=event.number)


def _facts(frame: Frame, event: AdverseEvent) -> list[Row]:
    language, unknown = frame.language, _("Not known")
    asked = _asked(frame)
    answered = [asked[key].in_language(language) for key in event.stopping if key in asked]
    term = term_of(event)
    version = f"CTCAE {event.ctcae}, {term.soc}" if term else ""
    rows = [
        *_of_child(frame, event),
        Row(_("Term"), term_words(event.term, language)),
        Row(_("Terminology"), version, unsaid=_("None named in the protocol")),
        Row(_("What was observed"), event.described, unsaid=_("Nothing written")),
        Row(_("Began"), event.started, unsaid=unknown),
        *_onset(frame, event),
        Row(_("Ended"), event.ended, unsaid=_("Not ended, or not known")),
        Row(_("Known to the site"), event.known_at),
        Row(_("Outcome"), OUTCOME_WORDS[event.outcome].in_language(language)),  # type: ignore[index]
        Row(_("Seriousness"), serious_status(event)),
        Row(_("Because"), criteria_words(event, language), unsaid=_("No criterion is met")),
        Row(_("Relation to the treatment"), relation_words(event)),
        Row(_("Stopping questions answered with yes"), "; ".join(answered), unsaid=_("None")),
    ]
    if event.special:
        said = SPECIAL_WORDS[event.special].in_language(language)  # type: ignore[index]
        rows.append(Row(_("Special situation"), said))
    if event.nullified:
        rows.append(Row(_("No event after all, because"), event.nullified))
    return rows


def _onset(frame: Frame, event: AdverseEvent) -> list[Row]:
    """Where the onset stands to consent and treatment, as everybody sees these."""
    said = onset_words(onsets(frame.actor)(event), frame.language)
    return [Row(_("Time of onset"), said)] if said else []


def _onset_and_product(frame: Frame, event: AdverseEvent) -> list[Row]:
    """Where it stands to the product, for who may know the arm."""
    told = onset_against_product(frame.actor, event)
    if told is None:
        return []
    onset, first = told
    rows = [Row(_("Time of onset"), PRODUCT_WORDS[onset].in_language(frame.language))]
    return [*rows, Row(_("First container given"), first)] if first else rows


def _of_child(frame: Frame, event: AdverseEvent) -> list[Row]:
    """Whose it is, where it is a child's of the participant's pregnancy."""
    told = pregnancy_of_child(frame.actor, event.number)
    if told is None:
        return []
    child, case = told
    href = f"{frame.href}/adverse-events/{case}"
    link = Link(_("Pregnancy, case {number}").format(number=case), href)
    return [Row(_("A case of the child"), child, code=True, links=[link])]


def _situation(frame: Frame, event: AdverseEvent, told: PregnancyLine | None) -> list[Row]:
    """A situation in which nobody was harmed; a pregnancy with what its form says."""
    words = SPECIAL_WORDS[Special(event.special)].in_language(frame.language)
    rows = [
        Row(_("Special situation"), words),
        Row(_("What was observed"), event.described, unsaid=_("Nothing written")),
        Row(_("Known to the site"), event.known_at),
    ]
    if told is None:
        rows.insert(1, Row(_("Day"), event.started, unsaid=_("Not known")))
    else:
        rows += [*pregnancy_rows(frame, told), *case_rows(frame, told.children)]
    if event.nullified:
        rows.append(Row(_("None after all, because"), event.nullified))
    return rows


def _tables(frame: Frame, event: AdverseEvent, told: PregnancyLine | None) -> list[Table]:
    if told is not None:
        follows = may(frame.actor, Act.RECORD_EVENTS, site=told.site) and not told.nullified
        return [children_table(frame, told.children, told.case, follows=follows)]
    return [_grades(frame, event), _opinions(frame, event)] if event.term else []


def _asked(frame: Frame) -> dict[str, Text]:
    said = stopping_event(frame.protocol)
    return dict(said.any_of) if said else {}


def _grades(frame: Frame, event: AdverseEvent) -> Table:
    term = term_of(event)
    steps_of = list(event.grades.order_by("number"))
    return Table(
        caption=_("Grades as the event went on; the worst counts"),
        columns=[Column(_("Grade"), number=True), Column(_("From")), Column(_("In words"))],
        rows=[
            [
                Cell(step.grade),
                Cell(step.since, unsaid=_("Not known")),
                Cell(term.grades.get(step.grade, "") if term else "", unsaid="–", lang="en"),
            ]
            for step in steps_of
        ],
    )


def _opinions(frame: Frame, event: AdverseEvent) -> Table:
    rows = [
        [
            Cell(JUDGE_WORDS[Judge(each.judge)].in_language(frame.language)),
            Cell(ABOUT_WORDS[About(each.about)].in_language(frame.language)),
            Cell(_("Related") if each.related else _("Not related")),
            Cell(each.given_at),
        ]
        for each in event.opinions.order_by("about", "judge")
    ]
    return Table(
        caption=_("Opinions of the cause: nobody takes another's back"),
        columns=[Column(_("By")), Column(_("To")), Column(_("Opinion")), Column(_("Given"))],
        rows=rows,
        empty=_("Nobody has judged the cause yet; until then the event counts as related."),
    )


def _links(frame: Frame, event: AdverseEvent, told: PregnancyLine | None, href: str) -> list[Link]:
    if event.nullified:
        return []
    site, links = event.participant.site, []
    if may(frame.actor, Act.RECORD_EVENTS, site=site) and told is not None:
        links.append(Link(_("Record the outcome of the pregnancy"), f"{href}/outcome"))
        if told.outcome is PregnancyOutcome.BIRTH:
            links.append(Link(_("Record a child"), f"{href}/children"))
    elif may(frame.actor, Act.RECORD_EVENTS, site=site) and event.term:
        links += [
            Link(_("Record another grade"), f"{href}/grade"),
            Link(_("Record what became of it"), f"{href}/follow"),
        ]
    if may(frame.actor, Act.REPORT_SAFETY, site=site):
        if event.term:
            links.append(Link(_("Unblind for a suspected reaction"), f"{href}/unblind"))
        if is_reportable(event):
            links.append(Link(_("Report of the case"), f"{href}/case"))
    if judges(frame.actor, event):
        links.append(Link(_("Judge the cause"), f"{href}/cause"))
    if may(frame.actor, Act.JUDGE_EVENTS, site=site):
        words = _("It is no event after all") if event.term else _("It was none after all")
        links.append(Link(words, f"{href}/nullify"))
    return links


@in_study
def cause_page(frame: Frame, number: int) -> HttpResponse:
    """Judge whether the event is related."""
    event = event_or_404(frame, number)
    allowed = judges(frame.actor, event)
    if not allowed or event.nullified:
        raise NotFound
    as_whom = steps.choices("judge", *((each.value, JUDGE_WORDS[each]) for each in allowed))
    about = steps.choices("about", *((key.value, words) for key, words in ABOUT_WORDS.items()))
    step = steps.Step(
        heading=_("Judge the cause of event {number}").format(number=number),
        button=_("Give this opinion"),
        form=steps.form_of(
            question("judge", Message("As"), ItemType.CHOICE, code_list=as_whom),
            question("about", Message("Related to what?"), ItemType.CHOICE, code_list=about),
            question("related", Message("Is it related?"), ItemType.YES_NO),
        ),
        act=partial(_judge, frame, event),
        done=_("The opinion is kept beside the others."),
        then=f"{frame.href}/adverse-events/{number}",
        facts=_facts(frame, event)[:4],
        start={"judge": allowed[0].value} if len(allowed) == 1 else None,
    )
    return steps.run(frame, step, _about(frame, event, step))


def _judge(frame: Frame, event: AdverseEvent, given: Given) -> None:
    adverse_events.judge_event(
        by=frame.actor,
        code=event.participant.code,
        number=event.number,
        judge=Judge(str(given["judge"])),
        about=About(str(given["about"])),
        related=given["related"] is True,
    )


@in_study
def nullify_page(frame: Frame, number: int) -> HttpResponse:
    """Say that it is no event after all."""
    event = event_or_404(frame, number)
    if not may(frame.actor, Act.JUDGE_EVENTS, site=event.participant.site) or event.nullified:
        raise NotFound
    reason = question("reason", Message("Why"), ItemType.TEXT, longest=500)
    step = steps.Step(
        heading=_("Event {number} is no event after all").format(number=number),
        button=_("Nullify the event"),
        form=steps.form_of(reason),
        act=lambda given: adverse_events.nullify_event(
            by=frame.actor, code=event.participant.code, number=number, reason=str(given["reason"])
        ),
        done=_("The event stays here as nullified, and counts nowhere."),
        then=f"{frame.href}/adverse-events/{number}",
        facts=_facts(frame, event)[:4] if event.term else _situation(frame, event, None)[:2],
    )
    return steps.run(frame, step, _about(frame, event, step))


def _about(frame: Frame, event: AdverseEvent, step: steps.Step) -> dict[str, object]:
    crumbs = [Link(_("Adverse event {number}").format(number=event.number), step.then)]
    return frame.about(event.participant, step.heading, crumbs=crumbs)
