"""Words of a report's section on adverse events."""

from trialwright.messages import Message
from trialwright.safety.seriousness import WORDS

TEXTS = {
    "section_events": Message("Adverse events"),
    "table_events": Message("Emergent adverse events: participants with one, and events"),
    "table_terms": Message("Emergent adverse events by system organ class and term"),
    "table_serious": Message("Serious adverse events"),
    "event_head": Message.in_context("report", "Adverse events"),
    "events_any": Message("Any event"),
    "events_related": Message("Related, or not assessed yet"),
    "events_serious": Message.in_context("report", "Serious"),
    "events_fatal": Message("Fatal"),
    "events_stopping": Message("With a stopping question answered with yes"),
    "events_by_worst": Message("By worst grade"),
    "grade": Message("Grade {grade}"),
    "people_events": Message("{people} ({events})"),
    "no_system": Message("Without a system organ class"),
    "events_note": Message(
        "Participants with at least one (events). The denominator is the treated; a participant "
        "counts once in a row. An event is emergent if it may have begun on the day of the "
        "treatment or later. Serious is any of six criteria."
    ),
    "events_others": Message("Not emergent, and not counted above"),
    "events_before_consent": Message("Began before consent, or without one"),
    "events_before_treatment": Message("Began before the treatment"),
    "events_not_treated": Message("Of participants who were not treated"),
    "events_outside": Message(
        "Besides, participants outside these groups ({people}) had events ({events}) that are not "
        "emergent."
    ),
    "onset_before_consent": Message.in_context("report", "before consent"),
    "onset_no_day_consent": Message.in_context("report", "no consent recorded"),
    "onset_before": Message.in_context("report", "before the treatment"),
    "onset_may_be_before": Message.in_context("report", "may be before the treatment"),
    "onset_no_day": Message.in_context("report", "not treated"),
    "section_situations": Message("Pregnancies and situations without harm"),
    "table_situations": Message("Participants with one, and situations"),
    "situation_head": Message.in_context("report", "Situations"),
    "situation_pregnancy": Message("Pregnancy"),
    "situation_medication_error": Message("Medication error"),
    "situation_wrong_container": Message("Another's container given"),
    "situation_overdose": Message("Overdose"),
    "situation_outside_protocol": Message("Use outside the protocol"),
    "pregnancy_goes_on": Message("Without an outcome yet"),
    "pregnancy_birth": Message("Birth of one or more living children"),
    "pregnancy_miscarriage": Message("Miscarriage"),
    "pregnancy_ectopic": Message("Ectopic pregnancy"),
    "pregnancy_stillbirth": Message("Stillbirth"),
    "pregnancy_termination": Message("Termination by choice"),
    "pregnancy_unknown": Message("Not known, and can't be learned"),
    "child": Message("Child"),
    "table_children": Message("Cases of children"),
    "no_children_cases": Message("No case of a child is recorded."),
    "children_born": Message("Children"),
    "children_malformed": Message("With a malformation, by their mothers"),
    "children_died": Message("Who died, by their mothers"),
    "situations_note": Message(
        "None of these is an adverse event. A pregnancy that was lost is the participant's serious "
        "event, a malformation or death of a child is the child's: neither counts in the other."
    ),
    "no_events": Message("No adverse event is recorded."),
    "no_serious": Message("No serious event is recorded."),
    "event_term": Message("Term"),
    "event_grade_head": Message("Worst grade"),
    "event_started": Message("Began"),
    "event_known": Message("Known to the site"),
    "event_outcome": Message("Outcome"),
    "event_criteria": Message("Serious because"),
    "outcome_recovered": Message("Recovered"),
    "outcome_recovering": Message("Recovering"),
    "outcome_not_recovered": Message("Not recovered"),
    "outcome_sequelae": Message("Recovered with sequelae"),
    "outcome_fatal": Message("Fatal"),
    "outcome_unknown": Message("Outcome not known"),
    **{f"criterion_{criterion.value}": words for criterion, words in WORDS.items()},
}
