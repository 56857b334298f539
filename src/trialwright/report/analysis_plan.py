"""The statistical analysis plan, written from the protocol's file alone.

What it says is what the program does: estimands and sentences are those of the report, formulas
and sources stand beside the methods that compute them, and rules say themselves.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from trialwright import __version__
from trialwright.design.section import designs_from_node
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.analysis_plan import AnalysisPlan
from trialwright.protocol.groups import cohorts_of
from trialwright.protocol.model import Endpoint, EndpointKind, Protocol
from trialwright.report.context import ProtocolContext
from trialwright.report.document import (
    Block,
    Column,
    Document,
    Facts,
    Paragraph,
    Row,
    Running,
    Section,
    Table,
)
from trialwright.report.sections.multiplicity import multiplicity_section
from trialwright.report.sections.outcomes import estimand
from trialwright.report.shells import shells_section
from trialwright.report.words import ReportWords
from trialwright.report.words_methods import (
    INTERACTION_NOTE,
    METHOD_NOTES,
    PROCEDURE_NOTES,
    TEST_NOTES,
    MethodNote,
)


def analysis_plan(
    protocol: Protocol, *, language: Literal["en", "zh"], block_sizes: bool = False
) -> Document:
    """The plan as a document. block_sizes: whether its reader may know them.

    Raises DesignError where the design section can't be read.
    """
    words = ReportWords(language)
    told = ProtocolContext(protocol, language, words)
    graph = protocol.multiplicity
    sections = [
        Section(words("plan_section_scope"), (Paragraph(words("plan_scope")),)),
        _design(told, block_sizes=block_sizes),
        _populations(told),
        *_endpoints(told),
        *((multiplicity_section(told, graph),) if graph is not None else ()),
        Section(words("plan_section_missing"), (Paragraph(words("plan_missing")),)),
        _rules(told),
        Section(words("plan_section_conventions"), (Paragraph(words("plan_conventions")),)),
        shells_section(told),
    ]
    return Document(
        language=language,
        kind=words("plan_kind"),
        title=told.text(protocol.title),
        running=Running(
            study=protocol.identifier,
            cut=words("plan_running", version=protocol.version),
            head=words("plan_head", hash=protocol.sha256[:12]),
            demonstration=words.mark(protocol.demonstration, protocol.training_of),
        ),
        facts=_facts(told),
        blocks=tuple(sections),
        made_at=datetime(
            protocol.date.year, protocol.date.month, protocol.date.day, tzinfo=UTC
        ),
    )  # fmt: skip


def _facts(told: ProtocolContext) -> Facts:
    words, protocol = told.words, told.protocol
    version = words("protocol_version", version=protocol.version, date=protocol.date.isoformat())
    pairs = [
        (words("fact_study"), protocol.identifier),
        (words("fact_registered"), protocol.registered_as),
        (words("fact_sponsor"), protocol.sponsor or words("not_provided")),
        (words("fact_phase"), protocol.phase or words("not_provided")),
        (words("fact_protocol"), version),
        (words("fact_protocol_hash"), protocol.sha256),
        (words("plan_section_made"), f"Trialwright {__version__}"),
    ]
    return Facts(tuple((head, text) for head, text in pairs if text is not None))


def _design(told: ProtocolContext, *, block_sizes: bool) -> Section:
    words, protocol = told.words, told.protocol
    rows = tuple(
        Row((told.arm(arm.key), told.text(arm.label), told.text(arm.description)))
        for arm in protocol.arms
    )
    heads = (
        Column(words("plan_arm")),
        Column(words("plan_arm_name"), share=1),
        Column(words("plan_arm_what"), share=2),
    )
    allocation = protocol.allocation
    how = words("plan_no_allocation")
    if allocation is not None:
        how = "; ".join(_allocated(told, allocation, block_sizes=block_sizes))
    facts = Facts(
        (
            (words("plan_participants"), str(protocol.participants)),
            (words("plan_allocation"), how),
            *_later(told, block_sizes=block_sizes),
        )
    )
    return Section(words("plan_section_design"), (facts, Table(words("plan_arms"), heads, rows)))


def _later(told: ProtocolContext, *, block_sizes: bool) -> Iterator[tuple[str, str]]:
    """The allocations at later epochs: when, who, how, and what that means to the analyses."""
    words, protocol = told.words, told.protocol
    for each in protocol.later_allocations:
        epoch = protocol.epoch(each.at or "")
        parts = [words("plan_at_epoch", epoch=told.text(epoch.label))]
        if each.among:
            arms = ", ".join(told.text(protocol.arm_numbered(n).label) for n in each.among)
            parts.append(words("plan_among", arms=arms))
        if each.when is not None:
            parts.append(words("plan_who_meet", condition=each.when.text))
        parts += _allocated(told, each, block_sizes=block_sizes)
        parts.append(words("plan_by_first_arm"))
        yield told.text(each.label) if each.label else each.key, "; ".join(parts)


def _allocated(told: ProtocolContext, allocation: Allocation, *, block_sizes: bool) -> list[str]:
    words = told.words
    parts = [_kind_of_allocation(told, allocation)]
    if allocation.kind.has_blocks:
        sizes = ", ".join(map(str, allocation.block_sizes))
        parts.append(
            words("plan_blocks", sizes=sizes) if block_sizes else words("plan_blocks_hidden")
        )
    if allocation.factors:
        factors = ", ".join(told.text(factor.label) for factor in allocation.factors)
        parts.append(words("plan_strata", factors=factors))
    if allocation.run_in is not None and block_sizes:
        run_in = allocation.run_in
        parts.append(words("plan_run_in", participants=run_in.participants, size=run_in.block_size))
    return parts


def _kind_of_allocation(told: ProtocolContext, allocation: Allocation) -> str:
    """How arms are found, in words."""
    words, kind = told.words, allocation.kind
    ratio = ":".join(map(str, allocation.ratio))
    named = {arm.number: told.text(arm.label) for arm in told.protocol.arms}
    if kind is AllocationKind.CHOSEN:
        role = told.protocol.roles.label(allocation.by, told.language)
        return words("plan_chosen", role=role)
    if kind is AllocationKind.EXTERNAL:
        role = told.protocol.roles.label(allocation.by, told.language)
        return words("plan_external", role=role, ratio=ratio)
    if kind is AllocationKind.RULE:
        arms = {arm.key: told.text(arm.label) for arm in told.protocol.arms}
        rules = "; ".join(f"{arms[rule.arm]}: {rule.when.text}" for rule in allocation.rules)
        return words("plan_by_rule", rules=rules)
    if kind is AllocationKind.SWITCH:
        switched = (words("plan_from_to", before=named[arm], after=named[to])
                    for arm, to in allocation.to.items())  # fmt: skip
        return words("plan_switch", arms="; ".join(switched))
    if kind is AllocationKind.BLOCKS:
        return words("plan_permuted", ratio=ratio)
    if kind is AllocationKind.NONE:
        return words("plan_none", arms=", ".join(named[number] for number in allocation.arms))
    if allocation.control:
        each = cohorts_of(told.protocol, allocation).controls
        return words("plan_randomised_cohort", control=named[allocation.control], each=each)
    return words(
        f"plan_{kind.value}",
        ratio=ratio,
        probability=allocation.probability,
        measure=words(f"plan_measure_{allocation.measure.value}"),
        weights=":".join(map(str, allocation.weights)),
    )


def _populations(told: ProtocolContext) -> Section:
    words = told.words
    rows = tuple(
        Row((told.text(each.label), told.text(each.definition), each.who.text))
        for each in told.protocol.populations
    )
    heads = (
        Column(words("population")),
        Column(words("definition"), share=1),
        Column(words("plan_rule"), share=1, code=True),
    )
    table = Table(words("plan_table_populations"), heads, rows, (), words("no_populations"))
    return Section(words("plan_section_populations"), (table,))


def _endpoints(told: ProtocolContext) -> list[Section]:
    words, parts = told.words, []
    for kind in EndpointKind:
        of_kind = [each for each in told.protocol.endpoints if each.kind is kind]
        if of_kind:
            inner = tuple(_endpoint(told, each) for each in of_kind)
            parts.append(Section(words(f"kind_{kind.value}"), inner))
    return [Section(words("plan_section_endpoints"), tuple(parts))] if parts else []


def _endpoint(told: ProtocolContext, endpoint: Endpoint) -> Section:
    words = told.words
    labels = {visit.key: told.text(visit.label) for visit in told.protocol.visits}
    pairs = [
        (words("plan_at"), labels[endpoint.at]),
        (words("plan_variable"), " ".join(endpoint.variable.text.split())),
    ]
    if endpoint.analysis is not None:
        pairs += _methods(told, endpoint.analysis)
    blocks: tuple[Block, ...] = (estimand(told, endpoint), Facts(tuple(pairs)))
    return Section(told.text(endpoint.label), blocks)


def _methods(told: ProtocolContext, plan: AnalysisPlan) -> list[tuple[str, str]]:
    """The formula and the source of each thing the analysis computes."""
    words = told.words
    found = [(words("plan_method"), METHOD_NOTES[plan.method])]
    if plan.test is not None:
        found.append((words("plan_test"), TEST_NOTES[plan.test]))
    if told.protocol.other_factors(plan.factor):
        found.append((words("plan_interaction"), INTERACTION_NOTE))
    if plan.multiplicity in PROCEDURE_NOTES:
        found.append((words("plan_procedure"), PROCEDURE_NOTES[plan.multiplicity]))
    return [(head, _noted(told, note)) for head, note in found]


def _noted(told: ProtocolContext, note: MethodNote) -> str:
    text = note.text.in_language(told.language)
    return told.words("plan_with_source", text=text, source=note.source)


def _rules(told: ProtocolContext) -> Section:
    """Every rule of the design section as it says itself."""
    words, node = told.words, told.protocol.design
    if node is None:
        return Section(words("plan_section_rules"), (Paragraph(words("plan_no_rules")),))
    designs = designs_from_node(node, told.protocol.file)
    inner = tuple(
        Section(name, (Paragraph(design.describe().in_language(told.language)),))
        for name, design in designs.items()
        if hasattr(design, "describe") and not _allocates(design)
    )
    return Section(words("plan_section_rules"), inner or (Paragraph(words("plan_no_rules")),))


def _allocates(design: object) -> bool:
    """A list's own rule would say its block sizes; it stands in the allocation."""
    return getattr(design, "kind", "") == "permuted-blocks" or hasattr(design, "block_sizes")
