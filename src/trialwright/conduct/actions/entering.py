"""Entries: what was typed on a form is checked, written, questioned and, later, signed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_complete, role_to_sign
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import Scene, acting
from trialwright.conduct.asking import ask
from trialwright.conduct.completing import Completed, Raw, complete_form
from trialwright.conduct.models import Draft, Entry, Query, Value, VisitRecord
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.planning import day_of, moves_plan, replan
from trialwright.conduct.reads.values import held_openly
from trialwright.conduct.refusals import Conflict, NotHere, Problem, Refused
from trialwright.conduct.sealed_values import Sealed, Stored
from trialwright.conduct.signing import entry_content, hash_of, sign, void
from trialwright.conduct.states import closed_because
from trialwright.conduct.tables import entry_of, row_of, rows_of
from trialwright.protocol.basics import Role, UnknownKeyError
from trialwright.protocol.forms import Form

MEANING = "entry"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Saved:
    """What a saving came to."""

    revision: int
    complete: bool
    queries: tuple[int, ...]
    signatures_void: int


@dataclass(frozen=True, slots=True)
class _Said:
    """What she typed for the items that are there for her: answers, whys of changes, remarks."""

    raw: Mapping[str, Raw]
    whys: Mapping[str, str]
    remarks: Mapping[str, str]


def save_entry(
    *,
    by: Actor,
    code: str,
    visit: str,
    form: str,
    raw: Mapping[str, Raw],
    based_on: int,
    repeat: int = 1,
    whys: Mapping[str, str] | None = None,
    remarks: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Saved:
    """Save a form as typed.

    Args:
        raw: for each item, the text typed or the reason why there is none.
        based_on: the revision that the page showed (0 for a new entry).
        whys: for each changed item of a complete entry, why it changes.
        remarks: for each item that a check asks about, why the unlikely is so.

    Raises:
        Refused: something typed can't be read or is impossible, a change lacks its why, an
            unlikely value its remark; or the visit can't have this form now. Nothing is written.
        Conflict: somebody saved the form since the page was shown.
    """
    may_complete = partial(_role, form, role_to_complete)
    with acting(by, may_complete, "save_entry", code=code, at=at) as scene:
        entry = entry_of(scene.participant, visit, form, repeat)
        the_form = _form_now(scene, visit, form, repeat, entry)
        if (entry.revision if entry else 0) != based_on:
            raise Conflict(
                _(
                    "Somebody saved this form while you were typing. What you typed is kept: "
                    "compare it with what is saved, and save again."
                )
            )
        sealed = opened(scene, entry)
        before = held_openly(entry) | sealed.values
        hidden = frozenset() if scene.may_see_arm() else the_form.unmasking_items
        said = _Said(
            _without(hidden, raw), _without(hidden, whys or {}), _without(hidden, remarks or {})
        )
        done = complete_form(
            scene.participant,
            scene.protocol,
            the_form,
            visit,
            said.raw,
            before,
            today=day_of(scene.at),
        )
        _require_no_problem(entry, the_form, done, before, sealed, said)
        scene.because(_reason(the_form, said.whys))
        return _write(scene, entry, the_form, visit, repeat, done, before, sealed, said)


def sign_entry(
    *,
    by: Actor,
    code: str,
    visit: str,
    form: str,
    content_hash: str,
    repeat: int = 1,
    at: datetime | None = None,
) -> None:
    """Sign an entry as it was shown.

    Args:
        content_hash: the hash of the content that the page showed; if it has changed since,
            the signature is refused.
    """
    may_sign = partial(_role, form, role_to_sign)
    with acting(by, may_sign, "sign_entry", code=code, at=at) as scene:
        entry = entry_of(scene.participant, visit, form, repeat)
        if entry is None:
            raise Refused(_("There is nothing to sign: the form has not been filled in."))
        if entry.status != EntryStatus.COMPLETE:
            raise Refused(
                _(
                    "The form is not complete, so it can't be signed. Answer each question or "
                    "give the reason why there is no answer."
                )
            )
        if entry.signatures.filter(meaning=MEANING, void_at=None).exists():
            raise Conflict(_("This form is signed already."))
        content = entry_content(entry)
        if hash_of(content) != content_hash:
            raise Conflict(_("The form changed while you read it. Read it again and sign."))
        sign(scene, meaning=MEANING, content=content, entry=entry)


def _role(form: str, rule: Callable[..., Role | None], scene: Scene) -> Role | None:
    try:
        the_form = scene.protocol.form(form)
    except UnknownKeyError:
        return None
    site = scene.participant.site
    return rule(scene.by, the_form, site=site, knows_arm=scene.knows_arm())


def _without(hidden: Collection[str], typed: Mapping[str, T]) -> dict[str, T]:
    """What was typed, but for the items that aren't there for her."""
    return {key: value for key, value in typed.items() if key not in hidden}


def _reason(form: Form, whys: Mapping[str, str]) -> str:
    """The reasons for a change as the open chain keeps them: each distinct one once."""
    opened = (why.strip() for item, why in whys.items() if item not in form.unmasking_items)
    return "; ".join(dict.fromkeys(why for why in opened if why))


def _form_now(scene: Scene, visit: str, form: str, repeat: int, entry: Entry | None) -> Form:
    """The form, if this visit has it and may have data now."""
    participant, protocol = scene.participant, scene.protocol
    try:
        the_visit, the_form = protocol.visit(visit), protocol.form(form)
    except UnknownKeyError:
        raise NotHere from None
    if form not in the_visit.forms or repeat < 1 or (repeat > 1 and not the_form.repeating):
        raise NotHere
    record = row_of(VisitRecord, participant_id=participant.pk, visit=visit)
    came = record is not None and record.actual is not None
    closed = closed_because(participant, the_visit, came=came, begun=entry is not None)
    if closed is not None:
        raise Refused(closed)
    return the_form


def opened(scene: Scene, entry: Entry | None) -> Sealed:
    """What an entry holds sealed."""
    if entry is None:
        return Sealed()
    return sealed_values.open_entry(scene.study.identifier, entry.pk, entry.sealed)


def _require_no_problem(
    entry: Entry | None,
    form: Form,
    done: Completed,
    before: Stored,
    sealed: Sealed,
    said: _Said,
) -> None:
    problems = list(done.problems)
    if entry is not None and entry.status == EntryStatus.COMPLETE:
        for item in form.items:
            changed = done.values.get(item.key) != before.get(item.key)
            # What is no longer asked goes because of another answer, which has its own why.
            typed = item.key in done.shown and not item.computed
            if changed and typed and not said.whys.get(item.key, "").strip():
                problems.append(
                    Problem(item.key, _("Say why this is changed: the form was complete."))
                )
    asked = {query.item for query in _standing(entry)} | sealed.remarks.keys()
    for question in done.questions:
        unchanged = done.values.get(question.item) == before.get(question.item)
        if not said.remarks.get(question.item, "").strip() and not (
            question.item in asked and unchanged
        ):
            problems.append(Problem(question.item, question.sentence, asks=True))
    if problems:
        raise Refused(problems=tuple(problems))


def _standing(entry: Entry | None) -> list[Query]:
    if entry is None:
        return []
    return [query for query in rows_of(Query, entry_id=entry.pk) if query.check_key]


def _write(
    scene: Scene,
    entry: Entry | None,
    form: Form,
    visit: str,
    repeat: int,
    done: Completed,
    before: Stored,
    sealed: Sealed,
    said: _Said,
) -> Saved:
    status = EntryStatus.COMPLETE if done.complete else EntryStatus.INCOMPLETE
    changed = done.values != before
    if entry is None:
        entry = Entry(
            participant=scene.participant,
            visit=visit,
            form=form.key,
            repeat=repeat,
            status=status.value,
            revision=1,
            protocol_version=scene.study.version,
        )
        scene.record(entry)
    else:
        scene.change(
            entry,
            status=status.value,
            revision=entry.revision + 1,
            protocol_version=scene.study.version,
        )
    unmasking = form.unmasking_items
    _write_open(scene, entry, {k: v for k, v in done.values.items() if k not in unmasking})
    if unmasking:
        _write_sealed(scene, entry, sealed, _sealed_now(unmasking, done, sealed, said))
    voided = 0
    if changed and entry.revision > 1:
        voided = void(scene, entry.signatures, "the form changed")
    queries = _ask(scene, entry, form, done, before, said.remarks)
    Draft.objects.filter(
        person=scene.by.person_id,
        participant=scene.participant,
        visit=visit,
        form=form.key,
        repeat=repeat,
    ).delete()
    if moves_plan(scene.protocol, visit, form.key):
        replan(scene)
    return Saved(entry.revision, done.complete, queries, voided)


def _write_open(scene: Scene, entry: Entry, values: sealed_values.Stored) -> None:
    known = rows_of(Value, entry_id=entry.pk) if entry.revision > 1 else []
    held = {value.item: value for value in known}
    scene.record_all(
        [
            Value(entry=entry, item=item, text=value["text"], missing=value["missing"])
            for item, value in values.items()
            if item not in held
        ]
    )
    for item, value in held.items():
        if item in values:
            scene.change(value, **values[item])
        else:
            scene.remove(value)


def _sealed_now(unmasking: Collection[str], done: Completed, sealed: Sealed, said: _Said) -> Sealed:
    values = {key: value for key, value in done.values.items() if key in unmasking}

    def kept(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
        told = {key: text.strip() for key, text in now.items() if text.strip()}
        return {key: text for key, text in {**before, **told}.items() if key in values}

    return Sealed(values, kept(sealed.remarks, said.remarks), kept(sealed.whys, said.whys))


def _write_sealed(scene: Scene, entry: Entry, before: Sealed, now: Sealed) -> None:
    if now == before:
        return
    entry.sealed, text = sealed_values.seal_entry(scene.study.identifier, entry.pk, now)
    entry.save(update_fields=["sealed"])
    scene.writer.write(entity="entry", id=str(entry.pk), field="sealed", new=text, sealed=True)


def _ask(
    scene: Scene,
    entry: Entry,
    form: Form,
    done: Completed,
    before: Stored,
    remarks: Mapping[str, str],
) -> tuple[int, ...]:
    """Open a query for each question, already answered by the remark; it waits to be closed.

    What is sealed is never asked about here: even a look-up would tell that there is a question.
    """
    questions = [each for each in done.questions if each.item not in form.unmasking_items]
    if not questions:
        return ()
    numbers = []
    known = {(query.item, query.check_key) for query in _standing(entry)}
    for question in questions:
        unchanged = done.values.get(question.item) == before.get(question.item)
        if unchanged and (question.item, question.check) in known:
            continue
        query = ask(scene, entry, item=question.item, text=question.text, check_key=question.check)
        scene.change(
            query, status=QueryStatus.ANSWERED.value, answer=remarks[question.item].strip()
        )
        numbers.append(query.number)
    return tuple(numbers)
