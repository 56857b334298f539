"""`setup/protocol`: the file that waits to be signed: what is wrong with it, what it says and from
where, and another file in its place."""

from collections import Counter
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions.confirming import confirm_fact
from trialwright.conduct.actions.new_study import replace_draft
from trialwright.conduct.reads.setup import open_questions
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.messages import Message
from trialwright.protocol.basics import Fact, Origin
from trialwright.protocol.blinding import is_restricted
from trialwright.protocol.forms import ItemType
from trialwright.safety.checked import CheckedFile
from trialwright.web import dates
from trialwright.web.bodies import takes_file
from trialwright.web.clinical import steps
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Problem, Row, Table
from trialwright.web.components import Origin as Mark
from trialwright.web.protocol_words import origin_word
from trialwright.web.setup.frame import SetUpFrame, in_setup
from trialwright.web.setup.next_step import can_sign

_MOST_FACTS = 400


@takes_file
@in_setup
def protocol_page(frame: SetUpFrame) -> HttpResponse:
    """Show the file that waits, its problems and its facts; take another file."""
    may_write = frame.manages or frame.signs
    problems: list[Problem] = []
    if frame.request.method == "POST":
        if not may_write:
            raise NotFound
        upload = frame.request.FILES.get("file")
        try:
            if upload is None:
                raise ActionRefused(_("Choose a protocol file."))
            replace_draft(
                by=frame.actor, source=upload.read(), file_name=upload.name or "protocol.yaml"
            )
        except ActionRefused as error:
            problems = [Problem(str(each.sentence), "file") for each in error.problems]
        else:
            messages.success(frame.request, _("The file is kept, and waits to be signed."))
            return redirect(frame.request.path)
    waiting = frame.told.waiting
    checked = waiting.checked if waiting else None
    chosen = frame.request.GET.get("origin", "")
    facts = []
    if waiting is not None:
        facts = [
            Row(_("File"), waiting.file_name, code=True),
            Row(_("Hash of the file"), waiting.sha256, code=True),
            Row(_("Put there on"), dates.written(waiting.uploaded_at)),
        ]
    context = frame.context(
        _("Protocol being set up") if waiting else _("Protocol"),
        crumbs=[],
        facts=facts,
        found=_problems(checked),
        questions=_questions(frame),
        notes=[f"{note.line}: {note.message}" for note in checked.notes] if checked else [],
        origins=_origins(checked),
        chosen=chosen,
        table=_facts(frame, checked, chosen),
        may_write=may_write,
        in_force=Link(_("The protocol in force"), f"{frame.study_href}/protocol")
        if frame.told.in_force
        else None,
        action=Link(_("Sign the protocol"), f"{frame.href}/sign") if can_sign(frame) else None,
        problems=problems,
        file_problem=problems[0].text if problems else "",
    )
    status = 409 if problems else 200
    return render(frame.request, "web/setup/protocol.html", context, status=status)


@in_setup
def confirm_page(frame: SetUpFrame) -> HttpResponse:
    """Show one fact that is only assumed, and confirm it, with the same value or another."""
    waiting = frame.told.waiting
    protocol = waiting.checked.protocol if waiting else None
    path = frame.request.GET.get("path", "")
    masked = not may(frame.actor, Act.SEE_ARMS)
    fact = next((each for each in (protocol.facts if protocol else ()) if each.path == path), None)
    hidden = fact is None or (masked and is_restricted(path))
    if waiting is None or fact is None or hidden or not (frame.manages or frame.signs):
        raise NotFound
    here = f"{frame.href}/protocol"
    one_language = fact.value.en == fact.value.zh
    asked = [
        question("value", Message("Value"), ItemType.TEXT, longest=2000),
        question(
            "reason", Message("What confirms it"), ItemType.TEXT,
            Message("A document, a decision, a person. The audit trail keeps it with your name."),
            longest=500,
        ),
    ]  # fmt: skip

    def act(given: Given) -> None:
        typed = str(given.get("value", fact.value.en))
        confirm_fact(
            by=frame.actor,
            sha256=waiting.sha256,
            path=path,
            value=None if typed == fact.value.en else typed,
            reason=str(given["reason"]),
        )

    step = steps.Step(
        heading=_("Confirm a fact"),
        button=_("Confirm"),
        form=steps.form_of(*(asked if one_language else asked[1:])),
        act=act,
        done=_("It is confirmed, and stands so in the file."),
        then=f"{here}?origin=assumed#facts",
        facts=[
            Row(_("Fact"), path, code=True),
            Row(_("Value"), fact.value.in_language(frame.language)),
            Row(_("Source"), fact.source),
            Row(_("Line"), fact.line),
        ],
        start={"value": fact.value.en},
    )
    return steps.run(frame, step, frame.context(step.heading, crumbs=[Link(_("Protocol"), here)]))


def _problems(checked: CheckedFile | None) -> Table | None:
    if checked is None or not checked.problems:
        return None
    return Table(
        caption=_("Problems"),
        columns=[Column(_("Line"), number=True), Column(_("Problem")), Column(_("Way out"))],
        rows=[
            [Cell(each.line), Cell(each.message, lang="en"), Cell(each.way_out, lang="en")]
            for each in checked.problems[:_MOST_FACTS]
        ],
        captioned=False,
    )


def _origins(checked: CheckedFile | None) -> list[tuple[Mark, int]]:
    protocol = checked.protocol if checked else None
    counted = Counter(fact.origin for fact in (protocol.facts if protocol else ()))
    return [
        (Mark(origin.value, origin_word(origin)), counted[origin])
        for origin in Origin
        if counted[origin]
    ]


def _questions(frame: SetUpFrame) -> Link | None:
    waiting = frame.told.waiting
    told, lacking = open_questions(waiting) if waiting else ((), ())
    if not (frame.manages or frame.signs) or not (told or lacking):
        return None
    words = _("Answer what is open ({count})").format(count=len(told) + len(lacking))
    return Link(words, f"{frame.href}/protocol/questions")


def _facts(frame: SetUpFrame, checked: CheckedFile | None, chosen: str) -> Table | None:
    if checked is None or checked.protocol is None or chosen not in list(Origin):
        return None
    masked = not may(frame.actor, Act.SEE_ARMS)
    facts = [
        fact
        for fact in checked.protocol.facts
        if fact.origin == chosen and not (masked and is_restricted(fact.path))
    ]
    facts.sort(key=lambda fact: (not fact.safety_critical, fact.line))
    return Table(
        caption=_("Facts"),
        columns=[
            Column(_("Line"), number=True), Column(_("Fact")), Column(_("Value")),
            Column(_("Source")),
        ],
        rows=[_fact_row(frame, fact) for fact in facts[:_MOST_FACTS]],
        captioned=False,
    )  # fmt: skip


def _fact_row(frame: SetUpFrame, fact: Fact) -> list[Cell]:
    may_confirm = fact.origin is Origin.ASSUMED and (frame.manages or frame.signs)
    href = f"{frame.href}/protocol/confirm?{urlencode({'path': fact.path})}" if may_confirm else ""
    path = _("{path} (safety-critical)").format(path=fact.path) if fact.safety_critical else None
    return [
        Cell(fact.line),
        Cell(path or fact.path, href=href, code=True),
        Cell(fact.value.in_language(frame.language)),
        Cell(fact.source),
    ]
