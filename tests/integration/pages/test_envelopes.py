"""Sealed envelopes: printed once for each allocated participant, alike outside, kept and opened."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from tests.integration.pages.test_unblinding import person
from trialwright.conduct.actions import unblinding
from trialwright.conduct.actions.closing import LockPlace, lock
from trialwright.conduct.actions.envelopes import print_envelopes, record_envelope
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import (
    Envelope,
    EnvelopeState,
    LockLevel,
    Unblinding,
    UnplannedUnblinding,
)
from trialwright.conduct.reads.envelopes import envelopes_to_read
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role
from trialwright.report.envelopes import EnvelopeSheet, render_envelopes

PLACE = f"/studies/{STUDY}"
ARMS = {arm.number: arm for arm in demonstration().arms}


@pytest.fixture
def printed(world: World) -> Iterator[tuple[World, list[str], Client, str]]:
    first = world.treated()
    world.later(days=8)
    codes = [first, world.randomised()]
    browser, password = person("zhou")
    yield world, codes, browser, password


def fetch(browser: Client, password: str, once: str = "a") -> PdfReader:
    sent = {"password": password, "once": once}
    answer = browser.post(f"{PLACE}/envelopes/print/C", sent)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{STUDY}-envelopes-C.pdf"'
    assert "no-store" in answer["Cache-Control"]
    return PdfReader(BytesIO(answer.content))


def outside_of(page: object) -> str:
    """What is printed on the lowest third of a sheet."""
    found: list[str] = []

    def visit(text: str, cm: list[float], tm: list[float], *_rest: object) -> None:
        height = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
        if text.strip() and height < 842 / 3:
            found.append(text)

    page.extract_text(visitor_text=visit)  # type: ignore[attr-defined]
    return " ".join(" ".join(found).split())


def test_a_sheet_has_the_arm_inside_and_the_code_alone_outside(
    printed: tuple[World, list[str], Client, str],
) -> None:
    world, codes, browser, password = printed
    assert "print 2 envelopes" in browser.get(f"{PLACE}/envelopes").content.decode()
    pages = fetch(browser, password).pages
    assert len(pages) == 2
    for number, (code, page) in enumerate(zip(codes, pages, strict=True), start=1):
        arm = ARMS[allocation_list.arm_of(world.row(code))]
        whole = " ".join(page.extract_text().split())
        assert f"{arm.number}. {arm.label.in_language('en')}" in whole
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(
            (595.28, 841.89), abs=0.01
        )
        outside = outside_of(page)
        assert outside.startswith(f"{STUDY} Envelope {number} {code} Emergency unblinding of this")
        assert arm.label.in_language("en") not in outside
    handler = world.handler
    lines = envelopes_to_read(handler)
    assert [(line.number, line.code, line.state) for line in lines.lines] == [
        (2, codes[1], EnvelopeState.KEPT), (1, codes[0], EnvelopeState.KEPT),
    ]  # fmt: skip
    assert lines.without == {}
    seen = Unblinding.objects.filter(person=handler.person_id)
    assert {each.participant.code for each in seen} == set(codes)


def test_an_envelope_is_printed_once_and_again_only_when_the_first_is_accounted_for(
    printed: tuple[World, list[str], Client, str],
) -> None:
    world, codes, browser, password = printed
    first = fetch(browser, password)
    again = fetch(browser, password)
    assert len(first.pages) == len(again.pages) == 2, "a page sent twice is answered twice"
    assert Envelope.objects.count() == 2
    other = browser.post(f"{PLACE}/envelopes/print/C", {"password": password, "once": "b"})
    assert other.status_code == 409
    assert "has an envelope in keeping" in other.content.decode()
    sent = {"state": "destroyed", "reason": "Torn while it was folded", "once": "c"}
    assert browser.post(f"{PLACE}/envelopes/1", sent).status_code == 302
    third = fetch(browser, password, once="d")
    assert len(third.pages) == 1 and codes[0] in third.pages[0].extract_text()
    told = {each.number: each for each in envelopes_to_read(world.handler).lines}
    assert told[1].reason == "Torn while it was folded" and told[3].code == codes[0]
    settled = partial(record_envelope, by=world.handler, number=1, state=EnvelopeState.LOST)
    assert "recorded already" in refused(partial(settled, reason="Gone", at=world.now))
    assert "how it came" in refused(partial(settled, reason=" ", number=2, at=world.now))


def test_the_outside_the_metadata_and_the_name_are_the_same_for_every_arm() -> None:
    def sheet(code: str, arm: str, described: str) -> EnvelopeSheet:
        return EnvelopeSheet(
            "S", "Envelope 1", code, ("Open only", "in an emergency"), arm, described,
            ("Write down",), ("By", "When", "Why"), "Fold", "",
        )  # fmt: skip

    short = render_envelopes([sheet("C-001", "A", "")], title="Envelopes", chinese=False)
    long = render_envelopes(
        [sheet("C-001", "Another arm", "word " * 120)], title="Envelopes", chinese=False
    )
    one, another = PdfReader(BytesIO(short)), PdfReader(BytesIO(long))
    assert len(one.pages) == len(another.pages) == 1
    assert outside_of(one.pages[0]) == outside_of(another.pages[0]) != ""
    facts = [{k: v for k, v in each.metadata.items() if k != "/ID"} for each in (one, another)]  # type: ignore[union-attr]
    assert facts[0] == facts[1]


def test_blinded_people_find_no_page_and_whoever_keeps_them_only_their_own_site(
    printed: tuple[World, list[str], Client, str],
) -> None:
    world, codes, browser, password = printed
    fetch(browser, password)
    for who in ("zhao", "lin", "feng", "zheng", "shen", "sun", "admin"):
        blinded, secret = person(who)
        for place in ("envelopes", "envelopes.csv", "envelopes/1", "envelopes/print/C"):
            assert blinded.get(f"{PLACE}/{place}").status_code == 404, (who, place)
        sent = {"password": secret, "once": "x", "state": "lost", "reason": "x"}
        assert blinded.post(f"{PLACE}/envelopes/print/C", sent).status_code == 404
        assert blinded.post(f"{PLACE}/envelopes/1", sent).status_code == 404
    elsewhere, secret = person("deng")
    assert elsewhere.get(f"{PLACE}/envelopes/1").status_code == 404
    assert codes[0] not in elsewhere.get(f"{PLACE}/envelopes").content.decode()
    absent(partial(print_envelopes, by=world.person(Role.PRODUCT_HANDLER, "N"), site="C"))
    absent(partial(print_envelopes, by=world.investigator, site="C"))


def test_opening_one_is_an_unblinding_that_whoever_opened_it_reports(
    printed: tuple[World, list[str], Client, str],
) -> None:
    world, (code, other), browser, password = printed
    doctor, _secret = person("zhao")
    page = f"{PLACE}/participants/{code}"
    assert doctor.get(f"{page}/envelope").status_code == 404, "there is none yet"
    fetch(browser, password)
    assert "Report an opened envelope" in doctor.get(page).content.decode()
    now = timezone.localtime(timezone=world.now.tzinfo)
    report = partial(
        unblinding.report_opening, by=world.investigator, code=code, number=1, reason="Bleeding"
    )
    assert "lies in the future" in refused(partial(report, opened_at=now + timedelta(hours=1)))
    assert "printed after this time" in refused(partial(report, opened_at=now - timedelta(days=9)))
    absent(partial(report, number=2, opened_at=now))
    opened = timezone.now()
    assert report(opened_at=opened) == 1
    row = UnplannedUnblinding.objects.get()
    assert (row.urgency, row.reason, row.happened_at) == ("envelope", "", opened)
    assert "recorded already" in refused(partial(report, opened_at=timezone.now()))
    line = envelopes_to_read(world.handler).lines[-1]
    assert (line.state, line.unblinding) == (EnvelopeState.OPENED, 1)
    record_envelope(
        by=world.handler, number=2, state=EnvelopeState.OPENED, reason="Found torn open"
    )
    told = browser.get(f"{PLACE}/envelopes").content.decode()
    assert len(re.findall("hasn&#x27;t said so yet", told)) == 1
    assert report(code=other, number=2, opened_at=timezone.now()) == 2
    absent(partial(report, by=world.coordinator, opened_at=timezone.now()))


def test_an_emergency_waits_for_no_lock(world: World) -> None:
    code = world.randomised()
    lock(
        by=world.person(Role.DATA_MANAGER), level=LockLevel.LOCK, place=LockPlace(site="C"),
        reason="Cleaned", at=world.now,
    )  # fmt: skip
    shown = unblinding.unblind(by=world.investigator, code=code, reason="Bleeding", at=world.now)
    assert shown.arm == allocation_list.arm_of(world.row(code))
