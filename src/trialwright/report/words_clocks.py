"""Words of a report's section on reports that were due."""

from trialwright.messages import Message

TEXTS = {
    "section_clocks": Message("Reports to authorities and to the sponsor"),
    "table_clocks": Message("Reports due, by rule"),
    "table_clocks_late": Message("Reports that went out late, or were late at the cut"),
    "table_clocks_holds": Message("Reports of holds and urgent measures"),
    "no_clocks": Message("No report was due."),
    "no_clocks_late": Message("None was late."),
    "no_clocks_holds": Message("No hold had to be reported."),
    "clock_rule": Message("Rule"),
    "clock_all": Message("Opened"),
    "clock_in_time": Message("Sent in time"),
    "clock_sent_late": Message("Sent late"),
    "clock_running": Message("Runs at the cut"),
    "clock_overdue": Message("of these late"),
    "clock_none_due": Message("None was due"),
    "clock_number": Message("Clock"),
    "clock_of": Message("Of"),
    "clock_started": Message("Counted from"),
    "clock_due": Message("Due at"),
    "clock_ended": Message("Sent"),
    "clock_of_event": Message("{participant}, event {event}"),
    "clock_of_hold": Message("Hold {hold}"),
    "clock_runs": Message("Not sent at the cut"),
    "clock_not_due": Message("Closed: none was due"),
    "clocks_note": Message(
        "Each period is that of the protocol's rule, which names its source. Whether a report went "
        "out can tell an arm, so all of this is for those who see results by arm."
    ),
}
