"""The fixed words of reports in English."""

from trialwright.messages import Message

TEXTS = {
    "table": Message("Table"),
    "figure": Message("Figure"),
    "contents": Message("Contents"),
    "page": Message("Page {page} of {pages}"),
    "running_study": Message("{study}"),
    "running_cut": Message("Data cut “{cut}”"),
    "running_head": Message("Ledger {seq} · {hash}"),
    "demonstration_mark": Message("DEMONSTRATION"),
    "training_mark": Message("TRAINING COPY"),
    "demonstration": Message(
        "Every person and every value in this report is invented. "
        "Nothing in it says anything about a treatment."
    ),
    "sealed_mark": Message("SEALED: shows groups"),
    "sealed": Message(
        "This report shows results by arm. It is for unmasked people alone; "
        "keep it away from everyone who assesses or treats participants."
    ),
    "report_kind": Message("Report from a data cut"),
    "fact_study": Message("Study"),
    "fact_registered": Message.in_context("report", "Registered as"),
    "fact_twin": Message.in_context("report", "Synthetic twin of"),
    "fact_sponsor": Message("Sponsor"),
    "fact_phase": Message("Phase"),
    "fact_protocol": Message("Protocol"),
    "protocol_version": Message("version {version} of {date}"),
    "fact_cut": Message("Data cut"),
    "cut_at": Message("“{cut}”, {at}"),
    "fact_head": Message("Open ledger"),
    "head_at": Message("row {seq}, {hash}"),
    "fact_sealed_head": Message("Sealed ledger"),
    "fact_cut_hash": Message.in_context("report", "Hash of the cut"),
    "fact_protocol_hash": Message.in_context("report", "Hash of the protocol"),
    "fact_view": Message("Shown"),
    "view_masked": Message("pooled, without groups"),
    "view_unmasked": Message("by arm"),
    "not_provided": Message("Not provided"),
    "none": Message("None"),
    "section_summary": Message.in_context("report", "Summary"),
    "section_participants": Message("Participants"),
    "section_populations": Message("Populations"),
    "section_baseline": Message("Baseline"),
    "section_data": Message("Visits and data"),
    "section_outcomes": Message.in_context("report", "Outcomes"),
    "section_origins": Message("Where the facts come from"),
    "section_making": Message("How this report was made"),
    "summary_flow": Message(
        "{screened} people were screened, {randomised} of {target} planned "
        "were randomised and {treated} were treated in full."
    ),
    "summary_ended": Message(
        "Withdrawn from follow-up: {withdrawn}; lost to follow-up: {lost}; died: {died}; completed "
        "the study: {completed}; still followed: {followed}."
    ),
    "summary_visits": Message(
        "{done} of {due} visits due by the cut took place, {inside} of them inside their window."
    ),
    "summary_queries": Message("{open} of {all} queries are open."),
    "summary_primary": Message("{endpoint}: known for {known} of {n} participants."),
    "figure_flow": Message("Participant flow"),
    "flow_sentence": Message(
        "{screened} screened, {excluded} excluded, {randomised} randomised, "
        "{treated} treated in full."
    ),
    "flow_alternative": Message(
        "Participant flow: {screened} screened, {excluded} excluded, "
        "{randomised} randomised, {treated} treated in full. The boxes give the reasons."
    ),
    "screened": Message("Screened (n\u00a0=\u00a0{n})"),
    "excluded": Message("Excluded (n\u00a0=\u00a0{n})"),
    "excluded_ineligible": Message("Not eligible (n\u00a0=\u00a0{n})"),
    "several_criteria": Message("One person may fail several:"),
    "excluded_declined": Message("Declined (n\u00a0=\u00a0{n})"),
    "excluded_other": Message("Other reasons (n\u00a0=\u00a0{n})"),
    "in_screening": Message("Still in screening (n\u00a0=\u00a0{n})"),
    "randomised": Message("Randomised (n\u00a0=\u00a0{n})"),
    "allocated": Message("Allocated (n\u00a0=\u00a0{n})"),
    "treated": Message("Treated in full (n\u00a0=\u00a0{n})"),
    "treated_partly": Message("Treated in part (n\u00a0=\u00a0{n})"),
    "untreated": Message("Not treated (n\u00a0=\u00a0{n})"),
    "treatment_pending": Message("Treatment still to come (n\u00a0=\u00a0{n})"),
    "completed": Message("Completed the study (n\u00a0=\u00a0{n})"),
    "followed": Message("Still followed (n\u00a0=\u00a0{n})"),
    "withdrawn": Message("Withdrew from follow-up (n\u00a0=\u00a0{n})"),
    "lost": Message("Lost to follow-up (n\u00a0=\u00a0{n})"),
    "died": Message("Died (n\u00a0=\u00a0{n})"),
    "analysed": Message("Analysed, primary outcome (n\u00a0=\u00a0{n})"),
    "not_analysed": Message("Not analysed (n\u00a0=\u00a0{n})"),
    "reason": Message("{reason} ({n})"),
    "no_reason": Message("no reason recorded"),
    "figure_enrolment": Message("Enrolment against plan"),
    "enrolled": Message("{enrolled} of {target} enrolled."),
    "enrolled_plan": Message("{enrolled} of {target} enrolled; the plan was {planned}."),
    "enrolled_short": Message("{enrolled} enrolled"),
    "plan": Message("plan"),
    "table_sites": Message("Participants by site"),
    "table_epochs": Message("Participants by epoch"),
    "table_allocations": Message("Allocations at later epochs"),
    "col_allocation": Message("Allocation"),
    "col_made": Message("Participants allocated"),
    "col_first_arm": Message("First arm"),
    "allocations_note": Message(
        "Each row is one path: the arm at the beginning, and the arm after each later allocation, "
        "a new one or the same; – where it was not made."
    ),
    "table_linked": Message("Linked participants"),
    "col_kind": Message("Kind of participant"),
    "col_in_study": Message("In the study"),
    "col_linked_to": Message("Participants they are linked to"),
    "table_groups": Message("Participants by group"),
    "col_group": Message("Group"),
    "col_planned": Message("Planned"),
    "col_entered_group": Message("Entered the group"),
    "table_factors": Message("Participants by factor"),
    "col_factor": Message("Factor"),
    "col_level": Message("Level"),
    "col_in_follow_up": Message("Followed up or completed"),
    "factors_note": Message(
        "Each participant counts once under each factor, with everybody whose arm has that level."
    ),
    "no_number": Message("no number of its own"),
    "col_epoch": Message("Epoch"),
    "col_began": Message("{group}: began"),
    "col_ended": Message("{group}: ended"),
    "site": Message.in_context("report", "Site"),
    "col_screened": Message.in_context("report", "Screened"),
    "col_excluded": Message("Excluded"),
    "col_randomised": Message.in_context("report", "Randomised"),
    "col_treated": Message("Treated in full"),
    "col_total": Message.in_context("report", "All"),
    "no_participants": Message("Nobody has been screened yet."),
    "table_populations": Message("Analysis populations"),
    "population": Message("Population"),
    "definition": Message("Definition"),
    "no_populations": Message("The protocol names no analysis population."),
    "table_baseline": Message("Baseline of the randomised participants"),
    "baseline_item": Message("Characteristic"),
    "no_baseline": Message("No baseline value has been recorded yet."),
    "baseline_note": Message(
        "The last value at a screening visit. Numbers: mean (SD) and, under it, median "
        "(quartiles); the rest: count (percentage of the known). Items asked only of some are "
        "left out. Values are as recorded, also from forms not yet signed."
    ),
    "pooled": Message("All"),
    "group_head": Message("{group}\n(n\u00a0=\u00a0{n})"),
    "mean_sd": Message("Mean (SD)"),
    "median_iqr": Message("Median (quartiles)"),
    "range": Message("Smallest to largest"),
    "n_known": Message("Known"),
    "n_missing": Message("Missing"),
    "missing": Message("Missing: {reason}"),
    "missing_not_recorded": Message("not recorded"),
    "missing_not_due": Message("not due by the cut"),
    "missing_incomplete": Message("cannot be computed from what is recorded"),
    "mean_ci": Message("95% CI of the mean"),
    "yes": Message("Yes"),
    "no": Message("No"),
    "count_ci": Message("{count} of {n} ({percent}%; {low} to {high})"),
    "count": Message("{count} ({percent}%)"),
    "table_visits": Message("Visits by the cut"),
    "visit": Message("Visit"),
    "col_due": Message.in_context("report", "Due"),
    "col_done": Message("Done"),
    "col_inside": Message("In window"),
    "col_early": Message("Early"),
    "col_late": Message("Late"),
    "col_missed": Message.in_context("report", "Missed"),
    "col_overdue": Message.in_context("report", "Overdue"),
    "col_cancelled": Message("Cancelled"),
    "no_visits": Message("No visit is planned yet."),
    "visits_note": Message(
        "Due: planned to happen by the cut, so its window has closed or it took "
        "place. Cancelled visits, after a withdrawal or a death, are not due."
    ),
    "table_forms": Message("Forms of visits that took place"),
    "form": Message.in_context("report", "Form"),
    "col_expected": Message("Expected"),
    "col_entered": Message("Entered"),
    "col_complete": Message("Complete"),
    "col_signed": Message.in_context("report", "Signed"),
    "col_absent": Message("Not entered"),
    "no_forms": Message("No visit with a form took place yet."),
    "forms_note": Message("A dash in “Signed” stands for a form that needs no signature."),
    "table_diaries": Message("Diary entries"),
    "diary": Message("Diary"),
    "col_on_time": Message("On time"),
    "diaries_note": Message(
        "Due: could be written by the cut. Late: written after its time was over. Missed: closed "
        "without an entry. Open: can still be written. Of participants who were given a link to "
        "their diary, and nothing after their participation ended. Each entry is listed in the "
        "files of the cut (diary_entries.csv)."
    ),
    "table_queries": Message("Queries by form"),
    "col_open": Message.in_context("report", "Open"),
    "col_answered": Message("Answered"),
    "col_closed": Message("Closed"),
    "no_queries": Message("No query has been opened."),
    "table_deviations": Message("Protocol deviations"),
    "participant": Message("Participant"),
    "date": Message("Date"),
    "kind": Message("Kind"),
    "what": Message("What happened"),
    "deviation_visit_window": Message("Visit outside its window"),
    "deviation_missed_visit": Message("Missed visit"),
    "deviation_eligibility": Message("Eligibility not met by the data"),
    "deviation_stratum": Message("Stratum changed after randomisation"),
    "deviation_prerequisite": Message("Done without what must come before"),
    "deviation_consent": Message("Consent"),
    "deviation_treatment": Message("Treatment"),
    "deviation_product": Message("Investigational product"),
    "deviation_time_limit": Message("Later than its time limit"),
    "deviation_other": Message("Other"),
    "seriousness": Message("Classification"),
    "serious_minor": Message("Minor"),
    "serious_important": Message("Important"),
    "serious_": Message("Not classified"),
    "no_deviations": Message("No deviation has been recorded."),
    "kind_primary": Message("Primary outcome"),
    "kind_secondary": Message("Secondary outcomes"),
    "kind_safety": Message("Safety outcomes"),
    "kind_exploratory": Message("Exploratory outcomes"),
    "no_endpoints": Message("The protocol names no outcome."),
    "estimand_population": Message("Population"),
    "estimand_treatments": Message.in_context("report", "Treatments"),
    "estimand_variable": Message("Variable"),
    "estimand_events": Message("Intercurrent events"),
    "estimand_summary": Message.in_context("report, estimand", "Summary"),
    "estimand_analysis": Message.in_context("report, estimand", "Analysis"),
    "table_comparisons": Message("{endpoint}: {measure}"),
    "figure_forest": Message("{endpoint}: estimates and intervals"),
    "measure_against": Message("{measure}, against {arm}"),
    "comparison_arm": Message.in_context("report", "Arm"),
    "comparison_analysed": Message("Analysed"),
    "comparison_left_out": Message("Left out"),
    "comparison_estimate": Message("Estimate ({level}% interval)"),
    "against": Message("{one} v {other}"),
    "p_value": Message("p"),
    "p_adjusted": Message("p, adjusted"),
    "comparison_method": Message(
        "Method: {method}. In pairs, the arm stands before the reference."
    ),
    "comparison_margins": Message("Arms are pooled by {factor}, as if factors did not interact."),
    "table_inside": Message("{endpoint}: {factor}, by {other}"),
    "inside_margin": Message("All (margin)"),
    "inside_effect": Message("{arm} against {reference} ({level}% interval)"),
    "inside_interaction": Message("Interaction: {arm}"),
    "inside_p": Message("{interval}; p {p}"),
    "inside_cells_share": Message("Cells: with the outcome, of those analysed."),
    "inside_cells_mean": Message("Cells: number analysed, mean (standard deviation)."),
    "inside_note": Message(
        "Interaction: the effect at a level less that at {level}, or of ratios divided by it. "
        "Trials are rarely large enough to show one: that none is seen doesn't say that there is "
        "none. Reported as the CONSORT extension for factorial trials asks (Kahan and others 2023, "
        "JAMA 330:2106)."
    ),
    "inside_refused": Message("{arm}, {level}: not computed. {why}"),
    "inside_caution_title": Message("The interaction isn't small"),
    "inside_caution": Message(
        "The effect of {arm} seems to differ between {level} and {first} (interaction, p {p}, "
        "below {limit}). The effect at the margin may then be that of neither: read it beside the "
        "effects at each level. The limit is {limit} because tests of interaction have little "
        "power (Cochrane Handbook, section 10.10.2); it chooses no analysis (Kahan 2013, Stat Med "
        "32:4540)."
    ),
    "comparison_test": Message("P-values, two-sided: {test}."),
    "p_values_by": Message("P-values. {accuracy}"),
    "p_value_by": Message("P-value of {arm}. {accuracy}"),
    "left_out_of": Message("Left out of {arm}: {reasons}."),
    "left_out_reason": Message("{reason} {n}"),
    "comparison_untested": Message("No test is planned."),
    "comparison_refused": Message("{arm}: not computed. {why}"),
    "comparisons_masked": Message("Arms are compared in the report by arm alone."),
    "tipping": Message(
        "{arm}: of {ways} ways in which the missing responses may have come out, {kept} leave the "
        "interval on the same side of no difference."
    ),
    "best_chances": Message("Probability of having the highest response: {chances}."),
    "section_multiplicity": Message("Several endpoints together"),
    "hypotheses_level": Message(
        "The hypotheses below share a two-sided level of {level}: each has its weight of it, and "
        "hands its share on, once it is rejected, in the parts given."
    ),
    "table_hypotheses": Message("Hypotheses that share one level"),
    "hypothesis": Message("Hypothesis"),
    "hypothesis_weight": Message("Weight"),
    "hypothesis_passes": Message("Passes its share on to"),
    "hypothesis_rejected": Message("Rejected"),
    "hypothesis_untested": Message("not tested"),
    "hypothesis_name": Message("{endpoint}, {arm}"),
    "hypothesis_part": Message("{part}: {hypothesis}"),
    "hypotheses_note": Message(
        "Graphical procedure of Bretz, Maurer, Brannath and Posch (2009); it keeps the level "
        "whatever the dependence of the tests."
    ),
    "figure_visits": Message("{measure} over the visits"),
    "visits_said": Message("{measure}: boxes of each group at {visits}"),
    "missing_no_date": Message("event without a whole date"),
    "missing_not_started": Message("without a day 0"),
    "table_survival": Message("{endpoint}: time to the event"),
    "figure_survival": Message("{endpoint}: Kaplan-Meier curves"),
    "survival_watched": Message("Participants watched"),
    "survival_events": Message("Events"),
    "survival_median": Message("Median, days (95% CI)"),
    "survival_unknown": Message("Time not known"),
    "survival_at": Message("Without event at day {day}, % (95% CI)"),
    "survival_note": Message(
        "Kaplan-Meier estimates; 95% confidence intervals on the scale of log(-log). Who has no "
        "event is censored at the last visit done that asks for it."
    ),
    "survival_median_first": Message(
        "The median is the first day on which half or fewer are without the event; its limits are "
        "the first days on which the limits of the curve are one half or less."
    ),
    "survival_median_midpoint": Message(
        "The median is the first day on which half or fewer are without the event and, where the "
        "curve rests at exactly one half, the middle between it and the next event; its limits "
        "are the first days on which the limits of the curve are one half or less."
    ),
    "survival_days": Message("Days"),
    "survival_share": Message("Without event"),
    "survival_at_risk": Message("At risk"),
    "survival_said": Message("{group}: {n} participants, {events} with the event"),
    "missing_no_covariate": Message("a covariate not known"),
    "missing_no_exposure": Message("time watched not known"),
    "missing_beyond_limit": Message("known only to lie beyond a limit"),
    "event": Message("{event}: {strategy}"),
    "event_detail": Message("{event}: {strategy}; {detail}"),
    "strategy_treatment_policy": Message("counted whatever happened (treatment policy)"),
    "strategy_hypothetical": Message("as if it had not happened (hypothetical)"),
    "strategy_composite": Message("made part of the outcome (composite)"),
    "strategy_while_on_treatment": Message("counted until it happened (while on treatment)"),
    "strategy_principal_stratum": Message(
        "only in those in whom it would not happen (principal stratum)"
    ),
    "statistic": Message("Statistic"),
    "table_outcome": Message("{endpoint}"),
    "masked_note": Message("Pooled over all arms, so that nobody learns a group from it."),
    "arms_note": Message(
        "By the arm allocated. The figures describe; no test was made and no "
        "multiplicity is accounted for."
    ),
    "compared_note": Message(
        "By the arm allocated. The tables of values describe. Comparisons, with their p-values, "
        "stand under the endpoints that plan one."
    ),
    "ci_note": Message("Proportions: exact (Clopper–Pearson) 95% intervals."),
    "mean_note": Message(
        "95% CI of the mean: Student’s t. Quartiles: linear interpolation "
        "(Hyndman and Fan’s type 7)."
    ),
    "nobody": Message("Nobody is in this population yet."),
    "no_stopping_events": Message(
        "The protocol asks of no adverse event whether it is a stopping event: of nobody is it "
        "known that they had one, or that they had none."
    ),
    "origins_lead": Message(
        "{stated} facts of the protocol are stated in the public record, {literature} come from "
        "the literature, {assumed} are assumed and {confirmed} are confirmed."
    ),
    "table_assumed": Message("Facts that are only assumed"),
    "fact": Message("Fact"),
    "value": Message("Value"),
    "source": Message("Source"),
    "safety_critical": Message("Safety-critical"),
    "no_assumed": Message("No fact of the protocol is only assumed."),
    "assumed_note": Message(
        "While a safety-critical fact is only assumed, no real participant can be enrolled."
    ),
    "assumed_short": Message(
        "{count} more assumed facts, not marked as safety-critical, stand in the "
        "protocol file, each marked there."
    ),
    "making_lead": Message(
        "This report was made from the data cut alone and can be made again from it. "
        "The ledger head on every page pins the state of the database that the cut was taken from; "
        "the hashes below say whether a cut and a protocol are the ones this report was made from."
    ),
    "comma": Message(", "),
    "semicolon": Message("; "),
    "arm": Message("Arm\u00a0{number}"),
    "arms_list": Message("Arm {number}: {label}"),
    "missing_visit_missed": Message("visit missed"),
    "beyond_limit": Message("Beyond a laboratory’s limit"),
    "with_unit": Message("{label} ({unit})"),
    "unknown_members": Message("{count} not known yet"),
    "col_n": Message.in_context("report", "Participants"),
    "table_arms": Message.in_context("report", "Arms"),
    "arm_head": Message.in_context("report", "Arm"),
    "excluded_short": Message("Excluded"),
    "col_unknown": Message.in_context("report", "Not known yet"),
    "count_head": Message.in_context("report", "Number"),
    "deviations_note": Message(
        "Each deviation is listed in the files of the cut (deviations.csv)."
    ),
    "today": Message("today"),
    "timeline_alternative": Message(
        "{all} visits: {done} done, {planned} planned, {missed} missed, {cancelled} cancelled."
    ),
}
