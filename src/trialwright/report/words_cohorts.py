"""Words of a report's section on dose cohorts."""

from trialwright.messages import Message

TEXTS = {
    "section_cohorts": Message("Dose cohorts"),
    "cohort_of_group": Message("{caption}: {group}"),
    "table_cohort_flow": Message("Participants by dose level"),
    "table_cohort_events": Message("Dose-limiting events by dose level"),
    "table_cohort_decisions": Message("Decisions on dose cohorts"),
    "no_cohort_decisions": Message("No cohort has been opened."),
    "cohort_flow_note": Message(
        "As the rule saw each participant at the data cut; the window for dose-limiting events is "
        "{days} days from the first dose."
    ),
    "cohort_events_note": Message(
        "Of those followed through their window or with an event, with the exact 95% interval "
        "(Clopper-Pearson); the rule decides, not these intervals."
    ),
    "table_combinations": Message("Estimated rate of dose-limiting events by combination"),
    "combination_doses": Message("Agent A, agent B"),
    "combination_rate": Message("{rate} ({events} of {known})"),
    "combination_rate_out": Message("{rate} ({events} of {known}), eliminated"),
    "combination_out": Message("eliminated"),
    "combinations_note": Message(
        "Rates made to rise with the dose of each agent by least squares (isotonic regression of "
        "the matrix), as the rule takes them for its selection; in brackets what was observed. A "
        "combination is eliminated, with all as high in both agents, when it is too toxic."
    ),
    "cohort_level": Message("Dose level"),
    "cohort_level_dose": Message("{number} ({dose})"),
    "cohort_level_control": Message("{number} ({dose}), on the control"),
    "cohort_allocated": Message("Allocated"),
    "cohort_backfilled": Message("Backfilled"),
    "cohort_standing_event": Message("Dose-limiting event"),
    "cohort_standing_done": Message("Followed without one"),
    "cohort_standing_pending": Message("Still followed"),
    "cohort_standing_awaited": Message("Not treated yet"),
    "cohort_standing_missing": Message("Result missing"),
    "cohort_standing_replaced": Message("Not evaluable, replaced"),
    "cohort_evaluable": Message("Evaluable"),
    "cohort_dlts": Message("Dose-limiting events"),
    "cohort_responses": Message("Responses"),
    "cohort_decision": Message("Decision"),
    "cohort_decided_on": Message("Date"),
    "cohort_decided": Message("Decided"),
    "cohort_recommended": Message("Recommendation of the rule"),
    "cohort_agreement": Message("Agreement"),
    "cohort_reason": Message("Reason"),
    "cohort_role": Message("Signed as"),
    "cohort_opened": Message("Cohort at level {level}, {size} participants"),
    "cohort_opened_randomised": Message(
        "Cohort at level {level}, {size} participants and {control} on the control"
    ),
    "cohort_ended": Message("Escalation ended; level {level} chosen"),
    "cohort_ended_without": Message("Escalation ended; no dose chosen"),
    "cohort_followed": Message("As recommended"),
    "cohort_overrides": Message("Overrides the rule"),
    "cohort_alone": Message("No rule decides"),
    "cohort_said_escalate": Message("Escalate"),
    "cohort_said_stay": Message("Stay"),
    "cohort_said_de-escalate": Message("De-escalate"),
    "cohort_said_stop": Message("Stop"),
    "cohort_said_suspend": Message("Wait"),
    "cohort_said_at": Message("{said}: level {level}"),
    "cohort_mtd": Message("maximum tolerated dose (MTD)"),
    "cohort_obd": Message("optimal biological dose (OBD)"),
    "cohort_chosen": Message("Chosen as {sought} on {on}: level {level}."),
    "cohort_none_chosen": Message("The escalation ended on {on} without a {sought}."),
    "cohort_waits": Message("outcomes are awaited."),
    "cohort_rule_says": Message("The rule at the data cut: {reason}"),
    "cohort_would_select": Message(
        "If the escalation ended at the data cut, the rule would select level {level} as {sought}."
    ),
    "cohort_would_select_none": Message(
        "If the escalation ended at the data cut, the rule would select no {sought}."
    ),
    "listing_cohorts": Message("Dose cohort, level and standing of each participant"),
    "listing_cohort": Message("Cohort"),
    "listing_level": Message("Dose level"),
    "listing_first_dose": Message("First dose"),
    "listing_standing": Message("Dose-limiting event"),
    "listing_response": Message("Response"),
    "cohort_beside": Message("{cohort}, backfilled"),
    "cohort_response_event": Message("Responded"),
    "cohort_response_done": Message("No response"),
    "cohort_response_pending": Message("Awaited"),
    "cohort_response_missing": Message("Missing"),
}
