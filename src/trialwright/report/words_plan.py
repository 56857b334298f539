"""The fixed words of a statistical analysis plan."""

from trialwright.messages import Message

TEXTS = {
    "plan_kind": Message("Statistical analysis plan"),
    "plan_running": Message("From the protocol, version {version}"),
    "plan_head": Message("File {hash}"),
    "plan_section_scope": Message("What this plan is"),
    "plan_scope": Message(
        "This plan is written by the program from the protocol's file, whose hash stands above: "
        "the same sentences stand in the protocol's page and in every report, and the program "
        "computes what they say. A change of the plan is an amendment of the protocol."
    ),
    "plan_section_design": Message("Design of the trial"),
    "plan_arms": Message("Arms"),
    "plan_arm": Message("Arm"),
    "plan_arm_name": Message("Name"),
    "plan_arm_what": Message("What is given"),
    "plan_participants": Message("Planned participants"),
    "plan_allocation": Message("Allocation"),
    "plan_permuted": Message("permuted blocks, ratio {ratio}"),
    "plan_none": Message("nobody is allocated: {arms}"),
    "plan_dose_cohort": Message("the dose of the cohort that is open"),
    "plan_randomised_cohort": Message(
        "the dose of the cohort that is open, or {control}: {each} of each cohort, by chance"
    ),
    "plan_simple": Message("simple randomisation, ratio {ratio}"),
    "plan_biased_coin": Message(
        "biased coin, ratio {ratio}: the arm that is behind is taken with probability {probability}"
    ),
    "plan_minimisation": Message(
        "minimisation, ratio {ratio}: an arm of least imbalance ({measure}, weights {weights}) is "
        "taken with probability {probability}"
    ),
    "plan_measure_range": Message.in_context("minimisation", "range"),
    "plan_measure_variance": Message.in_context("minimisation", "variance"),
    "plan_chosen": Message("chosen for each participant by the role “{role}”, with the reason"),
    "plan_external": Message(
        "a list drawn outside, ratio {ratio}, uploaded by the role “{role}” and sealed"
    ),
    "plan_by_rule": Message("by rule: {rules}"),
    "plan_switch": Message("switch to another arm: {arms}"),
    "plan_from_to": Message("from {before} to {after}"),
    "plan_blocks": Message("block sizes {sizes}"),
    "plan_blocks_hidden": Message("block sizes as in the protocol"),
    "plan_at_epoch": Message("at the beginning of “{epoch}”"),
    "plan_among": Message("of participants with {arms}; everybody else keeps their arm"),
    "plan_who_meet": Message("of those for whom {condition}"),
    "plan_by_first_arm": Message("analyses compare participants by their first arm"),
    "plan_strata": Message("stratified by {factors}"),
    "plan_run_in": Message("the first {participants} unstratified, in blocks of {size}"),
    "plan_no_allocation": Message("none: everybody is given the same"),
    "plan_section_rules": Message("Decision and stopping rules"),
    "plan_no_rules": Message("The protocol has no design section."),
    "plan_section_populations": Message("Analysis populations"),
    "plan_table_populations": Message("Analysis populations, and the rule that the program reads"),
    "plan_rule": Message("Rule"),
    "plan_section_endpoints": Message("Endpoints, estimands and their analysis"),
    "plan_rank": Message("Rank"),
    "plan_at": Message("Visit of its last value"),
    "plan_variable": Message("Computed as"),
    "plan_method": Message("Method"),
    "plan_interaction": Message.in_context("report, plan", "Interaction"),
    "plan_test": Message("Test"),
    "plan_procedure": Message("Several arms"),
    "plan_with_source": Message("{text} {source}."),
    "plan_section_missing": Message("Missing values"),
    "plan_missing": Message(
        "Every missing value is counted by the reason recorded for it, or by what the visit says: "
        "not due by the cut, overdue, missed, or not computable from what is recorded. Nothing is "
        "imputed unless the endpoint's analysis says so. What isn't due by a cut never counts as a "
        "failure."
    ),
    "plan_section_conventions": Message("Conventions"),
    "plan_conventions": Message(
        "Participants are analysed in the arm they were allocated to. Tests and intervals are "
        "two-sided. Means have one decimal more than the values, standard deviations too; "
        "percentages one; p-values three, below 0.001 as <0.001. Quartiles are linear between "
        "order statistics (Hyndman and Fan's type 7). Proportions described alone have "
        "Clopper-Pearson intervals."
    ),
    "plan_section_outputs": Message("Tables, figures and listings"),
    "plan_outputs": Message(
        "Every output by its number, as shells: xx stands for a number to come. Numbers follow "
        "ICH E3, sections 14 and 16.2."
    ),
    "plan_section_made": Message("Written by"),
    "shell_title": Message("{number} {title}"),
    "shell_disposition": Message("Disposition of participants"),
    "shell_populations": Message("Analysis populations"),
    "shell_baseline": Message("Baseline characteristics"),
    "shell_described": Message("{endpoint}: description"),
    "shell_compared": Message("{endpoint}: comparisons"),
    "shell_forest": Message("{endpoint}: forest of estimates"),
    "shell_survival": Message("{endpoint}: Kaplan-Meier curves with numbers at risk"),
    "shell_multiplicity": Message("Hypotheses that share one level"),
    "shell_list": Message("Outputs by number"),
    "shell_number": Message("Number"),
    "shell_kind": Message("Kind"),
    "shell_output": Message("Output"),
    "shell_population": Message("Population"),
    "shell_table": Message("Table"),
    "shell_figure": Message("Figure"),
    "shell_listing": Message("Listing"),
    "shell_screened": Message("Screened"),
    "shell_randomised": Message("Randomised"),
    "shell_treated": Message("Treated in full"),
    "shell_completed": Message("Completed"),
    "shell_withdrawn": Message("Withdrawn"),
    "shell_lost": Message("Lost to follow-up"),
    "shell_died": Message("Died"),
    "shell_statistic": Message("Statistic"),
    "shell_arm_head": Message("{arm} (n = xx)"),
    "shell_everyone": Message("All randomised"),
    "listing_discontinued": Message("Discontinued participants"),
    "listing_deviations": Message("Protocol deviations"),
    "listing_excluded": Message("Screened and not randomised"),
    "listing_allocation": Message("Allocation, and treatment received"),
    "listing_values": Message("{endpoint}: values by participant"),
    "listing_participant": Message("Participant"),
    "listing_site": Message("Site"),
    "listing_date": Message("Date"),
    "listing_kind": Message("Kind"),
    "listing_reason": Message("Reason"),
    "listing_what": Message("What happened"),
    "listing_classification": Message("Classification"),
    "listing_arm": Message("Arm allocated"),
    "listing_received": Message("Arm received"),
    "listing_value": Message("Value"),
    "listing_missing": Message("Why it is missing"),
    "listing_event": Message("Event"),
    "listing_days": Message("Days"),
    "listing_kind_title": Message("Listings of a data cut"),
    "listing_nobody": Message("Nobody."),
}
