"""Dose cohorts as a cut has them: all of it is sealed."""

from datetime import datetime

from trialwright.analysis import cut_cohorts as c
from trialwright.conduct.allocation.cohorts import CohortsNow, Member, cohorts_now
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import CohortDecision, Study
from trialwright.conduct.models.cohorts import Verdict
from trialwright.design.cohorts import Outcome, Standing, read_rule
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import Protocol


def sealed_cohorts(
    study: Study, protocol: Protocol, at: datetime
) -> tuple[tuple[c.CohortMember, ...], tuple[c.CohortDecision, ...]]:
    """Everybody who joined a cohort, and every decision, of the trial and of each group."""
    found = [cohorts_now(study, protocol, at, each) for each in escalations(protocol)]
    members = (_member(now, each) for now in found for each in now.members)
    decisions = (_decision(now, each) for now in found for each in now.decisions)
    return tuple(members), tuple(decisions)


def _member(now: CohortsNow, member: Member) -> c.CohortMember:
    outcome, cohorts = member.outcome, now.cohorts
    return c.CohortMember(
        participant=member.code,
        group=cohorts.group,
        cohort=outcome.cohort,
        level=outcome.level,
        standing=outcome.standing.value,
        treated_on=member.treated_on.isoformat() if member.treated_on else None,
        followed_days=round(outcome.followed * cohorts.window_days),
        response=outcome.response.value if cohorts.response is not None else "",
        response_days=round(outcome.response_followed * cohorts.response_window_days),
        backfilled=outcome.backfilled,
    )


def _decision(now: CohortsNow, row: CohortDecision) -> c.CohortDecision:
    ended = row.verdict == Verdict.END
    said = _selected(now, row) if row.said_action == "stop" else row.said_level
    # A cohort can't be opened against a stop, nor an end be what another recommendation was.
    follows = bool(row.said_action) and ended == (row.said_action == "stop")
    return c.CohortDecision(
        number=row.number,
        group=now.cohorts.group,
        decided_on=day_of(row.decided_at, installation_zone()).isoformat(),
        role=row.role,
        verdict=row.verdict,
        level=row.level,
        size=row.size,
        said=row.said_action,
        said_level=said,
        as_said=follows and row.level == said,
        reason=row.reason,
    )


def _selected(now: CohortsNow, row: CohortDecision) -> int | None:
    """The level that the rule selected when a decision was signed.

    A decision signed before selections were kept doesn't say it. Of an end, one without a reason
    was what the rule selected, since any other was refused without; else the rule is read again of
    what was seen.
    """
    if "selected" in row.seen or now.rule is None:
        kept: int | None = row.seen.get("selected")
        return kept
    if row.verdict == Verdict.END and not row.reason:
        return row.level
    return read_rule(now.rule, _outcomes_seen(now, row)).selected


def _outcomes_seen(now: CohortsNow, row: CohortDecision) -> list[Outcome]:
    """The outcomes as a decision saw them; how far the pending were followed, by their dates."""
    treated = {each.code: each.treated_on for each in now.members}
    on, members = day_of(row.decided_at, installation_zone()), row.seen["members"]
    responses = row.seen.get("responses") or [Standing.DONE.value] * len(members)
    backfilled = row.seen.get("backfilled", [])
    found = []
    for (code, cohort, level, standing), response in zip(members, responses, strict=True):
        treated_on = treated.get(code)
        days = max(0, (on - treated_on).days) if treated_on else 0
        found.append(
            Outcome(
                cohort=cohort,
                level=level,
                standing=Standing(standing),
                followed=_part(days, now.cohorts.window_days) if standing == "pending" else 0.0,
                response=Standing(response),
                response_followed=(
                    _part(days, now.cohorts.response_window_days) if response == "pending" else 0.0
                ),
                backfilled=code in backfilled,
            )
        )
    return found


def _part(days: int, window: int) -> float:
    """The part of a window that is over; under 1 of one who is pending."""
    return min(days, window - 1) / window
