"""From a registry record to a protocol file: the stated facts filled in, the rest named as missing.

What the record states is marked `stated`. A protocol needs more than a registration has (visits,
forms, how an outcome is measured), so the draft puts scaffolding there, marked `assumed`, and every
such place is in the list of what this registration does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from trialwright.registry.codes import in_words
from trialwright.registry.drafting import Keys, Written, yaml_lines
from trialwright.registry.eligibility import parted
from trialwright.registry.gaps import Gap
from trialwright.registry.index import codes_of_phases, updated
from trialwright.registry.parts import Arm, Outcome
from trialwright.registry.record import Record
from trialwright.registry.values import Given

_PROTOCOL_FORMAT = 1
_MOST_OUTCOMES = 60
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
_DAYS = {"minute": 0, "hour": 0, "day": 1, "week": 7, "month": 30, "year": 365}
Block = dict[str, Written]


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted protocol: the file's text, and what the registration does not tell."""

    text: str
    gaps: tuple[Gap, ...]


def draft(record: Record, today: date) -> Draft:
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
    return Draft("\n".join([*head, *yaml_lines(block)]) + "\n", gaps)


def _one_line(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]+", " ", text)[:300]


def stated(value: Written) -> Block:
    """A fact that the record states."""
    return {"value": value, "origin": "stated", "source": "record"}


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
        record, keys, names = self.record, Keys(), Keys()
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
        self._allocation()

    def _products_of(self, arm: Arm, key_of: dict[str, str]) -> list[str]:
        """The products of an arm: as the record links them, else those its text names."""
        linked = [item.name.value or "" for item in self.record.interventions_of(arm)]
        found = [key_of[name] for name in linked if name in key_of]
        if not found:
            text = f"{arm.label.value or ''} {arm.description.value or ''}".casefold()
            found = [key for name, key in key_of.items() if name.casefold() in text]
        return list(dict.fromkeys(found))

    def _arm(self, arm: Arm, label: str, products: list[str]) -> Block:
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

    def _allocation(self) -> None:
        allocation = self.record.design.allocation
        if allocation.value == "RANDOMIZED":
            self.gap("ratio")
        elif not allocation and allocation.given is not Given.NOT_APPLICABLE:
            self.gap("allocation")

    def _masking(self, block: Block) -> None:
        design = self.record.design
        if design.masking.value == "NONE":
            block["masking"] = {"origin": "stated", "source": "record", "unmasked": [*_ALL_ROLES]}
            return
        if not design.masking:
            self.gap("masking")
            return
        named = [who.value or "" for who in design.who_masked]
        roles = [_MASKED_ROLES[who] for who in named if who in _MASKED_ROLES]
        words = f"Registered as {in_words('masking', design.masking.value or '').lower()}."
        masking: Block = {"note": words}
        if roles:
            masking["masked"] = {"value": roles, "origin": "stated", "source": "record"}
        block["masking"] = masking
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
        found = parted(about.criteria.value or "")
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
        """The outcomes as endpoints, each an item of a form at a visit of its day."""
        outcomes = [item for item in self.record.outcomes if item.measure.value]
        self.gap("visits")
        if not outcomes:
            self.gap("outcomes")
            return
        self.gap("instrument")
        if not any(outcome.role == "primary" for outcome in outcomes):
            self.gap("primary outcome")
        days = [self._day(outcome) for outcome in outcomes[:_MOST_OUTCOMES]]
        items_at: dict[str, Block] = {}
        endpoints: Block = {}
        numbers = {"primary": 0, "secondary": 0, "other": 0}
        for day, outcome in zip(days, outcomes, strict=False):
            numbers[outcome.role] += 1
            key = f"{outcome.role}_{numbers[outcome.role]}"
            visit = "time_not_stated" if day is None else f"day_{day}"
            items = items_at.setdefault(visit, {})
            items[key] = {"label": outcome.measure.or_else(""), "type": "text"}
            endpoints[key] = self._endpoint(outcome, visit, f"{visit}.outcomes_{visit}.{key}")
        treated = self.record.design.allocation.value != "RANDOMIZED"
        who = "treated" if treated else "randomised"
        block["populations"] = {
            who: {
                "label": who.capitalize(),
                "definition": f"All {who} participants.",
                "who": f"participant.{who}",
            }
        }
        if any(day is not None for day in days):
            block["anchors"] = {"treatment": {"label": "Treatment", "step": "treatment"}}
        block["visits"] = _visits(days)
        block["forms"] = {f"outcomes_{visit}": _form(items) for visit, items in items_at.items()}
        block["endpoints"] = endpoints

    def _day(self, outcome: Outcome) -> int | None:
        frame, measure = outcome.time_frame.value, outcome.measure.or_else("")
        if not frame:
            self.gap("time frame", measure)
            return None
        day = day_of(frame)
        if day is None:
            self.gap("time frame words", measure)
        return day

    def _endpoint(self, outcome: Outcome, visit: str, item: str) -> Block:
        frame = outcome.time_frame.value
        words = outcome.description.value or outcome.measure.or_else("")
        randomised = self.record.design.allocation.value == "RANDOMIZED"
        kind = outcome.role if outcome.role != "other" else "exploratory"
        return {
            "label": outcome.measure.or_else(""),
            "kind": stated(kind),
            "population": "randomised" if randomised else "treated",
            "treatments": "Not stated in the registration: which arms are compared.",
            "variable": item,
            "definition": stated(f"{words} Time frame: {frame}." if frame else words),
            "at": visit,
            "intercurrent_events": {
                "not_stated": {
                    "label": "Not stated in the registration",
                    "strategy": "treatment_policy",
                }
            },
            "summary": "Not stated in the registration.",
        }


def _form(items: Block) -> Block:
    measures: Block = {"label": "As registered", "items": items}
    return {"label": "Outcomes", "sections": {"measures": measures}}


def _visits(days: Iterable[int | None]) -> Block:
    visits: Block = {}
    known = {day for day in days if day is not None}
    for day in sorted(known):
        visits[f"day_{day}"] = {
            "label": f"Day {day}",
            "anchor": "treatment",
            "day": day,
            "forms": [f"outcomes_day_{day}"],
        }
    if None in set(days):
        visits["time_not_stated"] = {
            "label": "At a time that the registration doesn't state",
            "forms": ["outcomes_time_not_stated"],
        }
    return visits


_UNIT = r"(minute|min|hour|hr|h|day|d|week|wk|w|month|mo|m|year|yr|y)s?"
_SHORT = {"min": "minute", "hr": "hour", "h": "hour", "d": "day", "wk": "week", "w": "week",
          "mo": "month", "m": "month", "yr": "year", "y": "year"}  # fmt: skip
_NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_LONGEST_DAYS = 36_500


def day_of(frame: str) -> int | None:
    """Return the last day that a time frame names, counted from treatment; None for none.

    >>> day_of("Baseline, week 12 and 6 months"), day_of("Day 1 to Day 28"), day_of("at delivery")
    (180, 28, None)
    """
    text = frame.lower().replace("-", " ")
    for word, digit in _NUMBER_WORDS.items():
        text = re.sub(rf"\b{word}\b", digit, text)
    found = [
        *((number, unit) for number, unit in re.findall(rf"(\d+(?:\.\d+)?) ?{_UNIT}\b", text)),
        *((number, unit) for unit, number in re.findall(rf"\b{_UNIT} ?(\d+(?:\.\d+)?)\b", text)),
    ]
    days = [float(n[:6]) * _DAYS[_SHORT.get(unit, unit)] for n, unit in found]
    if not days:
        return None
    return int(min(max(days), _LONGEST_DAYS))
