"""The study at a glance, as this person may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.clock import day_of, installation_zone, zones_of
from trialwright.conduct.models import Participant, State
from trialwright.conduct.reads.participants import study_and_protocol, visible


@dataclass(frozen=True, slots=True)
class Overview:
    """The study's enrolment, and counts of the participants a person may see.

    How many are randomised concerns the whole study; who they are, only those who may see them.
    """

    began: date
    randomised_on: tuple[date, ...]
    states: Mapping[tuple[State, str], int]
    sites: tuple[str, ...]


def overview(by: Actor) -> Overview:
    """The study as it stands; without a count for who sees no participants."""
    study, _protocol = study_and_protocol(by)
    activated = study.activated_at
    assert activated is not None  # noqa: S101 - there is a protocol, so it was signed
    began = day_of(activated, installation_zone())
    if not may(by, Act.SEE_PARTICIPANTS):
        return Overview(began, (), {}, ())
    counted = visible(by).values_list("state", "site").annotate(Count("pk")).order_by()
    states = {(State(state), site): count for state, site, count in counted}
    randomised = Participant.objects.filter(study=study, randomised_at__isnull=False)
    zones = zones_of(study.identifier)
    moments = randomised.values_list("randomised_at", "site")
    return Overview(
        began=began,
        randomised_on=tuple(
            sorted(day_of(moment, zones.at(site)) for moment, site in moments if moment)
        ),
        states=states,
        sites=tuple(sorted({site for _state, site in states})),
    )
