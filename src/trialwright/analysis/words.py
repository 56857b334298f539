"""Sentences that the pure rooms write themselves, each in English and Simplified Chinese."""

from __future__ import annotations

from typing import Self


class Said(str):
    """An English sentence that carries its Chinese twin; wherever text is expected it is English.

    >>> s = Said("Stay at dose 2.", "维持剂量 2。")
    >>> s, s.zh, s.in_language("zh-hans")
    ('Stay at dose 2.', '维持剂量 2。', '维持剂量 2。')
    """

    zh: str

    def __new__(cls, en: str, zh: str) -> Self:
        self = super().__new__(cls, en)
        self.zh = zh
        return self

    def __reduce__(self) -> tuple[type[Said], tuple[str, str]]:
        return Said, (str(self), self.zh)

    def in_language(self, code: str) -> str:
        """The sentence for a language tag such as "en", "zh" or "zh-hans"."""
        return self.zh if code.lower().startswith("zh") else str(self)


def sentences(*parts: Said) -> Said:
    """Sentences one after the other, in both languages."""
    return Said(" ".join(parts), "".join(part.zh for part in parts))
