"""From a protocol file to a `Protocol`, or to every problem in it, found in one run."""

import hashlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from trialwright.protocol.arm_visits import arm_visit_problems
from trialwright.protocol.baseline import read_baseline
from trialwright.protocol.basics import LANGUAGES, Fact, Origin, Source
from trialwright.protocol.blinding import allocation_problems, form_problems, role_problems
from trialwright.protocol.cohorts import agents_of
from trialwright.protocol.consistency import (
    anchor_problems,
    cycle_problems,
    decided_day_problems,
    unused_problems,
    visit_problems,
)
from trialwright.protocol.diaries import diary_problems
from trialwright.protocol.field_values import LONGEST_VERSION
from trialwright.protocol.fields import Fields
from trialwright.protocol.group_rules import group_problems
from trialwright.protocol.kinds import kind_problems
from trialwright.protocol.kits import kit_problems
from trialwright.protocol.laboratory import laboratory_problems
from trialwright.protocol.later_allocations import later_problems
from trialwright.protocol.model import Protocol
from trialwright.protocol.monitoring import monitoring_problems
from trialwright.protocol.nodes import Block, Listing, Scalar
from trialwright.protocol.problems import Problem, ProtocolFileError
from trialwright.protocol.products import product_problems
from trialwright.protocol.provenance import (
    Provenance,
    Reading,
    TooManyProblems,
    plain_section,
    shown,
)
from trialwright.protocol.read_allocation import allocation_keys, read_allocations
from trialwright.protocol.read_analysis import analysis_problems
from trialwright.protocol.read_cohorts import read_cohorts, read_levels
from trialwright.protocol.read_consent import read_consent
from trialwright.protocol.read_cycles import read_cycles
from trialwright.protocol.read_epochs import epoch_keys, epoch_problems, read_epochs
from trialwright.protocol.read_factorial import factor_problems, read_factors
from trialwright.protocol.read_forms import read_code_lists, read_forms
from trialwright.protocol.read_groups import cohorts_by_group, read_groups
from trialwright.protocol.read_hypotheses import hypothesis_problems, read_hypotheses
from trialwright.protocol.read_kinds import kind_keys, read_kinds
from trialwright.protocol.read_kits import read_kits
from trialwright.protocol.read_laboratory import read_laboratory
from trialwright.protocol.read_monitoring import read_monitoring
from trialwright.protocol.read_plan import (
    read_anchors,
    read_criteria,
    read_enrolment,
    read_visits,
)
from trialwright.protocol.read_products import read_products
from trialwright.protocol.read_requirements import read_before
from trialwright.protocol.read_roles import read_roles
from trialwright.protocol.read_simulation import read_simulation
from trialwright.protocol.read_steps import before_steps, read_steps, step_keys
from trialwright.protocol.read_trial import (
    read_amendment,
    read_arms,
    read_endpoints,
    read_populations,
)
from trialwright.protocol.requirements import names_of
from trialwright.protocol.settling import Settler
from trialwright.protocol.shapes import FILE
from trialwright.protocol.step_rules import before_problems, step_problems
from trialwright.protocol.yaml_nodes import read_nodes

FORMAT = "1"
"""The version of the file format that this program reads and writes."""


def load(path: Path) -> Protocol:
    """The protocol of a file; raises ProtocolFileError with all problems, OSError."""
    return parse_file(path.read_bytes(), str(path))


# Checking, signing and starting each read the same bytes; a protocol can't be changed.
@lru_cache(maxsize=8)
def parse_file(source: bytes, file: str = "protocol.yaml") -> Protocol:
    """The protocol in these bytes; raises ProtocolFileError with all problems."""
    protocol, problems = read(source, file)
    if protocol is None or problems:
        raise ProtocolFileError(file, problems)
    return protocol


def read(source: bytes, file: str = "protocol.yaml") -> tuple[Protocol | None, tuple[Problem, ...]]:
    """The protocol as far as it can be read, and every problem.

    For people who write a file: a protocol with problems is for looking at, never for running.
    None if the file isn't even YAML of the right kind, or has no end of problems.
    """
    root, problems = read_nodes(source)
    if root is None:
        return None, problems
    reading = Reading(problems=list(problems))
    try:
        protocol = _protocol(reading, root, source, file)
    except TooManyProblems:
        protocol = None
    return protocol, tuple(sorted(set(reading.problems)))


def _protocol(reading: Reading, root: Block, source: bytes, file: str) -> Protocol:
    sources = _sources(reading, root)
    reading.languages = _languages(reading, root)
    inherited = Provenance(Origin.ASSUMED, "")
    top = Fields(reading, root, FILE, "", inherited)
    _check_head(reading, top)
    code_lists = read_code_lists(top)
    products = read_products(top, code_lists)
    periods = epoch_keys(top)
    factors = read_factors(top)
    arms = read_arms(top, products, periods, factors)
    names = step_keys(top)
    anchors = read_anchors(top, (*names, *allocation_keys(top)), periods)
    epochs = read_epochs(top, tuple(anchor.key for anchor in anchors))
    roles = read_roles(top, names)
    forms = read_forms(top, code_lists, roles)
    cycles = read_cycles(top, anchors)
    visits = read_visits(
        top, anchors, cycles, epochs, [form.key for form in forms], [arm.key for arm in arms],
        kind_keys(top),
    )  # fmt: skip
    requirements = names_of(visits, forms)
    populations = read_populations(top)
    participants = top.whole("participants", 1, minimum=1)
    levels = read_levels(top, arms)
    cohorts = read_cohorts(top, levels, arms, roles, by_group=cohorts_by_group(top))
    allocations = read_allocations(top, arms, participants, roles, cohorts, periods)
    groups, allocations = read_groups(top, arms, levels, roles, allocations)
    allocation = next((each for each in allocations if each.at is None), None)
    endpoints = read_endpoints(top, populations, [visit.key for visit in visits], arms, factors)
    protocol = Protocol(
        identifier=top.identifier("identifier"),
        version=top.words("version", longest=LONGEST_VERSION) or "",
        date=top.day("date"),
        title=top.text("title"),
        synopsis=top.optional_text("synopsis"),
        phase=top.words("phase"),
        sponsor=top.words("sponsor"),
        demonstration=top.truth("demonstration"),
        registered_as=top.words("registered_as"),
        twin_of=top.words("twin_of"),
        training_of=top.identifier("training_of"),
        languages=reading.languages,
        participants=participants,
        sites=top.whole("sites", 1, minimum=1) if top.has("sites") else None,
        enrolment=read_enrolment(top, allocation, participants),
        sources=sources,
        arms=arms,
        products=products,
        roles=roles,
        steps=read_steps(
            top,
            roles.people,
            [visit.key for visit in visits],
            [*before_steps(allocates=allocation is not None), *names, *requirements],
        ),
        before=read_before(top, requirements, allocates=allocation is not None),
        criteria=read_criteria(top, kind_keys(top)),
        allocations=allocations,
        dose_levels=levels,
        cohorts=cohorts,
        groups=groups,
        factors=factors,
        anchors=anchors,
        epochs=epochs,
        cycles=cycles,
        visits=visits,
        forms=forms,
        code_lists=code_lists,
        endpoints=endpoints,
        multiplicity=read_hypotheses(top, endpoints),
        populations=populations,
        consent=read_consent(top),
        safety=_section(reading, top, "safety"),
        design=_section(reading, top, "design"),
        simulation=read_simulation(top),
        amendment=read_amendment(top),
        kits=read_kits(top, roles),
        laboratory=read_laboratory(top),
        baseline=read_baseline(top, forms, visits),
        monitoring=read_monitoring(top),
        kinds=read_kinds(top),
        facts=(),
        notes=(),
        file=file,
        sha256=hashlib.sha256(source).hexdigest(),
        source_bytes=source,
    )
    protocol = _settled(reading, protocol)
    _check_whole(reading, protocol, root)
    facts = tuple(sorted(reading.facts, key=_by_line))
    return replace(protocol, facts=facts, notes=tuple(sorted(reading.notes)))


def _by_line(fact: Fact) -> tuple[int, str]:
    return fact.line, fact.path


def _sources(reading: Reading, root: Block) -> tuple[Source, ...]:
    node = root.get("sources")
    sources = []
    for entry in node if isinstance(node, Block) else ():
        text = entry.value.text if isinstance(entry.value, Scalar) else ""
        if not text.strip():
            message = f"The source `{entry.key}` has no citation"
            reading.problem(entry.line, message, "Write it after the key.", "one-value")
        sources.append(Source(entry.key, " ".join(text.split())))
    if node is not None and not sources:
        message = "`sources` has no entries"
        way_out = "Write a key and a citation for each place that facts come from."
        reading.problem(node.line, message, way_out, "block")
    reading.sources = tuple(source.key for source in sources)
    return tuple(sources)


def _languages(reading: Reading, root: Block) -> tuple[str, ...]:
    node = root.get("languages")
    codes = (
        [item.text for item in node if isinstance(item, Scalar)]
        if (isinstance(node, Listing))
        else []
    )
    if node is not None and (not codes or any(code not in LANGUAGES for code in codes)):
        message = "`languages` is not a list of `en` and `zh`"
        reading.problem(node.line, message, "Write `languages: [en, zh]`.", "languages")
        codes = [code for code in codes if code in LANGUAGES]
    return tuple(dict.fromkeys(codes)) or LANGUAGES


def _check_head(reading: Reading, top: Fields) -> None:
    written = top.block.get("protocol")
    if written is not None and not (isinstance(written, Scalar) and written.text == FORMAT):
        message = f"The file's format is {shown(written)!r}, and this program reads {FORMAT!r}"
        way_out = f"Write `protocol: {FORMAT}`, or use a program that reads that format."
        reading.problem(written.line, message, way_out, "format")
    for key in ("origin", "source"):
        if not top.has(key):
            message = f"The file has no `{key}` at its top level"
            way_out = f"Add `{key}:` there; blocks inherit it. `assumed` is the safe default."
            reading.problem(1, message, way_out, "no-origin")


def _section(reading: Reading, top: Fields, key: str) -> Block | None:
    node = top.block.get(key)
    if isinstance(node, Block):
        return plain_section(reading, node, key, top.provenance)
    if node is not None:
        reading.problem(node.line, f"`{key}` is not a block", "Write its keys under it.", "block")
    return None


def _settled(reading: Reading, protocol: Protocol) -> Protocol:
    settler = Settler(reading, protocol.forms, protocol.visits)
    return replace(
        protocol,
        forms=tuple(map(settler.form, protocol.forms)),
        anchors=tuple(map(settler.anchor, protocol.anchors)),
        visits=tuple(map(settler.visit, protocol.visits)),
        criteria=tuple(map(settler.criterion, protocol.criteria)),
        allocations=tuple(map(settler.allocation, protocol.allocations)),
        steps=tuple(
            settler.step(step, agents=agents_of(protocol.dose_levels)) for step in protocol.steps
        ),
        cohorts=settler.cohorts(protocol.cohorts) if protocol.cohorts else None,
        groups=tuple(map(settler.group, protocol.groups)),
        populations=tuple(map(settler.population, protocol.populations)),
        endpoints=tuple(map(settler.endpoint, protocol.endpoints)),
        products=tuple(map(settler.product, protocol.products)),
    )


def _check_whole(reading: Reading, protocol: Protocol, root: Block) -> None:
    visits, forms, anchors = protocol.visits, protocol.forms, protocol.anchors
    reading.problems.extend(visit_problems(visits, protocol.cycles))
    reading.problems.extend(anchor_problems(protocol))
    reading.problems.extend(epoch_problems(protocol))
    reading.problems.extend(cycle_problems(visits, forms))
    reading.problems.extend(decided_day_problems(protocol))
    reading.problems.extend(
        analysis_problems(protocol.endpoints, protocol.allocation, visits, protocol.arms)
    )
    reading.problems.extend(hypothesis_problems(protocol.multiplicity, protocol.endpoints))
    reading.problems.extend(
        unused_problems(
            forms=forms,
            visits=visits,
            anchors=anchors,
            epochs=protocol.epochs,
            cycles=protocol.cycles,
            code_lists=protocol.code_lists,
            products=protocol.products,
            arms=protocol.arms,
        )
    )
    own_roles = root.get("roles")
    if own_roles is not None:
        reading.problems.extend(role_problems(protocol, own_roles.line))
    reading.problems.extend(step_problems(protocol))
    reading.problems.extend(before_problems(protocol))
    reading.problems.extend(kit_problems(protocol))
    reading.problems.extend(laboratory_problems(protocol))
    reading.problems.extend(monitoring_problems(protocol))
    reading.problems.extend(diary_problems(protocol))
    reading.problems.extend(product_problems(protocol))
    reading.problems.extend(kind_problems(protocol))
    reading.problems.extend(group_problems(protocol))
    reading.problems.extend(factor_problems(protocol))
    reading.problems.extend(form_problems(protocol.roles, forms))
    reading.problems.extend(allocation_problems(protocol))
    reading.problems.extend(arm_visit_problems(protocol))
    reading.problems.extend(later_problems(protocol))
    if protocol.demonstration and protocol.registered_as:
        node = root.get("registered_as")
        reading.problem(
            node.line if node else 1,
            "A demonstration is not registered, and this one claims a register's number",
            "Write `twin_of:` with the number of the trial it is modelled on.",
            "demonstration-number",
        )
    if protocol.training_of and not protocol.demonstration:
        node = root.get("training_of")
        reading.problem(
            node.line if node else 1,
            "A training copy has invented participants alone, and this file is no demonstration",
            "Write `demonstration: yes` too, or take `training_of` away.",
            "training-demonstration",
        )
    sources = root.get("sources")
    for entry in sources if isinstance(sources, Block) else ():
        if entry.key not in reading.used_sources:
            message = f"The source `{entry.key}` is used by nothing"
            way_out = "Name it in a `source:`, or take it away."
            reading.problem(entry.line, message, way_out, "unused-source")
