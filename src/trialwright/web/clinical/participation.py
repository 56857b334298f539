"""Withdrawal, loss, death and the planned end on one page: the first question decides the rest."""

from collections.abc import Sequence
from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act
from trialwright.conduct.actions import participation
from trialwright.conduct.models import Participant, State
from trialwright.conduct.reads.participants import one
from trialwright.conduct.states import STEPS, STOPS, can_stop
from trialwright.protocol.basics import Text
from trialwright.protocol.expression import Expression, parse
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.scopes import ItemScope
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, both, question
from trialwright.web.clinical.story_words import WITHDRAWN_FROM


def _leading_to(state: State) -> frozenset[State]:
    return frozenset(here for here, to in STEPS.items() if state in to)


# What may happen, and in which states; of a withdrawal `can_stop` knows.
_KINDS = (
    ("withdrawn", both("She withdraws", "受试者退出"), frozenset(State)),
    ("lost", both("She can no longer be reached", "无法再联系到她"), _leading_to(State.LOST)),
    ("returned", both("She is reached again", "重新联系到"), frozenset({State.LOST})),
    ("died", both("She died", "死亡"), _leading_to(State.DIED)),
    ("completed", both("She reached the planned end", "按计划完成"), _leading_to(State.COMPLETED)),
)


@in_study
def participation_page(frame: Frame, code: str) -> HttpResponse:
    """Record what has changed in her participation."""
    participant = one(frame.actor, code, Act.CHANGE_PARTICIPATION)
    step = steps.Step(
        heading=_("Change the participation of {code}").format(code=code),
        button=_("Record it"),
        form=steps.form_of(*_questions(participant)),
        act=partial(_record, frame, code),
        done=_("It is recorded. What was learned stays and can be corrected."),
        then=f"{frame.href}/participants/{code}",
    )
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _questions(participant: Participant) -> list[Item]:
    stoppable = can_stop(participant)
    possible = [
        each
        for each in _KINDS
        if participant.state in each[2] and (each[0] != "withdrawn" or stoppable)
    ]
    # Where nothing may happen, each is there to be refused with the reason.
    possible, stoppable = possible or list(_KINDS), stoppable or list(STOPS)
    kind, any_kind = _kind(possible), _kind(_KINDS)

    def when(condition: str) -> Expression:
        return parse(condition).typed(ItemScope((any_kind,)))

    stops = [
        question(
            f"stops_{key}",
            both(f"Does she stop: {label.en.lower()}?", f"是否停止：{label.zh}？"),
            ItemType.YES_NO,
            show_when=when("kind == 'withdrawn'"),
        )
        for key, label in WITHDRAWN_FROM.items()
        if key in stoppable
    ]
    reason = question(
        "reason", both("Reason, or what was tried", "原因，或已做的尝试"), ItemType.TEXT,
        longest=500, optional=True, show_when=when("kind != 'completed'"),
        hint=both("She need not give a reason for withdrawing", "退出无需说明原因"),
    )  # fmt: skip
    return [kind, question("on", both("Day", "日期"), ItemType.DATE), *stops, reason]


def _kind(kinds: Sequence[tuple[str, Text, frozenset[State]]]) -> Item:
    codes = steps.choices("kind", *((kind, words) for kind, words, _from in kinds))
    words = both("What happened?", "发生了什么？")
    return question("kind", words, ItemType.CHOICE, code_list=codes)


def _record(frame: Frame, code: str, given: Given) -> None:
    on, reason = steps.day(given["on"]), str(given.get("reason", ""))
    match given["kind"]:
        case "withdrawn":
            stops = [key for key in STOPS if given.get(f"stops_{key}") is True]
            participation.withdraw(by=frame.actor, code=code, on=on, stops=stops, reason=reason)
        case "lost":
            participation.lose(by=frame.actor, code=code, on=on, reason=reason)
        case "returned":
            participation.come_back(by=frame.actor, code=code, reason=reason)
        case "died":
            participation.record_death(by=frame.actor, code=code, on=on, reason=reason)
        case _:
            participation.complete(by=frame.actor, code=code, on=on)
