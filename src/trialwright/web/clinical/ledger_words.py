"""The ledger's actions, records and fields as people say them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_ACTIONS: dict[str, Promise] = {
    "sign_protocol": _("protocol signed"),
    "screen": _("screened"),
    "fail_screening": _("screening failure recorded"),
    "consent": _("consent recorded"),
    "assess_eligibility": _("eligibility assessed"),
    "confirm_eligibility": _("eligibility confirmed"),
    "randomise": _("randomised"),
    "receive_allocation": _("allocation received"),
    "release_product": _("product released"),
    "declare_resection": _("resection declared complete"),
    "tell_surgeon": _("surgeon told"),
    "record_treatment": _("treatment recorded"),
    "record_visit": _("visit recorded"),
    "miss_visit": _("visit recorded as missed"),
    "save_entry": _("form saved"),
    "sign_entry": _("form signed"),
    "raise_query": _("query raised"),
    "answer_query": _("query answered"),
    "close_query": _("query closed"),
    "withdraw": _("withdrawal recorded"),
    "lose": _("loss to follow-up recorded"),
    "record_death": _("death recorded"),
    "complete": _("completion recorded"),
    "cut_data": _("data cut made"),
    "erase": _("values erased"),
    "acknowledge_restore": _("restore acknowledged"),
}

_RECORDS: dict[str, Promise] = {
    "study": _("study"),
    "protocol_version": _("protocol version"),
    "participant": _("participant"),
    "consent": _("consent"),
    "criterion": _("eligibility criterion"),
    "ending": _("end of participation"),
    "visit": _("visit"),
    "entry": _("form"),
    "value": _("answer"),
    "query": _("query"),
    "signature": _("signature"),
    "slot": _("place of the list"),
    "arm_seen": _("unmasking"),
    "cut": _("data cut"),
}


def action_words(action: str) -> str:
    """What was done; a verb that is not known here as the ledger has it."""
    return str(_ACTIONS.get(action, action))


def record_words(entity: str) -> str:
    """What kind of record a line speaks of."""
    return str(_RECORDS.get(entity, entity))
