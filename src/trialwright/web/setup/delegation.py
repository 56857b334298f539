"""`setup/delegation`: the delegation log, its lines signed by investigator and person."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trialwright.accounts.models import Person
from trialwright.accounts.policy import role_to_delegate
from trialwright.conduct.actions import delegating
from trialwright.conduct.reads.delegations import (
    Line,
    candidates,
    delegation_log,
    lines_to_sign,
)
from trialwright.conduct.reads.setup import enter_setup, setup_of
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import ItemType
from trialwright.web import dates
from trialwright.web.clinical import session, signing, steps
from trialwright.web.clinical.sent import sent_once
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Problem, Row, Status, Table
from trialwright.web.setup.frame import SetUpFrame, in_setup
from trialwright.web.signature_words import DELEGATION, meaning_of, signature_line


def _words(frame: SetUpFrame, line: Line) -> str:
    return _("{role}, site {site}").format(role=frame.role_name(line.role), site=line.site)


def _status(line: Line) -> Status:
    if line.practises_first:
        return Status(_("Waits for a visit in the training copy"), "todo")
    if line.accepted_at is None:
        return Status(_("To be signed by the person"), "todo")
    if line.ends is not None and line.ends < timezone.localdate():
        return Status(_("Ended"), "idle")
    return Status(_("Signed by both"), "good")


@in_setup
def delegation_page(frame: SetUpFrame) -> HttpResponse:
    """List the log, and delegate a role to somebody."""
    here = f"{frame.href}/delegation"
    table = Table(
        caption=_("Delegation log"),
        columns=[
            Column(_("Person")), Column(_("Role")), Column(_("From")), Column(_("Last day")),
            Column(_("Delegated by")), Column(_("Status")),
        ],
        rows=[
            [
                Cell(line.name, href=f"{here}/{line.id}"),
                Cell(_words(frame, line)),
                Cell(line.begins),
                Cell(line.ends, unsaid=_("no end")),
                Cell(line.delegated_by),
                Cell(_status(line)),
            ]
            for line in delegation_log(frame.actor)
        ],
        empty=_("The log has no line that you may see."),
        captioned=False,
    )  # fmt: skip
    context = frame.context(_("Delegation log"), crumbs=[], table=table)
    people = candidates(frame.actor)
    if not people:
        if frame.request.method == "POST":
            raise NotFound
        return render(frame.request, "web/setup/step.html", context)
    whom = [
        (f"{number}", Text(*2 * (f"{one.name}: {frame.role_name(one.role)}, {one.site}",)))
        for number, one in enumerate(people)
    ]
    form = steps.form_of(
        question(
            "whom", Message("Person, role and site"), ItemType.CHOICE,
            code_list=steps.choices("whom", *whom),
        ),
        question("begins", Message("First day"), ItemType.DATE),
        question(
            "ends", Message("Last day"), ItemType.DATE,
            Message("Empty: until it is ended here."), optional=True,
        ),
    )  # fmt: skip

    def act(given: Given) -> None:
        one = people[int(str(given["whom"]))]
        ends = steps.day(given["ends"]) if given.get("ends") else None
        line = delegating.Delegated(
            one.person_id, one.role, one.site, steps.day(given["begins"]), ends
        )
        delegating.delegate(by=frame.actor, line=line)

    step = steps.Step(
        heading=_("Delegation log"),
        button=_("Delegate"),
        form=form,
        act=act,
        done=_("It is delegated. It counts once the person has signed too."),
        then=here,
        start={"begins": timezone.localdate().isoformat()},
        template="web/setup/step.html",
    )
    return steps.run(frame, step, context | {"step_heading": _("Delegate a role")})


@never_cache
def line_page(request: HttpRequest, study: str, line: UUID) -> HttpResponse:
    """One line: the person signs it, an investigator of the site ends it.

    Who holds a role that the log doesn't let them use yet comes here all the same.
    """
    person = request.user
    if not isinstance(person, Person):
        return session.ask_to_sign_in(request)
    try:
        actor, row = enter_setup(person, study, log_counts=False)
        frame = SetUpFrame(request, actor, setup_of(row.identifier))
        own = next((each for each in lines_to_sign(person, study) if each.id == line), None)
        return _sign(frame, own) if own is not None else _line(request, person, study, line)
    except NotFound:
        raise Http404 from None


def _sign(frame: SetUpFrame, line: Line) -> HttpResponse:
    by, study = frame.person, frame.actor.study
    accept = partial(delegating.accept_delegation, by=by, study=study, line=line.id)
    outcome = signing.signed_by(frame, lambda _hash: accept())
    if outcome.signed:
        messages.success(frame.request, _("The line is signed; it counts from its first day."))
        return redirect("/today")
    context: dict[str, Any] = frame.context(
        _("Sign the delegation log"),
        crumbs=[],
        sections=[(_("What is delegated to you"), _facts(frame, line))],
        statement=meaning_of(DELEGATION),
        revision=str(line.id),
        **signing.context(frame, _("Sign the delegation log"), outcome),
    )
    return render(frame.request, "web/check.html", context, status=outcome.status)


def _line(request: HttpRequest, person: Person, study: str, id: UUID) -> HttpResponse:
    actor, row = enter_setup(person, study)
    frame = SetUpFrame(request, actor, setup_of(row.identifier))
    line = next((each for each in delegation_log(actor) if each.id == id), None)
    if line is None:
        raise NotFound
    may_end = role_to_delegate(actor, line.site) is not None
    problems: list[Problem] = []
    back = f"{frame.href}/delegation"
    if request.method == "POST":
        if not may_end:
            raise NotFound
        last = _typed_day(request.POST.get("last", ""))
        try:
            if last is None:
                raise ActionRefused(_("Enter the last day, such as 2027-06-30."))
            end = partial(delegating.end_delegation, by=actor, line=id, last=last)
            sent_once(actor, request.POST, lambda: str(end() or back))
        except ActionRefused as error:
            problems = [Problem(str(each.sentence), "last") for each in error.problems]
        else:
            messages.success(request, _("The delegation ends with that day."))
            return redirect(back)
    context = frame.context(
        line.name,
        crumbs=[Link(_("Delegation log"), back)],
        facts=_facts(frame, line),
        may_end=may_end,
        typed=request.POST.get("last", timezone.localdate().isoformat()),
        problems=problems,
        wrong=problems[0].text if problems else "",
    )
    return render(request, "web/setup/delegation.html", context, status=409 if problems else 200)


def _typed_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _facts(frame: SetUpFrame, line: Line) -> list[Row]:
    return [
        Row(_("Role"), _words(frame, line)),
        Row(_("From"), dates.written(line.begins)),
        Row(_("Last day"), dates.written(line.ends) if line.ends else "", unsaid=_("no end")),
        Row(_("Delegated by"), f"{line.delegated_by}, {dates.exact(line.delegated_at)}"),
        Row(
            _("Signed"),
            signature_line(
                frame.name_and_role(line.name, line.role), line.accepted_at, DELEGATION, line.id.hex
            )
            if line.accepted_at
            else "",
            unsaid=_("Not yet"),
        ),
        Row(_("Status"), _status(line)),
    ]
