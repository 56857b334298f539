"""Holds as a cut has them: an open part and a sealed one."""

from collections.abc import Iterator

from trialwright.analysis import cut_holds as c
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import Hold, Study
from trialwright.conduct.safety.hold_details import details_of_decision, details_of_hold


def open_holds(study: Study) -> Iterator[c.Hold]:
    """All holds, without what could tell an arm."""
    zone = installation_zone()
    for row in Hold.objects.filter(study=study).select_related("decision").order_by("number"):
        decision = row.decision
        yield c.Hold(
            row.number,
            row.kind,
            row.pauses,
            day_of(row.set_at, zone).isoformat(),
            day_of(decision.decided_at, zone).isoformat() if decision else None,
            bool(decision and decision.goes_on),
            row.reason,
        )


def sealed_holds(study: Study) -> Iterator[c.HoldDetail]:
    """What only unblinded people may know of them."""
    for row in Hold.objects.filter(study=study).select_related("decision").order_by("number"):
        held = details_of_hold(row)
        said = details_of_decision(row.decision) if row.decision else None
        yield c.HoldDetail(
            number=row.number,
            group=held.group,
            counted=held.counted,
            events=held.events,
            bound=held.hold_at,
            reason=held.reason,
            choice=said.choice.value if said else "",
            arms=said.arms if said else (),
            why=said.reason if said else "",
            overrides=said.overrides if said else False,
            meeting=said.meeting if said else None,
            against_board=said.against_board if said else False,
        )
