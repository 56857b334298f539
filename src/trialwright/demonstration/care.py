"""The care of data: forms filled in, slips, queries asked, answered and closed, signatures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from trialwright.demonstration import sheets_body, sheets_course, sheets_womb
from trialwright.demonstration.cohort import Fate
from trialwright.demonstration.life import Episode
from trialwright.demonstration.narration import Thread
from trialwright.demonstration.sheets import Sheet, Sitting
from trialwright.demonstration.team import Place
from trialwright.protocol.model import Protocol
from trialwright.protocol.requirements import Requirement

FORMS: Mapping[str, Callable[[Sitting], Sheet]] = {
    "demographics": sheets_body.demographics,
    "history": sheets_body.history,
    "vital_signs": sheets_body.vital_signs,
    "blood_count": sheets_body.blood_count,
    "chemistry": sheets_body.chemistry,
    "virology": sheets_body.virology,
    "immunology": sheets_body.immunology,
    "beta_hcg": sheets_body.beta_hcg,
    "contact": sheets_body.contact,
    "menses": sheets_womb.menses,
    "pbac": sheets_womb.pbac,
    "ultrasound": sheets_womb.ultrasound,
    "hysteroscopy": sheets_womb.hysteroscopy,
    "second_look": sheets_womb.second_look,
    "balloon": sheets_course.balloon,
    "pregnancy_follow_up": sheets_course.pregnancy_follow_up,
}
_SLIP_RATE, _QUERY_RATE = 0.04, 0.03


@dataclass(frozen=True, slots=True)
class Slip:
    """An item in which two digits are easily exchanged, and what the monitor asks about it."""

    item: str
    low: float
    high: float
    question: str
    why: str


SLIPS = {
    "demographics": Slip(
        "weight", 42, 98, "The source says another weight. Which is right?",
        "Digits exchanged when copied from the source",
    ),
    "vital_signs": Slip(
        "temperature", 35.6, 37.9, "The ward's chart has another temperature. Which is right?",
        "Digits exchanged when copied from the ward's chart",
    ),
    "blood_count": Slip(
        "haemoglobin", 80, 198, "This is far from the value before. Does the report say so?",
        "Digits exchanged when copied from the laboratory's report",
    ),
    "ultrasound": Slip(
        "thickness", 2.1, 15.9, "The picture shows another thickness. Which is right?",
        "Digits exchanged when copied from the scan",
    ),
}  # fmt: skip
_QUESTIONS = {
    "menses": ("days", "Does the diary count the day of spotting too?",
               "Checked with the diary: without the spotting, as entered"),
    "chemistry": ("creatinine", "Was this sample taken fasting, as the ones before?",
                  "Yes, fasting, as before"),
    "vital_signs": ("pulse", "Was the pulse counted after five minutes of rest?",
                    "Yes, after five minutes"),
    "ultrasound": ("uterus_length", "Measured with the cervix or without?", "Without, as before"),
    "second_look": ("extent", "The video ends before the left ostium. Was it seen?",
                    "Seen in the second part of the video; the score stands"),
}  # fmt: skip


def fill(scene: Episode, visit: str, sitting: Sitting, forms: list[str]) -> None:
    """Save forms of a visit now, one after another, and let their care begin."""
    at = scene.tale.now
    for form in filter(partial(scene.fills_in, visit), forms):
        at = min(at + timedelta(minutes=7), scene.tale.until)
        sheet = FORMS[form](sitting)
        keep(scene, scene.life.place(visit, form), sheet, at)


def keep(scene: Episode, place: Place, sheet: Sheet, at: datetime | None = None) -> None:
    """Save one form now, with or without a slip, and let its care begin."""
    tale, life = scene.tale, scene.life
    at = at or tale.now
    _code, visit, form, repeat = place
    draw = life.woman.stream(visit, form, repeat, "care")
    chance = draw.random()
    slip, wrong = None if life.woman.brief else SLIPS.get(form), None
    if slip and chance < _SLIP_RATE:
        wrong = exchanged(str(sheet.typed[slip.item]), slip)
    if life.woman.fate is Fate.INCOMPLETE and (visit, form) == ("month_1", "chemistry"):
        life.incomplete.add(place)
        sheet = sheet.without("inr")
    tale.team.save(place, sheet.but(**{slip.item: wrong}) if slip and wrong else sheet, at)
    if slip and wrong:
        tale.begin(_corrected(scene, place, slip, sheet))
    elif chance > 1 - _QUERY_RATE and not life.woman.brief and _can_be_asked(form, sheet):
        tale.begin(_asked(scene, place))
    if sheet.remarks:
        tale.begin(_closed(scene, place))


def _can_be_asked(form: str, sheet: Sheet) -> bool:
    return form in _QUESTIONS and _QUESTIONS[form][0] in sheet.typed


def exchanged(text: str, slip: Slip) -> str | None:
    """The text with two neighbouring digits exchanged, if it stays within what can be.

    >>> exchanged("127", SLIPS["blood_count"]), exchanged("36.7", SLIPS["vital_signs"])
    ('172', '37.6')
    """
    digits = text.replace(".", "")
    swapped = digits[:-2] + digits[-1] + digits[-2]
    point = text.find(".")
    wrong = swapped if point < 0 else f"{swapped[:point]}.{swapped[point:]}"
    return wrong if wrong != text and slip.low <= float(wrong) <= slip.high else None


def signed(scene: Episode, places: list[Place]) -> Thread:
    """The investigator signs what a visit brought, some days later, unless she leaves it."""
    tale, life = scene.tale, scene.life
    visit = places[0][1]
    if life.woman.brief:
        places = [place for place in places if _must_be_signed(tale.team.protocol, place)]
    if not places or (life.woman.fate is Fate.UNSIGNED and visit == "month_2"):
        return
    days = life.woman.stream(visit, "signed").randrange(2, 9)
    yield tale.clock(tale.now.date() + timedelta(days=days), 16, 30)
    for place in places:
        if place not in life.incomplete:
            tale.team.sign(place, tale.now)


def _must_be_signed(protocol: Protocol, place: Place) -> bool:
    """Whether the protocol wants this form signed before something is done."""
    wanted = str(Requirement(place[1], place[2], signed=True))
    return any(
        wanted == str(each) for before in protocol.before for each in (*before.refuse, *before.warn)
    )


def _corrected(scene: Episode, place: Place, slip: Slip, right: Sheet) -> Thread:
    """A slip is asked about, put right with its reason, closed, and the form signed again."""
    tale = scene.tale
    draw = scene.life.woman.stream(*place[1:], "correction")
    yield _later(scene, draw.randrange(10, 17), 10)
    tale.team.ask(place, slip.item, slip.question, tale.now)
    yield _later(scene, draw.randrange(1, 6), 11)
    put_right = Sheet({slip.item: right.typed[slip.item]}, right.remarks)
    tale.team.save(place, put_right, tale.now, {slip.item: slip.why})
    tale.team.answer(place, "Put right", tale.now)
    yield _later(scene, draw.randrange(1, 6), 14)
    tale.team.close(place, tale.now)
    yield _later(scene, draw.randrange(3, 12), 16)
    if place not in scene.life.incomplete:
        tale.team.sign(place, tale.now)


def _asked(scene: Episode, place: Place) -> Thread:
    """A question that is answered, and the value stands."""
    tale = scene.tale
    draw = scene.life.woman.stream(*place[1:], "query")
    item, question, answer = _QUESTIONS[place[2]]
    yield _later(scene, draw.randrange(9, 18), 10)
    tale.team.ask(place, item, question, tale.now)
    yield _later(scene, draw.randrange(3, 15), 11)
    tale.team.answer(place, answer, tale.now)
    yield _later(scene, draw.randrange(1, 8), 14)
    tale.team.close(place, tale.now)


def _closed(scene: Episode, place: Place) -> Thread:
    """The data manager reads the remark to an unlikely value and closes the check's query."""
    draw = scene.life.woman.stream(*place[1:], "closed")
    yield _later(scene, draw.randrange(4, 20), 15)
    scene.tale.team.close(place, scene.tale.now)


def _later(scene: Episode, days: int, hour: int) -> datetime:
    return scene.tale.clock(scene.tale.now.date() + timedelta(days=days), hour)
