"""From a code to everybody who was given of it: one page, both ways, with a call list."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from trialwright.conduct.reads.products import require_sight
from trialwright.conduct.reads.tracing import Trace, trace
from trialwright.conduct.refusals import NotFound
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.products.words import container_status, product_name
from trialwright.web.safety.situation_words import PREGNANCY_WORDS


@in_study
def trace_page(frame: Frame) -> HttpResponse:
    """Who was given of a donor, a lot or a container; or what a participant was given."""
    require_sight(frame.actor)
    asked = frame.request.GET.get("code", "").strip()[:60]
    problem = ""
    told = None
    if asked:
        try:
            told = trace(frame.actor, asked)
        except NotFound:
            problem = _("Nothing has the code {code}. Scan it again.").format(code=asked)
    context = frame.context(
        _("Who was given what"),
        crumbs=[Link(_("Products"), f"{frame.href}/products")],
        asked=asked,
        problem=problem,
        offered=[],
        facts=_facts(frame, told) if told else [],
        tables=_tables(frame, told) if told else [],
    )
    return render(frame.request, "web/products/trace.html", context)


def _facts(frame: Frame, told: Trace) -> list[Row]:
    number = len(told.participants)
    href = f"{frame.href}/products/lots"
    return [
        Row(_("Recipients"),
            ngettext("{count} participant", "{count} participants", number).format(count=number)),
        Row(_("Containers not given"), told.not_given),
        *(Row(_("Lot"), code, code=True, links=[Link(pgettext("link", "Open"), f"{href}/{code}")])
          for code in told.lots),
    ]  # fmt: skip


def _tables(frame: Frame, told: Trace) -> list[Table]:
    tables = [_lines(frame, told)]
    return [*tables, _pregnancies(frame, told)] if told.pregnancies else tables


def _pregnancies(frame: Frame, told: Trace) -> Table:
    """The pregnancies of the recipients, each child on a row of its own."""
    rows = []
    for each in told.pregnancies:
        words = PREGNANCY_WORDS[each.outcome].in_language(frame.language) if each.outcome else ""
        for child in each.children or (None,):
            rows.append(
                [
                    Cell(each.code, code=True, href=f"{frame.href}/participants/{each.code}"),
                    Cell(_("Case {number}").format(number=each.case),
                         href=f"{frame.href}/adverse-events/{each.case}"),
                    Cell(each.began, unsaid=_("Not known")),
                    Cell(words, unsaid=_("Not known yet")),
                    Cell(child.code if child else "", code=True, unsaid=_("None")),
                    Cell(child.born if child else "", unsaid="–"),
                ]
            )  # fmt: skip
    heads = (_("Participant"), _("Pregnancy"), _("Began, by the best estimate"),
             _("Outcome of the pregnancy"), _("Child"), _("Born"))  # fmt: skip
    return Table(caption=_("Their pregnancies and children"),
                 columns=[Column(head) for head in heads], rows=rows)  # fmt: skip


def _lines(frame: Frame, told: Trace) -> Table:
    heads = (
        _("Participant"), _("Container"), _("Lot"), _("Product"), _("Donors"), _("Given"),
        _("Amount"), _("Per kg"), _("Status"), _("Doctor told"), _("Called"),
    )  # fmt: skip
    rows = []
    for each in told.lines:
        unsaid = _("Not yet") if each.notice else "–"
        rows.append(
            [
                Cell(each.participant, code=True,
                     href=f"{frame.href}/participants/{each.participant}"),
                Cell(each.container, code=True),
                Cell(each.lot, code=True),
                Cell(product_name(frame, each.product)),
                Cell(", ".join(each.donors), unsaid="–"),
                Cell(dates.written(each.given_at)),
                Cell(f"{each.amount} {each.unit}"),
                Cell(f"{each.per_kg} {each.unit}/kg" if each.per_kg else "", unsaid="–"),
                Cell(container_status(each.status, frame.language)),
                Cell(dates.written(each.told) if each.told else "", unsaid=unsaid),
                Cell(dates.written(each.called) if each.called else "", unsaid=unsaid),
            ]
        )  # fmt: skip
    return Table(
        caption=_("Recipients, with the call list"),
        columns=[Column(head) for head in heads],
        rows=rows,
        empty=_("Nobody was given of it."),
    )
