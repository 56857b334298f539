"""How queries are said on pages: a check's question in the reader's language, and how it stands."""

from django.utils.translation import gettext as _

from trialwright.conduct.models import Query
from trialwright.conduct.models.entries import QueryStatus
from trialwright.conduct.participants.rechecking import DECIDED
from trialwright.conduct.participants.rechecking import QUESTION as DECIDED_QUESTION
from trialwright.messages import Translatable
from trialwright.protocol.completion import LIKELY, unlikely_words
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Status


def question_of(frame: Frame, query: Query) -> str:
    """The question; a check's in the words its protocol has for the reader's language."""
    form = frame.protocol.form(query.entry.form)
    known: list[Translatable] = [
        check.message for check in form.checks if check.key == query.check_key
    ]
    if query.check_key == DECIDED:
        known = [DECIDED_QUESTION]
    if query.check_key == LIKELY:
        item = form.item(query.item)
        known = [unlikely_words(item, below=below) for below in (True, False)]
    said = next((words for words in known if words.in_language("en") == query.text), None)
    return said.in_language(frame.language) if said else query.text


def status_of(query: Query) -> Status:
    """How a query stands."""
    return {
        QueryStatus.OPEN.value: Status(_("Open"), "caution"),
        QueryStatus.ANSWERED.value: Status(_("Answered"), "todo"),
        QueryStatus.CLOSED.value: Status(_("Closed"), "good"),
    }[query.status]
