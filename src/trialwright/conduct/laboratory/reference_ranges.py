"""The reference range in force on the day of a sample, found and bound to the result.

The laboratory is the one that measures the samples of the participant's site. What could reveal an
arm is bound to nothing: that a range stands there would tell that there is a value.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from trialwright.conduct.acting import ActionContext, protocol_for, protocol_of
from trialwright.conduct.laboratory.graded import undo_grades
from trialwright.conduct.laboratory.range_lists import NewRange
from trialwright.conduct.models import (
    BoundRange,
    Entry,
    Participant,
    RangeList,
    ReferenceRange,
    Study,
    Value,
    ValueReview,
    VisitRecord,
)
from trialwright.conduct.models.value_reviews import ReviewKind
from trialwright.conduct.sealed_values import Stored
from trialwright.conduct.tables import version_of
from trialwright.protocol.forms import Form, Item
from trialwright.protocol.laboratory import SEXES
from trialwright.protocol.model import Protocol
from trialwright.protocol.normal_range import outside_normal
from trialwright.protocol.read_forms import NUMERIC
from trialwright.safety.units import spelled

RANGE_CHANGED = "the reference range changed"
Limits = Mapping[str, tuple[Decimal | None, Decimal | None]]
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Traits:
    """What a range goes by in a participant; "" and None where it isn't known."""

    sex: str = ""
    age: int | None = None
    age_on: date | None = None
    born: date | None = None

    def age_at(self, day: date) -> int | None:
        """Whole years on a day."""
        if self.born is not None:
            return _years(self.born, day)
        if self.age is None or self.age_on is None:
            return None
        return self.age + max(0, _years(self.age_on, day))


def _years(start: date, end: date) -> int:
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


@dataclass(frozen=True, slots=True)
class InForce:
    """The newest lists of all laboratories, each with the sites that it serves."""

    lists: tuple[tuple[RangeList, Mapping[str, tuple[ReferenceRange, ...]]], ...]

    def find(self, site: str, item: Item, traits: Traits, day: date) -> ReferenceRange | None:
        """The range of an item for a sample of a site; None where no laboratory has one."""
        age = traits.age_at(day)
        for kept, by_test in self.lists:
            if serves(kept, site):
                for each in by_test.get(item.test_code, ()):
                    same = spelled(each.unit) == spelled(item.unit or "")
                    if same and as_new(each).covers(traits.sex, age, day):
                        return each
        return None


def serves(kept: RangeList, site: str) -> bool:
    """Whether a laboratory measures the samples of a site."""
    return not kept.sites or site in kept.sites.split(",")


def as_new(row: ReferenceRange) -> NewRange:
    """A stored range as the pure rules read it."""
    return NewRange(
        row.row, row.test, row.unit, row.sex, row.age_from, row.age_below, row.low, row.high,
        row.first_day, row.last_day,
    )  # fmt: skip


def limits_of(row: ReferenceRange) -> tuple[Decimal | None, Decimal | None]:
    """The limits of a range as numbers."""
    return (Decimal(row.low) if row.low else None, Decimal(row.high) if row.high else None)


def newest_lists(study: str) -> list[RangeList]:
    """The version in force of each laboratory, by the laboratory's code."""
    rows = RangeList.objects.filter(study=study).order_by("laboratory", "-version")
    return list(rows.distinct("laboratory"))


def in_force(study: str) -> InForce:
    """All ranges in force in a study."""
    lists = newest_lists(study)
    found: dict[UUID, dict[str, tuple[ReferenceRange, ...]]] = {each.pk: {} for each in lists}
    for row in ReferenceRange.objects.filter(list__in=lists).order_by("row"):
        by_test = found[row.list_id]
        by_test[row.test] = (*by_test.get(row.test, ()), row)
    return InForce(tuple((each, found[each.pk]) for each in lists))


def results_in(form: Form) -> list[Item]:
    """The items of a form that can have a range: typed numbers with a unit that tell no arm."""
    return [
        item
        for item in form.items
        if item.type in NUMERIC
        and item.unit
        and not item.computed
        and item.key not in form.unmasking_items
    ]


def settle_ranges(context: ActionContext) -> None:
    """Bind anew what an action about a participant has touched."""
    if not context.study.laboratories or not context.about_participant:
        return
    participant, known = context.participant, context.protocol.laboratory
    traits_of = {name.split(".")[1] for name in known.items} if known else set()
    moved = any(isinstance(row, VisitRecord) for row in context.changed)
    if moved or any(f"Entry:{form}" in context.touched for form in traits_of):
        rebind(context, [participant])
        return
    entries = {
        row.pk if isinstance(row, Entry) else row.entry_id
        for row in context.changed
        if isinstance(row, Entry | Value)
    }
    if entries:
        rebind(context, [participant], entries)


def rebind(
    context: ActionContext,
    participants: Iterable[Participant],
    entries: Collection[UUID] | None = None,
) -> None:
    """Bind the results of these participants, or of these of their forms, to what is in force."""
    ranges = in_force(context.study.identifier)
    everybody = list(participants)
    for begin in range(0, len(everybody), _AT_ONCE):
        _rebind(context, ranges, everybody[begin : begin + _AT_ONCE], entries)


@dataclass(frozen=True, slots=True)
class _Held:
    """What is stored of some participants: forms, their values and ranges, days of visits."""

    entries: list[Entry]
    values: dict[UUID, Stored]
    bound: dict[UUID, dict[str, BoundRange]]
    days: Mapping[tuple[UUID, str], date | None]
    traits: Mapping[UUID, Traits]


def _load(study: Study, participants: list[Participant], entries: Collection[UUID] | None) -> _Held:
    rows = Entry.objects.filter(participant__in=participants)
    chosen = list(rows if entries is None else rows.filter(pk__in=entries))
    values: dict[UUID, Stored] = {each.pk: {} for each in chosen}
    for entry, item, text, missing in Value.objects.filter(entry__in=chosen).values_list(
        "entry_id", "item", "text", "missing"
    ):
        values[entry][item] = {"text": text, "missing": missing}
    bound: dict[UUID, dict[str, BoundRange]] = {each.pk: {} for each in chosen}
    for row in BoundRange.objects.filter(entry__in=chosen).select_related("range"):
        bound[row.entry_id][row.item] = row
    return _Held(chosen, values, bound, _days(participants), traits_of(study, participants))


def _days(participants: list[Participant]) -> dict[tuple[UUID, str], date | None]:
    came = VisitRecord.objects.filter(participant__in=participants, actual__isnull=False)
    return {(who, visit): day for who, visit, day in
            came.values_list("participant_id", "visit", "actual")}  # fmt: skip


def traits_of(study: Study, participants: Collection[Participant]) -> dict[UUID, Traits]:
    """What ranges go by in each participant, from the items that their protocol names."""
    found: dict[UUID, Traits] = {}
    newest = study.version
    names: dict[UUID, Protocol] = {
        each.pk: protocol_for(each, newest) for each in participants if newest is not None
    }
    wanted = {name for p in names.values() if p.laboratory for name in p.laboratory.items}
    held: dict[UUID, dict[str, str | None]] = {each.pk: {} for each in participants}
    if wanted:
        rows = Value.objects.filter(
            entry__participant__in=participants,
            entry__form__in={name.split(".")[1] for name in wanted},
            item__in={name.split(".")[2] for name in wanted},
        ).values_list("entry__participant_id", "entry__visit", "entry__form", "item", "text")
        for who, visit, form, item, text in rows:
            held[who][f"{visit}.{form}.{item}"] = text
    days = _days(list(participants)) if wanted else {}
    for each in participants:
        found[each.pk] = _traits(each, names.get(each.pk), held[each.pk], days)
    return found


def _traits(
    participant: Participant,
    protocol: Protocol | None,
    held: Mapping[str, str | None],
    days: Mapping[tuple[UUID, str], date | None],
) -> Traits:
    known = protocol.laboratory if protocol else None
    if known is None:
        return Traits()
    sex = known.sex if known.sex in SEXES else held.get(known.sex) or ""
    age, born = held.get(known.age or ""), held.get(known.born or "")
    return Traits(
        sex if sex in SEXES else "",
        int(Decimal(age)) if age else None,
        days.get((participant.pk, (known.age or "").split(".")[0])),
        date.fromisoformat(born) if born else None,
    )


def _rebind(
    context: ActionContext,
    ranges: InForce,
    participants: list[Participant],
    entries: Collection[UUID] | None,
) -> None:
    held = _load(context.study, participants, entries)
    sites = {each.pk: each.site for each in participants}
    new: list[BoundRange] = []
    moved: list[tuple[BoundRange, dict[str, object]]] = []
    gone: list[BoundRange] = []
    for entry in held.entries:
        form = protocol_of(version_of(entry.protocol_version_id)).form(entry.form)
        values, before = held.values[entry.pk], held.bound[entry.pk]
        day = sampled_on(form, values, held.days.get((entry.participant_id, entry.visit)))
        now: dict[str, ReferenceRange] = {}
        for item in results_in(form):
            typed = values.get(item.key)
            if day is not None and typed is not None and typed["text"] is not None:
                traits = held.traits[entry.participant_id]
                found = ranges.find(sites[entry.participant_id], item, traits, day)
                if found is not None:
                    now[item.key] = found
        for key, found in now.items():
            assert day is not None  # noqa: S101 - without a day nothing is found
            row = before.get(key)
            if row is None:
                new.append(BoundRange(entry=entry, item=key, range=found, sampled_on=day))
            elif (row.range_id, row.sampled_on) != (found.pk, day):
                moved.append((row, {"range": found, "sampled_on": day}))
        gone += [row for key, row in before.items() if key not in now]
        _undo_judgements(context, entry, form, values, before, now)
    context.record_all(new)
    context.change_all(moved)
    context.remove_all(gone)


def _undo_judgements(
    context: ActionContext,
    entry: Entry,
    form: Form,
    values: Stored,
    before: Mapping[str, BoundRange],
    now: Mapping[str, ReferenceRange],
) -> None:
    """What was judged of a result stands only while it lies on the same side of its range, and its
    grade only while that has the same limits."""
    was = form.with_limits({key: limits_of(row.range) for key, row in before.items()})
    will = form.with_limits({key: limits_of(row) for key, row in now.items()})
    turned = [
        key
        for key in {*before, *now}
        if (typed := (values.get(key) or {}).get("text"))
        and outside_normal(was.item(key), typed) != outside_normal(will.item(key), typed)
    ]
    limited = [key for key in {*before, *now} if was.item(key) != will.item(key)]
    undo_grades(context, entry, form, limited, RANGE_CHANGED)
    if not turned:
        return
    judged = ValueReview.objects.filter(
        entry=entry, item__in=turned, kind=ReviewKind.SIGNIFICANCE.value, undone_at=None
    )
    for row in judged:
        context.change(row, undone_at=context.at, undone_reason=RANGE_CHANGED)


def sampled_on(form: Form, values: Stored, visit_day: date | None) -> date | None:
    """The day of a form's sample: as its item says, where it has one; else that of the visit."""
    if form.sampled is None:
        return visit_day
    text = (values.get(form.sampled) or {}).get("text")
    return date.fromisoformat(text) if text else None
