"""`setup/people`: who belongs to a study; invite somebody, give and end roles, show a link."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.invitations import token_of
from trialwright.conduct.actions import people
from trialwright.conduct.actions.people import RoleGiven
from trialwright.conduct.reads.members import Member, member, members
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import CodeList, Item, ItemType
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.sent import sent_once
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Problem, Row, Status, Table
from trialwright.web.setup.frame import SetUpFrame, in_setup


@in_setup
def people_page(frame: SetUpFrame) -> HttpResponse:
    """List who belongs to the study, and invite somebody or give a role to who is here."""
    everybody = members(frame.actor)
    table = Table(
        caption=_("People"),
        columns=[
            Column(_("Name")), Column(_("Username")), Column(_("Roles")),
            Column(_("Status")),
        ],
        rows=[
            [
                Cell(each.name, href=f"{frame.href}/people/{each.person_id}"),
                Cell(each.username, code=True),
                Cell("; ".join(role_words(frame, one.role, one.site, one.until)
                               for one in each.held)),
                Cell(_status(each)),
            ]
            for each in everybody
        ],
        empty=_("Nobody belongs to the study yet."),
        captioned=False,
    )  # fmt: skip
    form = steps.form_of(
        question("name", Message("Name"), ItemType.TEXT, longest=80),
        question(
            "username", Message("Username"), ItemType.TEXT,
            Message("Somebody who signs in here already gets the role at once."), longest=64,
        ),
        *_role_questions(frame),
        question(
            "also", Message("Another role of the same person"), ItemType.CHOICE,
            code_list=_roles(frame), optional=True,
        ),
    )  # fmt: skip
    step = steps.Step(
        heading=_("People"),
        button=_("Invite"),
        form=form,
        act=lambda given: _invite(frame, given),
        goes_on_to_what_came=True,
        done=_("The role is given."),
        then=frame.href,
        start={"site": frame.told.sites[0].code} if len(frame.told.sites) == 1 else None,
        template="web/setup/step.html",
    )
    context = frame.context(_("People"), crumbs=[], table=table, step_heading=_("Invite somebody"))
    return steps.run(frame, step, context)


def role_words(frame: SetUpFrame, role: str, site: str = "", until: date | None = None) -> str:
    """A role with its site and its last day."""
    words = frame.role_name(role)
    if site:
        words = _("{role}, site {site}").format(role=words, site=site)
    if until:
        words = _("{role}, until {day}").format(role=words, day=dates.written(until))
    return words


def _status(each: Member) -> Status:
    if each.refused is not None and each.refused.locked_until is not None:
        until = dates.written(each.refused.locked_until)
        return Status(_("Locked until {moment}").format(moment=until), "caution")
    if each.active:
        return Status(_("Comes in"), "good")
    if each.link_until is not None:
        return Status(_("Invited"), "todo")
    return Status(_("Can't come in"), "idle")


def _roles(frame: SetUpFrame) -> CodeList:
    labels = [(key, frame.roles.by_key[key].label) for key in frame.roles.people]
    return steps.choices("role", *labels)


def _role_questions(frame: SetUpFrame) -> list[Item]:
    sites = [(site.code, Text(site.name_en, site.name_zh)) for site in frame.told.sites]
    asked = [question("role", Message("Role"), ItemType.CHOICE, code_list=_roles(frame))]
    if sites:
        hint = Message("Only for a role that is held at a site.")
        asked.append(
            question(
                "site", Message.in_context("step", "Site"), ItemType.CHOICE, hint,
                code_list=steps.choices("site", *sites), optional=True,
            )
        )  # fmt: skip
    hint = Message("Empty: the role has no end.")
    asked.append(question("until", Message("Last day"), ItemType.DATE, hint, optional=True))
    return asked


def _given(given: Given, key: str) -> RoleGiven:
    until = steps.day(given["until"]) if given.get("until") else None
    return RoleGiven(str(given[key]), str(given.get("site", "")), until)


def _invite(frame: SetUpFrame, given: Given) -> str:
    """Invite, and lead to the link; who is here already gets the roles at once."""
    roles = [_given(given, key) for key in ("role", "also") if given.get(key)]
    username = str(given["username"])
    known = next((each for each in members(frame.actor) if each.username == username), None)
    if known is not None:
        for role in roles:
            people.give_role(by=frame.actor, username=username, given=role)
        return f"{frame.href}/people/{known.person_id}"
    people.invite(by=frame.actor, username=username, name=str(given["name"]), roles=roles)
    made = next(each for each in members(frame.actor) if each.username == username)
    return f"{frame.href}/people/{made.person_id}/link"


@in_setup
def person_page(frame: SetUpFrame, person: UUID) -> HttpResponse:
    """One person: their roles, each with its end; another role, another link, all roles ended."""
    each = member(frame.actor, person)
    problems: list[Problem] = []
    if frame.request.method == "POST":
        try:
            then = sent_once(frame.actor, frame.request.POST, partial(_change, frame, each))
        except ActionRefused as error:
            problems = [Problem(str(one.sentence), "main") for one in error.problems]
        else:
            messages.success(frame.request, _("The people of the study are changed."))
            return redirect(then)
    facts = [
        Row(_("Username"), each.username, code=True),
        Row(_("Status"), _status(each)),
    ]
    if each.link_until is not None:
        facts.append(Row(_("The link opens until"), dates.written(each.link_until)))
    if each.refused is not None:
        words = ngettext(
            "{count} attempt, last on {moment}", "{count} attempts, last on {moment}",
            each.refused.count,
        )  # fmt: skip
        told = words.format(count=each.refused.count, moment=dates.written(each.refused.last_at))
        facts.append(Row(_("Refused since they last came in"), told))
    if each.active:
        has = _("in use") if each.second_factor else _("none")
        facts.append(Row(_("Second factor"), has))
    context = frame.context(
        each.name,
        crumbs=[Link(_("People"), f"{frame.href}/people")],
        facts=facts,
        held=[(one.id, role_words(frame, one.role, one.site, one.until)) for one in each.held],
        waits=not each.active,
        guarded=each.second_factor,
        link=f"{frame.href}/people/{person}/link" if each.link_until else "",
        problems=problems,
    )
    return render(frame.request, "web/setup/person.html", context, status=409 if problems else 200)


def _change(frame: SetUpFrame, each: Member) -> str:
    post, by = frame.request.POST, frame.actor
    here = f"{frame.href}/people/{each.person_id}"
    if post.get("end", "").isdigit() and any(str(one.id) == post["end"] for one in each.held):
        people.end_role(by=by, membership=int(post["end"]))
        return here if len(each.held) > 1 else f"{frame.href}/people"
    if post.get("end") == "all":
        people.end_all_roles(by=by, person=each.person_id)
        return f"{frame.href}/people"
    if post.get("again"):
        people.invite_again(by=by, person=each.person_id)
        return f"{here}/link"
    if post.get("reset"):
        people.reset_password(by=by, person=each.person_id)
        return f"{here}/link"
    if post.get("unguard"):
        people.remove_second_factor(by=by, person=each.person_id)
        return here
    raise NotFound


@in_setup
def link_page(frame: SetUpFrame, person: UUID) -> HttpResponse:
    """Show the one-time link of somebody who was invited, to be handed to them."""
    each = member(frame.actor, person)
    if each.invitation is None or each.link_until is None:
        raise NotFound
    address = frame.request.build_absolute_uri(f"/join/{token_of(each.invitation)}")
    context: dict[str, Any] = frame.context(
        _("Link for {name}").format(name=each.name),
        crumbs=[Link(_("People"), f"{frame.href}/people")],
        address=address,
        until=dates.written(each.link_until),
        back=Link(_("Invite somebody else"), f"{frame.href}/people"),
    )
    return render(frame.request, "web/setup/link.html", context)
