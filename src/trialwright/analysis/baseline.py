"""What the randomised participants were like before treatment."""

from dataclasses import dataclass

from trialwright.analysis.describe import NOT_RECORDED, Group, describe
from trialwright.analysis.summaries import Description
from trialwright.analysis.values import Values
from trialwright.protocol.baseline import baseline_items
from trialwright.protocol.forms import Form, Item
from trialwright.protocol.scopes import kind_of
from trialwright.protocol.values import Missing, Value


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One item of the screening, described in each group in turn."""

    form: Form
    item: Item
    groups: tuple[Description, ...]


def baseline(values: Values, groups: tuple[Group, ...]) -> tuple[Characteristic, ...]:
    """Describe the numbers, choices and yes/no items of the forms completed at screening.

    Of several screening visits the last value counts. Of the items that the protocol names, or
    else of all that can be described, those are left out that nobody has a value of.
    """
    visits = [visit for visit in values.protocol.visits if visit.screening]
    found = []
    for form, item in baseline_items(values.protocol):
        at = [visit.key for visit in visits if form.key in visit.forms]
        described = tuple(
            describe(kind_of(item), [_last(values, code, at, form, item) for code in g.codes])
            for g in groups
        )
        if any(each.known for each in described):
            found.append(Characteristic(form, item, described))
    return tuple(found)


def _last(values: Values, code: str, visits: list[str], form: Form, item: Item) -> Value | Missing:
    reason = Missing(NOT_RECORDED)
    for visit in reversed(visits):
        value = values.at(code, visit, form.key, item.key)
        if isinstance(value, Missing):
            reason = value
        elif value is not None:
            return value
    return reason
