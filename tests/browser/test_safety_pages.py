"""The pages of safety in a browser: cases, clocks, envelopes, pregnancies, lots have no fault."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import without_fault
from tests.browser.walk import be
from tests.integration.conduct.product_trial import STUDY, Cells
from trialwright.conduct.actions import adverse_events, special_situations
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.actions.special_situations import Birth, PregnancyReport
from trialwright.conduct.models import Clock, Container, PregnancyOutcome
from trialwright.custody.containers import ContainerStatus
from trialwright.ledger import files
from trialwright.safety.seriousness import SeriousCriterion


def fill(cells: Cells) -> tuple[str, str, int, int]:
    """A lot, somebody who was given of it, their serious event and their child with its case."""
    lot = cells.released()
    code = cells.given(lot)
    at, by = cells.trial.now, cells.by("coordinator")
    today = at.date().isoformat()
    report = Report("Fever", 3, started=today, criteria={SeriousCriterion.HOSPITALISATION})
    event = adverse_events.record_event(by=by, code=code, report=report, at=at)
    case = special_situations.record_pregnancy(
        by=by, code=code, report=PregnancyReport(history="One earlier birth"), at=at
    )
    special_situations.record_pregnancy_outcome(
        by=by, code=code, number=case, outcome=PregnancyOutcome.BIRTH, ended=today, at=at
    )
    birth = Birth(today, malformation="Cleft palate", grade=2)
    special_situations.record_child(by=by, code=code, number=case, birth=birth, at=at)
    return lot, code, event, case


def test_no_page_of_safety_has_a_fault(
    transactional_db: None,
    open_context: Callable[..., BrowserContext],
    live_server: Any,
    language: str,
) -> None:
    files.heads_path().unlink(missing_ok=True)
    cells = Cells()
    cells.trial.now = timezone.now()
    lot, code, event, case = fill(cells)
    person, child = f"participants/{code}", f"{code}-CH1"
    container = Container.objects.order_by("code").first()
    assert container is not None
    more, donor = cells.released(), cells.donor()
    cells.labelled(more, 3)
    coming = cells.labelled(cells.released(), 2)
    for each in coming:
        cells.move(each, ContainerStatus.SENT, "laboratory", site="C")
    cells.lot()
    other = cells.of_arm("cells")
    assert cells.give(cells.thawed(more), other, wristband="C-999-X")
    clock = Clock.objects.order_by("number").first()
    clocks = [f"clocks/{clock.number}", f"clocks/{clock.number}/end"] if clock else []
    seen = {
        "safety_office": [
            "clocks", *clocks, f"adverse-events/{event}", f"adverse-events/{event}/case",
            f"adverse-events/{event}/unblind", f"adverse-events/{case}/case", "holds",
            "unblindings", "envelopes", "next-participant", f"products/trace?code={child}",
        ],
        "coordinator": [
            f"{person}/pregnancy", f"{person}/situation", f"adverse-events/{case}",
            f"adverse-events/{case}/outcome", f"adverse-events/{case}/children",
            f"adverse-events/{case}/children/{child}", "adverse-events",
        ],
        "laboratory": [
            "products", f"products/lots/{lot}", "products/lots/new", "products/donors/new",
            f"products/containers/{container.code}", f"products/lots/{more}/send",
            f"products/lots/{lot}/result?test=sterility", f"products/donors/{donor}",
        ],
        "qualified": [f"products/lots/{lot}/decide", "/today"],
        "pharmacist": [
            "products", "products/receive/C", "/today",
            f"participants/{other}/bedside/infuse/day_1?refused=yes",
        ],
        "investigator": ["/today", f"adverse-events/{event}", "adverse-events?cause=open"],
    }  # fmt: skip
    page = open_context(language=language).new_page()
    for role, places in seen.items():
        be(f"{role}.{STUDY}".lower(), page.context, live_server.url)
        for place in places:
            answer = page.goto(place if place[0] == "/" else f"/studies/{STUDY}/{place}")
            if answer is not None and answer.status == 404:
                raise AssertionError(f"{role} has no page {place}")
            name = "".join(c if c.isalnum() else "-" for c in place)
            without_fault(page, f"safety-{role}-{name}-{language}")
            if place.endswith("/send"):
                page.locator("form.step .stick button").click()
                expect(page.locator("#problem-ticks")).to_be_visible()
                without_fault(page, f"safety-{role}-{name}-wrong-{language}")
