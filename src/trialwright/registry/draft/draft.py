"""From a registry record to a protocol file: the stated facts filled in, the rest named as missing.

What the record states is marked `stated`. A protocol needs more than a registration has (visits,
forms, how an outcome is measured), so the draft puts scaffolding there, marked `assumed`, and every
such place is in the list of what this registration does not tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from trialwright.protocol.yaml_nodes import CONTROL
from trialwright.registry.draft.gaps import Gap
from trialwright.registry.draft.outcomes import draft_outcomes
from trialwright.registry.draft.ratio import read_ratio
from trialwright.registry.draft.yaml_writing import Block, Written, YamlKeys, stated, yaml_lines
from trialwright.registry.record.codes import in_words
from trialwright.registry.record.parts import ArmGroup
from trialwright.registry.record.record import Record
from trialwright.registry.record.split_criteria import split_criteria
from trialwright.registry.record.summaries import codes_of_phases, updated
from trialwright.registry.record.values import Given

_PROTOCOL_FORMAT = 1
_MOST_CRITERIA = 120
_ARM_TYPES = {
    "EXPERIMENTAL": "experimental",
    "ACTIVE_COMPARATOR": "active_comparator",
    "PLACEBO_COMPARATOR": "placebo_comparator",
    "SHAM_COMPARATOR": "sham_comparator",
    "NO_INTERVENTION": "no_intervention",
}
_MASKED_ROLES = {
    "PARTICIPANT": "participant",
    "INVESTIGATOR": "investigator",
    "OUTCOMES_ASSESSOR": "outcome_assessor",
}
_ALL_ROLES = [
    "participant", "investigator", "operating_surgeon", "coordinator", "outcome_assessor",
    "product_handler", "laboratory_releaser", "monitor", "safety_board", "board_statistician",
    "trial_statistician", "safety_physician", "data_manager", "administrator",
]  # fmt: skip
_PRODUCTS = {"DRUG", "BIOLOGICAL", "DEVICE", "DIETARY_SUPPLEMENT", "COMBINATION_PRODUCT", "GENETIC"}


@dataclass(frozen=True, slots=True)
class DraftProtocol:
    """A drafted protocol: the file's text, and what the registration does not tell."""

    text: str
    gaps: tuple[Gap, ...]


def draft(record: Record, today: date) -> DraftProtocol:
    """Draft a protocol file from a registry record, dated `today`."""
    drafting = _Drafting(record)
    block = drafting.file(today)
    gaps = tuple(dict.fromkeys(drafting.gaps))
    head = [
        f"# A draft from the registration {record.number} ({record.register}).",
        f"# {record.address}",
        "# Stated facts are marked `stated`; all else is scaffolding, marked `assumed`.",
        "#",
        "# What this registration does not tell you:",
        *(f"#   - {_one_line(gap.words())}" for gap in gaps),
    ]
    return DraftProtocol("\n".join([*head, *yaml_lines(block)]) + "\n", gaps)


def _one_line(text: str) -> str:
    line = re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]+", " ", text)
    return CONTROL.sub("\ufffd", line)[:300]


class _Drafting:
    def __init__(self, record: Record) -> None:
        self.record = record
        self.gaps: list[Gap] = []

    def gap(self, name: str, about: str = "") -> None:
        self.gaps.append(Gap(name, " ".join(about.split())[:120]))

    def file(self, today: date) -> Block:
        record = self.record
        block: Block = {
            "protocol": _PROTOCOL_FORMAT,
            "identifier": f"{record.number.replace('/', '-')}-DRAFT",
            "version": "0.1",
            "date": today.isoformat(),
            "languages": ["en"],
            "origin": "assumed",
            "source": "scaffold",
        }
        title = record.official_title if record.official_title.value else record.title
        self._text(block, "title", title.value, "title")
        self._text(block, "synopsis", record.summary.value, "summary")
        if record.summary.given is Given.LEFT_OUT:
            self.gap("left out")
        phases = codes_of_phases(record.phases)
        numbers = "/".join(re.sub(r"\D", "", code) for code in phases if code != "NA")
        words = "Not applicable" if phases == ["NA"] else numbers
        self._text(block, "phase", words or None, "phase")
        self._text(block, "sponsor", record.sponsor.name.value, "sponsor")
        block["registered_as"] = stated(record.number)
        count = record.enrolment.count.value
        if count:
            block["participants"] = stated(count)
        else:
            self.gap("participants")
        when = updated(record).value
        as_of = f", as last updated on {when}" if when else ""
        block["sources"] = {
            "record": f"{record.register} record {record.number}{as_of}. {record.address}",
            "scaffold": "Put there by the draft so that the file is whole; confirmed by nobody.",
        }
        self._arms_and_products(block)
        self._masking(block)
        self.gap("consent")
        consent: Block = {"study": {"label": "Taking part in the study"}}
        block["consent"] = {"version": "0.1", "parts": consent}
        self._criteria(block)
        self._outcomes(block)
        for name in ("estimand", "analysis", "stopping"):
            self.gap(name)
        return block

    def _text(self, block: Block, key: str, text: str | None, gap: str) -> None:
        if text and text.strip():
            block[key] = stated(text)
        else:
            self.gap(gap)

    def _arms_and_products(self, block: Block) -> None:
        record, keys, names = self.record, YamlKeys(), YamlKeys()
        products: dict[str, Written] = {}
        key_of: dict[str, str] = {}
        for item in record.interventions:
            name = item.name.value
            if not name or item.type.value not in _PRODUCTS:
                continue
            key_of.setdefault(name, keys.key(name, "product"))
            if not item.description.value:
                self.gap("product description", name)
            products[key_of[name]] = {
                "label": name,
                "description": stated(item.description.value or name),
            }
        arms: dict[str, Written] = {}
        given: set[str] = set()
        for arm in record.arms:
            label = arm.label.value or f"Arm {arm.number}"
            parts = self._products_of(arm, key_of)
            given.update(parts)
            arms[names.key(label, "arm")] = self._arm(arm, label, parts)
        for name, key in key_of.items():
            if key not in given:
                self.gap("arm products", name)
                del products[key]
        if products:
            self.gap("release")
            block["products"] = products
        if arms:
            block["arms"] = arms
        else:
            self.gap("arms")
        self._allocation(block, list(arms))

    def _products_of(self, arm: ArmGroup, key_of: dict[str, str]) -> list[str]:
        """The products of an arm: as the record links them, else those its text names."""
        linked = [item.name.value or "" for item in self.record.interventions_of(arm)]
        found = [key_of[name] for name in linked if name in key_of]
        if not found:
            text = f"{arm.label.value or ''} {arm.description.value or ''}".casefold()
            found = [key for name, key in key_of.items() if name.casefold() in text]
        return list(dict.fromkeys(found))

    def _arm(self, arm: ArmGroup, label: str, products: list[str]) -> Block:
        kind = _ARM_TYPES.get(arm.type.value or "")
        if kind is None:
            self.gap("arm type", label)
        if not arm.description.value:
            self.gap("arm description", label)
        block: Block = {
            "label": label,
            "type": stated(kind) if kind else "experimental",
            "description": stated(arm.description.value or label),
        }
        if products:
            block["products"] = products
        return block

    def _allocation(self, block: Block, arms: list[str]) -> None:
        """The allocation of a randomised trial, its ratio stated where the words give it.

        A ratio of unequal shares doesn't say which arm has the larger one, so it is assumed in the
        order of the arms, as an equal one is where none is given; block sizes always are.
        """
        allocation = self.record.design.allocation
        if allocation.value != "RANDOMIZED":
            if not allocation and allocation.given is not Given.NOT_APPLICABLE:
                self.gap("allocation")
            return
        self.gap("block sizes")
        if len(arms) < 2:
            self.gap("ratio")
            return
        ratio = read_ratio(self._texts(), len(arms))
        equal = ratio is not None and len(set(ratio)) == 1
        if not equal:
            self.gap("ratio" if ratio is None else "ratio order")
        shares = dict(zip(arms, ratio or [1] * len(arms), strict=True))
        block["allocation"] = {
            "ratio": stated(shares) if equal else shares,
            "block_sizes": [str(times * sum(shares.values())) for times in (1, 2)],
        }

    def _texts(self) -> list[str]:
        """The texts in which a record may say how participants are allocated."""
        record = self.record
        texts = (record.official_title, record.summary, record.description)
        return [text.value for text in texts if text.value]

    def _masking(self, block: Block) -> None:
        design = self.record.design
        if design.masking.value == "NONE":
            block["blinding"] = {
                "origin": "stated",
                "source": "record",
                "unblinded": [*_ALL_ROLES],
            }
            return
        if not design.masking:
            self.gap("masking")
            return
        named = [who.value or "" for who in design.who_masked]
        roles = [_MASKED_ROLES[who] for who in named if who in _MASKED_ROLES]
        words = f"Registered as {in_words('masking', design.masking.value or '').lower()}."
        blinding: Block = {"note": words}
        if roles:
            blinding["blinded"] = {"value": roles, "origin": "stated", "source": "record"}
        block["blinding"] = blinding
        if not named:
            self.gap("who is masked")
        if "CARE_PROVIDER" in named:
            self.gap("care provider")

    def _criteria(self, block: Block) -> None:
        about = self.record.eligibility
        inclusion: list[str] = []
        if about.minimum_age.value or about.maximum_age.value:
            low, high = (str(v.raw) for v in (about.minimum_age, about.maximum_age))
            inclusion.append(
                f"Age from {low} to {high}" if about.minimum_age and about.maximum_age
                else f"Age {low} or more" if about.minimum_age else f"Age {high} or less"
            )  # fmt: skip
        if not about.minimum_age:
            self.gap("age")
        if about.sex.value:
            inclusion.append(f"Sex: {in_words('sex', about.sex.value).lower()}")
        else:
            self.gap("sex")
        found = split_criteria(about.criteria.value or "")
        if not about.criteria.value:
            self.gap("criteria")
        elif not found.headed:
            self.gap("headings")
        elif not found.exclusion:
            self.gap("exclusion")
        lists = {"inclusion": [*inclusion, *found.inclusion], "exclusion": [*found.exclusion]}
        criteria: Block = {"origin": "stated", "source": "record"}
        for kind, texts in lists.items():
            if texts:
                criteria[kind] = {
                    f"{kind}_{number}": {"text": text}
                    for number, text in enumerate(texts[:_MOST_CRITERIA], start=1)
                }
        if "inclusion" in criteria:
            block["criteria"] = criteria

    def _outcomes(self, block: Block) -> None:
        outcomes = [item for item in self.record.outcomes if item.measure.value]
        self.gap("visits")
        if not outcomes:
            self.gap("outcomes")
            return
        if not any(outcome.role == "primary" for outcome in outcomes):
            self.gap("primary outcome")
        block |= draft_outcomes(outcomes, "allocation" in block, self.gap)
