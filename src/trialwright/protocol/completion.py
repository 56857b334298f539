"""How a form stands, given its answers: what is asked, computed, refused, questioned, unanswered.

Pure, and the one place for it: the page shows it, the action enforces it, a query quotes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trialwright.messages import Message, Translatable
from trialwright.protocol.evaluate import Values, compare
from trialwright.protocol.forms import Form, Item, Severity
from trialwright.protocol.series import Gathered, series_of
from trialwright.protocol.terms import UNKNOWN
from trialwright.protocol.unit_words import unit_words
from trialwright.protocol.values import Censored, Missing, Value

LIKELY = "likely"
"""The key of the finding that a number lies outside its likely range."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that fired: `check` is its key (or LIKELY), said at `items`."""

    check: str
    severity: Severity
    message: Translatable
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormState:
    """How a form stands.

    shown: keys of the items asked, in order. computed: values of computed items, None where
    unknown. findings: refusals and questions, in the order written. unanswered: items shown that
    must have a value or a reason and have neither.
    """

    shown: tuple[str, ...]
    computed: dict[str, Value | None]
    findings: tuple[Finding, ...]
    unanswered: tuple[str, ...]

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """What makes the form impossible to save as complete."""
        return tuple(each for each in self.findings if each.severity is Severity.REFUSE)

    @property
    def questions(self) -> tuple[Finding, ...]:
        """What needs a reason and becomes a query."""
        return tuple(each for each in self.findings if each.severity is Severity.ASK)

    @property
    def complete(self) -> bool:
        """Whether the form can be signed, its questions apart."""
        return not self.refusals and not self.unanswered


def needed_elsewhere(form: Form) -> tuple[str, ...]:
    """The items of other forms that this one needs: `form.item` of its visit, or with a visit;
    those of which it needs all records among them."""
    names = (name for item in form.items for name in _needs(item))
    checked = (name for check in form.checks for name in check.when.references)
    many = (term.path for term in series_of(form))
    return tuple(dict.fromkeys(name for name in (*names, *checked, *many) if "." in name))


def evaluate_form(
    form: Form, values: Values, gathered: Mapping[str, Gathered] | None = None
) -> FormState:
    """The state of one record of a form.

    values: what is known, by item key, and by the names of `needed_elsewhere` for other forms.
    Computed items are worked out here, whatever `values` says; an item that isn't shown counts as
    absent. gathered: what the functions of all records take, see `series.gather`; without it they
    are unknown.
    """
    known: dict[str, Value | Missing | None] = dict(values)
    known |= _of_all(gathered, known)
    own = {name: each for name, each in (gathered or {}).items() if each.own}
    shown: set[str] = set()
    computed: dict[str, Value | None] = {}
    for item in _in_order(form, gathered or {}):
        known |= _of_all(own, known)
        if item.show_when is None or item.show_when.holds(known) is True:
            shown.add(item.key)
            if item.expression is not None:
                result = item.expression.evaluate(known)
                computed[item.key] = known[item.key] = None if result is UNKNOWN else result
        else:
            known.pop(item.key, None)
    known |= _of_all(own, known)
    asked = [item for item in form.items if item.key in shown]
    return FormState(
        shown=tuple(item.key for item in asked),
        computed=computed,
        findings=(*_unlikely(asked, known), *_fired(form, known)),
        unanswered=tuple(
            item.key
            for item in asked
            if known.get(item.key) is None and not item.optional and not item.computed
        ),
    )


def kept(form: Form, state: FormState, given: Values) -> dict[str, Value | Missing]:
    """What a record holds once evaluated: the answers still asked, and what is computed."""
    typed = {item.key for item in form.items if not item.computed}
    values = {key: value for key, value in given.items() if key in typed and value is not None}
    computed = {key: value for key, value in state.computed.items() if value is not None}
    return {key: value for key, value in (values | computed).items() if key in state.shown}


def _needs(item: Item) -> Iterator[str]:
    for expression in (item.expression, item.show_when):
        yield from expression.references if expression else ()


def _of_all(
    gathered: Mapping[str, Gathered] | None, known: Mapping[str, Value | Missing | None]
) -> dict[str, Value | None]:
    return {name: each.value(known) for name, each in (gathered or {}).items()}


def _needs_here(item: Item, gathered: Mapping[str, Gathered]) -> set[str]:
    """The items of its own record that an item needs, by itself or among all records."""
    asked = [each for each in (item.expression, item.show_when) if each] if gathered else []
    many = (gathered[term.name].own for each in asked for term in each.series)
    return {*_needs(item), *(own for own in many if own)}


def _in_order(form: Form, gathered: Mapping[str, Gathered]) -> list[Item]:
    """The items, each after those of this form that it needs (the loader has refused circles)."""
    own = {item.key for item in form.items}
    waiting = list(form.items)
    done: set[str] = set()
    ordered: list[Item] = []
    while waiting:
        ready = [item for item in waiting if own & _needs_here(item, gathered) <= done]
        if not ready:
            raise ValueError(f"the form {form.key} has items that need each other")
        ordered += ready
        done |= {item.key for item in ready}
        waiting = [item for item in waiting if item.key not in done]
    return ordered


def _fired(form: Form, known: Values) -> Iterator[Finding]:
    for check in form.checks:
        if check.when.holds(known) is True:
            yield Finding(check.key, check.severity, check.message, check.items)


def _unlikely(asked: list[Item], known: Values) -> Iterator[Finding]:
    for item in asked:
        value = known.get(item.key)
        low, high = item.likely_minimum, item.likely_maximum
        if value is None or isinstance(value, Missing | Censored):
            continue
        below = low is not None and compare("<", value, low) is True
        above = high is not None and compare(">", value, high) is True
        if below or above:
            message = unlikely_words(item, below=below)
            yield Finding(LIKELY, Severity.ASK, message, (item.key,))


def unlikely_words(item: Item, *, below: bool) -> Message:
    """What is said of a number below or above what is likely."""
    bound = item.likely_minimum if below else item.likely_maximum
    unit = unit_words(item.unit)
    limit = Message("{bound:f} {unit}", bound=bound, unit=unit) if unit else f"{bound:f}"
    if below:
        return Message(
            "{label}: under {limit} is unusual; correct it, or say why",
            label=item.label,
            limit=limit,
        )
    return Message(
        "{label}: over {limit} is unusual; correct it, or say why", label=item.label, limit=limit
    )
