"""A result outside the limits of normal says so wherever it is read and checked."""

from django.utils import translation

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.values import Missing
from trialwright.web.forms.presenter import answer_rows

COUNT = demonstration().form("blood_count")
ANSWERS = {
    "sampled_on": "2026-03-04", "haemoglobin": "109", "leukocytes": "9.6",
    "platelets": Missing("sample_lost"),
}  # fmt: skip


def shown(language: str) -> list[object]:
    with translation.override(language):
        [(_section, rows)] = answer_rows(COUNT, ANSWERS, reasons=None, language=language)
    return [row.value for row in rows][1:]


def test_low_and_high_stand_beside_the_result() -> None:
    assert shown("en") == ["109 g/L (Low)", "9.6 10⁹/L (High)", "sample_lost"]
    assert shown("zh-hans")[0] == "109 g/L（偏低）"


def test_a_result_within_the_limits_is_plain() -> None:
    with translation.override("en"):
        [(_section, rows)] = answer_rows(COUNT, {"haemoglobin": "150"}, reasons=None, language="en")
    assert rows[1].value == "150 g/L"
