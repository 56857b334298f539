"""What follows from a changed value or day of a visit, written in the transaction that changes it.

`protocol.dependencies` says what depends on what, `protocol.reevaluation` what comes of it; here
it is stored: values, how complete a form is, signatures made void, queries, criteria, the plan of
visits. Each row's reason in the ledger names the items that it follows from.

What is restricted tells nothing: of a form that holds restricted items the same is written
whatever they hold, no query is asked about them, and none of them is named as a cause.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext, protocol_of
from trialwright.conduct.asking import ask
from trialwright.conduct.laboratory.value_reviews import undo_reviews
from trialwright.conduct.models import Entry, Query, Signature, Value
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.participants.planning import replan
from trialwright.conduct.participants.rechecking import Change, recheck, recheck_stratum
from trialwright.conduct.reads.values import held_value, stored_text, visit_days
from trialwright.conduct.sealed_values import Sealed, Stored
from trialwright.conduct.tables import version_of
from trialwright.protocol.completion import FormState, needed_elsewhere
from trialwright.protocol.dependencies import Dependant, Use, dependencies_of
from trialwright.protocol.forms import Form
from trialwright.protocol.occurrences import key_of
from trialwright.protocol.reevaluation import Moved, Reevaluated, reevaluate
from trialwright.protocol.series import Held, Place
from trialwright.protocol.values import Missing
from trialwright.protocol.values import Value as Typed

_IN_FORMS = frozenset({Use.VALUE, Use.SHOWN, Use.CHECK})


def follow(
    scene: ActionContext, saved: Entry, form: Form, before: Stored, now: Stored
) -> list[Entry]:
    """Store what follows from a saving of a form; returns the entries that changed by it."""
    visit = saved.visit
    changed = {
        f"{visit}.{form.key}.{key}": held_value(form.item(key), before.get(key))
        for key in {*before, *now, *form.unmasking_items}
        if key in form.unmasking_items or before.get(key) != now.get(key)
    }
    graph = dependencies_of(scene.protocol)
    if saved.revision == 1:
        # A record more is one more of all records, whatever it holds.
        names = (f"{visit}.{form.key}.{item.key}" for item in form.items)
        changed |= {name: None for name in names if graph.reads_all(name)}
    if form.repeating and not any(graph.reads_all(name) for name in changed):
        return []
    reached = graph.following(changed)
    entries = []
    if any(graph.readers_of(name) for name in changed):
        record = _load(scene, _places_of(reached))
        found = reevaluate(
            scene.protocol, graph, record.values, changed, record.forms, repeat=saved.repeat,
            days=visit_days(scene.participant) if graph.dated else None,
        )  # fmt: skip
        entries = _apply(scene, record, found)
        changed |= _moved(scene, record, found)
    place = (visit, form.key, saved.repeat)
    _decide(scene, reached, Change(changed, place, saved.revision == 1))
    return entries


def follow_day(scene: ActionContext, visit: str, before: date | None) -> None:
    """Store what follows from another day of a visit: what is of the last days, counted anew."""
    graph, participant = dependencies_of(scene.protocol), scene.participant
    days = visit_days(participant)
    if not graph.dated or days.get(visit) == before:
        return
    reached = graph.following(graph.read_by_days(visit))
    at_it = {(key_of(visit), form) for form in scene.protocol.visit(visit).forms}
    counting = {place for place in at_it if graph.counts_days(*place)}
    reached |= graph.following(
        [f"{key}.{form}.{item.key}" for key, form in counting
         for item in scene.protocol.form(form).items]
    )  # fmt: skip
    record = _load(scene, _places_of(reached) | counting)
    found = reevaluate(
        scene.protocol, graph, record.values, {}, record.forms, days=days,
        moved=Moved(visit, before),
    )  # fmt: skip
    _apply(scene, record, found)
    if moved := _moved(scene, record, found):
        _decide(scene, reached, Change(moved))


def _decide(scene: ActionContext, reached: Collection[Dependant], changed: Change) -> None:
    """Judge anew what the changed values decide: criteria, group and stratum, the plan."""
    graph = dependencies_of(scene.protocol)
    if criteria := {each.name for each in reached if each.use is Use.CRITERION}:
        recheck(scene, criteria, changed)
    if any(each.use is Use.STRATUM for each in reached):
        recheck_stratum(scene, changed)
    if any(each.use is Use.VISIT for each in reached):
        causes = [name for name in changed.earlier if graph.decides(name, Use.VISIT)]
        with scene.following(scene.follows_from(causes)):
            replan(scene)


@dataclass(slots=True)
class _Record:
    """What is stored of the forms concerned: rows, and their values as the protocol reads them."""

    entries: dict[Place, Entry]
    forms: dict[Place, Form] = field(default_factory=dict)
    rows: dict[Place, dict[str, Value]] = field(default_factory=dict)
    sealed: dict[Place, Sealed] = field(default_factory=dict)
    values: dict[Place, Held] = field(default_factory=dict)


def _places_of(reached: Collection[Dependant]) -> set[tuple[str, str]]:
    names = (each.name.split(".") for each in reached if each.use in _IN_FORMS)
    return {(visit, form) for visit, form, _ in names}


def _load(scene: ActionContext, places: Collection[tuple[str, str]]) -> _Record:
    """The forms concerned, each of the version it was entered under, and those that they read."""
    protocol, participant = scene.protocol, scene.participant
    needed = {form for _visit, form in places}
    for key in tuple(needed):
        needed |= {name.split(".")[-2] for name in needed_elsewhere(protocol.form(key))}
    found = Entry.objects.filter(participant=participant, form__in=needed)
    record = _Record({(each.visit, each.form, each.repeat): each for each in found})
    places_by_key = {entry.pk: place for place, entry in record.entries.items()}
    record.rows = {place: {} for place in record.entries}
    for row in Value.objects.filter(entry__in=places_by_key):
        record.rows[places_by_key[row.entry_id]][row.item] = row
    for place, entry in record.entries.items():
        entry.participant = participant
        entry.protocol_version = version_of(entry.protocol_version_id)
        record.forms[place] = protocol_of(entry.protocol_version).form(entry.form)
        held: Stored = {
            item: {"text": row.text, "missing": row.missing}
            for item, row in record.rows[place].items()
        }
        if entry.sealed:
            opened = sealed_values.open_entry(scene.study.identifier, entry.pk, entry.sealed)
            record.sealed[place] = opened
            held |= opened.values
        record.values[place] = _typed(record.forms[place], held)
    return record


def _typed(form: Form, held: Stored) -> dict[str, Typed | Missing]:
    known = {item.key: item for item in form.items}
    values = {key: held_value(known[key], each) for key, each in held.items() if key in known}
    return {key: value for key, value in values.items() if value is not None}


def _apply(
    scene: ActionContext, record: _Record, found: Mapping[Place, Reevaluated]
) -> list[Entry]:
    """Write what is new; returns the entries that changed."""
    changed = []
    for place, each in found.items():
        form, entry = record.forms[place], record.entries[place]
        with scene.following(scene.follows_from(each.causes)):
            if scene.study.locks_held and each.values != record.values[place]:
                scene.require_unlocked(place[0], place[1])
            touched = _write_values(scene, form, record, place, each.values)
            status = _status(form, entry, each)
            if touched or status != entry.status:
                scene.change(entry, status=status, revision=entry.revision + 1)
                changed.append(entry)
    voided = Signature.objects.filter(entry__in=changed, void_at=None) if changed else ()
    for signature in voided:
        place = next(p for p, entry in record.entries.items() if entry.pk == signature.entry_id)
        with scene.following(scene.follows_from(found[place].causes)):
            scene.change(signature, void_at=scene.at, void_reason="a value it depends on changed")
    _ask(scene, record, found)
    return changed


def _write_values(
    scene: ActionContext, form: Form, record: _Record, place: Place, values: Held
) -> bool:
    entry, rows = record.entries[place], record.rows[place]
    hidden = form.unmasking_items
    now = {key: stored_text(value) for key, value in values.items() if key not in hidden}
    new = [Value(entry=entry, item=key, **now[key]) for key in now if key not in rows]
    moved = [(row, now[key]) for key, row in rows.items() if key in now]
    gone = [row for key, row in rows.items() if key not in now]
    touched = bool(new or gone or any(_differs(row, each) for row, each in moved))
    scene.record_all(new)
    scene.change_all(moved)
    scene.remove_all(gone)
    undo_reviews(scene, entry, [row.item for row in gone])
    if hidden:
        held = record.sealed.get(place, Sealed())
        sealed = {key: stored_text(value) for key, value in values.items() if key in hidden}
        content = Sealed(
            sealed,
            {key: text for key, text in held.remarks.items() if key in sealed},
            {key: text for key, text in held.change_reasons.items() if key in sealed},
        )
        write_sealed(scene, entry, content)
    return touched or bool(hidden)


def write_sealed(scene: ActionContext, entry: Entry, content: Sealed) -> None:
    """Store what an entry holds restricted, with its row in the restricted chain."""
    entry.sealed, text = sealed_values.seal_entry(scene.study.identifier, entry.pk, content)
    entry.save(update_fields=["sealed"])
    scene.writer.write(entity="entry", id=str(entry.pk), field="sealed", new=text, sealed=True)


def _differs(row: Value, now: Mapping[str, str | None]) -> bool:
    return (row.text, row.missing) != (now["text"], now["missing"])


def _status(form: Form, entry: Entry, each: Reevaluated) -> str:
    """How complete the form is; of one with restricted items only the open part can change it."""
    complete = each.state.complete
    if hidden := form.unmasking_items:
        was, now = (_open_complete(state, hidden) for state in (each.before, each.state))
        if was == now:
            return entry.status
        complete = complete and now
    return (EntryStatus.COMPLETE if complete else EntryStatus.INCOMPLETE).value


def _open_complete(state: FormState, hidden: Collection[str]) -> bool:
    refused = any(not _all_hidden(finding.items, hidden) for finding in state.refusals)
    return not refused and set(state.unanswered) <= set(hidden)


def _all_hidden(items: Collection[str], hidden: Collection[str]) -> bool:
    """Whether what is said at these items is said at restricted ones alone."""
    return bool(items) and set(items) <= set(hidden)


def _ask(scene: ActionContext, record: _Record, found: Mapping[Place, Reevaluated]) -> None:
    """Open a query for each check that fires now and did not before, unless one is open."""
    asked = []
    for place, each in found.items():
        hidden = record.forms[place].unmasking_items
        before = {(finding.check, finding.items) for finding in each.before.findings}
        asked += [
            (place, finding, each.causes)
            for finding in each.state.findings
            if (finding.check, finding.items) not in before
            and not _all_hidden(finding.items, hidden)
        ]
    if not asked:
        return
    standing = Query.objects.filter(
        entry__in={record.entries[place].pk for place, *_ in asked}, status=QueryStatus.OPEN.value
    )
    known = set(standing.values_list("entry_id", "item", "check_key"))
    for place, finding, causes in asked:
        entry, item = record.entries[place], finding.items[0]
        if (entry.pk, item, finding.check) not in known:
            with scene.following(scene.follows_from(causes)):
                ask(
                    scene,
                    entry,
                    item=item,
                    text=finding.message.in_language("en"),
                    check_key=finding.check,
                )


def _moved(
    scene: ActionContext, record: _Record, found: Mapping[Place, Reevaluated]
) -> dict[str, Typed | Missing | None]:
    """What each value that moved in another form held before."""
    moved: dict[str, Typed | Missing | None] = {}
    for place, each in found.items():
        form, was = record.forms[place], record.values[place]
        if not form.repeating:
            for item in {*was, *each.values}:
                if was.get(item) != each.values.get(item):
                    moved[f"{place[0]}.{form.key}.{item}"] = was.get(item)
    return moved
