"""The fixed words of reports, in English and Simplified Chinese.

A sentence is found by its key and filled with `str.format`; the test of this module holds
both languages to the same placeholders.
"""

from typing import Any

from trialwright.report import words_design_en, words_design_zh
from trialwright.report.words_en import ENGLISH
from trialwright.report.words_zh import CHINESE

TEXTS = {
    "en": ENGLISH | words_design_en.ENGLISH,
    "zh": CHINESE | words_design_zh.CHINESE,
}


class Words:
    """The words of one language: `words("table")`, `words("page", page=1, pages=9)`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = TEXTS[language]

    def __call__(self, key: str, **values: Any) -> str:
        return self._texts[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is a text of this key."""
        return key in self._texts
