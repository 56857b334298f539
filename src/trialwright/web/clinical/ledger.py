"""The ledger of a study: its actions, the latest first, and one action with its lines."""

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of, people_of
from trialwright.conduct.reads.ledger import (
    LedgerAction,
    TrailFilter,
    ledger_action,
    ledger_actions,
)
from trialwright.conduct.reads.participants import one
from trialwright.conduct.refusals import NotFound
from trialwright.ledger import journal
from trialwright.ledger.reading import LedgerLine, PlainRow
from trialwright.web.clinical import filters
from trialwright.web.clinical.filters import Filter, choice
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.ledger_words import (
    action_choices,
    action_words,
    reason_words,
    record_words,
)
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.templatetags.trialwright import address_without


@in_study
def ledger_page(frame: Frame) -> HttpResponse:
    """The open chain, action by action."""
    asked = frame.request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    fields, wanted = _filters(frame)
    actions = ledger_actions(frame.actor, asked=wanted, before=before)
    head = journal.head(frame.actor.study)
    names = names_of({action.last.by for action in actions})
    table = Table(
        caption=_("Actions, the latest first"),
        columns=[
            Column(_("Ledger number")), Column(_("Recorded")), Column(_("Action")),
            Column(_("Participant")), Column(_("Who")), Column(_("Lines"), number=True),
        ],
        rows=[_row(frame, action, names) for action in actions],
        empty=_("No action of this kind stands here. Show all, or ask for less."),
    )  # fmt: skip
    first = actions[-1].lines[0].seq if actions else 0
    more = first > 1 and ledger_actions(frame.actor, asked=wanted, before=first, limit=1)
    address = address_without(frame.request, "before")
    context = frame.context(
        _("Audit trail"),
        crumbs=[],
        table=table,
        filters=fields,
        beside=Link(_("Reviews of the audit trail"), f"{frame.href}/ledger/reviews"),
        head={"number": head.seq, "hash": head.hash.hex()},
        older=Link(_("Older actions"), f"{address}before={first}") if more else None,
        how=_("Anyone with access to the machine can prove it: trialwright verify"),
    )
    return render(frame.request, "web/ledger.html", context)


def _filters(frame: Frame) -> tuple[list[Filter], TrailFilter]:
    """The fields over the audit trail, and what they ask for."""
    code = _participant(frame)
    fields = [code] if may(frame.actor, Act.SEE_PARTICIPANTS) else []
    visit, form = Filter("visit", ""), Filter("form", "")
    if code.value and not code.problem:
        visit = choice(frame, "visit", _("Visit"), filters.visits(frame))
        form = choice(frame, "form", _("Form"), filters.forms(frame))
        fields += [visit, form]
    people = choice(frame, "by", _("Who"), people_of(frame.actor.study))
    action = choice(frame, "action", _("Action"), action_choices())
    asked, first, last = filters.days(frame)
    begins, ends = filters.bounds(first, last)
    wanted = TrailFilter(
        "" if code.problem else code.value,
        visit.value,
        form.value,
        people.value,
        action.value,
        begins,
        ends,
    )
    return [*fields, people, action, *asked], wanted


def _participant(frame: Frame) -> Filter:
    """Whose trail is asked for, by the whole code."""
    typed = filters.participant(frame)
    try:
        code = one(frame.actor, typed.value).code if typed.value else ""
    except NotFound:
        words = _("You see no participant {code}. Enter a whole code, such as C-007.")
        return replace(typed, problem=words.format(code=typed.value))
    return replace(typed, value=code)


def _row(frame: Frame, action: LedgerAction, names: dict[str, str]) -> list[Cell]:
    last = action.last
    return [
        Cell(last.seq, href=f"{frame.href}/ledger/{last.seq}"),
        Cell(last.recorded_at),
        Cell(action_words(last.action)),
        Cell(action.code, code=bool(action.code), unsaid="–"),
        Cell(_who(frame, last, names)),
        Cell(len(action.lines)),
    ]


@in_study
def action_page(frame: Frame, number: int) -> HttpResponse:
    """One action: who, when, why, and each line it wrote."""
    action = ledger_action(frame.actor, number)
    last = action.last
    names = names_of({last.by})
    table = Table(
        caption=_("Lines"),
        columns=[
            Column(_("Ledger number")), Column(_("Record")), Column(_("Field")), Column(_("Now")),
            Column(_("Before")), Column(_("Why")), Column(_("Hash")),
        ],
        rows=[
            [
                Cell(line.seq),
                Cell(f"{record_words(line.entity)} {line.id[:8]}"),
                Cell(line.field, code=True, unsaid=_("removed")),
                _told(line.new),
                _told(line.old),
                _why(frame, line),
                Cell(line.hash[:12], code=True),
            ]
            for line in action.lines
        ],
        captioned=False,
    )  # fmt: skip
    people, why = f"{frame.href}/participants", _why(frame, action.lines[0])
    facts = [
        Row(_("Action"), action_words(last.action)),
        Row(
            _("Participant"),
            Link(action.code, f"{people}/{action.code}") if action.code else "",
            unsaid=_("of none, or of one you don't see"),
        ),
        Row(_("Who"), _who(frame, last, names)),
        Row(_("Happened"), last.happened_at),
        Row(_("Recorded"), last.recorded_at),
        Row(_("Why"), why.value, unsaid=why.unsaid),
    ]
    context = frame.context(
        _("Ledger {number}").format(number=number),
        crumbs=[Link(_("Audit trail"), f"{frame.href}/ledger")],
        table=table,
        facts_of_action=facts,
    )
    return render(frame.request, "web/ledger_action.html", context)


def _who(frame: Frame, line: LedgerLine, names: dict[str, str]) -> str:
    return frame.name_and_role(names.get(line.by, line.by), line.role)


def _why(frame: Frame, line: LedgerLine) -> Cell:
    why = line.reason
    return Cell(reason_words(frame, why.text)) if why.state == "text" else _told(why)


def _told(told: PlainRow) -> Cell:
    words = {
        "empty": _("emptied"),
        "never": "–",
        "withheld": _("not shown to you"),
        "erased": _("erased"),
    }
    return Cell(told.text) if told.state == "text" else Cell("", unsaid=words[told.state])
