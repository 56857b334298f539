"""What is read and signed when a hold is decided: the rule, the counts, the holds, the cut."""

from dataclasses import dataclass
from typing import Any

from trialwright.conduct.models import DataCut, Hold, Study
from trialwright.conduct.safety.hold_details import HoldDetails
from trialwright.conduct.safety.holding import Standing
from trialwright.conduct.safety.safety_state import SafetyState
from trialwright.conduct.signing import hash_of
from trialwright.safety.holding import regimens_of, with_event
from trialwright.safety.standing import Standing as RuleStanding
from trialwright.safety.standing import table_hashes


@dataclass(frozen=True, slots=True)
class ToDecide:
    """What stands before whoever decides; `cut` is the latest made since the last hold was set,
    None while there is none."""

    holds: tuple[tuple[Hold, HoldDetails], ...]
    standings: tuple[RuleStanding, ...]
    who: dict[str, tuple[str, ...]]
    cut: DataCut | None
    content_hash: str

    @property
    def still_holds(self) -> bool:
        """Whether a rule holds by today's data: going on then goes against it."""
        return any(each.holds for each in self.standings)


def to_decide(study: Study, state: SafetyState, standing: Standing) -> ToDecide:
    """Put together what is read, and its hash."""
    found = state.standings()
    followed = state.followed()
    regimens = regimens_of(state.design, state.arms) if state.design else []
    who = {
        each.group: tuple(sorted(with_event(followed, each.group, regimens))) for each in found
    } | {each.rule.key: tuple(sorted(each.who)) for each in state.met_at_once}
    last = max((hold.set_at for hold, _details in standing.open), default=None)
    cuts = DataCut.objects.filter(study=study)
    cut = cuts.filter(cut_at__gte=last).order_by("-cut_at").first() if last else None
    content: dict[str, Any] = {
        "rule": dict(table_hashes(state.design)) if state.design else {},
        "counts": [[s.group, s.treated, s.evaluable, s.counted, s.events] for s in found],
        "who": {group: list(codes) for group, codes in who.items()},
        "holds": [str(hold.pk) for hold, _details in standing.open],
        "cut": [cut.name, cut.sha256] if cut else None,
    }
    return ToDecide(standing.open, tuple(found), who, cut, hash_of(content))
