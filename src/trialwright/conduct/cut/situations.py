"""Situations without harm as a cut has them."""

from collections.abc import Iterable

from trialwright.analysis.cut_situations import Situation
from trialwright.conduct.clock import Zones, day_of
from trialwright.conduct.models import AdverseEvent, Pregnancy, Study


def situations(study: Study, zones: Zones) -> Iterable[Situation]:
    """All of them, the nullified too."""
    told = Pregnancy.objects.filter(study=study).prefetch_related("children")
    pregnancies = {each.case_id: each for each in told}
    rows = AdverseEvent.objects.filter(study=study, term="").select_related("participant")
    for row in rows:
        pregnancy = pregnancies.get(row.pk)
        yield Situation(
            number=row.number,
            participant=row.participant.code,
            kind=row.special,
            started=row.started,
            known_on=day_of(row.known_at, zones.at(row.participant.site)).isoformat(),
            ended=row.ended,
            expected_on=pregnancy.expected_on if pregnancy else "",
            outcome=pregnancy.outcome if pregnancy else "",
            weeks=pregnancy.weeks if pregnancy else None,
            children=len(pregnancy.children.all()) if pregnancy else 0,
            described=row.described,
            nullified=row.nullified,
        )
