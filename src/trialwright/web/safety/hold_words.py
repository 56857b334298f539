"""How holds and decisions are said on pages."""

from django.utils.translation import gettext as _

from trialwright.conduct.models.holds import HoldKind, Pauses
from trialwright.conduct.reads.holds import HoldLine
from trialwright.conduct.safety.hold_details import Choice, DecisionDetails, HoldDetails
from trialwright.messages import Message
from trialwright.protocol.model import Protocol
from trialwright.safety.hold_rules import hold_rules
from trialwright.safety.standing import ALL
from trialwright.web.components import Status
from trialwright.web.sentences import listed

KIND_WORDS: dict[str, Message] = {
    HoldKind.RULE: Message("A stopping rule"),
    HoldKind.AT_ONCE: Message("An event that holds at once"),
    HoldKind.PERSON: Message("A person"),
}
PAUSES_WORDS: dict[str, Message] = {
    Pauses.ALL: Message("All randomisation, and every start of treatment"),
    Pauses.ARM: Message("One arm"),
}
CHOICE_WORDS: dict[Choice, Message] = {
    Choice.RESUME: Message("Go on as before"),
    Choice.CLOSE_ARMS: Message("Close one or more arms, and go on"),
    Choice.CLOSE_STUDY: Message("Close the trial: nobody else is randomised or begins treatment"),
}


def status_of(line: HoldLine) -> Status:
    """Whether a hold is in force; that an arm was closed by its end is for the unblinded alone."""
    if line.in_force:
        return Status(_("In force"), "stop")
    if line.goes_on:
        return Status(_("Ended: the trial goes on"), "good")
    return Status(_("Ended: the trial is closed"), "idle")


def group_words(group: str, protocol: Protocol, language: str) -> str:
    """An arm, all that a rule counts together, or what holds at once."""
    if group == ALL:
        return _("All together")
    for arm in protocol.arms:
        if arm.key == group:
            return arm.label.in_language(language)
    rule = next((each for each in hold_rules(protocol).at_once if each.key == group), None)
    return rule.label.in_language(language) if rule else group


def details_words(details: HoldDetails, protocol: Protocol, language: str) -> str:
    """Which arm is held, on which counts, or why."""
    group = group_words(details.group, protocol, language)
    if details.rule == "person":
        return f"{group}: {details.reason}"
    if details.rule == "at_once":
        return f"{group}: {listed(details.who)}"
    return _("{group}: {events} of {counted} ({people}); the bound is {bound}").format(
        group=group,
        events=details.events,
        counted=details.counted,
        people=listed(details.who),
        bound="–" if details.hold_at is None else details.hold_at,
    )


def decision_words(decision: DecisionDetails, protocol: Protocol, language: str) -> str:
    """What was decided, in which meeting, against what, and why."""
    said = CHOICE_WORDS[decision.choice].in_language(language)
    if decision.arms:
        said += f" ({listed(group_words(each, protocol, language) for each in decision.arms)})"
    if decision.overrides:
        said += " · " + _("against the stopping rule")
    if decision.meeting is not None:
        said += " · " + _("meeting {number} of the board").format(number=decision.meeting)
    if decision.against_board:
        said += " · " + _("against what the board recommended")
    return f"{said}: {decision.reason}"
