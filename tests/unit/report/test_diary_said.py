"""A diary is said on the case report form and on the protocol's page, in both languages."""

import pytest
from django.utils import translation

from tests.integration.conduct.diary_trial import FILE
from trialwright.protocol.loader import read
from trialwright.report.case_report_form import case_report_form
from trialwright.report.document import Paragraph
from trialwright.web.protocol_page import Reader

PROTOCOL, _problems = read(FILE.encode())
assert PROTOCOL is not None
ENGLISH = (
    "The participant writes it on 5 days, from day 1 after “First visit”, at 20:00. It is on time "
    "for 14 hours, then late, and closed after 48 hours. A reminder goes out after 2 hours."
)


@pytest.mark.parametrize(("language", "said"), [("en", ENGLISH), ("zh", "逾 48 小时不再接受填写")])
def test_when_a_diary_is_written_stands_on_form_and_page(language: str, said: str) -> None:
    document = case_report_form(PROTOCOL, language=language)  # type: ignore[arg-type]
    notes = [each.text for each in document.walk() if isinstance(each, Paragraph)]
    assert any(said in note for note in notes)
    assert not any("Filled in by ." in note for note in notes)
    page = {"en": "en", "zh": "zh-hans"}[language]
    with translation.override(page):
        forms = next(s for s in Reader(PROTOCOL, page).sections() if s.name == "forms")
        rows = {part.heading: part.rows for part in forms.parts}
    assert said in rows["Bleeding diary"][0].value
