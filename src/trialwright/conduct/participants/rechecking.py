"""Eligibility and stratum once the data that decide them change.

Before the randomisation the answers follow and the signature falls. After it the decision stands as
it was taken: it is a protocol deviation, and the investigator is asked.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.allocation.allocation_list import (
    arm_by_rule,
    deciding_stratum,
    stratum_of,
)
from trialwright.conduct.allocation.groups import not_eligible
from trialwright.conduct.asking import ask
from trialwright.conduct.deviating import note
from trialwright.conduct.models import CriterionAnswer, State
from trialwright.conduct.models.deviations import DeviationKind
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.participants.criteria import computed_answer
from trialwright.conduct.participants.planning import replan
from trialwright.conduct.reads.values import Known, known_by, records_of
from trialwright.conduct.signing import ELIGIBILITY, void
from trialwright.conduct.tables import entry_of, rows_of
from trialwright.messages import Message
from trialwright.protocol.expression import Expression
from trialwright.protocol.model import Criterion
from trialwright.protocol.series import Place, of_all
from trialwright.protocol.values import Missing, Value

DECIDED = "decided"
"""The key of the query about a value that decided eligibility or stratum and has changed since."""

QUESTION = Message(
    "This value decided eligibility or stratum, and was changed after the randomisation. "
    "Confirm it against the source, or correct it."
)

Earlier = Mapping[str, Value | Missing | None]


@dataclass(frozen=True, slots=True)
class Change:
    """What a saving changed.

    earlier: what each changed item held before, by `visit.form.item`. place: the form that was
    saved. new: whether that was its first saving, so that before there was no such record.
    """

    earlier: Earlier
    place: Place | None = None
    new: bool = False

    def __contains__(self, name: str) -> bool:
        return name in self.earlier

    def before(self, record: Mapping[Place, Known]) -> dict[Place, Known]:
        """The records as they were."""
        was = {place: dict(held) for place, held in record.items()}
        if self.new and self.place is not None:
            was.pop(self.place, None)
        for name, value in self.earlier.items():
            visit, form, item = name.split(".")
            saved = self.place is not None and self.place[:2] == (visit, form)
            held = was.get(self.place if saved and self.place else (visit, form, 1))
            if held is not None:
                held.pop(item, None)
                held.update({} if value is None else {item: value})
        return was


def recheck(scene: ActionContext, keys: Collection[str], changed: Change) -> None:
    """Judge these criteria again."""
    if scene.participant.randomised_at is not None:
        for criterion, now in _moved(scene, keys, changed):
            if now is not Answer.PASS:
                causes = _causes(criterion, changed)
                _deviates(scene, DeviationKind.ELIGIBILITY, criterion.key, causes, changed)
    elif scene.participant.state in (State.CONSENTED, State.ELIGIBLE):
        _answer_anew(scene, keys, changed)


def recheck_stratum(scene: ActionContext, changed: Change) -> None:
    """Work out the stratum of a randomised participant again."""
    allocation = scene.protocol.allocation
    recheck_group(scene, changed)
    if allocation is None or scene.participant.randomised_at is None:
        return
    deciding = deciding_stratum(allocation)
    was, now = _was_and_is(scene, deciding, changed)
    before = stratum_of(allocation, was) or arm_by_rule(allocation, was)
    after = stratum_of(allocation, now) or arm_by_rule(allocation, now)
    if before is not None and before != after:
        names = {name for each in deciding for name in each.names}
        causes = [name for name in sorted(names) if name in changed]
        _deviates(scene, DeviationKind.STRATUM, "stratum", causes, changed)


def recheck_group(scene: ActionContext, changed: Change) -> None:
    """Work out again whether a participant who is in a group belongs to it: from then on it is a
    deviation if they don't. Before the allocation the allocation itself refuses."""
    group, participant = scene.protocol.of_group, scene.participant
    waits = scene.protocol.allocation is not None and participant.randomised_at is None
    if group is None or group.when is None or waits:
        return
    was, now = _was_and_is(scene, (group.when,), changed)
    if group.when.holds(was) is True and group.when.holds(now) is not True:
        causes = [name for name in sorted(group.when.names) if name in changed]
        _deviates(scene, DeviationKind.ELIGIBILITY, group.key, causes, changed)


def _deviates(
    scene: ActionContext, kind: DeviationKind, subject: str, causes: list[str], changed: Change
) -> None:
    """Note the deviation and ask the investigator about the item that changed."""
    with scene.following(scene.follows_from(causes)):
        deviation = note(
            scene, kind, on=scene.today, subject=subject, cause=", ".join(causes)[:255]
        )
        if deviation is not None and causes:
            visit, form, item = causes[0].split(".")
            place = changed.place
            repeat = place[2] if place is not None and place[:2] == (visit, form) else 1
            entry = entry_of(scene.participant, visit, form, repeat)
            if entry is not None:
                ask(scene, entry, item=item, text=str(QUESTION), check_key=DECIDED)


def _answer_anew(scene: ActionContext, keys: Collection[str], changed: Change) -> None:
    """An answer that the data gave is given by them anew; the confirmation falls with it."""
    participant = scene.participant
    held = {row.criterion: row for row in rows_of(CriterionAnswer, participant_id=participant.pk)}
    moved = False
    for criterion, now in _moved(scene, keys, changed):
        row = held.get(criterion.key)
        if row is None or row.answer == now:
            continue
        passed = now is Answer.PASS
        with scene.following(reason := scene.follows_from(_causes(criterion, changed))):
            scene.change(row, answer=now.value, why="" if passed else reason)
        moved = True
    if moved and participant.state == State.ELIGIBLE:
        void(scene, participant.signatures.filter(meaning=ELIGIBILITY), "a criterion changed")
        scene.change(participant, **not_eligible(participant))
        if scene.protocol.allocation is None:  # Eligibility decided who is enrolled.
            replan(scene)


def _moved(
    scene: ActionContext, keys: Collection[str], changed: Change
) -> list[tuple[Criterion, Answer]]:
    """The criteria of which the data say something else than before, and what they say now."""
    asked = [each for each in scene.protocol.criteria if each.key in keys and each.check]
    was, now = _was_and_is(scene, (each.check for each in asked), changed)
    answers = ((each, computed_answer(each, was), computed_answer(each, now)) for each in asked)
    return [
        (each, after) for each, before, after in answers if after is not None and before != after
    ]


def _was_and_is(
    scene: ActionContext, expressions: Iterable[Expression | None], changed: Change
) -> tuple[Known, Known]:
    """What expressions needed before the change, and what they need now, by the names they use."""
    asked = [each for each in expressions if each is not None]
    now = known_by(scene.participant, scene.protocol, asked)
    was = {name: value for name, value in now.items() if name not in changed}
    was |= {name: value for name, value in changed.earlier.items() if value is not None}
    if terms := [term for each in asked for term in each.series]:
        forms = {term.path.split(".")[-2] for term in terms}
        record = changed.before(records_of(scene.participant, scene.protocol, forms))
        for name, value in of_all(scene.protocol, terms, record).items():
            was.pop(name, None)
            was |= {} if value is None else {name: value}
    return was, now


def _causes(criterion: Criterion, changed: Change) -> list[str]:
    return [name for name in (criterion.check.names if criterion.check else ()) if name in changed]
