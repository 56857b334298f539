"""Two participants alike but for the arm: blinded people see the same of both, whatever becomes of
the products; and the labels of all products are the same but for their codes."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from django.utils import timezone
from pypdf import PdfReader

from tests.integration.conduct.product_trial import FILE, Cells
from tests.integration.pages.test_product_pages import HERE, PLACE, browser
from trialwright.conduct.actions.adverse_events import Report, judge_event, record_event
from trialwright.conduct.actions.cases import write_narrative
from trialwright.conduct.actions.unblinding import unblind_for_reaction
from trialwright.conduct.models import Container, Deviation, ProductNotice
from trialwright.conduct.models.adverse_events import About, Judge
from trialwright.custody.bedside import Refusal
from trialwright.custody.lots import LotStatus
from trialwright.report.labels import Label, render_labels
from trialwright.safety.seriousness import SeriousCriterion

REPORT = Report("Fever", 3, criteria={SeriousCriterion.HOSPITALISATION})
BLINDED = ("investigator", "coordinator", "nurse", "statistician")


@pytest.fixture
def cells(db: None) -> Iterator[Cells]:
    cells = Cells()
    cells.trial.now = timezone.now()
    yield cells


def test_blinded_people_see_the_same_of_both_arms_after_a_lot_has_failed(cells: Cells) -> None:
    lot = cells.released()
    treated, other = cells.of_arm("cells"), cells.of_arm("water")
    container = cells.thawed(lot)
    wrong = cells.give(container, treated, wristband="C-999-X")
    assert Refusal.WRISTBAND in wrong
    assert cells.give(container, treated) == ()
    cells.infuse(treated)
    cells.infuse(other)
    assert cells.result("sterility", "no", lot=lot) is LotStatus.FAILED
    told = {each.participant.code for each in ProductNotice.objects.select_related("participant")}
    assert {treated, other} <= told and not Deviation.objects.exists()
    for who in BLINDED:
        one, another = pages(who, treated, other)
        assert one == another, who
        # Whoever treats them sees that something has come.
        assert ("product information" in one[0]) is (who == "investigator"), who


def pages(who: str, *codes: str) -> tuple[list[str], ...]:
    """What a person sees of each participant, without what names them."""
    client = browser(who)
    found = []
    for code in codes:
        texts = []
        numbers = ProductNotice.objects.filter(participant__code=code).values_list("number")
        for place in ("", *(f"/product-information/{n}" for (n,) in numbers)):
            answer = client.get(f"{HERE}/participants/{code}{place}")
            texts.append(f"{answer.status_code} {plain(answer.content.decode(), code)}")
        today = client.get("/today").content.decode()
        rows = [plain(row, code) for row in re.findall(r"<a [^>]*>[^<]*</a>", today) if code in row]
        found.append([*texts, *sorted(rows)])
    return tuple(found)


def plain(text: str, code: str) -> str:
    """A page without the participant's code, the numbers of notices and what is drawn anew."""
    text = text.replace(code, "PARTICIPANT")
    text = re.sub(r'(value|nonce)="[^"]{16,}"', r'\1=""', text)
    return re.sub(r"product-information/\d+", "product-information/", text)


def test_the_labels_of_two_products_are_alike_but_for_their_codes(db: None) -> None:
    both = FILE.replace(
        'water: {label: "Water", description: "Water"}',
        'water: {label: "Water", description: "Water", release: {clear: {label: "Clear", '
        'type: yes_no, requires: "clear"}}, container: {holds: 100, unit: "10⁶", keep_years: 30}}',
    )
    assert both != FILE
    cells = Cells(both)
    cells.trial.now = timezone.now()
    first = cells.lot()
    cells.labelled(first)
    second = water(cells)
    cells.labelled(second)
    answers = [
        browser("laboratory").get(f"{PLACE}/lots/{lot}/labels.pdf") for lot in (first, second)
    ]
    assert {each["Content-Disposition"] for each in answers} == {
        'inline; filename="CELLS-01-labels.pdf"'
    }
    files = [PdfReader(BytesIO(each.content)) for each in answers]
    words = [re.sub(r"C[0-9A-Z]{8}", "CODE", each.pages[0].extract_text()) for each in files]
    assert words[0] == words[1] and "CODE" in words[0]
    assert files[0].metadata == files[1].metadata
    assert files[0].pages[0].mediabox == files[1].pages[0].mediabox
    # Each file is what study, code and day alone make it, to the byte: its size tells no more.
    until, words = words_of(files[0].pages[0].extract_text())
    for answer, lot in zip(answers, (first, second), strict=True):
        code = Container.objects.get(lot__code=lot).code
        assert answer.content == render_labels([Label("CELLS-01", code, until, words)])


def words_of(text: str) -> tuple[str, str]:
    """The last day of use and the sentence on a label, as they can be read on it."""
    found = re.search(r"C[0-9A-Z]{8}\s*(.+)\n(.+)", text)
    assert found, text
    return found[1].strip(), found[2].strip()


def water(cells: Cells) -> str:
    """A lot of the other product, that expires on the same day."""
    from datetime import timedelta

    from trialwright.conduct.actions.lots import NewLot, register_lot

    new = NewLot("water", cells.trial.now + timedelta(days=300), "Maker")
    return register_lot(by=cells.by("laboratory"), lot=new, at=cells.trial.now)


def test_the_audit_trail_tells_blinded_people_the_same_of_both_arms(cells: Cells) -> None:
    """What was given, thawed, refused, narrated and unblinded leaves no other line in one arm."""
    lot = cells.released()
    treated, other = cells.of_arm("cells"), cells.of_arm("water")
    container = cells.thawed(lot)
    assert Refusal.WRISTBAND in cells.give(container, treated, wristband="C-999-X")
    assert cells.give(container, treated) == ()
    for code in (treated, other):
        cells.infuse(code)
        number = record_event(
            by=cells.by("coordinator"), code=code, report=REPORT, at=cells.trial.now
        )
        judge_event(
            by=cells.by("investigator"), code=code, number=number, judge=Judge.INVESTIGATOR,
            about=About.TREATMENT, related=True, at=cells.trial.now,
        )  # fmt: skip
    # Only one of them has a reaction that is reported.
    unblind_for_reaction(
        by=cells.by("safety_office"), code=treated, event=1, reason="Suspected", at=cells.trial.now
    )
    unblind_for_reaction(
        by=cells.by("safety_office"), code=other, event=2, reason="Suspected", at=cells.trial.now
    )
    write_narrative(
        by=cells.by("safety_office"), code=treated, event=1, text="Fever.", at=cells.trial.now
    )
    for who in ("investigator", "coordinator", "nurse", "statistician"):
        one, another = (trail(who, code) for code in (treated, other))
        assert len(one) > 5 and one == another, who


def trail(who: str, code: str) -> list[str]:
    """The participant's actions as the audit trail shows a person each of them, the latest first,
    without codes, the numbers of lines and events, hashes and times."""
    client = browser(who)
    listed = client.get(f"{HERE}/ledger", {"participant": code}).content.decode()
    found = []
    for place in re.findall(rf'href="({HERE}/ledger/\d+)"', listed):
        page = client.get(place).content.decode()
        main = page.split("<main", 1)[1].split("</main>", 1)[0]
        text = re.sub(r"<[^>]+>", " ", main).replace(code, "CODE")
        text = re.sub(r"\b[0-9a-f]{8,64}(?:-[0-9a-f]{4,12})*\b", "HASH", text)
        text = re.sub(r"\d{1,2}:\d{2}(?::\d{2})?", "TIME", text)
        found.append(" ".join(re.sub(r"\b\d+\b", "N", text).split()))
    return found
