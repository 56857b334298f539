"""What a monitor verifies in the source: the sites with what raises their share, the participants
with whether they are drawn, and what of it waits."""

from fractions import Fraction

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.conduct.models import Participant
from trialwright.conduct.reads.forms import FormPage
from trialwright.conduct.reads.verification import (
    SiteToVerify,
    ToVerify,
    forms_waiting,
    participants_to_verify,
    plans_of_sites,
)
from trialwright.messages import Message
from trialwright.protocol.forms import Item
from trialwright.protocol.monitoring import RiskSignal, SignalKind, SitePlan, Why
from trialwright.web.clinical.filters import choice, sites_of
from trialwright.web.clinical.filters import participant as participant_filter
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer
from trialwright.web.components import Cell, Column, Status, Table, Task

SIGNAL_WORDS: dict[SignalKind, Message] = {
    SignalKind.QUERIES: Message("queries to a value"),
    SignalKind.DEVIATIONS: Message("deviations to a participant"),
    SignalKind.LATE_ENTRIES: Message("share of forms entered late"),
    SignalKind.ERRORS: Message("errors to a value verified"),
}
WHY_WORDS: dict[Why, Message] = {
    Why.CRITICAL: Message("Critical"),
    Why.SAMPLE: Message("Participant drawn"),
}


@in_study
def verification_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """The participants of the monitor's sites; above them the sites."""
    plans = plans_of_sites(frame.actor)
    lines = participants_to_verify(frame.actor, plans)
    code, site = participant_filter(frame), sites_of(frame)
    drawn = choice(frame, "drawn", _("To be verified"), list(_drawn_words().items()))
    waits = choice(frame, "status", _("Status"), [("waiting", _("Forms wait"))])
    rows = [
        line
        for line in lines
        if code.value in line.code
        and site.value in ("", line.site)
        and drawn.value in ("", _drawn(line))
        and (not waits.value or line.forms)
    ]
    count = ngettext("{count} participant", "{count} participants", len(rows))
    listing = Listing(
        heading=_("Source data verification"),
        caption=count.format(count=len(rows)),
        columns=[
            Column(_("Participant")), Column(_("Site")), Column(_("To be verified")),
            Column(_("Forms that wait"), number=True),
        ],
        rows=rows,
        cells=lambda line: [
            Cell(line.code, href=_forms(frame, participant=line.code), code=True),
            Cell(line.site),
            Cell(_drawn_words()[_drawn(line)]),
            Cell(line.forms),
        ],
        plain=lambda line: {
            "participant": line.code, "site": line.site, "drawn": line.drawn, "forms": line.forms,
        },
        empty=_("No participant of this kind."),
        more={
            "filters": [code, *([site] if len(site.options) > 1 else []), drawn, waits],
            "sites": _sites(frame, plans),
        },
        template="web/verification.html",
    )  # fmt: skip
    return answer(frame, listing, kind)


def _sites(frame: Frame, plans: dict[str, SitePlan]) -> Table:
    """Each site with its share, and the rates that raise it."""
    rows = []
    for site, plan in sorted(plans.items()):
        rates = "; ".join(_rate_words(frame, plan, signal) for signal in plan.plan.signals)
        raised = bool(plan.plan.raised_by(plan.record))
        share = Status(_percent(plan.share), "caution") if raised else _percent(plan.share)
        rows.append(
            [Cell(site), Cell(share), Cell(len(plan.sampled)), Cell(rates, unsaid=_("none"))]
        )
    return Table(
        caption=_("Sites"),
        columns=[
            Column(_("Site")), Column(_("Share"), number=True), Column(_("Drawn"), number=True),
            Column(_("Signals")),
        ],
        rows=rows,
        empty=_("Nobody has been screened yet."),
    )  # fmt: skip


def _rate_words(frame: Frame, plan: SitePlan, signal: RiskSignal) -> str:
    rate = plan.record.rate(signal.kind)
    words = SIGNAL_WORDS[signal.kind].in_language(frame.language)
    if rate is None:
        return _("{signal}: nothing to count yet").format(signal=words)
    told = {"signal": words, "rate": f"{float(rate):.2g}", "limit": f"{signal.above}"}
    if signal in plan.plan.raised_by(plan.record):
        adds = _percent(signal.adds)
        return _("{signal} {rate}, above {limit}: adds {adds}").format(**told, adds=adds)
    return _("{signal} {rate}, limit {limit}").format(**told)


def _percent(share: Fraction) -> str:
    return f"{float(share):.0%}"


def _drawn(line: ToVerify) -> str:
    return {True: "all", False: "critical", None: "unplanned"}[line.drawn]


def _drawn_words() -> dict[str, str]:
    return {
        "all": _("Everything: the participant is drawn"),
        "critical": _("What is critical"),
        "unplanned": _("Everything: the site's version plans no sample"),
    }


def _forms(frame: Frame, **narrowed: str) -> str:
    """The list of the forms that wait, of a participant or a site."""
    asked = "".join(f"&{key}={value}" for key, value in narrowed.items())
    return f"{frame.href}/forms?status=unverified{asked}"


def why_words(frame: Frame, plan: SitePlan, page: FormPage, item: Item) -> str:
    """Why a value is to be verified; "" where it isn't."""
    why = plan.why(page.participant.code, page.form, item)
    return WHY_WORDS[why].in_language(frame.language) if why else ""


def participant_task(frame: Frame, row: Participant, plan: SitePlan) -> Task:
    """What of a participant is to be verified, and how many forms of it wait."""
    forms = forms_waiting(frame.actor, row, plan)
    drawn = _drawn_words()["all" if row.code in plan.sampled else "critical"]
    return Task(
        _("Source data verification"),
        _waiting(forms) if forms else Status(_("Nothing waits"), "good"),
        _forms(frame, participant=row.code),
        drawn,
    )


def verification_task(frame: Frame, line: SiteToVerify) -> Task:
    """A site at which forms wait, for Today."""
    drawn = ngettext("{count} participant drawn", "{count} participants drawn", line.drawn)
    return Task(
        _("Site {code}").format(code=line.site),
        _waiting(line.forms),
        _forms(frame, site=line.site),
        drawn.format(count=line.drawn),
    )


def _waiting(forms: int) -> Status:
    words = ngettext("{count} form to verify", "{count} forms to verify", forms)
    return Status(words.format(count=forms), "todo")
