"""The third demonstration study: products, an emergency unblinding, a pregnancy, and its tour."""

import html

import pytest
from django.test import Client
from django.utils import timezone

from trialwright.accounts.models import Person
from trialwright.conduct.models import (
    Container,
    Donor,
    Lot,
    PregnancyChild,
    ProductNotice,
    Study,
    UnplannedUnblinding,
)
from trialwright.conduct.products.bedside import checks_of
from trialwright.conduct.reads.people import actor_of
from trialwright.conduct.reads.pregnancies import pregnancies_of
from trialwright.custody.bedside import Refusal
from trialwright.custody.lots import LotStatus
from trialwright.demonstration.cells import STUDY, ensure_cells
from trialwright.demonstration.people import ensure_people
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import files
from trialwright.ledger.verify import verify


def tour_of(username: str) -> str:
    client = Client()
    client.force_login(Person.objects.get(username=username))
    page = client.get("/tour")
    assert page.status_code == 200
    return html.unescape(page.content.decode())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_is_built_once_and_shows_what_goes_wrong_with_a_product() -> None:
    ensure_people(demonstration().identifier, "a secret for tests")
    now, told = timezone.now(), list[str]()
    said = ensure_cells(tell=told.append, now=now)
    assert STUDY in said and len(told) == 1
    assert Study.objects.get(pk=STUDY).demonstration

    statuses = sorted(Lot.objects.values_list("status", flat=True))
    assert statuses == [LotStatus.FAILED, LotStatus.FAILED, LotStatus.RELEASED]
    assert Donor.objects.exclude(excluded_at=None).count() == 1
    checks = checks_of(STUDY)
    assert [each.refusals for each in checks if not each.accepted] == [(Refusal.PAST_THAW,)]
    assert len([each for each in checks if each.accepted]) == 3
    notices = ProductNotice.objects.filter(study=STUDY)
    # All who had been treated by then, whatever their arm: a notice tells none.
    assert notices.count() == 5 and not notices.filter(called_at=None).exists()
    assert Container.objects.filter(status="given").count() == 3
    assert Container.objects.filter(status="destroyed").count() == 4

    shown = UnplannedUnblinding.objects.get(study=STUDY)
    assert shown.urgency == "emergency" and shown.effect
    child = PregnancyChild.objects.get(pregnancy__study=STUDY)
    coordinator = actor_of(Person.objects.get(username="lin"), STUDY)
    assert coordinator is not None
    (pregnancy,) = pregnancies_of(coordinator, [child.pregnancy.case.participant.code])
    assert pregnancy.outcome == "birth"
    assert child.events.filter(congenital=True).count() == 1

    found = verify(
        STUDY, heads_path=files.heads_path(), publics=[files.keys().public], keys=files.keys()
    )
    assert found.problems == []
    assert ensure_cells(tell=told.append) == said and len(told) == 1

    sealed = ("failed", "excluded", "thawed too long")
    laboratory, coordinators = tour_of("wu"), tour_of("lin")
    assert all(word in laboratory for word in sealed)
    assert not any(word in coordinators for word in sealed)
    assert "unblinded in an emergency" in coordinators
    assert f"pregnancy of {child.pregnancy.case.participant.code} to the child" in coordinators
