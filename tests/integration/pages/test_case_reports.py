"""Reports of cases: two copies of one number, alike for every arm, and a narrative with warning."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from tests.integration.conduct.product_trial import Cells
from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from tests.integration.pages.test_product_pages import HERE, browser
from tests.integration.pages.test_unblinding import person
from trialwright.conduct.actions import adverse_events, unblinding
from trialwright.conduct.actions.adverse_events import Outcome, Report, follow_event
from trialwright.conduct.actions.cases import write_narrative
from trialwright.conduct.actions.clocks import Report as Ended
from trialwright.conduct.actions.clocks import end_clock
from trialwright.conduct.models import AdverseEvent, CaseNarrative
from trialwright.conduct.reads.cases import case_of_event
from trialwright.conduct.reads.clocks import clock_seen, clocks_to_end
from trialwright.conduct.safety.clock_details import How
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger.models import LedgerRow
from trialwright.protocol.basics import Role
from trialwright.safety.narrative import telling_words, words_found
from trialwright.safety.seriousness import SeriousCriterion

SERIOUS = frozenset({SeriousCriterion.HOSPITALISATION})


@pytest.fixture
def cells(db: None) -> Iterator[Cells]:
    cells = Cells()
    cells.trial.now = timezone.now()
    yield cells


def event_of(cells: Cells, code: str) -> int:
    report = Report(
        "Fever", 3, started=cells.trial.now.date().isoformat(), criteria=SERIOUS,
        described="39.4 °C, two days after the infusion",
    )  # fmt: skip
    return adverse_events.record_event(
        by=cells.by("coordinator"), code=code, report=report, at=cells.trial.now
    )


def pdf(client: Client, number: int, copy: str) -> tuple[str, PdfReader]:
    answer = client.get(f"{HERE}/adverse-events/{number}/case-{copy}.pdf")
    assert answer.status_code == 200
    return answer["Content-Disposition"], PdfReader(BytesIO(answer.content))


def words_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_blinded_copies_of_two_arms_are_alike_with_name_and_metadata(cells: Cells) -> None:
    lot = cells.released()
    treated, other = cells.given(lot), cells.of_arm("water")
    cells.infuse(other)
    office, told = browser("safety_office"), []
    for code in (treated, other):
        number = event_of(cells, code)
        write_narrative(
            by=cells.by("safety_office"), code=code, event=number, text="Fever, then well.",
            addition=f"Lot {lot}.", at=cells.trial.now,
        )  # fmt: skip
        name, reader = pdf(office, number, "blinded")
        text = words_of(reader)
        facts = {key: str(value) for key, value in (reader.metadata or {}).items()}
        found = [name, text, len(reader.pages), facts.pop("/Title")]
        case = f"AE-{number:04d}"
        plain = [str(each).replace(case, "CASE").replace(code, "CODE") for each in found]
        # What the clock and the ledger say differs by what was done in between.
        plain = [re.sub(r"Ledger \d+, [0-9a-f]{12}", "", each) for each in plain]
        told.append((plain, {k: v for k, v in facts.items() if "Date" not in k}))
        assert "Treatment of this trial, blinded" in text and "Fever, then well." in text
        own = text.replace("CELLS-01: Cells, blinded", "").replace("CELLS-01", "")
        assert not words_found(own, {"cells", "water", lot.casefold()})
    assert told[0] == told[1]


def test_the_unblinded_copy_is_for_who_was_shown_that_participants_arm(cells: Cells) -> None:
    lot = cells.released()
    code = cells.given(lot)
    number = event_of(cells, code)
    by, office = cells.by("safety_office"), browser("safety_office")
    place = f"{HERE}/adverse-events/{number}"
    assert office.get(f"{place}/case-unblinded.pdf").status_code == 404
    assert "case-unblinded.pdf" not in office.get(f"{place}/case").content.decode()
    unblinding.unblind_for_reaction(
        by=by, code=code, event=number, reason="Suspected", at=cells.trial.now
    )
    write_narrative(
        by=by, code=code, event=number, text="Fever.", addition="After cells.", at=cells.trial.now
    )
    blinded, opened = (pdf(office, number, copy) for copy in ("blinded", "unblinded"))
    assert blinded[0].replace("blinded", "unblinded") == opened[0]
    whole = words_of(opened[1])
    assert lot in whole and "1. Cells" in whole and "100 10⁶" in whole and "After cells." in whole
    case = f"CELLS-01-AE-{number:04d}"
    assert case in whole and case in words_of(blinded[1])
    for who in ("investigator", "coordinator", "nurse", "statistician", "pharmacist", "doctor"):
        for page in ("case", "case-blinded.pdf", "case-unblinded.pdf"):
            assert browser(who).get(f"{place}/{page}").status_code == 404, (who, page)


def test_a_narrative_with_a_word_of_an_arm_is_warned_of_and_nothing_typed_is_lost(
    cells: Cells,
) -> None:
    code = cells.of_arm("cells")
    number = event_of(cells, code)
    write = partial(
        write_narrative, by=cells.by("safety_office"), code=code, event=number, at=cells.trial.now
    )
    assert "could tell the arm: cells" in refused(partial(write, text="Fever after CELLS."))
    assert "Write what happened" in refused(partial(write, text=" "))
    assert "at most" in refused(partial(write, text="x" * 20_001))
    assert not CaseNarrative.objects.exists()
    page = f"{HERE}/adverse-events/{number}/case"
    sent = {"text": "Fever; white cells 12.", "addition": "Lot A", "once": "a"}
    answer = browser("safety_office").post(page, sent)
    shown = answer.content.decode()
    assert answer.status_code == 409 and "white cells 12." in shown and "Lot A" in shown
    assert "could tell the arm: cells" in shown
    kept = browser("safety_office").post(page, sent | {"keeps_words": "yes"})
    assert kept.status_code == 302
    assert write(text="Fever, well again. ‮مرحبا") == 2
    case = case_of_event(cells.by("safety_office"), number)
    assert case.narrative is not None and case.narrative.text.startswith("Fever, well again.")
    absent(partial(write, by=cells.by("investigator"), text="Fever"))
    entities = LedgerRow.objects.filter(chain="open").values_list("entity", flat=True)
    assert "case_narrative" not in set(entities), "that there is one could tell an arm"


def test_the_number_stays_and_follow_ups_count_what_blinded_people_told(world: World) -> None:
    code = world.treated()
    event = adverse_events.record_event(
        by=world.coordinator, code=code, report=Report("Fever", 3, criteria=SERIOUS), at=world.now
    )
    office = world.person(Role.SAFETY_OFFICE)
    first = case_of_event(office, event)
    assert (first.number, first.follow_up) == (f"{STUDY}-AE-0001", 0)
    for clock in clocks_to_end(office):
        # Whether one was due makes no difference: it could tell the arm.
        report = Ended(How.NOT_DUE, reason="Not suspected") if clock.number % 2 else Ended(How.SENT)
        if clock_seen(office, clock.number).running:
            end_clock(by=office, number=clock.number, report=report, at=world.now)
    assert case_of_event(office, event).follow_up == 0
    for day, reason in ((1, "A culture grew"), (2, "A second culture")):
        world.later(days=day)
        follow_event(
            by=world.coordinator, code=code, number=event, outcome=Outcome.NOT_RECOVERED,
            criteria=SERIOUS, reason=reason, significant=True, at=world.now,
        )  # fmt: skip
    then = case_of_event(office, event)
    assert then.number == first.number and then.follow_up == 1, "one report tells both"
    assert then.received_at == first.received_at and then.latest_at > first.latest_at
    plain = adverse_events.record_event(
        by=world.coordinator, code=code, report=Report("Cough", 1), at=world.now
    )
    absent(partial(case_of_event, office, plain))
    luo, _password = person("luo")
    page = luo.get(f"/studies/{STUDY}/adverse-events/{event}/case").content.decode()
    assert "Follow-up 1" in page and AdverseEvent.objects.count() == 2
    assert world.now - then.received_at == timedelta(days=3)


def test_words_of_arms_are_found_as_whole_words_and_in_chinese_anywhere() -> None:
    words = telling_words(demonstration())
    assert words_found("Given the Hydrogel, then well", words) == ("hydrogel",)
    assert words_found("第二天注入水凝胶后发热", words) == ("水凝胶",)
    assert words_found("Alone at home, the fever fell", words) == ()
    assert words_found("Uterine adhesions seen", words) == ()
