"""Protocol deviations: the list, one with its classification, and recording one."""

from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import deviating
from trialwright.conduct.models import Deviation
from trialwright.conduct.models.deviations import Classification, DeviationKind
from trialwright.conduct.reads.deviations import deviations_seen
from trialwright.conduct.reads.participants import one
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.deviation_words import KIND_WORDS, about, kind_of, status_of
from trialwright.web.clinical.filters import Places, choice, narrowed, on_days
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row

_SERIOUS = steps.choices(
    "classification",
    (Classification.MINOR.value, Message("Minor")),
    (Classification.IMPORTANT.value, Message("Important")),
)
_PLACES = Places("participant__code", "participant__site", days=on_days("on"))


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All deviations of the participants one may see, the latest first."""
    kinds = [(key.value, words.in_language(frame.language)) for key, words in KIND_WORDS.items()]
    states = [
        ("open", _("To be classified")), ("important", _("Important")), ("minor", _("Minor")),
    ]  # fmt: skip
    of_kind, state = (
        choice(frame, "kind", _("Kind"), kinds),
        choice(frame, "status", _("Status"), states),
    )
    fields, rows = narrowed(frame, deviations_seen(frame.actor), _PLACES)
    if of_kind.value:
        rows = rows.filter(kind=of_kind.value)
    if state.value:
        asked = None if state.value == "open" else state.value
        rows = rows.filter(classification=asked)
    count = rows.count()
    listing = Listing(
        heading=_("Protocol deviations"),
        caption=ngettext("{count} deviation", "{count} deviations", count).format(count=count),
        columns=[
            Column(_("Deviation")), Column(_("Participant")), Column(_("Day")), Column(_("Kind")),
            Column(_("About")), Column(_("What happened")), Column(_("Status")),
        ],
        rows=rows,
        cells=lambda row: [
            Cell(row.number, href=f"{frame.href}/deviations/{row.number}"),
            Cell(row.participant.code, code=True),
            Cell(row.on),
            Cell(kind_of(frame, row)),
            Cell(about(frame, row), unsaid="–"),
            Cell(row.description, unsaid="–"),
            Cell(status_of(row)),
        ],
        plain=_plain,
        empty=_("No deviation of this kind. The system notes some itself; others are recorded on "
                "the participant's page."),
        more={"filters": [*fields, of_kind, state]},
    )  # fmt: skip
    return answer(frame, listing, kind)


def _plain(row: Deviation) -> dict[str, object]:
    return {
        "deviation": row.number,
        "participant": row.participant.code,
        "on": iso(row.on),
        "kind": row.kind,
        "subject": row.subject,
        "cause": row.cause,
        "description": row.description,
        "classification": row.classification,
        "done": row.done,
    }


@in_study
def deviation_page(frame: Frame, number: int) -> HttpResponse:
    """One deviation; the investigator classifies it."""
    found = deviations_seen(frame.actor).filter(number=number).first()
    if found is None:
        raise NotFound
    participant = found.participant
    judges = may(frame.actor, Act.CLASSIFY_DEVIATION, site=participant.site)
    if frame.request.method == "POST" and not judges:
        raise NotFound
    done = question("done", Message("What was done about it"), ItemType.TEXT,
                    longest=500)  # fmt: skip
    step = steps.Step(
        heading=_("Protocol deviation {number}").format(number=number),
        button=_("Save the classification"),
        form=steps.form_of(
            question(
                "classification", Message("How serious is it?"), ItemType.CHOICE,
                code_list=_SERIOUS,
                hint=Message(
                    "Important: it may affect rights, safety or the reliability of the data"
                ),
            ),
            done,
        ),
        act=partial(_classify, frame, participant.code, number),
        done=_("The deviation is classified."),
        then=f"{frame.href}/deviations/{number}",
        facts=[
            Row(_("Kind"), kind_of(frame, found)),
            Row(_("Day"), found.on),
            Row(_("About"), about(frame, found), unsaid="–"),
            Row(_("What happened"), found.description, unsaid=_("Noted by the system")),
            Row(_("Status"), status_of(found)),
            Row(_("What was done"), found.done or "", unsaid=_("Not said yet")),
        ],
        start={"classification": found.classification or "", "done": found.done or ""},
    )  # fmt: skip
    crumbs = [Link(_("Deviations"), f"{frame.href}/deviations")]
    context = frame.about(participant, step.heading, crumbs=crumbs, no_button=not judges)
    return steps.run(frame, step, context)


def _classify(frame: Frame, code: str, number: int, given: Given) -> None:
    deviating.classify_deviation(
        by=frame.actor,
        code=code,
        number=number,
        classification=Classification(str(given["classification"])),
        done=str(given["done"]),
    )


@in_study
def record_page(frame: Frame, code: str) -> HttpResponse:
    """Record a deviation of a participant."""
    participant = one(frame.actor, code, Act.RECORD_DEVIATION)
    kinds = steps.choices("kind", *((kind.value, words) for kind, words in KIND_WORDS.items()))
    step = steps.Step(
        heading=_("Record a protocol deviation of {code}").format(code=code),
        button=_("Record the deviation"),
        form=steps.form_of(
            question("on", Message("Day"), ItemType.DATE),
            question("kind", Message("Kind"), ItemType.CHOICE, code_list=kinds),
            question(
                "description", Message("What departed from the protocol"),
                ItemType.TEXT, longest=500,
                hint=Message("Without naming the arm or the product given"),
            ),
        ),
        act=partial(_record, frame, code),
        done=_("The deviation is recorded; an investigator classifies it next."),
        then=f"{frame.href}/participants/{code}",
    )  # fmt: skip
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _record(frame: Frame, code: str, given: Given) -> None:
    deviating.record_deviation(
        by=frame.actor,
        code=code,
        kind=DeviationKind(str(given["kind"])),
        on=steps.day(given["on"]),
        description=str(given["description"]),
    )
