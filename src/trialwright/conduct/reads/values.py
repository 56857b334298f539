"""A participant's open values as the expression language names them: `visit.form.item`."""

from collections.abc import Collection

from trialwright.conduct.models import Entry, Participant, Value
from trialwright.conduct.sealed_values import Stored
from trialwright.conduct.tables import rows_of
from trialwright.protocol.answers import stored_value
from trialwright.protocol.model import Protocol
from trialwright.protocol.values import Missing
from trialwright.protocol.values import Value as Typed

Known = dict[str, Typed | Missing]


def held_openly(entry: Entry | None) -> Stored:
    """What an entry holds in the open."""
    if entry is None:
        return {}
    held = rows_of(Value, entry_id=entry.pk)
    return {value.item: {"text": value.text, "missing": value.missing} for value in held}


def values_of(
    participant: Participant, protocol: Protocol, names: Collection[str] | None = None
) -> Known:
    """Her open values, all or only those named; of repeating forms none: a name means one value.

    What could reveal an arm is not among them: no rule that a masked person meets may use it.
    """
    held = Value.objects.filter(entry__participant=participant, entry__repeat=1)
    if names is not None:
        if not names:
            return {}
        places = [name.split(".") for name in names]
        held = held.filter(
            entry__form__in={form for _, form, _ in places}, item__in={item for *_, item in places}
        )
    known: Known = {}
    forms = {form.key: form for form in protocol.forms if not form.repeating}
    for visit, form_key, item_key, text, missing in held.values_list(
        "entry__visit", "entry__form", "item", "text", "missing"
    ):
        name = f"{visit}.{form_key}.{item_key}"
        if form_key not in forms or (names is not None and name not in names):
            continue
        if text is None:
            known[name] = Missing(missing or "")
        else:
            known[name] = stored_value(forms[form_key].item(item_key), text)
    return known
