"""The fixed words of what is told of a design, in English."""

from trialwright.messages import Message

TEXTS = {
    "oc_kind_boin": Message("BOIN"),
    "oc_kind_keyboard": Message("Keyboard"),
    "oc_kind_mtpi2": Message("mTPI-2"),
    "oc_kind_mtpi": Message("mTPI"),
    "oc_kind_decision_table": Message("Decision table"),
    "oc_kind_three_plus_three": Message("3+3"),
    "oc_kind_crm": Message("CRM"),
    "oc_kind_tite_crm": Message("TITE-CRM"),
    "oc_kind_tite_boin": Message("TITE-BOIN"),
    "oc_kind_boin12": Message("BOIN12"),
    "oc_kind_combination_boin": Message("BOIN for two agents"),
    "oc_agent_a": Message("Agent A, dose {dose}"),
    "oc_agent_b": Message("Agent B, dose {dose}"),
    "oc_two_agents_scenario": Message("Scenario {number}; none is selected: {none}"),
    "oc_two_agents_cell": Message("{chance} ({true})"),
    "oc_two_agents_selected": Message("Chance that each combination is selected, %: {design}"),
    "oc_two_agents_note": Message("In brackets the true DLT rate, %."),
    "oc_two_agents_treated": Message("Expected number treated at each combination: {design}"),
    "oc_kind_backfill_boin": Message("BOIN with backfill"),
    "oc_kind_tite_boin12": Message("TITE-BOIN12"),
    "oc_response_window": Message(" Responses are assessed for {days} days."),
    "oc_kind_beta_binomial_stopping": Message("Beta-binomial rule"),
    "oc_kind_beta_binomial_calibrated": Message("Beta-binomial rule, calibrated"),
    "oc_kind_historical_control": Message("Excess over earlier controls"),
    "oc_kind_likelihood_ratio_boundary": Message("Sequential likelihood ratio test"),
    "oc_kind_toxicity_boundary": Message("Frequentist boundary"),
    "oc_kind_excess_over_control": Message("Excess over control"),
    "oc_kind_simon_two_stage": Message("Simon’s two stages"),
    "oc_kind_exact_two_arm": Message("Exact two-arm test"),
    "oc_kind_group_sequential": Message("Group-sequential test"),
    "oc_kind_wang_tsiatis": Message("Classical bounds (Wang and Tsiatis)"),
    "oc_kind_inverse_normal": Message("Combination test, inverse normal"),
    "oc_kind_fisher_combination": Message("Combination test, product of p-values"),
    "oc_kind_delayed_response": Message("Test with late outcomes"),
    "oc_kind_exact_single_arm": Message("Exact test of one arm"),
    "oc_kind_selection": Message("Selection design"),
    "oc_kind_response_adaptive": Message("Response-adaptive allocation"),
    "oc_kind_permuted_blocks": Message("Permuted blocks"),
    "oc_kind_minimisation": Message("Minimisation"),
    "oc_dose": Message("dose {dose}"),
    "oc_dose_short": Message("Dose {dose}"),
    "oc_none": Message("none"),
    "oc_none_head": Message("None"),
    "oc_scenario": Message("Scenario {number}"),
    "oc_scenario_1": Message("As in scenario 1"),
    "oc_percent": Message("Probability in %"),
    "oc_participants": Message("Expected number"),
    "oc_true_dlt": Message("True DLT rate, %"),
    "oc_true_event": Message("True event rate, %"),
    "oc_true_response": Message("True response rate, %"),
    "oc_true_response_axis": Message("true response rate"),
    "oc_all": Message.in_context("report", "All"),
    "oc_dlts": Message("DLTs"),
    "oc_overdose": Message("Above target, %"),
    "oc_overdose_note": Message(
        "Above target: the share of participants treated at a dose whose true DLT "
        "rate is above the target."
    ),
    "oc_days": Message("Days"),
    "oc_bars": Message(
        "Chance in % that each dose is selected at the end. Under each dose its true DLT "
        "rate; the dose nearest the target is underlined"
    ),
    "oc_bars_sentence": Message(
        "In scenario 1 dose {dose} is nearest the target; the chance that it is selected: {said}."
    ),
    "oc_bars_sentence_best": Message(
        "In scenario 1 dose {dose} is the best: of the doses that are safe "
        "and active enough it has the highest utility. The chance that it is selected: {said}."
    ),
    "oc_bars_sentence_no_best": Message(
        "In scenario 1 no dose is both safe and active enough; the chance "
        "that none is selected: {said}."
    ),
    "oc_bars_best": Message(
        "Chance in % that each dose is selected at the end. Under each dose its true "
        "DLT rate; the best dose is underlined"
    ),
    "oc_bars_sentence_none": Message(
        "In scenario 1 every dose is too toxic; the chance that none is selected: {said}."
    ),
    "oc_bar_said": Message("{design} {percent}%"),
    "oc_selected": Message("Selection probability of each dose"),
    "oc_treated": Message("Participants at each dose, and DLTs"),
    "oc_moving": Message("{design}: the dose that is selected, by sensitivity to higher toxicity"),
    "oc_moving_sentence": Message(
        "{design} selects no dose in {mild}% of trials when the odds of a DLT "
        "are a quarter of those of scenario 1, in {now}% as in scenario 1, and in {harsh}% at four "
        "times the odds."
    ),
    "oc_moving_table": Message(
        "Chance that each dose is selected as the odds of a DLT at every dose are multiplied"
    ),
    "oc_odds": Message("Odds of a DLT {factor}"),
    "oc_odds_axis": Message("odds of a DLT at every dose, times those of scenario 1"),
    "oc_chance_selected": Message("selection probability"),
    "oc_exact": Message(
        "{design}: exact. All {states} states that a trial can reach were followed and "
        "weighed by the true rates; nothing was simulated, and the error is that of rounding."
    ),
    "oc_simulated": Message(
        "{design}: simulated, {trials} trials for each scenario. The standard error of "
        "a chance of selection is at most {error} percentage points."
    ),
    "oc_listed": Message(", "),
    "oc_duration": Message(
        " Participants arrive at {arrivals} a week on average; a DLT may show itself for "
        "{window} days, {late}% of them in the second half. From the first treatment until all "
        "are followed a trial lasts, by scenario, {days} days on average."
    ),
    "oc_exact_safety": Message(
        "Exact: the distribution of events is followed participant by participant, "
        "each outcome known before the next is treated; after a hold nobody else is treated."
    ),
    "oc_scheduled_safety": Message(
        "A participant is treated every {between} days and watched for {window}. The rule is read "
        "each day, on those whom it counts; after a hold nobody else is treated. Expected events "
        "are all that the treated will have."
    ),
    "oc_scheduled_pause": Message(
        "After {treated} participants the next waits until the last of them was watched."
    ),
    "oc_scheduled_exact": Message("Exact: every state of those still watched is followed."),
    "oc_scheduled_simulated": Message(
        "Simulated: {trials} trials at each rate, standard error of a hold {error} points at most."
    ),
    "oc_expected_days": Message("Expected days until the hold or the end"),
    "oc_exact_excess": Message(
        "Excess over control: exact, read at the looks alone, the control’s true "
        "event rate being {control}%. Participants and events are those on treatment."
    ),
    "oc_after_participants": Message("after {n}"),
    "oc_better_axis": Message("probability that arm 1 is better"),
    "oc_share_axis": Message("probability of arm 1"),
    "oc_share_figure": Message("Where the next participant goes"),
    "oc_share_sentence": Message(
        "When arm 1 is better with probability 90%, the last participant goes to it with "
        "probability {share}%."
    ),
    "oc_named_first": Message("Arm 1 named, %"),
    "oc_named_second": Message("Arm 2 named, %"),
    "oc_allocated": Message("Participants, arm 1 / arm 2"),
    "oc_worse_more": Message("Worse arm gets more, %"),
    "oc_bias_first": Message("Bias, arm 1"),
    "oc_bias_second": Message("Bias, arm 2"),
    "oc_bias_difference": Message("Bias, difference"),
    "oc_adaptive_table": Message("Which arm is named, who gets how many, and bias"),
    "oc_bias_note": Message(
        "Bias: the expected observed rate less the true one, in percentage points; of the "
        "difference, arm 1 less arm 2."
    ),
    "oc_exact_adaptive": Message(
        "Exact: every number of participants and responses of both arms is followed, each response "
        "known before the next participant comes."
    ),
    "oc_exact_blocks": Message(
        "{design}: exact, for someone who knows all earlier assignments and where "
        "blocks begin, and names an arm with most places left."
    ),
    "oc_simulated_minimisation": Message(
        "{design}: simulated, {trials} lists for the same {participants} participants; the "
        "factors have {levels} levels, all equally likely. Guessed by someone who knows the "
        "rule and all earlier participants; the standard error of that share is {error} "
        "percentage points."
    ),
    "oc_exact_all": Message("Exact, by summing over all outcomes."),
    "oc_exact_two_arms": Message(
        "Exact: all counts that can occur at each look are followed; the size is "
        "the largest chance of rejection over common rates from 1% to 99%."
    ),
    "oc_exact_selection": Message(
        "Exact under these idealisations: outcomes known at once, complete "
        "blocks (but for the last, where the places of a held regimen are refilled), one stratum, "
        "no days apart, response stops nothing, a hold is final."
    ),
    "oc_quadrature": Message("Normal theory, integrated numerically over the looks."),
    "oc_escalate": Message("escalate"),
    "oc_stay": Message("stay"),
    "oc_de_escalate": Message("de-escalate"),
    "oc_eliminate": Message("eliminate"),
    "oc_stop": Message("stop"),
    "oc_never": Message("no count"),
    "oc_treated_here": Message("participants treated at the dose"),
    "oc_dlts_here": Message("DLTs among them"),
    "oc_boundary_figure": Message("What the counts at the current dose decide"),
    "oc_boundary_sentence": Message(
        "With {n} treated at the dose: escalate at {up} DLTs or fewer, "
        "de-escalate at {down} or more, eliminate at {out} or more."
    ),
    "oc_decision_table": Message("Decision table"),
    "oc_cohorts_note": Message(
        "Complete cohorts; the table for every number treated is in the data."
    ),
    "oc_column_treated": Message("Treated"),
    "oc_column_escalate_at_most": Message("Escalate at DLTs ≤"),
    "oc_column_de_escalate_at_least": Message("De-escalate at ≥"),
    "oc_column_eliminate_at_least": Message("Eliminate at ≥"),
    "oc_column_drop_dose_1_at_least": Message("Drop dose 1 at ≥"),
    "oc_column_hold_at": Message("Hold at events ≥"),
    "oc_column_stop_at_most": Message("Not enough: ≤"),
    "oc_column_futile_at_most": Message("Not active: ≤"),
    "oc_column_active_at_least": Message("Active: ≥"),
    "oc_column_look": Message("Look"),
    "oc_column_x2": Message("Responses in arm 2"),
    "oc_column_reject_at_least": Message("Reject when arm 1 has ≥"),
    "oc_first_cohort": Message("Cohort 1: DLTs"),
    "oc_second_dose": Message("Cohort 2: dose"),
    "oc_second_cohort": Message("Cohort 3 after {dlts}"),
    "oc_pathways": Message("Dose pathways: where cohort 3 goes, by the DLTs in cohorts 1 and 2"),
    "oc_pathways_note": Message("Later cohorts follow the model fitted to all data so far."),
    "oc_ranks": Message("Desirability with {n} treated at a dose, by DLTs and responses"),
    "oc_rank_head": Message("DLTs, then responses →"),
    "oc_ranks_note": Message("The higher rank is the more desirable; a dash is inadmissible."),
    "oc_go_on": Message("go on"),
    "oc_hold": Message("hold"),
    "oc_treated_all": Message("participants treated"),
    "oc_events": Message("with a stopping event"),
    "oc_hold_figure": Message("When the rule holds"),
    "oc_join": Message("; "),
    "oc_then": Message.in_context("report", ", "),
    "oc_hold_run": Message("{bound} of {span}"),
    "oc_hold_sentence": Message("The rule holds at {runs}."),
    "oc_hold_table": Message("Number of events at which the rule holds"),
    "oc_event_rate": Message("true event rate"),
    "oc_chance_hold": Message("probability of a hold"),
    "oc_chance_hold_percent": Message("Probability of a hold, %"),
    "oc_limit": Message("limit"),
    "oc_hold_curve": Message("Probability that the rule ever holds"),
    "oc_hold_curve_sentence": Message("The chance that the rule ever holds: {said}."),
    "oc_hold_at_rates": Message("{design} {ten}% at a true rate of 10%, {thirty}% at 30%"),
    "oc_holding": Message("How often the rule holds, and expected numbers"),
    "oc_expected_treated": Message("Expected participants"),
    "oc_expected_events": Message("Expected events"),
    "oc_control_events": Message("Events in control"),
    "oc_per_arm": Message("{n} per arm"),
    "oc_looks_table": Message("Events on treatment at which the rule holds, by look"),
    "oc_looks_note": Message(
        "A dash, and more events in the control than in the last row: no number of "
        "events holds, or there are not so many participants."
    ),
    "oc_active": Message("Declared active, %"),
    "oc_early_stop": Message("Stopped after stage 1, %"),
    "oc_stopped_early": Message("Stopped before the last look, %"),
    "oc_ends_by_look": Message("How often the trial ends at each look, %: {design}"),
    "oc_look_treated": Message("Look {look}, {treated} treated"),
    "oc_ends_active": Message("Active"),
    "oc_ends_futile": Message("Not active"),
    "oc_chance_active": Message("probability of declaring it active"),
    "oc_active_figure": Message("Probability of declaring the treatment active"),
    "oc_active_sentence": Message(
        "The chance to declare the treatment active rises with its true response rate."
    ),
    "oc_active_table": Message("Behaviour at each true response rate"),
    "oc_admissible": Message(
        "Admissible designs to tell {p1} from {p0} with errors of {alpha} and {beta}, "
        "from minimax to optimal"
    ),
    "oc_admissible_note": Message(
        "Stop, or not active, with so many responses or fewer of so many participants. The "
        "first has the fewest participants in all, the last the smallest expected number when "
        "the treatment is not active; each between is the best for some weighing of both."
    ),
    "oc_bound_of": Message("{bound} / {size}"),
    "oc_column_stage_1": Message("Stage 1"),
    "oc_column_stage_2": Message.in_context("report", "In all"),
    "oc_column_type_1": Message("Type I error, %"),
    "oc_column_power": Message("Power, %"),
    "oc_column_expected": Message("Expected if not active"),
    "oc_column_stopped": Message("Stopped early if not active, %"),
    "oc_common_rate": Message("common true rate of both arms"),
    "oc_chance_reject": Message("probability of rejection"),
    "oc_size_figure": Message("True size: chance to reject when both arms are alike"),
    "oc_size_sentence": Message("The largest chance to reject when both arms are alike: {said}."),
    "oc_size_said": Message("{design} {size}%"),
    "oc_size_of": Message("{design}: true size {size}% (at a common rate of {at})"),
    "oc_pair": Message("{one} against {two}"),
    "oc_true_pair": Message("True rates, arm 1 against arm 2, %"),
    "oc_reject": Message("Probability of rejection, %"),
    "oc_power_table": Message("True size, power and expected numbers"),
    "oc_allocation": Message.in_context("report", "Allocation"),
    "oc_allocation_table": Message("Guessing and balance"),
    "oc_guess_figure": Message("Share of assignments that are guessed right"),
    "oc_guessed_axis": Message("Guessed right, in % of all assignments"),
    "oc_guess_knowing": Message("knowing the rule and the past"),
    "oc_guess_blind": Message("knowing the ratio alone"),
    "oc_guess_said": Message("{design} {knowing}% against {blind}%"),
    "oc_guess_sentence": Message(
        "Guessed right by someone who knows the rule and all earlier assignments, "
        "against the ratio alone: {said}."
    ),
    "oc_guess_knowing_percent": Message("Guessed, knowing the past, %"),
    "oc_guess_blind_percent": Message("Guessed, by the ratio, %"),
    "oc_imbalance_largest": Message("Largest imbalance"),
    "oc_imbalance_mean": Message("Mean imbalance at the end"),
    "oc_imbalance_note": Message(
        "Imbalance: the largest difference between two arms, each divided by its share of the "
        "ratio. Of blocks the largest that can ever be, over all lists; of a minimisation the "
        "largest at the end of a simulated list."
    ),
    "oc_block_table": Message("What one block gives away"),
    "oc_block_size": Message("Block size"),
    "oc_block_guesses": Message("Guessed right"),
    "oc_block_excess": Message("Above blind guessing"),
    "oc_block_foretold": Message("Foretold with certainty"),
    "oc_block_imbalance": Message("Largest imbalance"),
    "oc_block_note": Message("Expected numbers of assignments in a block."),
    "oc_effect_axis": Message("true effect, as a share of the planned one"),
    "oc_planned_effect": Message("planned effect"),
    "oc_power": Message("power"),
    "oc_sequential_figure": Message("Power against the true effect"),
    "oc_sequential_sentence": Message(
        "The chance to reject rises from the level at no effect to the "
        "planned power at the planned effect."
    ),
    "oc_bounds": Message("Bounds of the test statistic Z at each look"),
    "oc_fraction": Message("Information"),
    "oc_upper": Message("Reject at Z ≥"),
    "oc_lower": Message("Stop at Z ≤"),
    "oc_decide": Message("Then reject at Z ≥"),
    "oc_weight": Message("Weight of the stage"),
    "oc_delayed_note": Message(
        "{design}: a stop for effect is reversed by outcomes that come later with a probability of "
        "{none}% at no effect and {planned}% at the planned one, where {information}% of the "
        "maximum information is used on average."
    ),
    "oc_combined_note": Message(
        "{design}: power where nothing is changed. Sample sizes, arms and looks may be changed "
        "after an interim look; the weights and the level stay."
    ),
    "oc_inflation_factor": Message(
        "The largest information is {factor} times that of a test without interim looks."
    ),
    "oc_arm_rule": Message("Each regimen alone"),
    "oc_pooled_rule": Message("All regimens together"),
    "oc_naming_figure": Message(
        "Chance in % that each regimen is named. Under each its true response "
        "rate; a single best one is underlined"
    ),
    "oc_naming_sentence": Message("No regimen is named: {said}."),
    "oc_none_named": Message("{percent}% in scenario {number}"),
    "oc_naming": Message("Naming, holding and numbers in each scenario"),
    "oc_named": Message("Named, %"),
    "oc_held": Message("Held for safety, %"),
    "oc_inflation": Message("Overstated when named, points"),
    "oc_none_or_all": Message("None / all"),
    "oc_control_note": Message("Arm {control} is the control and is never named."),
    "oc_inflation_note": Message(
        "Overstated: the observed minus the true response rate of the arm when it "
        "is named, in percentage points."
    ),
    "oc_report_kind": Message("Report on a design"),
    "oc_report_title": Message("{designs}: how the trial decides, and how well"),
    "oc_and": Message("{first} and {last}"),
    "oc_fact_designs": Message("Design"),
    "oc_fact_study": Message("Protocol"),
    "oc_fact_version": Message("version {version} of {date}"),
    "oc_fact_file_hash": Message("SHA-256 of the protocol"),
    "oc_fact_scenarios": Message("Scenarios"),
    "oc_fact_method": Message("Method"),
    "oc_method_exact": Message("exact"),
    "oc_method_simulated": Message("simulated, with its standard error"),
    "oc_method_none": Message("nothing computed"),
    "oc_running_cut": Message("Report on a design"),
    "oc_running_head": Message("Rule {hash}"),
    "oc_section_rule": Message("The rule"),
    "oc_section_performance": Message("How it performs"),
    "oc_section_method": Message("How this was computed"),
    "oc_no_performance": Message(
        "The rule alone: how this design performs isn't computed in a report."
    ),
    "oc_same_table": Message(
        "The exact engine, the simulator and the decision itself read one table, so that the "
        "rule that is computed is the rule that decides. Its SHA-256 is that of the table as "
        "JSON; the same rule gives the same hash on every machine."
    ),
    "oc_versions": Message("Versions"),
    "oc_hash_table": Message("SHA-256 of the rule, {design}"),
    "oc_section_text": Message("The protocol’s section for {design}"),
}
