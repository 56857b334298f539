"""Words of a report's section on holds and decisions."""

from trialwright.messages import Message

TEXTS = {
    "section_holds": Message("Holds and decisions"),
    "table_holds": Message("Holds"),
    "table_hold_details": Message("Which arm, on which counts, and what was decided"),
    "no_holds": Message("The trial has never been on hold."),
    "hold_number": Message("Hold"),
    "hold_set": Message("Set on"),
    "hold_by": Message("Set by"),
    "hold_pauses": Message("Pauses"),
    "hold_reason": Message("Reason"),
    "hold_ended": Message("Ended on"),
    "hold_after": Message("After it"),
    "hold_kind_rule": Message("A stopping rule"),
    "hold_kind_at_once": Message("An event that holds at once"),
    "hold_kind_person": Message("A person"),
    "hold_pauses_all": Message("All randomisation, and every start of treatment"),
    "hold_pauses_arm": Message("One arm"),
    "hold_goes_on": Message("The trial goes on"),
    "hold_closed": Message("The trial is closed"),
    "hold_in_force": Message("In force at the cut"),
    "hold_group": Message("Group"),
    "hold_counts": Message("Events of counted, and the bound"),
    "hold_decision": Message("Decision"),
    "hold_all": Message("All together"),
    "hold_at_counts": Message("{events} of {counted}; {bound}"),
    "hold_resume": Message("Go on as before"),
    "hold_close_arms": Message("Close: {arms}"),
    "hold_close_study": Message("Close the trial"),
    "hold_override": Message("{decision} (against the stopping rule): {why}"),
    "hold_decided": Message("{decision}: {why}"),
    "hold_in_meeting": Message("{decided} (meeting {meeting} of the board)"),
    "hold_against_board": Message(
        "{decided} (against what the board recommended in its meeting {meeting})"
    ),
    "holds_note": Message(
        "A hold ends by a signed decision alone. Its counts are those at which it was set, on "
        "unblinded data."
    ),
}
