"""Two participants alike but for the arm: blinded people see the same of both, whatever becomes of
the products; and the labels of all products are the same but for their codes."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.urls import URLResolver
from django.utils import timezone
from pypdf import PdfReader

from tests.integration.conduct.product_trial import FILE, Cells
from tests.integration.pages.test_product_pages import HERE, PLACE, browser
from trialwright.conduct.actions.adverse_events import Report, judge_event, record_event
from trialwright.conduct.actions.cases import write_narrative
from trialwright.conduct.actions.cutting import cut_data
from trialwright.conduct.actions.unblinding import unblind_for_reaction
from trialwright.conduct.models import Container, Deviation, Participant, ProductNotice
from trialwright.conduct.models.adverse_events import About, Judge
from trialwright.custody.bedside import Refusal
from trialwright.custody.lots import LotStatus
from trialwright.report.labels import Label, render_labels
from trialwright.safety.seriousness import SeriousCriterion
from trialwright.web.clinical.urls import urlpatterns

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
    """A page without the participant's code, the numbers of notices, what is drawn anew, and the
    minute at which it was asked for."""
    text = text.replace(code, "PARTICIPANT")
    text = re.sub(r"(Printed by \w+, )\d{4}-\d\d-\d\d \d\d:\d\d", r"\1", text)
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


def test_no_list_or_file_tells_blinded_people_what_was_given(
    cells: Cells, settings: Any, tmp_path: Path
) -> None:
    """Each list as CSV and JSON, each file of a cut and each table of its report: nothing of a
    product stands in them, and of two participants alike but for the arm they say the same."""
    settings.TRIALWRIGHT_CUTS = tmp_path
    donor = cells.donor()
    lot = cells.released(donor)
    treated, other = cells.of_arm("cells"), cells.of_arm("water")
    container = cells.thawed(lot)
    assert Refusal.WRISTBAND in cells.give(container, treated, wristband="C-999-X")
    assert cells.give(container, treated) == ()
    for code in (treated, other):
        cells.infuse(code)
        record_event(by=cells.by("coordinator"), code=code, report=REPORT, at=cells.trial.now)
    assert cells.result("sterility", "no", lot=lot) is LotStatus.FAILED
    cut_data(by=cells.by("statistician"), name="first", at=cells.trial.now)
    rest = [each.code for each in Participant.objects.exclude(code__in=(treated, other))]
    assert lot in lists_of("safety_office")["/products.csv"], "what others are told is there"
    for who in BLINDED:
        files = lists_of(who) | files_of_cut(who)
        assert told_of(files["/participants.csv"], treated, rest)
        assert not [name for name in files if name.startswith("/products")]
        assert len(files) > 8 if who != "statistician" else len(files) > 30, sorted(files)
        for name, text in files.items():
            for telling in (donor, lot, container, "BAG-7", "M-1", "Maker", "Freezer 2"):
                assert telling not in text, (who, name, telling)
            if "dictionary" not in name and "README" not in name:
                assert "viability" not in text.lower() and "sterility" not in text.lower(), name
            one, another = (told_of(text, code, rest) for code in (treated, other))
            assert one == another, (who, name)


def lists_of(who: str) -> dict[str, str]:
    """Every list that somebody may download, by its address below the study."""
    client, found = browser(who), {}
    (study,) = [each for each in urlpatterns if isinstance(each, URLResolver)]
    for pattern in study.url_patterns:
        name = str(pattern.pattern)
        if re.fullmatch(r"/[a-z-]+\.(csv|json)", name):
            answer = client.get(f"{HERE}{name}")
            assert answer.status_code in (200, 404), name
            if answer.status_code == 200:
                found[name] = answer.content.decode()
    return found


def files_of_cut(who: str) -> dict[str, str]:
    """The open files of the cut and the tables of its pooled report, as far as they are text."""
    client, found = browser(who), {}
    for part in ("files", "tables"):
        answer = client.get(f"{HERE}/cuts/first/{part}.zip")
        if answer.status_code != 200:
            continue
        with ZipFile(BytesIO(answer.content)) as archive:
            names = [each for each in archive.namelist() if not each.endswith(".parquet")]
            found |= {f"{part}/{name}": archive.read(name).decode() for name in names}
    sealed = client.get(f"{HERE}/cuts/first/tables-by-arm.zip")
    assert sealed.status_code == 404
    return found


def told_of(text: str, code: str, rest: list[str]) -> list[str]:
    """The lines of a file that name a participant, without codes, numbers, hashes and times."""
    lines = text.splitlines()
    if text.startswith('{"study"'):
        lines = [json.dumps(row) for row in json.loads(text)["rows"]]
    lines = [line for line in lines if code in line and not any(each in line for each in rest)]
    plain = [re.sub(r"\b[0-9a-f]{8,64}(?:-[0-9a-f]{4,12})*\b", "HASH", line) for line in lines]
    return sorted(re.sub(r"\d+", "N", line.replace(code, "CODE")) for line in plain)
