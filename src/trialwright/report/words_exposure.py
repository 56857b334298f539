"""Words of a report's section on exposure."""

from trialwright.messages import Message

TEXTS = {
    "section_exposure": Message("Exposure"),
    "table_exposure": Message("Doses: {step}"),
    "exposure_head": Message("Doses recorded"),
    "exposure_participants": Message("Participants given a dose"),
    "exposure_full": Message("Doses given in full"),
    "exposure_part": Message("Doses given in part"),
    "exposure_none": Message("Doses not given"),
    "exposure_doses": Message("Doses by participant, mean (SD)"),
    "exposure_total": Message("Total amount by participant ({unit}), mean (SD)"),
    "exposure_intensity": Message("Share of the planned amount (%), mean (SD)"),
    "exposure_note": Message(
        "Columns count the randomised, or all participants where nobody is. The share counts doses "
        "not given as 0, over participants of whom every planned amount is known."
    ),
    "exposure_sealed_note": Message(
        "Amounts of this step could tell an arm; they stand in the report by arm alone."
    ),
    "exposure_no_doses": Message("No dose has been recorded."),
}
