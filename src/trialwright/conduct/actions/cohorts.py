"""Decide on the dose cohorts: open the next one, or end the escalation."""

from datetime import datetime
from functools import partial

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_decide_cohorts
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.allocation.cohorts import CohortsNow, cohorts_now, size_of_next
from trialwright.conduct.models import CohortDecision
from trialwright.conduct.models.cohorts import Verdict
from trialwright.conduct.refusals import ActionRefused, Conflict, Sentence
from trialwright.protocol.cohorts import Cohorts, agents_of, is_lower, no_higher, skips_none
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import Protocol


def decide_cohort(
    *,
    by: Actor,
    level: int | None,
    content_hash: str,
    end: bool = False,
    reason: str = "",
    group: str = "",
    at: datetime | None = None,
) -> None:
    """Sign the decision: the next cohort at a dose level, or the end of the escalation.

    What the rule says needs no reason. What is more cautious, a lower dose or the end, can be
    decided at any time, with a reason; what is bolder is refused.

    Args:
        level: the dose level from 1; of an end the one that is chosen, None for none.
        content_hash: of the cohorts as the signer read them (`reads.cohorts`).
        group: the key of the group whose cohorts are meant, where one escalates by itself.

    Raises:
        NotFound: the protocol has no cohorts, or names another role.
        Conflict: what was read has changed since.
        ActionRefused: the escalation has ended, outcomes are missing, the dose is higher than may
            be, or the reason is.
    """
    with acting(by, partial(_role, group=group), "decide_cohort", at=at) as context:
        cohorts = _cohorts_of(context.protocol, group)
        now = cohorts_now(context.study, context.protocol, context.at, cohorts)
        if now.ended:
            raise ActionRefused(_("The escalation has ended; no cohort is opened any more."))
        if now.content_hash != content_hash:
            raise Conflict(
                _("The cohorts have changed since you read them. Read them again, then decide.")
            )
        levels = len(now.cohorts.levels)
        if level is None and not end:
            raise ActionRefused(_("No dose level is chosen for the next cohort."))
        if level is not None and not 1 <= level <= levels:
            raise ActionRefused(_("The protocol has %(count)d dose levels.") % {"count": levels})
        as_said = _require_allowed(now, level, end=end)
        if not as_said and not reason.strip():
            raise ActionRefused(_why_reason(now))
        _record(context, now, level, end=end, reason=reason.strip())


def _role(context: ActionContext, *, group: str) -> str | None:
    return role_to_decide_cohorts(context.by, _cohorts_of(context.protocol, group))


def _cohorts_of(protocol: Protocol, group: str) -> Cohorts | None:
    return next((each for each in escalations(protocol) if each.group == group), None)


def _require_allowed(now: CohortsNow, level: int | None, *, end: bool) -> bool:
    """Whether it is what the rule says; refuses what is bolder than that, or than is known."""
    if end:
        said = now.reading and now.reading.decision
        if level is not None and not now.may_choose(level):
            raise ActionRefused(
                _("The data so far don't support dose level %(level)d as the one chosen.")
                % {"level": level}
            )
        selected = now.reading.selected if now.reading else None
        return bool(said and said.action == "stop" and level == selected)
    assert level is not None  # noqa: S101 - asked before
    if now.rule is None:
        return _require_one_up(now, level)
    return _require_as_the_rule(now, level)


def _require_one_up(now: CohortsNow, level: int) -> bool:
    """Without a rule: no dose level is skipped, and only a lower one comes before outcomes."""
    if not skips_none(now.cohorts.levels, level, now.reached):
        raise ActionRefused(_skips(now))
    latest = now.latest
    if latest is not None and not now.complete and not _is_lower(now, level, latest.level):
        raise ActionRefused(_incomplete())
    return False


def _require_as_the_rule(now: CohortsNow, level: int) -> bool:
    reading, latest = now.reading, now.latest
    assert reading is not None  # noqa: S101 - there is a rule
    if not now.complete or reading.decision is None:
        if latest is not None and _is_lower(now, level, latest.level):
            return False
        raise ActionRefused(_incomplete())
    said = reading.decision
    if said.action == "suspend":
        raise ActionRefused(
            _("The rule says to wait: %(reason)s")
            % {"reason": said.reason.in_language(get_language() or "en")}
        )
    levels = now.cohorts.levels
    if said.action == "stop" or said.dose is None or not no_higher(levels, level, said.dose):
        raise ActionRefused(
            _(
                "The rule says: %(reason)s A higher dose or another cohort than that can't be "
                "opened; a lower dose or the end can, with a reason."
            )
            % {"reason": said.reason.in_language(get_language() or "en")}
        )
    return level == said.dose


def _is_lower(now: CohortsNow, level: int, than: int | None) -> bool:
    return than is not None and is_lower(now.cohorts.levels, level, than)


def _skips(now: CohortsNow) -> Sentence:
    if agents_of(now.cohorts.levels) > 1:
        return _(
            "No dose is skipped: from a level that somebody has been treated at, one agent goes up "
            "to its next dose."
        )
    highest = max(now.reached, default=0)
    return _("The highest dose level so far is %(highest)d, and none is skipped.") % {
        "highest": highest
    }


def _incomplete() -> Sentence:
    return _(
        "The open cohort isn't complete: places are free, or outcomes are not there yet. Only a "
        "lower dose or the end can be decided now, with a reason."
    )


def _why_reason(now: CohortsNow) -> Sentence:
    if now.rule is None:
        return _("No rule decides here, so the decision needs a reason. Say why.")
    return _("This is more cautious than the rule says, so it needs a reason. Say why.")


def _record(
    context: ActionContext, now: CohortsNow, level: int | None, *, end: bool, reason: str
) -> None:
    said = now.reading and now.reading.decision
    context.record(
        CohortDecision(
            study=context.study,
            group=now.cohorts.group or None,
            number=len(now.decisions) + 1,
            verdict=(Verdict.END if end else Verdict.OPEN).value,
            level=level,
            size=0 if end or level is None else size_of_next(now, level),
            said_action=said.action if said else "",
            said_level=said.dose if said else None,
            seen=now.content,
            content_hash=now.content_hash,
            reason=reason,
            decided_at=context.at,
            decided_by=context.by.person_id,
            role=context.role,
        )
    )
