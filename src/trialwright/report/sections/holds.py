"""Holds and the decisions that ended them; by arm also which, on which counts, and why."""

from trialwright.analysis.cut_holds import Hold, HoldDetail
from trialwright.report.context import ReportContext
from trialwright.report.document import Block, Column, Row, Section, Table


def holds_section(told: ReportContext) -> Section:
    """That there was a hold; in the report by arm also what only unblinded people may know."""
    blocks: list[Block] = [_holds(told)]
    if told.sealed is not None:
        blocks.append(_details(told, told.sealed.holds))
    return Section(told.words("section_holds"), tuple(blocks))


def _holds(told: ReportContext) -> Table:
    words = told.words
    heads = ("number", "set", "by", "pauses", "reason", "ended", "after")
    return Table(
        words("table_holds"),
        tuple(Column(words(f"hold_{head}")) for head in heads),
        tuple(_row(told, hold) for hold in told.cut.holds),
        (words("holds_note"),),
        words("no_holds"),
    )


def _row(told: ReportContext, hold: Hold) -> Row:
    words = told.words
    after = words("hold_goes_on" if hold.goes_on else "hold_closed")
    return Row(
        (
            str(hold.number),
            hold.set_on,
            words(f"hold_kind_{hold.kind}"),
            words(f"hold_pauses_{hold.pauses}"),
            hold.reason or "–",
            hold.ended_on or "–",
            after if hold.ended_on else words("hold_in_force"),
        )
    )


def _details(told: ReportContext, details: tuple[HoldDetail, ...]) -> Table:
    words = told.words
    heads = ("number", "group", "counts", "reason", "decision")
    rows = [
        Row(
            (
                str(each.number),
                _group(told, each.group),
                words(
                    "hold_at_counts",
                    events=each.events,
                    counted=each.counted,
                    bound="–" if each.bound is None else each.bound,
                )
                if each.counted
                else "–",
                each.reason or "–",
                _decision(told, each),
            )
        )
        for each in details
    ]
    columns = tuple(Column(words(f"hold_{head}")) for head in heads)
    return Table(words("table_hold_details"), columns, tuple(rows), empty=words("no_holds"))


def _group(told: ReportContext, group: str) -> str:
    return told.words("hold_all") if group == "all" else told.arm(group)


def _decision(told: ReportContext, each: HoldDetail) -> str:
    if not each.choice:
        return "–"
    arms = ", ".join(told.arm(arm) for arm in each.arms)
    said = told.words(f"hold_{each.choice}", **({"arms": arms} if arms else {}))
    key = "hold_override" if each.overrides else "hold_decided"
    decided = told.words(key, decision=said, why=each.why)
    if each.meeting is None:
        return decided
    against = "hold_against_board" if each.against_board else "hold_in_meeting"
    return told.words(against, decided=decided, meeting=each.meeting)
