"""The fixed words of what is told of sample sizes, times to an event and several arms, in
English."""

from trialwright.messages import Message

TEXTS = {
    "oc_kind_regimen_comparison": Message("Regimens against a control"),
    "oc_dropped": Message("Dropped for futility, %"),
    "oc_mistaken": Message("A regimen named that isn’t better, %"),
    "oc_mistaken_note": Message(
        "A regimen isn’t better when its true rate isn’t above that which it is compared with."
    ),
    "oc_any_or_all": Message("Any / all"),
    "oc_regimens_table": Message("Which regimens are named and dropped, and how many take part"),
    "oc_true_control": Message("True rate of the control, %"),
    "oc_so_many_better": Message("{n} better"),
    "oc_errors_table": Message(
        "{design}: probability of naming a regimen that isn’t better (type I error of them all), %"
    ),
    "oc_errors_note": Message(
        "With 0 regimens better all are alike (global null); with some better, by 30 points, the "
        "others are alike (partial null)."
    ),
    "oc_errors_exact": Message("These figures are exact."),
    "oc_errors_simulated": Message(
        "Simulated, {trials} trials for each figure, with a standard error of at most {error} "
        "points."
    ),
    "oc_threshold_found": Message(
        "Where a regimen is named from a probability of {name_at}, each figure of that table is at "
        "most {allowed}%: the least threshold, from 0.5, that keeps it."
    ),
    "oc_no_threshold": Message("No threshold keeps each figure of that table at {allowed}%."),
    "oc_no_search": Message(
        "No threshold is sought where the looks read the predictive probability, which depends on "
        "it."
    ),
    "oc_control_responses": Message("Responses of the control"),
    "oc_dropped_to": Message("After {n}: dropped up to"),
    "oc_named_from": Message("After {n}: named from"),
    "oc_bounds_alone": Message(
        "Responses of a regimen with which it is dropped or named, by those of the control with as "
        "many participants"
    ),
    "oc_alone_note": Message(
        "As if nothing were borrowed: what is borrowed moves these bounds with the responses of "
        "the others."
    ),
    "oc_exact_regimens": Message(
        "Exact: every number of responses of every arm is followed, with who was dropped when, all "
        "outcomes being known at each look."
    ),
    "oc_simulated_regimens": Message(
        "Simulated: {trials} trials for each scenario. The standard error of a probability is at "
        "most {error} points."
    ),
    "oc_kind_blrm": Message("Bayesian logistic regression (BLRM)"),
    "oc_kind_efftox": Message("EffTox"),
    "oc_true_toxicity": Message("True toxicity rate, %"),
    "oc_true_efficacy": Message("True efficacy rate, %"),
    "oc_efftox_method": Message(
        "{design}: simulated, {trials} trials for each scenario, each posterior by quasi-random "
        "sampling. The standard error of a chance of selection is at most {error} points."
    ),
    "oc_kind_survival": Message("Log-rank test, looks by events"),
    "oc_kind_multi_arm_multi_stage": Message("Several arms in stages (MAMS)"),
    "oc_kind_sample_size": Message("Sample size"),
    "oc_true_effect": Message("True effect, standard deviations"),
    "oc_rejected": Message("Probability to win, %"),
    "oc_any_rejected": Message("Any arm"),
    "oc_multi_arm_table": Message("Probability that each arm beats the control"),
    "oc_multi_arm_note": Message(
        "The effect of an arm is the difference of its mean from the control's. Without any effect "
        "“Any arm” is the family-wise error."
    ),
    "oc_multi_arm_method": Message(
        "Bounds by quadrature; the probabilities from {trials} simulated trials for each scenario, "
        "standard error at most {error} points."
    ),
    "oc_column_in_each_arm": Message("In each arm"),
    "oc_column_events": Message("Events"),
    "oc_column_time": Message("Time"),
    "oc_critical_ratio": Message("Hazard ratio at the bound"),
    "oc_power_so_far": Message("Power so far, %"),
    "oc_event_looks": Message("When each look comes"),
    "oc_event_looks_note": Message(
        "Events of both arms, rounded up; times from the first participant, in the unit of the "
        "hazard, as expected under what is assumed."
    ),
    "oc_time_axis": Message("time from the first participant"),
    "oc_share_with_event": Message("participants with an event"),
    "oc_last_look": Message("last look"),
    "oc_survival_figure": Message("Expected share of all participants with an event"),
    "oc_survival_said": Message("{design}: {events} events, expected after {time}"),
    "oc_survival_sentence": Message("The last look comes with its events. {said}."),
    "oc_survival_method": Message(
        "Events after Schoenfeld, expected numbers after Lachin and Foulkes, bounds by quadrature. "
        "Hazards are constant and proportional, accrual is steady."
    ),
    "oc_size_row": Message("{design}: {planned} in each arm"),
    "oc_power_percent": Message("Power, %"),
    "oc_error_points": Message("Standard error, points"),
    "oc_size_table": Message("Power by sample size"),
    "oc_per_arm_axis": Message("participants in each arm"),
    "oc_size_said_each": Message("{design}: {n} in each arm have a power of {power}%"),
    "oc_size_planned": Message("{said}."),
    "oc_size_curve": Message("Power against the sample size"),
    "oc_size_exact": Message(
        "{design}: exact. The size is the first at which the power wanted is reached; exact power "
        "isn’t monotone, so a larger one can have less."
    ),
    "oc_size_simulated": Message(
        "{design}: simulated, {trials} trials analysed as the report will. The standard error at "
        "the size planned is {error} points, the 95% interval of its power {low}% to {high}%."
    ),
    "oc_decides": Message("What {n} participants can and can’t decide"),
    "oc_decides_alike": Message(
        "With {n} participants, of whom {common}% respond in every arm, some regimen is named by "
        "mistake in {mistaken}% of trials."
    ),
    "oc_decides_can": Message(
        "They can find a regimen to which {best}% respond, where {common}% do to all others: it is "
        "named in {power}% of trials or more."
    ),
    "oc_decides_cannot": Message(
        "They can’t find even a regimen to which {best}% respond, where {common}% do to all "
        "others, in {power}% of trials."
    ),
    "oc_decides_middle": Message(
        "One to which {best}% respond, among others to which {common}% do, is named in {right}% of "
        "trials; in {none}% none is."
    ),
    "oc_decides_best": Message("Best regimen responds, %"),
    "oc_decides_right": Message("It is named, %"),
    "oc_decides_wrong": Message("Another is named, %"),
    "oc_decides_none": Message("None is named, %"),
    "oc_decides_needed": Message("Participants for {power}%"),
    "oc_decides_calibrated": Message("Named, if thresholds allow {mistaken}% mistakes"),
    "oc_decides_more": Message("over {n}"),
    "oc_decides_note": Message(
        "{per_arm} in each arm, by responses alone: no regimen is held. From {trials} simulated "
        "trials for each row, error at most {error} points; the participants needed from 1,000. "
        "The last column has the thresholds that a search finds for it, where the right regimen is "
        "named most often while some regimen is named by mistake in so many trials at most."
    ),
    "oc_outcomes_proportions": Message("Two proportions, exact test"),
    "oc_outcomes_means": Message("Two means, t test"),
    "oc_outcomes_believed_proportions": Message("Assurance: two proportions"),
    "oc_outcomes_believed_means": Message("Assurance: two means"),
    "oc_outcomes_normal": Message("Means, simulated"),
    "oc_outcomes_ordered": Message("Ordered outcomes, simulated"),
    "oc_outcomes_counts": Message("Counts of events, simulated"),
    "oc_outcomes_times": Message("Times to an event, simulated"),
    "oc_outcomes_stratified_proportions": Message("Proportions in strata, simulated"),
    "oc_outcomes_repeated_measures": Message("Repeated measures, simulated"),
    "oc_outcomes_clustered": Message("Clusters, simulated"),
    "oc_outcomes_crossover": Message("Crossover, simulated"),
}
