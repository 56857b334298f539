"""Containers: one with its moves, the next move, and the count of a stock."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import containers
from trialwright.conduct.actions.containers import ToMove
from trialwright.conduct.reads.products import (
    ContainerToRead,
    container_to_read,
    products_to_read,
    site_codes,
)
from trialwright.conduct.refusals import NotFound
from trialwright.custody.containers import ContainerStatus
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.expression import parse
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.scopes import ItemScope
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.happened import happened, when_questions
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.products.words import (
    CONTAINER_WORDS,
    container_status,
    lot_status,
    product_name,
)


@in_study
def container_page(frame: Frame, container: str) -> HttpResponse:
    """One container: where it stands, and every move."""
    told = container_to_read(frame.actor, container)
    code = told.line.code
    offered = [Link(_("Who was given it"), f"{frame.href}/products/trace?code={code}")]
    if told.next:
        offered.append(Link(_("Record a move"), f"{frame.href}/products/containers/{code}/move"))
    context = _context(
        frame,
        _("Container {code}").format(code=code),
        offered=offered,
        facts=[
            Row(_("Product"), product_name(frame, told.product.key)),
            Row(_("Lot"), told.line.lot, code=True,
                links=[Link(pgettext("link", "Open"),
                            f"{frame.href}/products/lots/{told.line.lot}")]),
            Row(_("Status of the lot"), lot_status(told.lot_status, frame.language)),
            Row(_("Status"), container_status(told.line.status, frame.language)),
            Row(_("Holds"), f"{told.holds} {told.unit}"),
            Row(_("Site"), told.line.site, unsaid=_("Depot")),
            Row(_("Place"), told.line.place, unsaid="–"),
            Row(_("To be used by"), dates.exact(told.use_by) if told.use_by else "", unsaid="–"),
        ],
        tables=[_moves(frame, told)],
    )  # fmt: skip
    return render(frame.request, "web/products/page.html", context)


def _moves(frame: Frame, told: ContainerToRead) -> Table:
    people = {each.person for each in told.moves} | {each.second for each in told.moves}
    names = names_of(people - {""})
    rows = []
    for each in told.moves:
        words = CONTAINER_WORDS[each.status].in_language(frame.language)
        who = ", ".join(names.get(key, "") for key in (each.person, each.second) if key)
        said = [each.participant, each.reason]
        if each.amount:
            said.append(f"{each.amount} {each.unit}")
        if each.per_kg:
            said.append(f"{each.per_kg} {each.unit}/kg")
        rows.append(
            [
                Cell(_("Seen at a count") if each.counted else words),
                Cell(dates.exact(each.at)),
                Cell(who),
                Cell(" · ".join(part for part in (each.site, each.place) if part),
                     unsaid=_("Depot")),
                Cell(f"{each.temperature} °C" if each.temperature else "", unsaid="–"),
                Cell(" · ".join(part for part in said if part), unsaid="–"),
            ]
        )  # fmt: skip
    return Table(
        caption=_("Moves, each signed by who made it"),
        columns=[Column(_("Move")), Column(_("When")), Column(_("By")), Column(_("Place")),
                 Column(_("Temperature")), Column(_("Details"))],
        rows=rows,
    )  # fmt: skip


@in_study
def move_page(frame: Frame, container: str) -> HttpResponse:
    """Record what became of a container."""
    told = container_to_read(frame.actor, container)
    if not told.next:
        raise NotFound
    code = told.line.code
    step = steps.Step(
        heading=_("Move of container {code}").format(code=code),
        button=_("Record the move"),
        form=steps.form_of(*_questions(frame, told)),
        act=lambda given: containers.move_container(
            by=frame.actor, code=code, move=_to_move(given)
        ),
        done=_("The move is recorded."),
        then=f"{frame.href}/products/containers/{code}",
    )
    return steps.run(frame, step, _context(frame, step.heading))


def _questions(frame: Frame, told: ContainerToRead) -> list[Item]:
    codes = steps.choices("status", *((each.value, CONTAINER_WORDS[each]) for each in told.next))
    status = question("status", Message("What became of it"), ItemType.CHOICE, code_list=codes)

    def only(*which: ContainerStatus) -> object:
        offered = [each.value for each in which if each in told.next]
        words = " or ".join(f"status == '{each}'" for each in offered)
        return parse(words).typed(ItemScope((status,))) if offered else None

    found = [status]
    if ContainerStatus.SENT in told.next:
        sites = steps.choices(
            "site", *((each, Text(each, each)) for each in site_codes(frame.actor.study))
        )
        found.append(
            question("site", Message("To which site"), ItemType.CHOICE, code_list=sites,
                     show_when=only(ContainerStatus.SENT))
        )  # fmt: skip
    if ContainerStatus.RESERVED in told.next:
        found.append(
            question("participant", Message("For which participant"), ItemType.TEXT, longest=20,
                     show_when=only(ContainerStatus.RESERVED))
        )  # fmt: skip
    found += [
        question("place", Message("Where it is kept"), ItemType.TEXT, longest=80, optional=True),
        question("temperature", Message("Temperature in °C"), ItemType.TEXT, longest=12,
                 optional=True),
        question("reason", Message("Why"), ItemType.TEXT, longest=500, optional=True,
                 hint=Message("Wanted where it is destroyed or returned")),
    ]  # fmt: skip
    return [*found, *when_questions()[:2]]


def _to_move(given: Given) -> ToMove:
    return ToMove(
        ContainerStatus(str(given["status"])),
        site=str(given.get("site", "")),
        place=str(given.get("place", "")),
        temperature=str(given.get("temperature", "")),
        reason=str(given.get("reason", "")),
        participant=str(given.get("participant", "")).strip().upper(),
        happened=happened(given).at,
    )


@in_study
def count_page(frame: Frame) -> HttpResponse:
    """Count a stock: what was seen, and what is missing with its last place, person and time."""
    if not products_to_read(frame.actor).handles:
        raise NotFound
    places = [(code, Text(code, code)) for code in site_codes(frame.actor.study)
              if may(frame.actor, Act.RECORD_LOTS)
              or may(frame.actor, Act.HANDLE_PRODUCTS, site=code)]  # fmt: skip
    if may(frame.actor, Act.RECORD_LOTS):
        places.append(("depot", steps.label_of(Message("Depot"))))

    def count(given: Given) -> None:
        site = str(given["site"])
        told = containers.count_stock(
            by=frame.actor,
            site="" if site == "depot" else site,
            seen=str(given.get("seen", "")).replace(",", " ").split(),
        )
        if told.balances:
            return
        names = names_of({each.person for each in told.missing})
        lines = [
            _("{code}: last at {place} on {when}, by {name}").format(
                code=each.code, place=each.place or _("Depot"), when=dates.exact(each.at),
                name=names.get(each.person, ""),
            )
            for each in told.missing
        ]  # fmt: skip
        missing.extend(lines)

    missing: list[str] = []
    codes = steps.choices("site", *places)
    step = steps.Step(
        heading=_("Count the stock"),
        button=_("Record the count"),
        form=steps.form_of(
            question("site", Message("Whose stock"), ItemType.CHOICE, code_list=codes),
            question("seen", Message("Codes of the containers that are there"), ItemType.TEXT,
                     longest=4000, optional=True),
        ),
        act=count,
        done=_("The count is recorded."),
        then=f"{frame.href}/products",
    )  # fmt: skip
    response = steps.run(frame, step, _context(frame, step.heading))
    if not missing:
        return response
    context = _context(
        frame,
        _("Containers are missing"),
        offered=[],
        facts=[],
        tables=[
            Table(
                caption=_("Missing, with the last that is known"),
                columns=[Column(_("Container"))],
                rows=[[Cell(each)] for each in missing],
            )
        ],
    )
    return render(frame.request, "web/products/page.html", context)


def _context(frame: Frame, heading: str, **more: object) -> dict[str, object]:
    return frame.context(heading, crumbs=[Link(_("Products"), f"{frame.href}/products")], **more)
