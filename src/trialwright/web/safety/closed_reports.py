"""Encrypted copies of the report by arm, one for each reader of the board."""

from typing import Literal
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.conduct.actions.closed_reports import copy_closed_report
from trialwright.conduct.reads.closed_reports import CopiesToRead, copies_of, copy_to_open
from trialwright.conduct.reads.cuts import report_of
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.cuts import unchanged
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Table

_LANGUAGES = {"en": Message("English"), "zh": Message("Chinese")}


@in_study
def copies_page(frame: Frame, name: str) -> HttpResponse:
    """The copies that were made of a cut's report by arm, and the making of another."""
    told = copies_of(frame.actor, name)
    here = f"{frame.href}/cuts/{name}"
    readers = steps.choices(
        "reader", *((str(key), Text(words, words)) for key, words in told.readers.items())
    )
    spoken = steps.choices("language", *_LANGUAGES.items())
    step = steps.Step(
        heading=_("Encrypted copies of the report by arm: {name}").format(name=name),
        button=_("Make the copy"),
        form=steps.form_of(
            question("reader", Message("For which member of the board"), ItemType.CHOICE,
                     code_list=readers),
            question("language", Message("Language of the report"), ItemType.CHOICE,
                     code_list=spoken),
            label=Message("Another copy"),
        ),
        act=lambda given: _copy(frame, name, given),
        done=_("The copy is made. Its password stands in the table."),
        then=f"{here}/copies",
        start={"language": "zh" if frame.language.startswith("zh") else "en"},
        template="web/safety/copies.html",
    )  # fmt: skip
    crumbs = [
        Link(_("Data cuts and reports"), f"{frame.href}/cuts"),
        Link(_("Data cut {name}").format(name=name), here),
    ]
    said = _(
        "A copy opens with its own password alone, in any reader of PDF. Send the file one way and "
        "the password another; its reader finds the password on this page too."
    )
    table = _table(frame, told, here)
    context = frame.context(step.heading, crumbs=crumbs, said=said, table=table)
    return steps.run(frame, step, context | {"no_button": not told.readers})


def _copy(frame: Frame, name: str, given: Given) -> None:
    language: Literal["en", "zh"] = "zh" if given["language"] == "zh" else "en"
    reader = UUID(str(given["reader"]))
    copy_closed_report(by=frame.actor, cut=name, reader=reader, language=language)


def _table(frame: Frame, told: CopiesToRead, here: str) -> Table:
    rows = [
        [
            Cell(each.number, href=f"{here}/copies/{each.number}.pdf" if each.password else ""),
            Cell(each.reader),
            Cell(_LANGUAGES[each.language].in_language(frame.language)),
            Cell(each.made_at),
            Cell(each.made_by),
            Cell(each.password, code=True, unsaid=_("For the reader and who made it")),
        ]
        for each in told.copies
    ]
    return Table(
        caption=_("Copies that were made"),
        columns=[Column(_("Copy")), Column(_("Reader")), Column(_("Language")),
                 Column(_("Made")), Column(_("By")), Column(_("Password"))],
        rows=rows,
        empty=_("No copy of this report has been made yet."),
    )  # fmt: skip


@in_study
@unchanged
def copy_pdf(frame: Frame, name: str, number: int) -> HttpResponse:
    """The report by arm, encrypted with the password of the copy."""
    from trialwright.report.encrypted import encrypt_pdf
    from trialwright.report.typst import render_pdf

    copy = copy_to_open(frame.actor, name, number)
    language: Literal["en", "zh"] = "zh" if copy.language == "zh" else "en"
    plain = render_pdf(report_of(frame.actor, name, language=language, by_arm=True))
    response = HttpResponse(encrypt_pdf(plain, copy.password), content_type="application/pdf")
    file = f"{frame.actor.study}-{name}-copy-{number}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response
