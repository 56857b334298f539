"""The investigator's judgements of results outside normal as a cut has them."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from trialwright.analysis.cut_judgements import ResultJudgement
from trialwright.conduct import models as m
from trialwright.conduct.clock import Zones, day_of
from trialwright.conduct.models.value_reviews import ReviewAnswer, ReviewKind
from trialwright.protocol.occurrences import occurrence_of

_COLUMNS = (
    "entry__participant_id", "entry__participant__site", "entry__visit", "entry__form",
    "entry__repeat", "item", "answer", "comment", "reviewed_at",
)  # fmt: skip


def judgements(
    study: m.Study, codes: Mapping[UUID, str], zones: Zones
) -> Iterable[ResultJudgement]:
    """Those that stand; none is of a value that could reveal an arm."""
    rows = m.ValueReview.objects.filter(
        entry__participant__study=study, kind=ReviewKind.SIGNIFICANCE.value, undone_at=None
    )
    for who, site, visit, form, repeat, item, answer, comment, at in rows.values_list(*_COLUMNS):
        key, occurrence = occurrence_of(visit)
        yield ResultJudgement(
            participant=codes[who],
            visit=key,
            form=form,
            repeat=repeat,
            item=item,
            significant=answer == ReviewAnswer.SIGNIFICANT,
            comment=comment,
            judged_on=day_of(at, zones.at(site)).isoformat(),
            occurrence=occurrence,
        )
