"""Containers sent to a site and received there, several at once."""

from collections.abc import Sequence
from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.conduct.actions import containers
from trialwright.conduct.actions.containers import MOST_MOVED, ToMove
from trialwright.conduct.reads.product_work import (
    ContainersComing,
    containers_to_receive,
    containers_to_send,
)
from trialwright.conduct.reads.products import ContainerLine, site_codes
from trialwright.conduct.refusals import NotFound
from trialwright.custody.containers import ContainerStatus
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Item, ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.happened import happened, when_questions
from trialwright.web.clinical.steps import Given, Ticks, question
from trialwright.web.components import Link, Task
from trialwright.web.products.words import container_status, context_of


@in_study
def send_page(frame: Frame, lot: str) -> HttpResponse:
    """Send containers of a lot to a site."""
    there = containers_to_send(frame.actor, lot)
    if not there:
        raise NotFound
    lot = there[0].lot
    sites = steps.choices(
        "site", *((each, Text(each, each)) for each in site_codes(frame.actor.study))
    )
    ticks = _ticks(there, [each.code + _kept(each) for each in there])
    step = steps.Step(
        heading=_("Send containers of lot {code}").format(code=lot),
        button=_("Record that they were sent"),
        form=steps.form_of(
            question("site", Message("To which site"), ItemType.CHOICE, code_list=sites),
            _temperature(),
            *when_questions()[:2],
            label=Message("The shipment"),
        ),
        act=lambda given: _move(
            frame, ticks, given, partial(ToMove, ContainerStatus.SENT, site=str(given["site"]))
        ),
        done=_("The containers are recorded as under way. Somebody at the site receives them."),
        then=f"{frame.href}/products/lots/{lot}",
        ticks=ticks,
    )
    return steps.run(frame, step, context_of(frame, step))


@in_study
def receive_page(frame: Frame, site: str) -> HttpResponse:
    """Receive what is under way to a site."""
    coming = containers_to_receive(frame.actor, site)
    ticks = _ticks(
        coming, [f"{each.code} · {_('Lot {code}').format(code=each.lot)}" for each in coming]
    )
    step = steps.Step(
        heading=_("Receive containers at site {code}").format(code=site),
        button=_("Record that they came"),
        form=steps.form_of(
            question("place", Message("Where they are kept"), ItemType.TEXT, longest=80),
            _temperature(),
            *when_questions()[:2],
            label=Message("The shipment"),
        ),
        act=lambda given: _move(
            frame, ticks, given, partial(ToMove, ContainerStatus.STOCK, place=str(given["place"]))
        ),
        done=_("The containers are in the site's stock."),
        then=f"{frame.href}/products",
        intro=_(
            "Tick what came and is whole. What didn't come stays under way; of one that can't be "
            "used, record on its own page that it is destroyed."
        )
        if coming
        else _("No container is under way to this site that you could receive."),
        ticks=ticks,
    )
    return steps.run(frame, step, context_of(frame, step) | {"no_button": not coming})


def _ticks(lines: Sequence[ContainerLine], words: Sequence[str]) -> Ticks:
    options = [(line.code, told) for line, told in zip(lines, words, strict=True)]
    return Ticks(_("Which containers"), options[:MOST_MOVED])


def _kept(line: ContainerLine) -> str:
    places = (line.site or _("Depot"), line.place)
    return "".join(f" · {each}" for each in places if each)


def _temperature() -> Item:
    return question(
        "temperature", Message("Temperature in °C"), ItemType.TEXT, longest=12, optional=True
    )


def _move(frame: Frame, ticks: Ticks, given: Given, to: partial[ToMove]) -> None:
    containers.move_containers(
        by=frame.actor,
        codes=ticks.read(frame.request.POST),
        move=to(temperature=str(given.get("temperature", "")), happened=happened(given).at),
    )


def receive_link(frame: Frame, coming: ContainersComing) -> Link:
    """Where what is under way to a site is received."""
    words = _("Receive containers at site {code}").format(code=coming.site)
    return Link(words, f"{frame.href}/products/receive/{coming.site}")


def receive_task(frame: Frame, coming: ContainersComing) -> Task:
    """What is under way to a site, as something to do."""
    number = ngettext("{count} container", "{count} containers", coming.number)
    site = _("Site {code}").format(code=coming.site)
    return Task(
        f"{site} · {number.format(count=coming.number)}",
        container_status(ContainerStatus.SENT, frame.language),
        receive_link(frame, coming).href,
    )
