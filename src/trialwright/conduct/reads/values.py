"""A participant's open values as the expression language names them: `visit.form.item`."""

from trialwright.conduct.models import Entry, Participant, Value
from trialwright.conduct.sealed_values import Stored
from trialwright.protocol.answers import stored_value
from trialwright.protocol.model import Protocol
from trialwright.protocol.values import Missing
from trialwright.protocol.values import Value as Typed

Known = dict[str, Typed | Missing]


def held_openly(entry: Entry | None) -> Stored:
    """What an entry holds in the open."""
    if entry is None:
        return {}
    return {
        value.item: {"text": value.text, "missing": value.missing} for value in entry.values.all()
    }


def values_of(participant: Participant, protocol: Protocol) -> Known:
    """All her open values; of repeating forms none, since a name means one value.

    What could reveal an arm is not among them: no rule that a masked person meets may use it.
    """
    rows = Value.objects.filter(entry__participant=participant, entry__repeat=1).values_list(
        "entry__visit", "entry__form", "item", "text", "missing"
    )
    known: Known = {}
    forms = {form.key: form for form in protocol.forms}
    for visit, form_key, item_key, text, missing in rows:
        form = forms.get(form_key)
        if form is None or form.repeating:
            continue
        name = f"{visit}.{form_key}.{item_key}"
        if text is None:
            known[name] = Missing(missing or "")
        else:
            known[name] = stored_value(form.item(item_key), text)
    return known
