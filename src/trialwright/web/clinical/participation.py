"""Withdrawal, loss, death and the planned end on one page: the first question decides the rest."""

from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act
from trialwright.conduct.actions import participation
from trialwright.conduct.reads.participants import one
from trialwright.protocol.expression import Expression, parse
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.scopes import ItemScope
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, both, question

_STOPS = {
    "treatment": both("Treatment", "治疗"),
    "visits": both("Visits", "访视"),
    "contact": both("Being contacted", "联系"),
    "samples": both("Use of her samples", "样本使用"),
}


@in_study
def participation_page(frame: Frame, code: str) -> HttpResponse:
    """Record what has changed in her participation."""
    participant = one(frame.actor, code, Act.CHANGE_PARTICIPATION)
    step = steps.Step(
        heading=_("Change the participation of {code}").format(code=code),
        button=_("Record it"),
        form=steps.form_of(*_questions()),
        act=partial(_record, frame, code),
        done=_("It is recorded. What was learned stays and can be corrected."),
        then=f"{frame.href}/participants/{code}",
    )
    return steps.run(
        frame,
        step,
        frame.about(participant, step.heading, crumbs=[]),
    )


def _questions() -> list[Item]:
    codes = steps.choices(
        "kind",
        ("withdrawn", both("She withdraws", "受试者退出")),
        ("lost", both("She can no longer be reached", "无法再联系到她")),
        ("died", both("She died", "死亡")),
        ("returned", both("She was lost and is reached again", "失访后重新联系到")),
        ("completed", both("She reached the planned end", "按计划完成")),
    )
    kind = question(
        "kind", both("What happened?", "发生了什么？"), ItemType.CHOICE, code_list=codes
    )

    def when(condition: str) -> Expression:
        return parse(condition).typed(ItemScope((kind,)))

    stops = [
        question(
            f"stops_{key}",
            both(f"Does she stop: {label.en.lower()}?", f"是否停止：{label.zh}？"),
            ItemType.YES_NO,
            show_when=when("kind == 'withdrawn'"),
        )
        for key, label in _STOPS.items()
    ]
    reason = question(
        "reason", both("Reason, or what was tried", "原因，或已做的尝试"), ItemType.TEXT,
        longest=500, optional=True, show_when=when("kind != 'completed'"),
        hint=both("She need not give a reason for withdrawing", "退出无需说明原因"),
    )  # fmt: skip
    return [kind, question("on", both("Day", "日期"), ItemType.DATE), *stops, reason]


def _record(frame: Frame, code: str, given: Given) -> None:
    on, reason = steps.day(given["on"]), str(given.get("reason", ""))
    match given["kind"]:
        case "withdrawn":
            stops = [key for key in _STOPS if given.get(f"stops_{key}") is True]
            participation.withdraw(by=frame.actor, code=code, on=on, stops=stops, reason=reason)
        case "lost":
            participation.lose(by=frame.actor, code=code, on=on, reason=reason)
        case "returned":
            participation.come_back(by=frame.actor, code=code, reason=reason)
        case "died":
            participation.record_death(by=frame.actor, code=code, on=on, reason=reason)
        case _:
            participation.complete(by=frame.actor, code=code, on=on)
