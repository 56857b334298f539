"""Withdrawal, loss, death and the planned end on one page: the first question decides the rest."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act
from trialwright.conduct.actions import participation
from trialwright.conduct.models import Ending, Participant, State
from trialwright.conduct.participants.states import STOPS, can_stop, next_states
from trialwright.conduct.reads.adverse_events import own_events_of
from trialwright.conduct.reads.participants import one
from trialwright.messages import Message
from trialwright.protocol.expression import Expression, parse
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.scopes import ItemScope
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.clinical.story_words import WITHDRAWN_FROM, ending_words

# What may happen, and the state that it leads to; of a withdrawal `can_stop` knows.
_KINDS: tuple[tuple[str, Message, State | None], ...] = (
    ("withdrawn", Message("Withdrawal"), None),
    ("lost", Message("Lost to follow-up"), State.LOST),
    ("returned", Message("Contact resumed"), None),
    ("died", Message("Death"), State.DIED),
    ("completed", Message("Completion as planned"), State.COMPLETED),
    ("revoked", Message("Something was recorded here by mistake: revoke it"), None),
)


@in_study
def participation_page(frame: Frame, code: str) -> HttpResponse:
    """Record what has changed in the participation."""
    participant = one(frame.actor, code, Act.CHANGE_PARTICIPATION)
    step = steps.Step(
        heading=_("Record discontinuation of {code}").format(code=code),
        button=_("Save"),
        form=steps.form_of(*_questions(frame, participant)),
        act=partial(_record, frame, code),
        done=_("Saved. Earlier data stay and can be corrected."),
        then=f"{frame.href}/participants/{code}",
    )
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _questions(frame: Frame, participant: Participant) -> list[Item]:
    stoppable = can_stop(participant)
    here = State(participant.state)
    leads_to = next_states(participant, frame.protocol)
    recorded = list(participant.endings.order_by("on", "kind"))
    open_now = {
        "withdrawn": bool(stoppable),
        "returned": here is State.LOST,
        "revoked": bool(recorded),
    }
    possible = [each for each in _KINDS if open_now.get(each[0], each[2] in leads_to)]
    # Where nothing may happen, each is there to be refused with the reason.
    possible, stoppable = possible or list(_KINDS), stoppable or list(STOPS)
    kind, any_kind = _kind(possible), _kind(_KINDS)

    def when(condition: str) -> Expression:
        return parse(condition).typed(ItemScope((any_kind,)))

    stops = [
        question(
            f"stops_{key}",
            Message("Does the participant stop: {what}?", what=label),
            ItemType.YES_NO,
            show_when=when("kind == 'withdrawn'"),
        )
        for key, label in WITHDRAWN_FROM.items()
        if key in stoppable
    ]
    reason = question(
        "reason", Message("Reason, or what was tried"), ItemType.TEXT,
        longest=500, optional=True, show_when=when("kind != 'completed'"),
        hint=Message("No reason for withdrawing need be given"),
    )  # fmt: skip
    on = question(
        "on", Message.in_context("step", "Day"), ItemType.DATE,
        show_when=when("kind != 'returned' and kind != 'revoked'"),
    )  # fmt: skip
    death = _of_death(frame, participant, when("kind == 'died'"))
    return [kind, on, *death, *_revocable(recorded, when("kind == 'revoked'")), *stops, reason]


def _of_death(frame: Frame, participant: Participant, asked: Expression) -> list[Item]:
    """Which event the death is: one that is recorded, or a new one."""
    options = [
        (str(number), Message("{number}: {term}", number=number, term=term))
        for number, term in own_events_of(frame.actor, participant.code)
    ]
    recorded = [
        question("event", Message("Of which recorded event did the participant die?"),
                 ItemType.CHOICE, optional=True, show_when=asked,
                 code_list=steps.choices("event", *options))
    ] if options else []  # fmt: skip
    return [
        *recorded,
        question("died_of", Message("Else: what did the participant die of?"), ItemType.TEXT,
                 longest=250, optional=True, show_when=asked,
                 hint=Message("A term of CTCAE with a grade 5; “Death NOS” where it isn't known")),
    ]  # fmt: skip


def _revocable(recorded: Sequence[Ending], asked: Expression) -> list[Item]:
    """Which of what is recorded is to be revoked."""
    if not recorded:
        return []
    options = [
        (str(each.pk), Message("{what}, {day}", what=ending_words(each), day=each.on))
        for each in recorded
    ]
    codes = steps.choices("ending", *options)
    words = Message("What is to be revoked?")
    return [question("ending", words, ItemType.CHOICE, code_list=codes, show_when=asked)]


def _kind(kinds: Sequence[tuple[str, Message, State | None]]) -> Item:
    codes = steps.choices("kind", *((kind, words) for kind, words, _to in kinds))
    words = Message("What happened?")
    return question("kind", words, ItemType.CHOICE, code_list=codes)


def _record(frame: Frame, code: str, given: Given) -> None:
    kind, reason = given["kind"], str(given.get("reason", ""))
    if kind == "returned":
        participation.resume_follow_up(by=frame.actor, code=code, reason=reason)
        return
    if kind == "revoked":
        ending = UUID(str(given["ending"]))
        participation.revoke(by=frame.actor, code=code, ending=ending, reason=reason)
        return
    on = steps.day(given["on"])
    match kind:
        case "withdrawn":
            stops = [key for key in STOPS if given.get(f"stops_{key}") is True]
            participation.withdraw(by=frame.actor, code=code, on=on, stops=stops, reason=reason)
        case "lost":
            participation.record_loss_to_follow_up(by=frame.actor, code=code, on=on, reason=reason)
        case "died":
            event = given.get("event")
            participation.record_death(
                by=frame.actor,
                code=code,
                on=on,
                reason=reason,
                died_of=str(given.get("died_of", "")),
                event=int(str(event)) if event else None,
            )
        case _:
            participation.complete(by=frame.actor, code=code, on=on)
