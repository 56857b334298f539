"""`setup/sites`: the sites of a study; one is added here, and opened, paused or closed on its own
page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from trialwright.accounts.models import SiteStatus
from trialwright.accounts.policy import Act
from trialwright.conduct.actions import sites
from trialwright.conduct.reads.setup import Phase, SiteTold, enter_setup, setup_of
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row, Status, Table
from trialwright.web.setup.frame import SetUpFrame, in_setup
from trialwright.web.setup.next_step import next_address


def site_status(status: SiteStatus) -> Status:
    """The status of a site as a word with its mark."""
    match status:
        case SiteStatus.PLANNED:
            return Status(_("Planned"), "idle")
        case SiteStatus.OPEN:
            return Status(_("Open for participants"), "good")
        case SiteStatus.PAUSED:
            return Status(_("Paused"), "caution")
        case SiteStatus.CLOSED:
            return Status(_("Site closed"), "idle")


def site_name(frame: SetUpFrame, site: SiteTold) -> str:
    """The name of a site in the language of the page."""
    return site.name_zh if frame.language.startswith("zh") else site.name_en


@in_setup
def sites_page(frame: SetUpFrame) -> HttpResponse:
    """List the sites, and add one."""
    table = Table(
        caption=_("Sites"),
        columns=[
            Column(_("Code")), Column(_("Name")), Column(_("Time zone")), Column(_("Status")),
        ],
        rows=[
            [
                Cell(site.code, href=f"{frame.href}/sites/{site.code}", code=True),
                Cell(site_name(frame, site)),
                Cell(site.time_zone, unsaid=_("as the installation")),
                Cell(site_status(site.status)),
            ]
            for site in frame.told.sites
        ],
        empty=_("There is no site yet. Participants are seen at a site; add the first one."),
        captioned=False,
    )  # fmt: skip
    context = frame.context(_("Sites"), crumbs=[], table=table)
    if not frame.manages:
        if frame.request.method == "POST":
            raise NotFound
        return render(frame.request, "web/setup/step.html", context)
    form = steps.form_of(
        question(
            "code", Message("Code"), ItemType.TEXT,
            Message("With it the codes of its participants begin: C gives C-001."), longest=8,
        ),
        question("name", Message("Name of the site"), ItemType.TEXT, longest=80),
        question(
            "name_zh", Message("Name in Chinese, if it has another"), ItemType.TEXT,
            longest=200, optional=True,
        ),
        question(
            "time_zone", Message("Time zone"), ItemType.TEXT,
            Message("Where its days begin, such as Europe/Paris. Empty: as the installation."),
            longest=64, optional=True,
        ),
    )  # fmt: skip
    step = steps.Step(
        heading=_("Sites"),
        button=_("Add the site"),
        form=form,
        act=lambda given: _add(frame, given),
        goes_on_to_what_came=True,
        done=_("The site is added."),
        then=frame.href,
        template="web/setup/step.html",
    )
    return steps.run(frame, step, context | {"step_heading": _("Add a site")})


def _add(frame: SetUpFrame, given: Given) -> str:
    sites.add_site(
        by=frame.actor,
        site=sites.NewSite(
            str(given["code"]),
            str(given["name"]),
            str(given.get("name_zh", "")),
            str(given.get("time_zone", "")),
        ),
    )
    if frame.told.phase is not Phase.SET_UP:
        return f"{frame.href}/sites"
    actor, row = enter_setup(frame.person, frame.actor.study)
    return next_address(SetUpFrame(frame.request, actor, setup_of(row.identifier)))


@in_setup
def site_page(frame: SetUpFrame, code: str) -> HttpResponse:
    """One site: what it is, and how it is opened, paused or closed."""
    site = next((each for each in frame.told.sites if each.code == code), None)
    if site is None:
        raise NotFound
    facts = [
        Row(_("Name"), site.name_en),
        Row(_("Name in Chinese"), site.name_zh, lang="zh-Hans"),
        Row(_("Time zone"), site.time_zone, unsaid=_("as the installation")),
        Row(_("Status"), site_status(site.status)),
    ]
    back = f"{frame.href}/sites"
    heading = _("Site {code}").format(code=code)
    context = frame.context(heading, crumbs=[Link(_("Sites"), back)])
    moves = _moves(frame, site)
    may_move = any(
        frame.actor.role_for(act, code) for act in (Act.MANAGE_PEOPLE, Act.SIGN_PROTOCOL)
    )
    if not may_move or not moves:
        if frame.request.method == "POST":
            raise NotFound
        context |= {"facts_above": facts, "no_button": True}
        return render(frame.request, "web/step.html", context)
    form = steps.form_of(
        question(
            "move", Message("What is done"), ItemType.CHOICE,
            code_list=steps.choices("move", *moves),
        ),
        question("reason", Message("Why"), ItemType.TEXT, longest=500, optional=True),
    )  # fmt: skip
    step = steps.Step(
        heading=heading,
        button=_("Save"),
        form=form,
        act=lambda given: _move(frame, code, given),
        done=_("The site is changed."),
        then=back,
        facts=facts,
        start={"move": moves[0][0]} if len(moves) == 1 else None,
    )
    return steps.run(frame, step, context)


def _moves(frame: SetUpFrame, site: SiteTold) -> list[tuple[str, Message]]:
    moves = {
        "open": (Message("Open it for participants"), (SiteStatus.PLANNED, SiteStatus.PAUSED)),
        "pause": (Message("Pause it: no new participants"), (SiteStatus.OPEN,)),
        "close": (
            Message("Close it"), (SiteStatus.PLANNED, SiteStatus.OPEN, SiteStatus.PAUSED),
        ),
    }  # fmt: skip
    return [(key, words) for key, (words, standing) in moves.items() if site.status in standing]


def _move(frame: SetUpFrame, code: str, given: Given) -> None:
    reason = str(given.get("reason", ""))
    match str(given["move"]):
        case "open":
            sites.open_site(by=frame.actor, code=code)
        case "pause":
            sites.pause_site(by=frame.actor, code=code, reason=reason)
        case "close":
            sites.close_site(by=frame.actor, code=code, reason=reason)
