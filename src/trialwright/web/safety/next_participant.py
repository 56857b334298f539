"""May we treat the next participant today? One answer, its reasons in order."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.reads.may_treat import MayTreat, may_treat
from trialwright.messages import Message
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Cell, Column, Link, Row, Status, Table
from trialwright.web.safety.hold_words import group_words


@in_study
def next_page(frame: Frame) -> HttpResponse:
    """The answer, the reasons, and what else one wants to know before a treatment."""
    told = may_treat(frame.actor)
    context = frame.context(
        _("May we treat the next participant today?"),
        crumbs=[Link(_("Holds"), f"{frame.href}/holds")],
        under=dates.written(told.on),
        answer=Status(_("Yes"), "good") if told.yes else Status(_("No"), "stop"),
        reasons=[str(each) for each in told.reasons],
        facts=_facts(frame, told),
        standings=_standings(frame, told) if may(frame.actor, Act.SEE_ARMS) else None,
    )
    return render(frame.request, "web/safety/next_participant.html", context)


def _facts(frame: Frame, told: MayTreat) -> list[Row]:
    limits = [
        Row(
            _("To be used after thawing within"),
            Message("{product}: {hours:g} h", product=product.label.in_language(frame.language),
                    hours=product.use_within_hours).in_language(frame.language),
        )
        for product in frame.protocol.products
        if product.use_within_hours is not None
    ]  # fmt: skip
    hold = Row(_("Hold"), _("One is in force that concerns some participants alone."))
    return [
        *([hold] if told.held_in_part else []),
        Row(_("Randomised"), _("{count} of {of}").format(count=told.randomised, of=told.places)),
        Row(_("Allocated, treatment to come"), ", ".join(told.waiting), unsaid=_("Nobody")),
        Row(_("Treated, and still watched for the stopping rule"), told.watched),
        *limits,
    ]


def _standings(frame: Frame, told: MayTreat) -> Table:
    return Table(
        caption=_("How far the stopping rules are from a hold"),
        columns=[Column(_("Group")), Column(_("In words"))],
        rows=[
            [
                Cell(group_words(each.group, frame.protocol, frame.language)),
                Cell(each.sentence().in_language(frame.language)),
            ]
            for each in told.standings
        ],
        empty=_("The protocol has no stopping rule."),
    )
