"""Entries: what was typed on a form is checked, written, questioned and, later, signed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_complete, role_to_sign
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext, acting, protocol_of
from trialwright.conduct.asking import ask
from trialwright.conduct.laboratory.graded import undo_grades
from trialwright.conduct.laboratory.value_reviews import VALUE_CHANGED, undo_reviews
from trialwright.conduct.models import Draft, Entry, Query, Value, VisitRecord
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.participants.completing import Completed, Raw, complete_form, say
from trialwright.conduct.participants.reevaluating import follow, write_sealed
from trialwright.conduct.participants.states import closed_because
from trialwright.conduct.provenance import Provenance
from trialwright.conduct.reads.values import held_openly
from trialwright.conduct.refusals import ActionRefused, Conflict, NotFound, Problem
from trialwright.conduct.sealed_values import Sealed, Stored
from trialwright.conduct.signing import entry_content, hash_of, sign, void
from trialwright.conduct.tables import entry_of, row_of, rows_of, version_for
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol

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
class Submission:
    """What was typed for the items that are there for this person: answers, reasons of changes,
    remarks.
    """

    raw: Mapping[str, Raw]
    change_reasons: Mapping[str, str]
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
    change_reasons: Mapping[str, str] | None = None,
    remarks: Mapping[str, str] | None = None,
    provenance: Provenance | None = None,
    at: datetime | None = None,
) -> Saved:
    """Save a form as typed.

    Args:
        raw: for each item, the text typed or the reason why there is none.
        based_on: the revision that the page showed (0 for a new entry).
        whys: for each changed item of a complete entry, why it changes.
        remarks: for each item that a check asks about, why the unlikely is so.
        provenance: where the values come from, if nobody types them; it then says both.

    Raises:
        ActionRefused: something typed can't be read or is impossible, a change lacks its why, an
            unlikely value its remark; or the visit can't have this form now. Nothing is written.
        Conflict: somebody saved the form since the page was shown.
    """
    may_complete = partial(_role, form, provenance.role if provenance else role_to_complete)
    action = provenance.action if provenance else "save_entry"
    with acting(by, may_complete, action, code=code, at=at) as context:
        context.require_unlocked(visit, form)
        entry = entry_of(context.participant, visit, form, repeat)
        the_form = _form_now(context, visit, form, repeat, entry)
        if (entry.revision if entry else 0) != based_on:
            raise Conflict(
                _(
                    "Somebody saved this form while you were typing. What you typed is kept: "
                    "compare it with what is saved, and save again."
                )
            )
        if provenance is not None:
            change_reasons = provenance.of_each(the_form, provenance.reason)
            remarks = provenance.of_each(the_form, provenance.said)
        sealed = opened(context, entry)
        before = held_openly(entry) | sealed.values
        hidden = frozenset() if context.may_see_arm() else the_form.unmasking_items
        said = Submission(
            _without(hidden, raw),
            _without(hidden, change_reasons or {}),
            _without(hidden, remarks or {}),
        )
        done = complete_form(
            context.participant,
            _protocol_of_entry(context, entry),
            the_form,
            visit,
            said.raw,
            before,
            today=context.today,
        )
        _require_no_problem(entry, the_form, done, before, sealed, said)
        if provenance is not None:
            provenance.require(context, the_form, done)
        context.set_reason(_reason(the_form, said.change_reasons))
        saved = _write(context, entry, the_form, visit, repeat, done, before, sealed, said)
        written = entry_of(context.participant, visit, form, repeat) if provenance else None
        if provenance is not None and written is not None:
            provenance.keep(context, written)
        return saved


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
    with acting(by, may_sign, "sign_entry", code=code, at=at) as context:
        context.require_unlocked(visit, form)
        entry = entry_of(context.participant, visit, form, repeat)
        if entry is None:
            raise ActionRefused(_("There is nothing to sign: the form has not been filled in."))
        if entry.status != EntryStatus.COMPLETE:
            raise ActionRefused(
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
        sign(context, meaning=MEANING, content=content, entry=entry)


def _role(form: str, rule: Callable[..., str | None], context: ActionContext) -> str | None:
    try:
        the_form = context.protocol.form(form)
    except UnknownKeyError:
        return None
    site = context.participant.site
    return rule(context.by, the_form, site=site, knows_arm=context.knows_arm())


def _without(hidden: Collection[str], typed: Mapping[str, T]) -> dict[str, T]:
    """What was typed, but for the items that aren't there for this person."""
    return {key: value for key, value in typed.items() if key not in hidden}


def _reason(form: Form, change_reasons: Mapping[str, str]) -> str:
    """The reasons for a change as the open chain keeps them: each distinct one once."""
    opened = (
        why.strip() for item, why in change_reasons.items() if item not in form.unmasking_items
    )
    return "; ".join(dict.fromkeys(why for why in opened if why))


def _form_now(
    context: ActionContext, visit: str, form: str, repeat: int, entry: Entry | None
) -> Form:
    """The form, if this visit has it and may have data now."""
    participant, protocol = context.participant, _protocol_of_entry(context, entry)
    try:
        the_visit, the_form = protocol.visit(visit), protocol.form(form)
    except UnknownKeyError:
        raise NotFound from None
    if form not in the_visit.forms or repeat < 1 or (repeat > 1 and not the_form.repeating):
        raise NotFound
    record = row_of(VisitRecord, participant_id=participant.pk, visit=visit)
    came = record is not None and record.actual is not None
    closed = closed_because(participant, the_visit, came=came, begun=entry is not None)
    if closed is not None:
        raise ActionRefused(closed)
    return the_form


def _protocol_of_entry(context: ActionContext, entry: Entry | None) -> Protocol:
    """The version under which a form was entered, which it keeps; of a new one, the present."""
    return context.protocol if entry is None else protocol_of(entry.protocol_version)


def opened(context: ActionContext, entry: Entry | None) -> Sealed:
    """What an entry holds sealed."""
    if entry is None:
        return Sealed()
    return sealed_values.open_entry(context.study.identifier, entry.pk, entry.sealed)


def _require_no_problem(
    entry: Entry | None,
    form: Form,
    done: Completed,
    before: Stored,
    sealed: Sealed,
    said: Submission,
) -> None:
    problems = list(done.problems)
    if entry is not None and entry.status == EntryStatus.COMPLETE:
        for item in form.items:
            changed = done.values.get(item.key) != before.get(item.key)
            # What is no longer asked goes because of another answer, which has its own why.
            typed = item.key in done.shown and not item.computed
            if changed and typed and not said.change_reasons.get(item.key, "").strip():
                problems.append(
                    Problem(
                        item.key,
                        _("Say why this is changed: the form was complete. %(question)s")
                        % {"question": say(item.label)},
                    )
                )
    asked = {query.item for query in _standing(entry)} | sealed.remarks.keys()
    for question in done.questions:
        unchanged = done.values.get(question.item) == before.get(question.item)
        if not said.remarks.get(question.item, "").strip() and not (
            question.item in asked and unchanged
        ):
            problems.append(Problem(question.item, question.sentence, asks=True))
    if problems:
        raise ActionRefused(problems=tuple(problems))


def _standing(entry: Entry | None) -> list[Query]:
    if entry is None:
        return []
    return [query for query in rows_of(Query, entry_id=entry.pk) if query.check_key]


def _write(
    context: ActionContext,
    entry: Entry | None,
    form: Form,
    visit: str,
    repeat: int,
    done: Completed,
    before: Stored,
    sealed: Sealed,
    said: Submission,
) -> Saved:
    status = EntryStatus.COMPLETE if done.complete else EntryStatus.INCOMPLETE
    if entry is None:
        newest = context.study.version
        assert newest is not None  # noqa: S101 - `acting` has asked
        entry = Entry(
            participant=context.participant,
            visit=visit,
            form=form.key,
            repeat=repeat,
            status=status.value,
            revision=1,
            protocol_version=version_for(context.participant, newest),
        )
        context.record(entry)
    else:
        context.change(
            entry,
            status=status.value,
            revision=entry.revision + 1,
        )
    unmasking = form.unmasking_items
    _write_open(context, entry, {k: v for k, v in done.values.items() if k not in unmasking})
    if unmasking:
        _write_sealed(context, entry, sealed, _sealed_now(unmasking, done, sealed, said))
    voided = 0
    moved = {key for key in {*before, *done.values} if before.get(key) != done.values.get(key)}
    undo_grades(context, entry, form, moved - unmasking, VALUE_CHANGED)
    if moved and entry.revision > 1:
        undo_reviews(context, entry, moved - unmasking)
        voided = void(context, entry.signatures, "the form changed")
    queries = _ask(context, entry, form, done, before, said.remarks)
    Draft.objects.filter(
        person=context.by.person_id,
        participant=context.participant,
        visit=visit,
        form=form.key,
        repeat=repeat,
    ).delete()
    if any(each.pk == entry.pk for each in follow(context, entry, form, before, done.values)):
        entry.refresh_from_db(fields=["revision", "status"])
    return Saved(entry.revision, entry.status == EntryStatus.COMPLETE, queries, voided)


def _write_open(context: ActionContext, entry: Entry, values: sealed_values.Stored) -> None:
    known = rows_of(Value, entry_id=entry.pk) if entry.revision > 1 else []
    held = {value.item: value for value in known}
    context.record_all(
        [
            Value(entry=entry, item=item, text=value["text"], missing=value["missing"])
            for item, value in values.items()
            if item not in held
        ]
    )
    context.change_all([(row, values[item]) for item, row in held.items() if item in values])
    context.remove_all([row for item, row in held.items() if item not in values])


def _sealed_now(
    unmasking: Collection[str], done: Completed, sealed: Sealed, said: Submission
) -> Sealed:
    values = {key: value for key, value in done.values.items() if key in unmasking}

    def kept(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
        told = {key: text.strip() for key, text in now.items() if text.strip()}
        return {key: text for key, text in {**before, **told}.items() if key in values}

    return Sealed(
        values, kept(sealed.remarks, said.remarks), kept(sealed.change_reasons, said.change_reasons)
    )


def _write_sealed(context: ActionContext, entry: Entry, before: Sealed, now: Sealed) -> None:
    if now == before:
        return
    write_sealed(context, entry, now)


def _ask(
    context: ActionContext,
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
        query = ask(
            context, entry, item=question.item, text=question.text, check_key=question.check
        )
        context.change(
            query, status=QueryStatus.ANSWERED.value, answer=remarks[question.item].strip()
        )
        numbers.append(query.number)
    return tuple(numbers)
