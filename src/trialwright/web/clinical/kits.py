"""Kits: where each is, and the shipments on their way to a site."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from trialwright.conduct.actions import kits
from trialwright.conduct.kits.lists import kits_from
from trialwright.conduct.models.kits import KitStatus
from trialwright.conduct.reads.kits import KitLine, KitsToRead, kit_to_change, kits_to_read
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.kits import hides_products, strength_words
from trialwright.protocol.occurrences import occurrence_of
from trialwright.web.clinical import steps
from trialwright.web.clinical.filters import choice
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.kit_words import KIT_WORDS, kit_status, strength_questions
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.step_words import step_words
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row, Table

_LIST_AT_MOST = 200_000


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All kits that this person sees, by number; in front of them the stock by site."""
    told = kits_to_read(frame.actor)
    places = sorted({line.site for line in told.lines if line.site})
    sites = choice(frame, "site", _("Site"), [(code, code) for code in places])
    states = choice(
        frame, "status", _("Status"), [(key.value, str(words)) for key, words in KIT_WORDS.items()]
    )
    shown = [
        line
        for line in told.lines
        if sites.value in ("", line.site) and states.value in ("", line.status.value)
    ]
    heads = [_("Kit"), _("Site"), _("Status"), _("Usable until")]
    heads += [pgettext("kit", "Strength")] if told.kits.strengths else []
    heads += (
        [_("Product")]
        if told.supplies
        else [_("Participant"), _("Step"), _("Handed out"), _("Returned"), _("Unused")]
    )
    listing = Listing(
        heading=_("Kits"),
        caption=ngettext("{count} kit", "{count} kits", len(shown)).format(count=len(shown)),
        columns=[Column(head) for head in heads] + [Column(_("Why set aside"))],
        rows=shown,
        cells=lambda line: _cells(frame, told, line),
        plain=_plain,
        empty=_("No kit of this kind. Who supplies kits lists them and sends them to the sites."),
        more={
            "filters": [sites, states],
            "stock": _stock(frame, told),
            "offered": _offered(frame, told),
            "restricted": told.supplies and hides_products(frame.protocol),
        },
        template="web/kits.html",
    )
    return answer(frame, listing, kind)


def _cells(frame: Frame, told: KitsToRead, line: KitLine) -> list[Cell]:
    first = [
        Cell(line.number, code=True),
        Cell(line.site, unsaid="–"),
        Cell(kit_status(line.status)),
        Cell(line.expires_on or "", unsaid=_("without limit")),
    ]
    if told.kits.strengths:
        first.append(Cell(strength_words(told.kits, line.strength, frame.language)))
    if told.supplies:
        first.append(Cell(_product(frame, line.product)))
    else:
        href = f"{frame.href}/participants/{line.participant}" if line.participant else ""
        first += [
            Cell(line.participant, href=href, code=True, unsaid="–"),
            Cell(_step(frame, line), unsaid="–"),
            Cell(line.dispensed_on or "", unsaid="–"),
            Cell(line.returned_on or "", unsaid="–"),
            Cell(f"{line.unused} {told.kits.unit}" if line.unused else "", unsaid="–"),
        ]
    return [*first, Cell(line.reason, unsaid="–")]


def _step(frame: Frame, line: KitLine) -> str:
    if not line.step:
        return ""
    visit, occurrence = occurrence_of(line.visit)
    return step_words(frame, (line.step, visit, occurrence))


def _plain(line: KitLine) -> dict[str, object]:
    return {
        "kit": line.number,
        "batch": line.batch,
        "site": line.site,
        "status": line.status.value,
        "expires_on": iso(line.expires_on),
        "product": line.product,
        "strength": line.strength,
        "participant": line.participant,
        "step": line.step,
        "visit": line.visit,
        "dispensed_on": iso(line.dispensed_on),
        "returned_on": iso(line.returned_on),
        "unused": line.unused,
        "reason": line.reason,
    }


def _stock(frame: Frame, told: KitsToRead) -> Table:
    """How many kits are where: a row for each site, strength and, for who supplies, product."""
    keys = sorted({(site, *content) for site, _status, *content in told.counts})
    rows = []
    for site, product, strength in keys:
        counts = [told.counts.get((site, status, product, strength), 0) for status in KitStatus]
        words = strength_words(told.kits, strength, frame.language)
        rows.append(
            [
                Cell(site, unsaid=_("Depot")),
                *([Cell(words)] if told.kits.strengths else []),
                *([Cell(_product(frame, product))] if told.supplies else []),
                *map(Cell, counts),
            ]
        )
    return Table(
        caption=_("Kits by site"),
        columns=[
            Column(_("Site")),
            *([Column(pgettext("kit", "Strength"))] if told.kits.strengths else []),
            *([Column(_("Product"))] if told.supplies else []),
            *(Column(str(KIT_WORDS[status]), number=True) for status in KitStatus),
        ],
        rows=rows,
        empty=_("No kit has been listed yet.") if told.supplies else _("No kit was sent yet."),
    )


def _offered(frame: Frame, told: KitsToRead) -> list[Link]:
    href = f"{frame.href}/kits"
    found = []
    if told.supplies:
        found += [Link(_("List kits"), f"{href}/new"), Link(_("Send kits"), f"{href}/send")]
    if told.coming:
        found.append(Link(_("Confirm a shipment"), f"{href}/receive"))
    if told.supplies or told.receives:
        found.append(Link(_("Set kits aside"), f"{href}/set-aside"))
    return found


def _product(frame: Frame, key: str) -> str:
    labels = {each.key: each.label for each in frame.protocol.products}
    return labels[key].in_language(frame.language) if key in labels else key


@in_study
def new_page(frame: Frame) -> HttpResponse:
    """Put in a list of kits."""
    told = kits_to_read(frame.actor)
    if not told.supplies:
        raise NotFound
    strengths = [each.key for each in told.kits.strengths]
    keys = ", ".join(dict.fromkeys(key for arm in frame.protocol.arms for key in arm.products))
    listed = question(
        "kits",
        Message("Kits, a line for each"),
        ItemType.TEXT,
        Message(
            "Number, product, strength, last day of use: K00417,{product},{strength},2027-03-31. "
            "Products: {keys}; strengths: {strengths}",
            product=keys.split(", ")[0],
            strength=strengths[0],
            keys=keys,
            strengths=", ".join(strengths),
        )
        if strengths
        else Message(
            "Number, product, last day of use: K00417,{product},2027-03-31. Products: {keys}",
            product=keys.split(", ")[0],
            keys=keys,
        ),
        longest=_LIST_AT_MOST,
    )
    step = _page(
        frame,
        _("List kits"),
        [listed],
        partial(_list, frame),
        _("The kits are listed, at the depot."),
        intro=_(
            "What is in each kit is sealed. A list whose numbers or days could tell it is refused."
        ),
    )
    return steps.run(frame, step, _context(frame, step))


def _list(frame: Frame, given: Given) -> None:
    about = frame.protocol.kits
    new = kits_from(str(given["kits"]), strengths=bool(about and about.strengths))
    kits.list_kits(by=frame.actor, kits=new)


@in_study
def send_page(frame: Frame) -> HttpResponse:
    """Send kits from the depot to a site."""
    told = kits_to_read(frame.actor)
    if not told.supplies:
        raise NotFound
    keys = list(dict.fromkeys(key for arm in frame.protocol.arms for key in arm.products))
    labels = {each.key: each.label for each in frame.protocol.products}
    step = _page(
        frame,
        _("Send kits"),
        [
            _site_question(told.sites),
            *strength_questions(told.kits),
            *(_amount(key, labels[key]) for key in keys),
        ],
        lambda given: kits.send_kits(
            by=frame.actor,
            site=str(given["site"]),
            amounts={key: int(str(given[key])) for key in keys if key in given},
            strength=str(given.get("strength", "")),
        ),
        _("The kits are under way; the site confirms them when they come."),
        intro=_("A shipment holds kits of each product, or it would tell what is in them."),
    )
    return steps.run(frame, step, _context(frame, step))


def _amount(key: str, label: Text) -> Item:
    return question(
        key,
        Message("How many: {product}", product=label),
        ItemType.INTEGER,
        minimum=Decimal(0),
        maximum=Decimal(10_000),
    )


@in_study
def receive_page(frame: Frame) -> HttpResponse:
    """Confirm that a shipment came."""
    told = kits_to_read(frame.actor)
    if not told.coming:
        raise NotFound
    coming = [line for line in told.lines if line.status is KitStatus.SENT]
    facts = [
        Row(
            _("Site {code}").format(code=site),
            ", ".join(line.number for line in coming if line.site == site),
            code=True,
        )
        for site in told.coming
    ]
    step = _page(
        frame,
        _("Confirm a shipment"),
        [_site_question(told.coming), *_aside_questions(optional=True)],
        lambda given: kits.receive_kits(
            by=frame.actor,
            site=str(given["site"]),
            unusable=_numbers(given),
            reason=str(given.get("reason", "")),
        ),
        _("The kits are in stock."),
        facts=facts,
        start={"site": told.coming[0]} if len(told.coming) == 1 else None,
    )
    return steps.run(frame, step, _context(frame, step))


@in_study
def set_aside_page(frame: Frame) -> HttpResponse:
    """Take kits out of the stock."""
    told = kits_to_read(frame.actor)
    if not (told.supplies or told.receives):
        raise NotFound
    step = _page(
        frame,
        _("Set kits aside"),
        _aside_questions(optional=False),
        lambda given: kits.set_kits_aside(
            by=frame.actor, numbers=_numbers(given), reason=str(given["reason"])
        ),
        _("The kits are set aside; nobody is given one."),
    )
    return steps.run(frame, step, _context(frame, step))


@in_study
def return_page(frame: Frame, code: str, number: str) -> HttpResponse:
    """Record that a kit came back."""
    participant, about, kit = kit_to_change(frame.actor, code, number)
    if not kit.may_return:
        raise NotFound
    step = _page(
        frame,
        _("Return of kit {number}").format(number=number),
        [
            question("on", Message("Day it came back"), ItemType.DATE),
            question(
                "unused",
                Message("How much is unused"),
                ItemType.NUMBER,
                Message("0 for an empty one; a full kit holds {amount} {unit}",
                        amount=f"{about.contains:f}", unit=about.unit),
                unit=about.unit,
                minimum=Decimal(0),
                maximum=about.contains,
            ),
        ],
        lambda given: kits.return_kit(
            by=frame.actor,
            code=code,
            number=number,
            unused=Decimal(str(given["unused"])),
            on=steps.day(given["on"]),
        ),
        _("The return is recorded."),
        then=f"{frame.href}/participants/{code}",
        button=_("Record the return"),
    )  # fmt: skip
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


@in_study
def replace_page(frame: Frame, code: str, number: str) -> HttpResponse:
    """Hand out another kit for one that was lost or damaged."""
    participant, _about, kit = kit_to_change(frame.actor, code, number)
    if not kit.may_replace:
        raise NotFound
    step = _page(
        frame,
        _("Replace kit {number}").format(number=number),
        [question("reason", Message("Why it is replaced"), ItemType.TEXT, longest=200)],
        lambda given: kits.replace_kit(
            by=frame.actor, code=code, number=number, reason=str(given["reason"])
        ),
        _("Another kit is assigned; its number stands on this page."),
        then=f"{frame.href}/participants/{code}",
        button=_("Assign another kit"),
    )
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _page(
    frame: Frame,
    heading: str,
    questions: Sequence[Item],
    act: Callable[[Given], object],
    done: str,
    *,
    intro: str = "",
    facts: Sequence[Row] = (),
    start: dict[str, str] | None = None,
    then: str = "",
    button: str = "",
) -> steps.Step:
    return steps.Step(
        heading=heading,
        button=button or heading,
        form=steps.form_of(*questions),
        act=act,
        done=done,
        then=then or f"{frame.href}/kits",
        intro=intro,
        facts=facts,
        start=start,
    )


def _context(frame: Frame, step: steps.Step) -> dict[str, object]:
    return frame.context(step.heading, crumbs=[Link(_("Kits"), step.then)])


def _site_question(sites: Sequence[str]) -> Item:
    codes = steps.choices("site", *((code, Text(code, code)) for code in sites))
    return question("site", Message.in_context("step", "Site"), ItemType.CHOICE, code_list=codes)


def _aside_questions(*, optional: bool) -> list[Item]:
    hint = Message("Those that are missing or can't be used, parted by spaces or commas")
    return [
        question("numbers", Message("Numbers"), ItemType.TEXT, hint, longest=4000,
                 optional=optional),
        question("reason", Message("Why they can't be used"), ItemType.TEXT, longest=200,
                 optional=optional),
    ]  # fmt: skip


def _numbers(given: Given) -> list[str]:
    return str(given.get("numbers", "")).upper().replace(",", " ").replace(";", " ").split()
