"""Words of a report's section on the board's meetings."""

from trialwright.messages import Message

TEXTS = {
    "section_meetings": Message("Meetings of the board"),
    "table_meetings": Message("Meetings of the board"),
    "table_meeting_details": Message("What exactly was recommended, and the closed session"),
    "no_meetings": Message("No meeting of the board was recorded."),
    "meeting_number": Message("Meeting"),
    "meeting_held": Message("Held on"),
    "meeting_read": Message("Data cut read"),
    "meeting_present": Message("Members present (quorum)"),
    "meeting_counts": Message("{present} ({quorum})"),
    "meeting_advice": Message("Recommendation"),
    "meeting_minutes": Message("Minutes"),
    "meeting_signed": Message("Signed on"),
    "meeting_conflicts": Message("Conflicts of interest declared"),
    "meeting_no_conflicts": Message("None"),
    "advice_goes_on": Message("The trial should go on"),
    "advice_pauses": Message("The trial should pause"),
    "advice_stops": Message("The trial should stop"),
    "recommended_continue": Message("Continue as before: {why}"),
    "recommended_change": Message("Continue with changes: {why}"),
    "recommended_pause": Message("Pause the trial: {why}"),
    "recommended_stop_arm": Message("Stop {arms}, and continue: {why}"),
    "recommended_stop": Message("Stop the trial: {why}"),
    "meetings_note": Message(
        "A meeting counts once its chair and as many members as the quorum asks for have signed "
        "its record."
    ),
}
