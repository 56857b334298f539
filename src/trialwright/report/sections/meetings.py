"""Meetings of the board; by arm also what exactly was recommended, and the closed session."""

from trialwright.analysis.cut_meetings import BoardMeeting, MeetingDetail
from trialwright.report.context import ReportContext
from trialwright.report.document import Block, Column, Row, Section, Table


def meetings_section(told: ReportContext) -> Section:
    """Who met, on which data, and whether the trial should go on."""
    blocks: list[Block] = [_meetings(told)]
    if told.sealed is not None:
        blocks.append(_details(told, told.sealed.meetings))
    return Section(told.words("section_meetings"), tuple(blocks))


def _meetings(told: ReportContext) -> Table:
    words = told.words
    heads = ("number", "held", "read", "present", "advice", "minutes", "signed")
    return Table(
        words("table_meetings"),
        tuple(Column(words(f"meeting_{head}"), share=_SHARES.get(head)) for head in heads),
        tuple(_row(told, meeting) for meeting in told.cut.meetings),
        (words("meetings_note"),),
        words("no_meetings"),
    )


_SHARES = {"advice": 1.0, "minutes": 2.0}


def _row(told: ReportContext, meeting: BoardMeeting) -> Row:
    words = told.words
    return Row(
        (
            str(meeting.number),
            meeting.held_on,
            meeting.read,
            words("meeting_counts", present=meeting.present, quorum=meeting.quorum),
            words(f"advice_{meeting.advice}"),
            meeting.minutes or "–",
            meeting.signed_on or "–",
        )
    )


def _details(told: ReportContext, details: tuple[MeetingDetail, ...]) -> Table:
    words = told.words
    rows = [
        Row(
            (
                str(each.number),
                _recommended(told, each),
                each.minutes or "–",
                _conflicts(told, each),
            )
        )
        for each in details
    ]
    heads = ("number", "advice", "minutes", "conflicts")
    columns = tuple(
        Column(words(f"meeting_{head}"), share=None if head == "number" else 1.0) for head in heads
    )
    return Table(words("table_meeting_details"), columns, tuple(rows), empty=words("no_meetings"))


def _recommended(told: ReportContext, each: MeetingDetail) -> str:
    arms = ", ".join(told.arm(arm) for arm in each.arms)
    more = {"arms": arms} if arms else {}
    return told.words(f"recommended_{each.recommendation}", why=each.why, **more)


def _conflicts(told: ReportContext, each: MeetingDetail) -> str:
    return "; ".join(each.conflicts) or told.words("meeting_no_conflicts")
