"""The case that an event is to those outside: writing its narrative."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import acting
from trialwright.conduct.models import AdverseEvent, CaseNarrative, Lot
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.safety.narratives import Narrative, latest_narrative
from trialwright.safety.narrative import telling_words, words_found

LONGEST_NARRATIVE = 20_000


def write_narrative(
    *,
    by: Actor,
    code: str,
    event: int,
    text: str,
    addition: str = "",
    keeps_words: bool = False,
    at: datetime | None = None,
) -> int:
    """Write the narrative of an event anew; returns the number of this version.

    Args:
        text: what stands in the blinded copy and in the unblinded one.
        addition: what stands in the unblinded copy alone.
        keeps_words: whether words of the text that could tell an arm are meant to stay.

    Raises:
        ActionRefused: there is no text, it is too long, or it has a word that could tell an arm.
    """
    with acting(by, Act.REPORT_SAFETY, "write_narrative", code=code, at=at) as context:
        rows = AdverseEvent.objects.filter(participant=context.participant)
        found = rows.filter(number=event).first()
        if found is None:
            raise NotFound
        said, added = text.strip(), addition.strip()
        lots = Lot.objects.filter(study=context.study).values_list("code", flat=True)
        codes = {each.casefold() for each in lots}
        told = words_found(said, telling_words(context.protocol) | codes)
        problems = []
        if not said:
            problems.append(Problem("text", _("Write what happened, in the order it happened.")))
        for name, written in (("text", said), ("addition", added)):
            if len(written) > LONGEST_NARRATIVE:
                words = _("Write at most %(most)d characters.") % {"most": LONGEST_NARRATIVE}
                problems.append(Problem(name, words))
        if told and not keeps_words:
            problems.append(
                Problem(
                    "keeps_words",
                    _(
                        "The narrative of the blinded copy has words that could tell the arm: "
                        "%(words)s. Move them to what the unblinded copy adds, or say that they "
                        "tell nothing here."
                    )
                    % {"words": ", ".join(told)},
                )
            )
        if problems:
            raise ActionRefused(problems=tuple(problems))
        last = latest_narrative(found)
        number = (last.number if last else 0) + 1
        narrative = Narrative(
            event, number, said, added, told, context.at, context.by.person_id, context.role
        )
        row = CaseNarrative(study=context.study, event=found, number=number)
        context.record_sealed(row, sealed_values.dump(narrative))
        return number
