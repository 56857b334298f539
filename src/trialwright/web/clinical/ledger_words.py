"""The ledger's actions, records and fields as people say them."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import FOLLOWS_FROM, RESTRICTED
from trialwright.conduct.safety.clocks import BY_CLOCK_RULE
from trialwright.conduct.safety.holding import BY_RULE
from trialwright.protocol.basics import UnknownKeyError
from trialwright.web.clinical.frame import Frame

ACTIONS: dict[str, Promise] = {
    "new_study": _("study begun"),
    "upload_protocol": _("protocol file uploaded"),
    "upload_list": _("allocation list uploaded"),
    "answer_questions": _("open questions answered"),
    "confirm_fact": _("fact confirmed"),
    "sign_draft": _("draft of the protocol signed"),
    "activate": _("study activated"),
    "sign_protocol": _("protocol signed"),
    "add_site": _("site added"),
    "open_site": _("site opened"),
    "pause_site": _("site paused"),
    "close_site": _("site closed"),
    "invite": _("person invited"),
    "invite_again": _("person invited again"),
    "give_role": _("role given"),
    "end_role": _("role ended"),
    "end_all_roles": _("all roles of a person ended"),
    "come_back": _("person came back"),
    "reset_password": _("link for a new password made"),
    "remove_second_factor": _("second factor removed"),
    "delegate": _("delegation recorded"),
    "end_delegation": _("delegation ended"),
    "amend": _("amendment put in force"),
    "begin_version": _("version begun at a site"),
    "close_study": _("study closed"),
    "reopen_study": _("study opened again"),
    "decide_cohort": _("decision about a cohort signed"),
    "decide_group": _("decision about a group signed"),
    "lock": _("data frozen or locked"),
    "unlock": _("freeze or lock lifted"),
    "archive": _("study archived"),
    "record_simulation": _("simulation recorded"),
    "screen": _("screened"),
    "fail_screening": _("screening failure recorded"),
    "consent": _("consent recorded"),
    "enter_under_waiver": _("participant entered under the waiver of consent"),
    "renew_consent": _("re-consent recorded"),
    "correct_consent": _("consent corrected"),
    "withdraw_part": _("withdrawal of a part of the consent recorded"),
    "assess_eligibility": _("eligibility assessed"),
    "confirm_eligibility": _("eligibility confirmed"),
    "randomise": _("randomised"),
    "randomise_again": _("allocated at a later epoch"),
    "record_step": _("step recorded"),
    "list_kits": _("kits listed"),
    "send_kits": _("kits sent to a site"),
    "receive_kits": _("kits received"),
    "set_kits_aside": _("kits set aside"),
    "replace_kit": _("kit replaced"),
    "return_kit": _("return of a kit recorded"),
    "see_arm": _("allocation revealed"),
    "record_visit": _("visit recorded"),
    "add_visit": _("unscheduled visit recorded"),
    "miss_visit": _("visit recorded as missed"),
    "make_appointment": _("appointment made or moved"),
    "cancel_appointment": _("appointment cancelled"),
    "make_calendar_link": _("calendar link made"),
    "end_calendar_link": _("calendar link ended"),
    "save_entry": _("form saved"),
    "sign_entry": _("form signed"),
    "sign_forms": _("forms signed together"),
    "attach_file": _("file attached"),
    "remove_attachment": _("attachment removed"),
    "raise_query": _("query raised"),
    "answer_query": _("query answered"),
    "close_query": _("query closed"),
    "reopen_query": _("query opened again"),
    "keep_mapping": _("mapping of laboratory files kept"),
    "upload_results": _("file of laboratory results taken"),
    "make_diary_link": _("link to the diary made"),
    "end_diary_link": _("link to the diary ended"),
    "open_diary": _("diary opened by the participant"),
    "lock_diary_link": _("link to the diary ended after wrong codes"),
    "write_diary": _("diary entry sent by the participant"),
    "import_results": _("laboratory results entered from a file"),
    "keep_ranges": _("reference ranges put in force"),
    "judge_results": _("results judged"),
    "verify_source": _("source verified"),
    "review_trail": _("audit trail reviewed"),
    "record_monitoring_visit": _("monitoring visit recorded"),
    "record_finding": _("finding of a monitoring visit recorded"),
    "remove_finding": _("finding of a monitoring visit removed"),
    "sign_monitoring_visit": _("report of a monitoring visit signed"),
    "acknowledge_monitoring_visit": _("report of a monitoring visit acknowledged"),
    "answer_finding": _("finding of a monitoring visit answered"),
    "reply_to_finding": _("answer to a finding judged"),
    "withdraw": _("withdrawal recorded"),
    "revoke_ending": _("end of participation revoked"),
    "lose": _("loss to follow-up recorded"),
    "record_death": _("death recorded"),
    "complete": _("completion recorded"),
    "sign_results_seen": _("first results seen"),
    "record_deviation": _("deviation recorded"),
    "classify_deviation": _("deviation classified"),
    "record_event": _("adverse event recorded"),
    "record_event_grade": _("grade of an event recorded"),
    "follow_event": _("adverse event followed up"),
    "judge_event": _("cause of an event judged"),
    "nullify_event": _("adverse event nullified"),
    "record_situation": _("situation without harm recorded"),
    "record_pregnancy": _("pregnancy recorded"),
    "record_pregnancy_outcome": _("outcome of a pregnancy recorded"),
    "record_child": _("child of a pregnancy recorded"),
    "follow_child": _("child of a pregnancy followed up"),
    "unblind": _("emergency unblinding"),
    "unblind_for_reaction": _("unblinded for a suspected reaction"),
    "report_unblinding": _("accidental unblinding reported"),
    "report_envelope": _("opening of a sealed envelope reported"),
    "print_envelopes": _("sealed envelopes printed"),
    "record_envelope": _("sealed envelope recorded as out of keeping"),
    "judge_unblinding": _("effect of an unblinding judged"),
    "set_hold": _("hold set"),
    "sign_hold_decision": _("decision about holds signed"),
    "record_meeting": _("meeting of the board recorded"),
    "sign_meeting": _("meeting of the board signed"),
    "copy_closed_report": _("report by arm encrypted for a reader"),
    "read_stopping_rules": _("stopping rules read"),
    "write_narrative": _("narrative of a case written"),
    "end_clock": _("clock of a report ended"),
    "register_donor": _("donor registered"),
    "register_lot": _("lot registered"),
    "record_product_result": _("result of a product recorded"),
    "exclude_donor": _("donor excluded"),
    "decide_lot": _("status of a lot signed"),
    "label_containers": _("containers labelled"),
    "move_container": _("container moved"),
    "count_stock": _("stock counted"),
    "check_at_bedside": _("container checked at the bedside"),
    "confirm_product_notice": _("product information confirmed"),
    "record_product_call": _("call about product information recorded"),
    "save_identity": _("identity entered or changed"),
    "see_identity": _("identity shown"),
    "find_identity": _("participant found by hospital number"),
    "rotate_identity_key": _("identities encrypted under a new key"),
    "cut_data": _("data cut made"),
    "erase": _("values erased"),
    "acknowledge_restore": _("restore acknowledged"),
    "acknowledge_gap": _("missing signatures acknowledged"),
    "correct_clock": _("clock corrected"),
    "reserve_numbers": _("numbers kept from being given again"),
}

RECORDS: dict[str, Promise] = {
    "study": _("study"),
    "protocol_version": _("protocol version"),
    "protocol_draft": _("draft of the protocol"),
    "protocol_signature": _("signature on the protocol"),
    "simulation": _("simulation"),
    "archive": _("archive"),
    "lock": _("freeze or lock"),
    "site_version": _("version at a site"),
    "participant": _("participant"),
    "consent": _("consent"),
    "consent_withdrawal": _("withdrawal of a part of the consent"),
    "criterion": _("eligibility criterion"),
    "ending": _("end of participation"),
    "step": _("step"),
    "visit": _("visit"),
    "entry": _("form"),
    "value": _("answer"),
    "result_mapping": _("mapping of laboratory files"),
    "result_file": _("file of laboratory results"),
    "diary_link": _("link to the diary"),
    "diary_entry": _("how a diary entry came"),
    "imported_value": _("value from a file"),
    "range_list": _("list of reference ranges"),
    "reference_range": _("reference range"),
    "bound_range": _("range of a result"),
    "value_review": _("review of an answer"),
    "trail_review": _("review of the audit trail"),
    "monitoring_visit": _("monitoring visit"),
    "visit_finding": _("finding of a monitoring visit"),
    "appointment": _("appointment"),
    "calendar_link": _("calendar link"),
    "attachment": _("attachment"),
    "query": _("query"),
    "signature": _("signature"),
    "deviation": _("protocol deviation"),
    "adverse_event": _("adverse event"),
    "event_grade": _("grade of an event"),
    "event_opinion": _("opinion of a cause"),
    "pregnancy": _("pregnancy"),
    "pregnancy_child": _("child of a pregnancy"),
    "clock": _("clock of a report"),
    "clock_due": _("due time of a report"),
    "case_narrative": _("narrative of a case"),
    "clock_ending": _("end of a clock"),
    "identity": _("identity"),
    "identity_seen": _("identity shown"),
    "slot": _("place of the list"),
    "allocation_source": _("source of the allocation"),
    "uploaded_list": _("uploaded allocation list"),
    "cohort_decision": _("decision about a cohort"),
    "group_decision": _("decision about a group"),
    "given_before": _("numbers given before a restore"),
    "arm_seen": _("unblinding"),
    "results_review": _("review of the first results"),
    "cut": _("data cut"),
    "verification_seed": _("random number of the source data verification"),
    "kit_batch": _("list of kits"),
    "kit": _("kit"),
    "donor": _("donor"),
    "lot": _("lot"),
    "lot_donor": _("donor of a lot"),
    "lot_component": _("component of a lot"),
    "product_result": _("result of a product"),
    "lot_decision": _("decision about a lot"),
    "container": _("container"),
    "container_move": _("move of a container"),
    "bedside_check": _("check at the bedside"),
    "product_notice": _("product information"),
    "board_meeting": _("meeting of the board"),
    "closed_report_copy": _("encrypted copy of the report by arm"),
    "meeting_signature": _("signature on a meeting of the board"),
    "hold": _("hold"),
    "unblinding": _("unblinding outside the plan"),
    "envelope": _("sealed envelope"),
    "hold_decision": _("decision about holds"),
    "hold_signature": _("signature on a decision"),
}


def action_words(action: str) -> str:
    """What was done; a verb that is not known here as the ledger has it."""
    return str(ACTIONS.get(action, action))


def action_choices() -> list[tuple[str, str]]:
    """Every action that is known here with its words, by its words."""
    told = [(action, str(words)) for action, words in ACTIONS.items()]
    return sorted(told, key=lambda each: each[1])


def record_words(entity: str) -> str:
    """What kind of record a line speaks of."""
    return str(RECORDS.get(entity, entity))


def reason_words(frame: Frame, reason: str) -> str:
    """Why, as the person wrote it; of what follows from other items, which they are."""
    if reason == BY_RULE:
        return gettext("A stopping rule of the protocol")
    if reason == BY_CLOCK_RULE:
        return gettext("A reporting rule of the protocol")
    if not reason.startswith(FOLLOWS_FROM):
        return reason
    causes = reason.removeprefix(FOLLOWS_FROM)
    if causes == RESTRICTED:
        return gettext("Follows from restricted data")
    labels = [_cause(frame, name) for name in causes.split(", ")]
    return gettext("Follows from: {items}").format(items=", ".join(labels))


def _cause(frame: Frame, name: str) -> str:
    """An item in words, or the day of a visit."""
    if "." in name:
        return item_label(frame, name)
    try:
        visit = frame.protocol.visit(name).label.in_language(frame.language)
    except UnknownKeyError:
        visit = name
    return gettext("Day of the visit: {visit}").format(visit=visit)


def item_label(frame: Frame, name: str) -> str:
    """An item at a visit in words, from `visit.form.item`; as it stands where it isn't known."""
    visit, _dot, rest = name.partition(".")
    form, _dot, item = rest.partition(".")
    try:
        nouns = (frame.protocol.visit(visit), frame.protocol.item(form, item))
    except UnknownKeyError:
        return name
    return " · ".join(each.label.in_language(frame.language) for each in nouns)
