"""The demonstration trial's own rules, from the objects that its protocol file makes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from trialwright.demonstration.protocol import FILE, demonstration
from trialwright.design import SelectionDesign, from_node
from trialwright.design.writing import section_text
from trialwright.report.designs import safety
from trialwright.report.designs.case import Case
from trialwright.report.designs.deciding import deciding
from trialwright.report.designs.selection import RATES, reaching, rules
from trialwright.report.document import Block
from trialwright.report.words import ReportWords
from trialwright.web.design.presenter import Shown, parts


@dataclass(frozen=True, slots=True)
class OwnRules:
    """A protocol's rule in words, its boundaries, how often they hold, and its hash."""

    identifier: str
    version: str
    words: str
    parts: tuple[Shown, ...]
    section: str
    sha256: str


@lru_cache(maxsize=2)
def demonstration_rules(language: str) -> OwnRules | None:
    """The demonstration's rules told in a language; None where its protocol has no such design."""
    protocol = demonstration()
    if protocol.design is None:
        return None
    design = from_node(protocol.design, FILE)
    if not isinstance(design, SelectionDesign):
        return None
    words = ReportWords(language)
    cases = [Case(words(key), rule) for key, rule in reaching(design).items()]
    results = [case.design.operating_characteristics(list(RATES)) for case in cases]
    tables: list[Block] = [
        safety.runs_table(rule, words, words(key)) for key, rule in rules(design).items()
    ]
    tables.append(safety.holding_table(cases, results, words))
    tables.extend(deciding(design, words))
    return OwnRules(
        protocol.identifier,
        protocol.version,
        design.describe().in_language(language),
        parts(tables),
        section_text(design),
        design.table().sha256,
    )
