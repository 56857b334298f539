"""The ledger of a study: its actions, the latest first, and one action with its lines."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from trialwright.accounts.reads import names_of
from trialwright.conduct.reads.ledger import LedgerAction, ledger_action, ledger_actions
from trialwright.ledger import journal
from trialwright.ledger.reading import LedgerLine, PlainRow
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.ledger_words import action_words, reason_words, record_words
from trialwright.web.components import Cell, Column, Link, Row, Table


@in_study
def ledger_page(frame: Frame) -> HttpResponse:
    """The open chain, action by action."""
    asked = frame.request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    actions = ledger_actions(frame.actor, before=before)
    head = journal.head(frame.actor.study)
    names = names_of({action.last.by for action in actions})
    table = Table(
        caption=_("Actions, the latest first"),
        columns=[
            Column(_("Ledger number")), Column(_("Recorded")), Column(_("Action")),
            Column(_("Participant")), Column(_("Who")), Column(_("Lines"), number=True),
        ],
        rows=[_row(frame, action, names) for action in actions],
        empty=_("Nothing stands before this number."),
    )  # fmt: skip
    first = actions[-1].lines[0].seq if actions else 0
    context = frame.context(
        _("Audit trail"),
        crumbs=[],
        table=table,
        head={"number": head.seq, "hash": head.hash.hex()},
        older=Link(_("Older actions"), f"?before={first}") if first > 1 else None,
        how=_("Anyone with access to the machine can prove it: trialwright verify"),
    )
    return render(frame.request, "web/ledger.html", context)


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
