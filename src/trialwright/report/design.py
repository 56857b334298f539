"""The report on a design that a statistician attaches to a protocol.

It is a function of the designs, what is asked of them, the language and the protocol's identity;
nothing in it comes from the clock, so that making it again gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from trialwright.design import DesignError
from trialwright.design.writing import section_text
from trialwright.messages import Message, several
from trialwright.report.designs import DesignSummary, Question, named, summarise
from trialwright.report.designs.case import Case
from trialwright.report.document import (
    Block,
    Code,
    Document,
    Facts,
    Paragraph,
    Running,
    Section,
)
from trialwright.report.releases import releases
from trialwright.report.words import ReportWords

UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""The date inside the PDF where no protocol gives one; it is never shown."""
MOST_BESIDE = 3


@dataclass(frozen=True, slots=True)
class Source:
    """The protocol a design comes from: what the report says of it, and its date."""

    identifier: str
    version: str
    date: str
    sha256: str
    demonstration: bool = False


def design_report(
    designs: Sequence[Any],
    question: Question,
    *,
    language: Literal["en", "zh"],
    source: Source | None = None,
    told: DesignSummary | None = None,
    cases: Sequence[Case] = (),
) -> Document:
    """Tell up to three designs of one family as a document; `told` and `cases`, where this has
    been told already, save doing it twice.

    Raises `DesignError` for more, for designs of different families, and for a question that
    doesn't fit.
    """
    if not 1 <= len(designs) <= MOST_BESIDE:
        raise DesignError(
            Message("{designs} designs.", designs=len(designs)),
            rule=Message("One to three stand beside each other."),
            fix=Message("Leave some out."),
        )
    words = ReportWords(language)
    cases = cases or named(designs, words)
    told = told or summarise(cases, question, words)
    return Document(
        language=language,
        kind=words("oc_report_kind"),
        title=words("oc_report_title", designs=_listed([case.name for case in cases], words)),
        running=Running(
            study=source.identifier if source else _listed([c.name for c in cases], words),
            cut=words("oc_running_cut"),
            head=words("oc_running_head", hash=_hash(designs[0])[:12]),
            demonstration=(
                words("demonstration_mark") if source and source.demonstration else None
            ),
        ),
        facts=_facts(cases, told, source, words),
        blocks=(
            _rule(cases, told, words, language),
            _performance(told, words),
            _method(cases, told, words),
        ),
        made_at=datetime.fromisoformat(source.date).replace(tzinfo=UTC) if source else UNDATED,
    )


def _rule(cases: Sequence[Case], told: DesignSummary, words: ReportWords, language: str) -> Section:
    parts = []
    for case, blocks in zip(cases, told.rule, strict=True):
        inner: tuple[Block, ...] = (
            Paragraph(case.design.describe().in_language(language)), *blocks
        )  # fmt: skip
        parts.append(Section(case.name, inner))
    alone = len(parts) == 1
    return Section(words("oc_section_rule"), parts[0].blocks if alone else tuple(parts))


def _performance(told: DesignSummary, words: ReportWords) -> Section:
    nothing = (Paragraph(words("oc_no_performance")),)
    return Section(words("oc_section_performance"), told.performance or nothing)


def _method(cases: Sequence[Case], told: DesignSummary, words: ReportWords) -> Section:
    blocks: list[Block] = [Paragraph(sentence) for sentence in told.method]
    if any(hasattr(case.design, "table") for case in cases):
        blocks.append(Paragraph(words("oc_same_table")))
    hashes = [(words("oc_hash_table", design=case.name), _hash(case.design)) for case in cases]
    blocks.append(Facts((*hashes, (words("oc_versions"), releases()))))
    for case in cases:
        title = words("oc_section_text", design=case.name)
        blocks.append(Section(title, (Code(section_text(case.design)),)))
    return Section(words("oc_section_method"), tuple(blocks))


def _facts(
    cases: Sequence[Case], told: DesignSummary, source: Source | None, words: ReportWords
) -> Facts:
    names = _listed([case.name for case in cases], words)
    method = "none" if not told.performance else "exact"
    if any(tree.get("method") == "monte-carlo" for tree in told.tree):
        method = "simulated"
    pairs = [(words("oc_fact_designs"), names)]
    if source:
        dated = words("oc_fact_version", version=source.version, date=source.date)
        pairs += [
            (words("oc_fact_study"), f"{source.identifier}, {dated}"),
            (words("oc_fact_file_hash"), source.sha256),
        ]
    pairs.append((words("oc_fact_method"), words(f"oc_method_{method}")))
    return Facts(tuple(pairs))


def _hash(design: Any) -> str:
    """The hash of a rule's table; of its section where it has no table."""
    from hashlib import sha256

    if hasattr(design, "table"):
        return str(design.table().sha256)
    return sha256(section_text(design).encode()).hexdigest()


def _listed(names: Sequence[str], words: ReportWords) -> str:
    if len(names) == 1:
        return names[0]
    return words("oc_and", first=several(names[:-1]), last=names[-1])
