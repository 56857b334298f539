"""The second demonstration study: a trial of another kind, up to the present, with its proof."""

from datetime import UTC

import pytest
from django.test import Client
from django.utils import timezone

from trialwright.accounts.models import Person
from trialwright.accounts.reads import studies_of
from trialwright.conduct.models import Participant, StepRecord, Study, Value, VisitRecord
from trialwright.demonstration import second
from trialwright.demonstration.people import ensure_people
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import files
from trialwright.ledger.models import LedgerRow
from trialwright.ledger.verify import verify


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_is_built_once_and_has_cycles_both_sexes_and_nothing_after_the_present() -> None:
    ensure_people(demonstration().identifier, "a secret for tests")
    now, told = timezone.now(), list[str]()
    said = second.ensure_second(tell=told.append, now=now)
    assert second.STUDY in said and "lin" in said and told
    study = Study.objects.get(pk=second.STUDY)
    assert study.demonstration
    people = Participant.objects.filter(study=study)
    assert people.filter(randomised_at__isnull=False).count() >= 6
    sexes = Value.objects.filter(entry__participant__study=study, item="sex")
    assert set(sexes.values_list("text", flat=True)) == {"male", "female"}
    doses = StepRecord.objects.filter(participant__study=study, step="infuse")
    assert max(doses.values_list("occurrence", flat=True)) >= 4
    assert max(people.values_list("screened_at", flat=True)) <= now
    today = now.astimezone(UTC).date()
    assert max((d.taken_on - today).days for d in doses) <= 1, "zones apart, none in the future"
    ahead = VisitRecord.objects.filter(participant__study=study, status="planned")
    assert ahead.exists(), "somebody is still expected"
    assert second.STUDY in studies_of(Person.objects.get(username="lin"))
    found = verify(
        second.STUDY, heads_path=files.heads_path(), publics=[files.keys().public],
        keys=files.keys(),
    )  # fmt: skip
    assert found.problems == []
    rows = LedgerRow.objects.count()
    assert second.ensure_second(tell=told.append) == said
    assert len(told) == 2 and LedgerRow.objects.count() == rows
    client = Client()
    client.force_login(Person.objects.get(username="lin"))
    page = client.get(f"/studies/{second.STUDY}/participants")
    assert page.status_code == 200 and "A-001" in page.content.decode()
