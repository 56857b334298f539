"""Where the protocol's facts come from, and how the report was made."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.protocol.basics import Fact, Origin
from trialwright.protocol.blinding import is_restricted
from trialwright.report.context import ReportContext
from trialwright.report.document import Column, Facts, Paragraph, Row, Section, Table
from trialwright.report.releases import releases

# How a question is put says nothing about the trial, so these keys are not shown one by one.
HOW_IT_IS_ASKED = frozenset({"type", "unit", "choices", "decimals", "longest", "missing"})


def origins_section(told: ReportContext) -> Section:
    """How many facts are stated, from the literature, assumed or confirmed; the assumed ones
    that bear on safety are each shown."""
    words, facts = told.words, told.protocol.facts
    counts = Counter(fact.origin for fact in facts)
    lead = words("origins_lead", **{origin.value: counts[origin] for origin in Origin})
    citations = {source.key: source.citation for source in told.protocol.sources}
    assumed = [
        fact
        for fact in facts
        if fact.origin is Origin.ASSUMED and (told.sealed or not is_restricted(fact.path))
    ]
    critical = [fact for fact in assumed if fact.safety_critical]
    table = Table(
        words("table_assumed"),
        (Column(words("fact"), share=2), Column(words("value"), share=3)),
        tuple(_rows(told, critical)),
        (
            words("assumed_note"),
            words("assumed_short", count=len(assumed) - len(critical)),
            *dict.fromkeys(citations[f.source] for f in critical if f.source in citations),
        ),
        words("no_assumed"),
    )
    return Section(words("section_origins"), (Paragraph(lead), table))


def _rows(told: ReportContext, facts: list[Fact]) -> Iterable[Row]:
    """One row for each block of the protocol file, with what is assumed in it."""
    shown = [fact for fact in facts if fact.path.rsplit(".", 1)[-1] not in HOW_IT_IS_ASKED]
    for block, inside in groupby(shown, key=lambda fact: fact.path.rpartition(".")[0]):
        values = (f"{fact.path.rsplit('.', 1)[-1]}: {told.text(fact.value)}" for fact in inside)
        yield Row((block, "\n".join(values)))


def making_section(told: ReportContext) -> Section:
    """The hashes that pin what the report was made from, and what it was computed with."""
    words, cut = told.words, told.cut
    return Section(
        words("section_making"),
        (
            Paragraph(words("making_lead")),
            Facts(
                (
                    (words("fact_cut_hash"), canonical_hash(cut)),
                    (words("fact_protocol_hash"), cut.protocol.sha256),
                    (
                        words("fact_head"),
                        words("head_at", seq=cut.open_head.seq, hash=cut.open_head.hash),
                    ),
                    (
                        words("fact_sealed_head"),
                        words("head_at", seq=cut.sealed_head.seq, hash=cut.sealed_head.hash),
                    ),
                    (words("oc_versions"), releases()),
                )
            ),
        ),
    )
