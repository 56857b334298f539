"""Invented cuts of any size, for tests and benchmarks: a story for each participant, from a seed.

Only what the protocol says is used, so any protocol will do. Nothing here is how the program
makes cuts: those come from the ledger.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from trialwright.analysis.cut import (
    Assignment,
    Cut,
    Deviation,
    Head,
    ProtocolVersion,
    SealedPart,
    Site,
)
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.analysis.cut_entries import Entry, Query, Value, Visit
from trialwright.analysis.cut_participants import Ending, Exclusion, Participant, Step, Treatment
from trialwright.analysis.values import typed
from trialwright.protocol import model
from trialwright.protocol.forms import Form, Item, ItemType
from trialwright.protocol.terms import UNKNOWN
from trialwright.protocol.values import Missing, canonical
from trialwright.protocol.visits import Visit as PlannedVisit

BEGIN = date(2026, 1, 5)
SITES = (
    Site("C", "The Second Affiliated Hospital of Chongqing Medical University"),
    Site("W", "West China Second University Hospital · 华西第二医院"),
)
DECLINED = ("wants another treatment", "lives too far away", "")
ENDED = ("moved to another city", "time for visits", "")


@dataclass
class _Story:
    """What one participant's rows are made from."""

    code: str
    screened: date
    treated: date | None
    randomised: bool
    left: date | None
    chance: random.Random


def synthetic_cut(
    protocol: model.Protocol, participants: int = 34, *, screened: int | None = None, seed: int = 1
) -> tuple[Cut, SealedPart]:
    """A cut with so many randomised participants, about a quarter more screened, and its arms."""
    chance = random.Random(seed)
    people: list[Participant] = []
    visits: list[Visit] = []
    entries: list[Entry] = []
    hidden: list[Entry] = []
    days = max(270, participants // 10)
    until = BEGIN + timedelta(days=days + 70)
    total = screened or max(participants + participants // 4, 1 if participants else 0)
    for number in range(1, total + 1):
        randomised = number * participants // total > (number - 1) * participants // total
        person, story = _person(number, total, days, randomised, until, chance, protocol)
        people.append(person)
        for planned in protocol.visits:
            visit = _visit(story, planned, until)
            if visit is None:
                continue
            if not planned.any_time:
                visits.append(visit)
            if visit.status == "done":
                for form in planned.forms:
                    part, sealed = _entry(story, planned.key, protocol.form(form), protocol, visit)
                    entries += [part] if part else []
                    hidden += [sealed] if sealed else []
    cut = Cut(
        study=protocol.identifier,
        name="third look",
        demonstration=True,
        protocol=ProtocolVersion(protocol.identifier, protocol.version, protocol.sha256),
        open_head=Head(12 * len(entries), "9f2a" * 16),
        sealed_head=Head(3 * participants, "51cd" * 16),
        cut_at=f"{until}T09:30+08:00",
        began_on=str(BEGIN - timedelta(days=60)),
        sites=SITES,
        participants=tuple(people),
        visits=tuple(visits),
        entries=tuple(entries),
        queries=tuple(_queries(entries, until, chance)),
        deviations=tuple(_deviations(visits)),
    )
    arms = tuple(_assignments(people, protocol, chance))
    return cut, SealedPart(cut.study, cut.name, canonical_hash(cut), arms, tuple(hidden))


def _person(
    number: int,
    total: int,
    days: int,
    randomised: bool,
    until: date,
    chance: random.Random,
    protocol: model.Protocol,
) -> tuple[Participant, _Story]:
    code = f"{chance.choice('CW')}-{number:03}"
    site = code[0]
    screened = BEGIN + timedelta(days=days * (number - 1) // total + chance.randrange(4))
    steps = [Step("screened", str(screened))]
    if not randomised:
        exclusion = _exclusion(screened, until, chance, protocol)
        state = "screen failure" if exclusion else "screening"
        person = Participant(code, site, f"S-{number:04}", state, tuple(steps), exclusion)
        return person, _Story(code, screened, None, False, None, chance)
    given = screened + timedelta(days=12)
    at = [("consented", 2), ("eligible", 11), ("randomised", 12)]
    steps += [Step(name, str(screened + timedelta(days=n))) for name, n in at]
    story = _Story(code, screened, given, True, None, chance)
    treatment, endings = None, ()
    if given <= until:
        treatment = _treatment(given, chance)
        if treatment.status != "none":
            steps.append(Step("treated", str(given)))
        if chance.random() < 0.09:
            story.left = given + timedelta(days=chance.randrange(20, 120))
            if story.left < until:
                endings = (_ending(story.left, chance),)
    state = "withdrawn" if endings else "treated" if treatment else "randomised"
    return (
        Participant(code, site, f"S-{number:04}", state, tuple(steps), None, treatment, endings),
        story,
    )


def _exclusion(
    screened: date, until: date, chance: random.Random, protocol: model.Protocol
) -> Exclusion | None:
    on = screened + timedelta(days=9)
    if on > until:
        return None
    if chance.random() < 0.75:
        keys = [criterion.key for criterion in protocol.criteria]
        return Exclusion(
            "ineligible", str(on), tuple(chance.sample(keys[:6], chance.choice((1, 2))))
        )
    return Exclusion("declined", str(on), (), chance.choice(DECLINED))


def _treatment(given: date, chance: random.Random) -> Treatment:
    draw = chance.random()
    if draw < 0.04:
        return Treatment("none", str(given))
    if draw < 0.07:
        return Treatment("part", str(given))
    return Treatment("full", str(given))


def _ending(left: date, chance: random.Random) -> Ending:
    kind = chance.choice(("withdrawn", "withdrawn", "lost"))
    return Ending(kind, str(left), ("visits", "contact"), chance.choice(ENDED))


def _visit(story: _Story, planned: PlannedVisit, until: date) -> Visit | None:
    chance = story.chance
    if planned.any_time:
        if not story.randomised:
            return None
        return Visit(story.code, planned.key, "done", actual=str(until))
    if planned.screening:
        target = story.screened + timedelta(days=min(planned.day, 10))
    elif story.treated is not None and planned.anchor in (
        "treatment",
        "hormones_end",
        "first_bleed",
    ):
        shift = {"treatment": 0, "hormones_end": 84, "first_bleed": 110}[planned.anchor]
        target = story.treated + timedelta(days=planned.day + shift)
    else:
        return None
    opens = target - timedelta(days=planned.window_before_days)
    closes = target + timedelta(days=planned.window_after_days)
    window = (str(target), str(opens), str(closes))
    if story.left is not None and target > story.left:
        return Visit(story.code, planned.key, "cancelled", *window)
    actual = target + timedelta(days=chance.choice((0, 0, 0, 0, 1, -1, 2, 3)))
    if planned.day in (0, 1):
        actual = target
    if actual > until:
        return Visit(story.code, planned.key, "planned", *window)
    if planned.day > 1 and chance.random() < 0.05:
        return Visit(story.code, planned.key, "missed", *window)
    return Visit(story.code, planned.key, "done", *window, str(actual))


def _entry(
    story: _Story, visit: str, form: Form, protocol: model.Protocol, at: Visit
) -> tuple[Entry | None, Entry | None]:
    chance = story.chance
    if chance.random() < (0.85 if form.repeating else 0.03):
        return None, None
    values: dict[str, Value] = {}
    known: dict[str, object] = {}
    for item in form.items:
        value = _value(item, known, at, chance)
        if value is None:
            continue
        values[item.key] = value
        known[item.key] = typed(item, value.text) if value.text else Missing(value.missing or "")

    def part(unmasking: bool) -> Entry | None:
        sealed = {item.key for item in form.items if item.unmasking or form.unmasking}
        kept = tuple(v for v in values.values() if (v.item in sealed) is unmasking)
        signed = form.signed_by is not None and (story.chance.random() < 0.9)
        complete = "complete" if signed or story.chance.random() < 0.9 else "draft"
        entry = Entry(story.code, visit, form.key, 1, complete, signed, protocol.version, kept)
        return entry if kept else None

    return part(False), part(True)


def _value(item: Item, known: dict[str, object], at: Visit, chance: random.Random) -> Value | None:
    if item.show_when is not None and item.show_when.holds(known) is not True:  # type: ignore[arg-type]
        return None
    if item.expression is not None:
        result = item.expression.evaluate(known)  # type: ignore[arg-type]
        return None if result is UNKNOWN else Value(item.key, canonical(result))
    if item.missing_reasons and chance.random() < 0.02:
        return Value(item.key, None, chance.choice(item.missing_reasons))
    text = _text(item, at, chance)
    return Value(item.key, text) if text else None


def _text(item: Item, at: Visit, chance: random.Random) -> str:
    if item.code_list is not None:
        return chance.choice([code.code for code in item.code_list][:3])
    match item.type:
        case ItemType.YES_NO:
            return "yes" if chance.random() < 0.5 else "no"
        case ItemType.NUMBER | ItemType.INTEGER | ItemType.LAB:
            return _number(item, chance)
        case ItemType.DATE:
            return str(at.actual)[:10]
        case ItemType.PARTIAL_DATE:
            return str(at.actual)[: chance.choice((4, 7, 10))]
        case ItemType.TIME:
            return f"{chance.randrange(7, 18):02}:{chance.randrange(60):02}"
        case _:
            return chance.choice(("as planned", "口服", "none noted"))


def _number(item: Item, chance: random.Random) -> str:
    limits = [item.likely_minimum, item.normal_low, item.minimum, Decimal(0)]
    low = float(next(limit for limit in limits if limit is not None))
    limits = [item.likely_maximum, item.normal_high, item.maximum, Decimal(100)]
    high = float(next(limit for limit in limits if limit is not None))
    high = max(high, low + 1)
    mean = low + (high - low) * 0.4
    value = min(max(chance.gauss(mean, (high - low) / 6), low), high)
    if item.type is ItemType.INTEGER:
        return str(round(value))
    return f"{value:.{item.decimals if item.decimals is not None else 1}f}"


def _queries(entries: list[Entry], until: date, chance: random.Random) -> Iterator[Query]:
    for number, entry in enumerate(entries[::37], start=1):
        status = chance.choice(("open", "answered", "closed", "closed"))
        yield Query(
            number,
            entry.participant,
            entry.visit,
            entry.form,
            entry.repeat,
            entry.values[0].item,
            status,
            str(until - timedelta(days=number % 40)),
            str(until) if status == "closed" else None,
            "Outside the range seen in others; confirm against the source.",
        )


def _deviations(visits: list[Visit]) -> Iterator[Deviation]:
    for visit in visits:
        if visit.actual and visit.closes and visit.actual > visit.closes:
            text = f"{visit.visit} took place after its window"
            yield Deviation(visit.participant, visit.actual, "visit_window", text)


def _assignments(
    people: list[Participant], protocol: model.Protocol, chance: random.Random
) -> Iterator[Assignment]:
    block: list[str] = []
    for person in people:
        if person.at("randomised") is None:
            continue
        if not block:
            block = [arm.key for arm in protocol.arms] or ["all"]
            chance.shuffle(block)
        arm = block.pop()
        treated = person.treatment is not None and person.treatment.status != "none"
        yield Assignment(person.code, arm, arm if treated else None)
