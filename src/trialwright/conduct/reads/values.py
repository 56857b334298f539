"""A participant's open values as the expression language names them: `visit.form.item`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from trialwright.conduct.models import Entry, Participant, Value, VisitRecord
from trialwright.conduct.sealed_values import Stored, open_entry
from trialwright.conduct.tables import rows_of
from trialwright.protocol.answers import stored_value
from trialwright.protocol.dependencies import placed
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Item
from trialwright.protocol.model import Protocol
from trialwright.protocol.series import Days, Held, Place, of_all
from trialwright.protocol.values import Missing, canonical
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
    """A participant's open values, all or only those named; of repeating forms none: a name means
    one value.

    What could reveal an arm is not among them: no rule that a masked person meets may use it.
    """
    return values_of_each([participant], protocol, names)[participant.pk]


def known_by(
    participant: Participant,
    protocol: Protocol,
    expressions: Iterable[Expression | None],
    visit: str = "",
) -> Known:
    """What expressions outside a form need: open values by the names that they use, and what they
    make of all records.

    Args:
        visit: the visit, with its occurrence, from which they look; "" where names are whole.
    """
    asked = [each for each in expressions if each is not None]
    places = {name: placed(name, visit, "") for each in asked for name in each.references}
    places = {name: full for name, full in places.items() if full.count(".") == 2}
    held = values_of(participant, protocol, set(places.values()))
    known: Known = {name: held[full] for name, full in places.items() if full in held}
    terms = {term.name: term for each in asked for term in each.series}.values()
    if not terms:
        return known
    forms = {term.path.split(".")[-2] for term in terms}
    record: Mapping[Place, Held] = records_of(participant, protocol, forms)
    days = visit_days(participant) if any(term.days for term in terms) else None
    found = of_all(protocol, terms, record, visit=visit, days=days)
    return known | {name: value for name, value in found.items() if value is not None}


def values_of_each(
    participants: Sequence[Participant], protocol: Protocol, names: Collection[str] | None = None
) -> dict[UUID, Known]:
    """The same of several who stand under one protocol, in one statement, by their keys."""
    known: dict[UUID, Known] = {participant.pk: {} for participant in participants}
    held = Value.objects.filter(entry__participant__in=list(known), entry__repeat=1)
    if names is not None:
        if not names:
            return known
        places = [name.split(".") for name in names]
        held = held.filter(
            entry__form__in={form for _, form, _ in places}, item__in={item for *_, item in places}
        )
    forms = {form.key: form for form in protocol.forms if not form.repeating}
    for key, visit, form_key, item_key, text, missing in held.values_list(
        "entry__participant_id", "entry__visit", "entry__form", "item", "text", "missing"
    ):
        name = f"{visit}.{form_key}.{item_key}"
        if form_key not in forms or (names is not None and name not in names):
            continue
        known[key][name] = _read(forms[form_key].item(item_key), text, missing)
    return known


def records_of(
    participant: Participant, protocol: Protocol, forms: Collection[str]
) -> dict[Place, Known]:
    """All that is held openly of some forms: each of their records, at every visit."""
    entries = Entry.objects.filter(participant=participant, form__in=forms)
    places = entries.values_list("pk", "visit", "form", "repeat")
    by_key: dict[UUID, Place] = {key: (visit, form, repeat) for key, visit, form, repeat in places}
    found: dict[Place, Known] = {place: {} for place in by_key.values()}
    held = Value.objects.filter(entry__in=by_key)
    for key, item, text, missing in held.values_list("entry_id", "item", "text", "missing"):
        known = {each.key: each for each in protocol.form(by_key[key][1]).items}
        if item in known:
            found[by_key[key]][item] = _read(known[item], text, missing)
    return found


def visit_days(participant: Participant) -> Days:
    """The day on which each of a participant's visits took place, by its name."""
    records = rows_of(VisitRecord, participant_id=participant.pk)
    return {each.visit: each.actual for each in records if each.actual is not None}


def restricted_values_of(
    participant: Participant, protocol: Protocol, names: Collection[str]
) -> Known:
    """Restricted values by name, of forms with one record: for restricted items alone."""
    known: Known = {}
    wanted = {tuple(name.split(".")[:2]) for name in names}
    entries = Entry.objects.filter(participant=participant, sealed__isnull=False, repeat=1)
    for entry in entries if wanted else ():
        if (entry.visit, entry.form) in wanted:
            form = protocol.form(entry.form)
            held = open_entry(participant.study_id, entry.pk, entry.sealed).values
            for key in form.unmasking_items & held.keys():
                value = held_value(form.item(key), held[key])
                if value is not None:
                    known[f"{entry.visit}.{entry.form}.{key}"] = value
    return {name: value for name, value in known.items() if name in names}


def held_value(item: Item, held: Mapping[str, str | None] | None) -> Typed | Missing | None:
    """What is stored of an item as the protocol reads it; None where nothing is."""
    return None if held is None else _read(item, held["text"], held["missing"])


def stored_text(value: Typed | Missing) -> dict[str, str | None]:
    """A value as it is stored."""
    if isinstance(value, Missing):
        return {"text": None, "missing": value.reason}
    return {"text": canonical(value), "missing": None}


def _read(item: Item, text: str | None, missing: str | None) -> Typed | Missing:
    return Missing(missing or "") if text is None else stored_value(item, text)
