"""The values of a cut as the protocol types them, found by participant, visit, form and item."""

from datetime import date
from decimal import Decimal, InvalidOperation

from trialwright.analysis import cut_entries as filled
from trialwright.analysis import cut_participants as people
from trialwright.analysis.cut import Cut, SealedPart
from trialwright.analysis.cut_participants import Participant
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Form, Item, ItemType
from trialwright.protocol.kinds import first_kind
from trialwright.protocol.model import Endpoint, Protocol
from trialwright.protocol.records import Record, Records, value_of_records
from trialwright.protocol.terms import UNKNOWN, Series, Unknown
from trialwright.protocol.values import Censored, Missing, PartialDate, Value, read_time

Found = Value | Missing | None


class Values:
    """Looks values up in a cut; None where nothing was entered.

    With the sealed part, unmasking values are found too.
    """

    def __init__(self, cut: Cut, protocol: Protocol, sealed: SealedPart | None = None) -> None:
        self.cut = cut
        self.protocol = protocol
        self._forms = {form.key: form for form in protocol.forms}
        self._items = {(form.key, item.key): item for form in protocol.forms for item in form.items}
        self._references: dict[int, tuple[str, ...]] = {}
        self._series: dict[int, tuple[Series, ...]] = {}
        self._allocated = cut.allocated()
        self._visits: dict[str, list[filled.Visit]] = {}
        for visit in cut.visits:
            self._visits.setdefault(visit.participant, []).append(visit)
        self._by_form: dict[tuple[str, str], list[filled.Entry]] = {}
        self._entered: dict[tuple[str, str, str], dict[str, filled.Value]] = {}
        for entry in (*cut.entries, *(sealed.entries if sealed else ())):
            self._by_form.setdefault((entry.participant, entry.form), []).append(entry)
            # A name means one value: of repeats and of later occurrences none is named.
            if entry.repeat == entry.occurrence == 1:
                place = (entry.participant, entry.visit, entry.form)
                values = {value.item: value for value in entry.values}
                self._entered[place] = self._entered.get(place, {}) | values

    def at(self, participant: str, visit: str, form: str, item: str) -> Found:
        """The value of an item; a computed one that wasn't stored is computed now.

        Where that can't be done, it is missing for the reason one of its parts is.
        """
        known = self._items.get((form, item))
        stored = self._entered.get((participant, visit, form), {}).get(item)
        if known is None:
            return None
        if stored is None:
            return self._computed(participant, visit, self._forms[form], known)
        if stored.text is None:
            return Missing(stored.missing or "")
        return typed(known, stored.text)

    def of(self, expression: Expression, person: Participant) -> Value | Unknown:
        """The value of an expression over `visit.form.item` and `participant.` facts."""
        facts = self.facts(person)
        paths = self.references(expression)
        known = {path: self.named(path, person.code, facts) for path in paths}
        for term in self.series(expression):
            known[term.name] = value_of_records(term, self.records(person.code, term.path))
        return expression.evaluate(known)

    def records(self, participant: str, path: str) -> Records:
        """All records of an item (`form.item` or `visit.form.item`), in the order they came."""
        *place, form, key = path.split(".")
        item = self._items[form, key]
        days = {(v.visit, v.occurrence): v.actual for v in self.visits_of(participant)}
        found = []
        for entry in self._by_form.get((participant, form), ()):
            if not place or entry.visit == place[0]:
                on = days.get((entry.visit, entry.occurrence))
                held = next((each for each in entry.values if each.item == key), None)
                value = None if held is None else _found(item, held)
                day = None if on is None else date.fromisoformat(on[:10])
                found.append((on or "", entry.occurrence, entry.repeat, Record(day, value)))
        return tuple(each[-1] for each in sorted(found, key=lambda each: each[:3]))

    def facts(self, person: Participant) -> dict[str, Found]:
        """What the study itself knows of a participant; who shares an arm is randomised by it."""
        found = facts_of(person, self.cut.cut_on, asks_stopping=asks_stopping(self.protocol))
        if person.arm_of:
            found["participant.randomised"] = person.code in self._allocated
        return found

    def of_kind(self, endpoint: Endpoint) -> frozenset[str]:
        """The participants of the kind that comes to an endpoint's visit."""
        kinds = self.protocol.kinds
        if not kinds:
            return frozenset(p.code for p in self.cut.participants)
        kind = self.protocol.visit(endpoint.at).kind or first_kind(kinds)
        return frozenset(p.code for p in self.cut.participants if p.kind == kind)

    def visits_of(self, participant: str) -> tuple[filled.Visit, ...]:
        """The visits of a participant, in the order of the cut."""
        return tuple(self._visits.get(participant, ()))

    def references(self, expression: Expression) -> tuple[str, ...]:
        """What an expression of the protocol needs, found once for all participants."""
        if id(expression) not in self._references:
            self._references[id(expression)] = expression.references
        return self._references[id(expression)]

    def series(self, expression: Expression) -> tuple[Series, ...]:
        """What an expression makes of all records, found once for all participants."""
        if id(expression) not in self._series:
            self._series[id(expression)] = expression.series
        return self._series[id(expression)]

    def named(self, path: str, participant: str, facts: dict[str, Found]) -> Found:
        """The value of one name of an expression of the whole trial."""
        if path in facts:
            return facts[path]
        parts = path.split(".")
        return self.at(participant, *parts) if len(parts) == 3 else None

    def _computed(self, participant: str, visit: str, form: Form, item: Item) -> Found:
        if item.expression is None or (participant, visit, form.key) not in self._entered:
            return None
        names: dict[str, Found] = {}
        for path in self.references(item.expression):
            place = [visit, form.key, *path.split(".")]
            names[path] = self.at(participant, *place[-3:]) if len(place) > 2 else None
        result = item.expression.evaluate(names)
        if result is not UNKNOWN:
            return result
        return next((value for value in names.values() if isinstance(value, Missing)), None)


def _found(item: Item, held: filled.Value) -> Found:
    return Missing(held.missing or "") if held.text is None else typed(item, held.text)


STOPPING_EVENT = "participant.stopping_event"


def asks_stopping(protocol: Protocol) -> bool:
    """Whether the protocol asks of each adverse event if it is a stopping one."""
    return protocol.safety is not None and protocol.safety.get("stopping_event") is not None


def facts_of(person: Participant, cut_on: str, *, asks_stopping: bool) -> dict[str, Found]:
    """What the study itself knows of a participant, by the names expressions use.

    asks_stopping: whether the protocol asks of each event if it is a stopping one, so that who has
        none is known to have had none.
    """
    treated = person.treatment is not None and person.treatment.status != "none"
    facts: dict[str, Found] = {
        "participant.randomised": person.at(people.RANDOMISED) is not None,
        "participant.treated": treated,
        "participant.withdrawn": any(e.kind == "withdrawn" for e in person.endings),
    }
    if asks_stopping or person.at(people.STOPPING_EVENT) is not None:
        facts[STOPPING_EVENT] = person.at(people.STOPPING_EVENT) is not None
    if treated and person.treatment:
        given = PartialDate.parse(person.treatment.on[:10]).full
        today = PartialDate.parse(cut_on).full
        if given and today:
            facts["participant.days_since_treatment"] = Decimal((today - given).days)
    return facts


def typed(item: Item, text: str) -> Value:
    """The value that canonical text stands for; text that doesn't fit its type stays text."""
    if item.code_list is not None:
        return text
    try:
        match item.type:
            case ItemType.NUMBER | ItemType.INTEGER | ItemType.SCORE:
                return Decimal(text)
            case ItemType.LAB:
                return Censored(text[0], Decimal(text[1:])) if text[0] in "<>" else Decimal(text)
            case ItemType.DATE | ItemType.PARTIAL_DATE:
                return PartialDate.parse(text)
            case ItemType.TIME:
                return read_time(text)
            case ItemType.YES_NO:
                return text == "yes"
            case _:
                return text
    except (ValueError, InvalidOperation):
        return text
