"""Where events began: marked on the page, in the list and its twins, and never telling an arm."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from tests.integration.conduct.product_trial import Cells
from tests.integration.conduct.world import STUDY, World
from tests.integration.pages.test_product_blinding import BLINDED, plain
from tests.integration.pages.test_product_pages import HERE, browser
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.actions.adverse_events import Report, record_event
from trialwright.conduct.cut.making import open_cut
from trialwright.conduct.models import Study

FEVER = Report("Fever", 1)


def test_events_are_marked_by_consent_and_treatment_as_far_as_their_dates_tell(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    code = world.treated()
    world.later(days=2)
    consented = world.row(code).consented_at.date()
    for started in ("2001", str(consented.year), world.now.date().isoformat(), ""):
        record_event(by=world.coordinator, code=code, report=replace(FEVER, started=started),
                     at=world.now)  # fmt: skip
    untreated = world.consented()
    record_event(by=world.coordinator, code=untreated, report=FEVER, at=world.now)
    client = signed_in("feng")
    pages = [
        client.get(f"/studies/{STUDY}/adverse-events/{n}").content.decode() for n in range(1, 6)
    ]
    unclear = "May be before consent; May be before the treatment"
    said = ["Before consent", unclear, "Since the treatment began", unclear,
            "May be before consent; Not treated"]  # fmt: skip
    for page, words in zip(pages, said, strict=True):
        assert f"<dd>{words}</dd>" in " ".join(page.split()).replace("<dd> ", "<dd>").replace(
            " </dd>", "</dd>"
        ), words
    listed = client.get(f"/studies/{STUDY}/adverse-events").content.decode()
    assert all(words in listed for words in said)
    rows = json.loads(client.get(f"/studies/{STUDY}/adverse-events.json").content)["rows"]
    told = [(row["onset_to_consent"], row["onset_to_treatment"]) for row in reversed(rows)]
    assert told == [
        ("before", "before"), ("may_be_before", "may_be_before"), ("since", "since"),
        ("may_be_before", "may_be_before"), ("may_be_before", "no_day"),
    ]  # fmt: skip
    study = Study.objects.get(identifier=STUDY)
    cut = open_cut(study, protocol_of(study.version), "now", world.now)
    assert [(e.onset_to_consent, e.onset_to_treatment) for e in cut.events] == told


@pytest.fixture
def cells(db: None) -> Iterator[Cells]:
    cells = Cells()
    cells.trial.now = timezone.now()
    yield cells


def alike(text: str, code: str, number: int) -> str:
    """A page without the event's number, the participant's code and the minutes of this test."""
    text = re.sub(rf"(events?[ /]){number}\b", r"\1", plain(text, code))
    return re.sub(r"\b\d\d:\d\d(:\d\d)?\b", "", text)


def test_the_product_is_told_to_the_unblinded_and_both_arms_read_alike(cells: Cells) -> None:
    treated, other = cells.of_arm("cells"), cells.of_arm("water")
    container = cells.thawed(cells.released())
    assert cells.give(container, treated) == ()
    cells.infuse(treated)
    cells.infuse(other)
    coordinator = cells.trial.person("coordinator")
    today = timezone.localdate().isoformat()
    numbers = [
        record_event(by=coordinator, code=code, report=replace(FEVER, started=today))
        for code in (treated, other)
    ]
    for who in BLINDED:
        one, another = (
            alike(browser(who).get(f"{HERE}/adverse-events/{n}").content.decode(), code, n)
            for n, code in zip(numbers, (treated, other), strict=True)
        )
        assert "Since the treatment began" in one and "container was given" not in one
        assert one == another, who
    office = browser("safety_office")
    page = office.get(f"{HERE}/adverse-events/{numbers[0]}").content.decode()
    assert "Since the first container was given" in page
    page = office.get(f"{HERE}/adverse-events/{numbers[1]}").content.decode()
    assert "No container was given" in page
