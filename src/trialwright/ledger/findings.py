"""What `verify` can find, each with its sentence in English and Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# kind: (English, Chinese). What counts against the ledger first, then what is only to be known.
_FINDINGS: Final[Mapping[str, tuple[str, str]]] = {
    "changed_row": (
        "row {seq} was changed: its content doesn't give its hash",
        "第 {seq} 行被改动:其内容与哈希不符",
    ),
    "replaced_row": (
        "row {seq} was replaced: row {next} follows another",
        "第 {seq} 行被替换:第 {next} 行所接的不是它",
    ),
    "removed_rows": ("rows {seq} to {last} are missing", "第 {seq} 至 {last} 行缺失"),
    "swapped_rows": ("rows {seq} and {other} were swapped", "第 {seq} 行与第 {other} 行被对调"),
    "time_back": (
        "row {seq} was recorded at {at}, before the row above it",
        "第 {seq} 行的记录时间 {at} 早于上一行",
    ),
    "unknown_format": (
        "row {seq} is of format {format}, which this release doesn't know",
        "第 {seq} 行为格式 {format},本版本无法识别",
    ),
    "changed_value": (
        "the {part} value of row {seq} was changed: {place}",
        "第 {seq} 行的值({part})被改动:{place}",
    ),
    "swapped_values": (
        "the values of rows {seq} and {other} were swapped",
        "第 {seq} 行与第 {other} 行的值被对调",
    ),
    "removed_value": (
        "the {part} value of row {seq} was removed without an erasure: {place}",
        "第 {seq} 行的值({part})未经登记即被删除:{place}",
    ),
    "added_value": (
        "a {part} value stands at row {seq}, which commits to none",
        "第 {seq} 行并无承诺,却有一个值({part})",
    ),
    "broken_field": (
        "row {seq} doesn't continue what its field held: {place}",
        "第 {seq} 行与该字段此前的值不衔接:{place}",
    ),
    "cut_off": (
        "the tail was cut off: the chain ends at row {seq}, but line {line} of the heads file"
        " signs row {last}",
        "尾部被截断:链止于第 {seq} 行,而链头文件第 {line} 行签过第 {last} 行",
    ),
    "recomputed": (
        "the chain was computed anew: row {seq} isn't the one that line {line} of the heads file"
        " signs (heads that differ: {count}; the last that agrees signs row {agrees})",
        "链被重新计算:第 {seq} 行与链头文件第 {line} 行所签不符"
        "(共 {count} 处不符;最后相符的是第 {agrees} 行)",
    ),
    "not_as_printed": (
        "row {seq} isn't the one that a document prints as {printed}",
        "第 {seq} 行与文件上印的 {printed} 不符",
    ),
    "head_differs": (
        "the chain ends at row {seq}, but its head says row {head}",
        "链止于第 {seq} 行,但链头记为第 {head} 行",
    ),
    "altered_line": (
        "heads file, line {line} was altered: its signature fails",
        "链头文件第 {line} 行被改动:签名不成立",
    ),
    "unlinked_line": (
        "heads file, line {line} doesn't follow line {after}: lines were removed, added or moved",
        "链头文件第 {line} 行不接第 {after} 行:有行被删除、添加或移动",
    ),
    "heads_missing": (
        "the file of signed heads has no head of this chain, which has {last} rows",
        "链头文件中没有此链的链头,而此链有 {last} 行",
    ),
    "table_differs": (
        "{place}: the table's value isn't the one that the ledger has",
        "{place}:表中的值与台账不符",
    ),
    "table_extra": (
        "{place}: the table has a row that the ledger doesn't know",
        "{place}:表中有台账未记载的行",
    ),
    "table_missing": (
        "{place}: the ledger has a record whose row is gone from the table",
        "{place}:台账中有记录,但表中的行已不存在",
    ),
    "more": ("{count} more of the kind {of}", "另有 {count} 处同类问题({of})"),
}
_NOTES: Final[Mapping[str, tuple[str, str]]] = {
    "unsigned": (
        "rows {seq} to {last} are not signed yet",
        "第 {seq} 至 {last} 行尚未签名",
    ),
    "torn_line": (
        "heads file, line {line} was left unfinished by a crash",
        "链头文件第 {line} 行因崩溃而不完整",
    ),
    "restored": (
        "rows {seq} to {last} were lost in a restore, acknowledged in row {at}",
        "第 {seq} 至 {last} 行在恢复备份时丢失,第 {at} 行已予确认",
    ),
    "erased": ("{count} values were lawfully erased", "{count} 个值已依法删除"),
    "not_opened": (
        "sealed values were not opened: there is no key",
        "没有密钥,未打开密封的值",
    ),
    "not_compared": (
        "{entity}: {count} records with no table to compare",
        "{entity}:{count} 条记录没有可比较的表",
    ),
}
_LANGUAGES: Final = ("en", "zh-hans")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one chain ("" for the heads file itself)."""

    kind: str
    chain: str
    facts: Mapping[str, object]

    @property
    def is_note(self) -> bool:
        """Only to be known; nothing is wrong."""
        return self.kind in _NOTES

    def sentence(self, language: str = "en") -> str:
        texts = _NOTES.get(self.kind) or _FINDINGS[self.kind]
        return texts[_LANGUAGES.index(language)].format(**self.facts)

    def __str__(self) -> str:
        return f"{self.chain}: {self.sentence()}" if self.chain else self.sentence()


class Findings:
    """Collects; of one kind in one chain it keeps the first hundred and counts the rest."""

    LIMIT: Final = 100

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, kind: str, chain: str, **facts: object) -> None:
        count = self._counts[kind, chain] = self._counts.get((kind, chain), 0) + 1
        if count <= self.LIMIT:
            self._kept.append(Finding(kind, chain, facts))

    def all(self) -> list[Finding]:
        over = [
            Finding("more", chain, {"count": count - self.LIMIT, "of": kind})
            for (kind, chain), count in self._counts.items()
            if count > self.LIMIT
        ]
        return self._kept + over
