"""What comes after the treatment: visits in time, late or missed, bleeding, pregnancy, the end.

Each matter is a thread of its own, so that one doesn't wait for another.
"""

from datetime import date, datetime, timedelta

from trialwright.demonstration import care, sheets_course
from trialwright.demonstration.attached import report, scan
from trialwright.demonstration.cohort import Fate
from trialwright.demonstration.life import Episode
from trialwright.demonstration.narration import Thread
from trialwright.demonstration.sheets import Sheet, Sitting
from trialwright.demonstration.sheets_womb import SCORED_AFTER_DAYS
from trialwright.demonstration.story_events import events

# Visit → the first and last usual day after the operation, and the last of its window.
_VISITS = {
    "day_1": (1, 1, 1), "day_3": (2, 4, 4), "day_7": (6, 8, 8), "month_1": (33, 37, 37),
    "month_2": (61, 66, 67), "month_3": (85, 91, 97),
}  # fmt: skip
_LATE, _MISSED = "late", "missed"
# Of each 34 randomised in turn; beyond these, some by chance.
_IRREGULAR = {
    (4, "day_3"): _MISSED, (6, "month_2"): _MISSED, (9, "month_3"): _LATE, (13, "month_1"): _LATE,
    (20, "month_2"): _LATE,
}  # fmt: skip
_EACH = 34
_LATE_RATE, _MISSED_RATE = 0.03, 0.02
# Days before a visit on which its appointment is made.
_AGREED_BEFORE = 14
_CALLED_OFF = {(10, "month_3"), (27, "month_1")}
_PICTURED_EACH = 3
_WHY_LATE = (
    "Away for work; came as soon as she was back",
    "Had a cold in the week of the visit",
    "The clinic had no ultrasound that week",
)
_WHY_MISSED = (
    "Could not leave work; spoken to by telephone",
    "Snow: no trains that week",
    "In her parents' town for the holidays",
)


def after_treatment(scene: Episode) -> None:
    """Begin every thread of the time after her treatment."""
    tale, fate = scene.tale, scene.life.woman.fate
    for visit in _VISITS:
        tale.begin(_visit(scene, visit))
    if scene.fills_in("running", "concomitant"):
        tale.begin(_medication(scene))
    tale.begin(_hormones(scene))
    tale.begin(_first_bleed(scene))
    tale.begin(events(scene))
    threads = {
        Fate.WITHDRAWS: _withdraws,
        Fate.LOST: _is_lost,
        Fate.OPERATED_AGAIN: _operated_again,
        Fate.PREGNANT: _pregnant,
        Fate.MISCARRIES: _pregnant,
        Fate.JUST_PREGNANT: _pregnant,
    }
    if fate in threads:
        tale.begin(threads[fate](scene))


def _day(scene: Episode, days: int) -> date:
    return scene.life.operated_on + timedelta(days=days)


def _visit(scene: Episode, visit: str) -> Thread:
    tale, life = scene.tale, scene.life
    draw = life.woman.stream(visit)
    first, last, closes = _VISITS[visit]
    days, irregular = draw.randint(first, last), _irregular(scene, visit)
    if irregular == _MISSED:
        yield from _agreed(scene, visit, tale.clock(_day(scene, days), 9))
        yield tale.clock(_day(scene, closes + 1), 16)
        if life.stays():
            tale.team.miss(life.code, visit, draw.choice(_WHY_MISSED), tale.now)
        return
    if life.woman.fate is Fate.OVERDUE and visit == "month_2":
        yield from _agreed(scene, visit, tale.clock(_day(scene, days), 9))
        return
    first_day = days
    if irregular == _LATE:
        days = closes + draw.randint(2, 5)
    minute, why = draw.randrange(0, 55, 5), draw.choice(_WHY_LATE)
    comes = tale.clock(_day(scene, days), 9, minute)
    yield from _agreed(scene, visit, tale.clock(_day(scene, first_day), 9, minute))
    if irregular == _LATE:
        yield from _moved(scene, visit, _day(scene, first_day), comes, why)
    yield comes
    if life.stays():
        come(scene, visit, why)


def _agreed(scene: Episode, visit: str, comes: datetime) -> Thread:
    """Two weeks before a visit of the follow-up its day and time are agreed on; once in a while
    that is called off, and another time agreed on."""
    tale, life = scene.tale, scene.life
    if not visit.startswith("month") or life.woman.brief:
        return
    yield tale.clock(comes.date() - timedelta(days=_AGREED_BEFORE), 15, 10)
    if not life.stays():
        return
    if (life.woman.number % _EACH, visit) in _CALLED_OFF:
        tale.team.agree(life.code, visit, comes - timedelta(hours=1), tale.now)
        yield tale.clock(comes.date() - timedelta(days=4), 11)
        if not life.stays():
            return
        tale.team.call_off(life.code, visit, "The ultrasound is being repaired", tale.now)
    tale.team.agree(life.code, visit, comes, tale.now)


def _moved(scene: Episode, visit: str, agreed: date, comes: datetime, why: str) -> Thread:
    """What was agreed on is moved, on the day before."""
    tale, life = scene.tale, scene.life
    if not visit.startswith("month") or life.woman.brief:
        return
    yield tale.clock(agreed - timedelta(days=1), 10, 20)
    if life.stays():
        tale.team.agree(life.code, visit, comes, tale.now, why)


def _irregular(scene: Episode, visit: str) -> str | None:
    woman = scene.life.woman
    if not visit.startswith("month") and visit != "day_3":
        return None
    chance = woman.stream(visit, "irregular").random()
    by_chance = _LATE if chance < _LATE_RATE else _MISSED if chance > 1 - _MISSED_RATE else None
    return _IRREGULAR.get((woman.number % _EACH, visit), by_chance)


def come(scene: Episode, visit: str, why_outside: str = "") -> None:
    """She comes to a visit today: its forms are filled, the second look is scored later."""
    tale, life = scene.tale, scene.life
    on = tale.now.date()
    tale.team.see(life.code, visit, on, why_outside, tale.now)
    forms = [form for form in tale.team.protocol.visit(visit).forms if form != "second_look"]
    sitting = life.sitting(visit, on)
    care.fill(scene, visit, sitting, forms)
    if visit == "month_3" and not life.woman.brief and life.woman.number % _PICTURED_EACH == 0:
        _picture(scene, sitting)
    tale.begin(care.signed(scene, [life.place(visit, form) for form in forms]))
    if len(forms) < len(tale.team.protocol.visit(visit).forms) and scene.fills_in(
        visit, "second_look"
    ):
        tale.begin(_scored(scene, visit, on))


def _picture(scene: Episode, sitting: Sitting) -> None:
    """The scan as the form describes it is attached to the form."""
    tale, place = scene.tale, scene.life.place(sitting.visit, "ultrasound")
    typed = care.FORMS["ultrasound"](sitting).typed
    length, depth, thickness = (
        float(str(typed[item])) for item in ("uterus_length", "uterus_depth", "thickness")
    )
    picture = scan(sitting.draw("scan"), length=length, depth=depth, thickness=thickness)
    at = min(tale.now + timedelta(hours=1), tale.until)
    tale.team.attach(place, picture, "scan.png", "Ultrasound, midsagittal", at)


def _scored(scene: Episode, visit: str, on: date) -> Thread:
    tale, life = scene.tale, scene.life
    place = life.place(visit, "second_look")
    yield tale.clock(on + timedelta(days=SCORED_AFTER_DAYS), 13, 20)
    care.keep(scene, place, care.FORMS["second_look"](life.sitting(visit, on)))
    if not life.woman.brief:
        yield tale.clock(tale.now.date(), 13, 40)
        tale.team.sign(place, tale.now)


def _running(scene: Episode, form: str, sheet: Sheet) -> None:
    """Fill in a running record today; it is signed with the next."""
    if not scene.fills_in("running", form):
        return
    place = scene.life.place("running", form)
    care.keep(scene, place, sheet)
    scene.tale.begin(care.signed(scene, [place]))


def _medication(scene: Episode) -> Thread:
    """What she took after the operation, asked for a week later."""
    tale, life = scene.tale, scene.life
    operated = life.operated_on
    yield tale.clock(_day(scene, 8), 15)
    taken = [sheets_course.antibiotic(operated)]
    if life.woman.stream("pain").random() < 0.35:
        taken.append(sheets_course.pain_relief(operated))
    places = [life.place("running", "concomitant", repeat) for repeat in range(1, len(taken) + 1)]
    for place, sheet in zip(places, taken, strict=True):
        care.keep(scene, place, sheet)
    tale.begin(care.signed(scene, places))


def _hormones(scene: Episode) -> Thread:
    tale, life = scene.tale, scene.life
    ended = life.hormones_ended
    yield tale.clock(ended + timedelta(days=3), 14)
    if not life.stays():
        return
    _running(scene, "hormones", sheets_course.hormones(life.woman, life.hormones_began, ended))
    yield tale.clock(ended + timedelta(days=life.woman.stream("call").randrange(26, 33)), 14, 30)
    if not life.stays():
        return
    if life.woman.fate is Fate.LOST:
        tale.team.miss(
            life.code, "after_hormones", "Not reached by telephone, three attempts", tale.now
        )
    else:
        come(scene, "after_hormones")


def _first_bleed(scene: Episode) -> Thread:
    tale, life = scene.tale, scene.life
    draw = life.woman.stream("first_bleed")
    if life.woman.fate is Fate.LOST:
        return
    if not life.will_bleed:
        yield tale.clock(_day(scene, draw.randint(174, 184)), 10, 10)
    else:
        reported = life.first_bleed + timedelta(days=draw.randrange(0, 4))
        yield tale.clock(reported, 15)
        if not life.stays():
            return
        _running(scene, "bleed_report", sheets_course.bleed_report(reported, life.first_bleed))
        yield tale.clock(life.first_bleed + timedelta(days=draw.randrange(9, 14)), 10, 10)
    if life.stays():
        come(scene, "first_bleed")


def _withdraws(scene: Episode) -> Thread:
    tale, life = scene.tale, scene.life
    yield tale.clock(_day(scene, 48), 11, 40)
    life.left = True
    tale.team.withdraw(
        life.code, tale.now.date(), ("visits", "samples"), "Moving to another province", tale.now
    )


def _is_lost(scene: Episode) -> Thread:
    tale, life = scene.tale, scene.life
    yield tale.clock(_day(scene, 150), 11, 40)
    life.left = True
    why = "Five calls and a registered letter without an answer"
    letter = report("Registered letter, returned unopened", (life.code, f"{tale.now:%Y-%m-%d}"))
    about = "The registered letter that came back"
    tale.team.attach_letter(life.code, letter, about, tale.now)
    tale.team.lose(life.code, tale.now.date(), why, tale.now)


def _operated_again(scene: Episode) -> Thread:
    tale = scene.tale
    operated = _day(scene, 118)
    yield tale.clock(operated + timedelta(days=6), 15, 20)
    if scene.life.stays():
        _running(scene, "repeat_adhesiolysis", sheets_course.repeat_adhesiolysis(operated))


def _pregnant(scene: Episode) -> Thread:
    """A pregnancy after the first bleed: reported, then seen at 12 weeks or lost before."""
    tale, life = scene.tale, scene.life
    conceived = life.first_bleed + timedelta(days=16)
    yield tale.clock(conceived + timedelta(days=35), 15, 40)
    report = sheets_course.pregnancy_report(tale.now.date(), conceived)
    _running(scene, "pregnancy_report", report)
    if life.woman.fate is Fate.MISCARRIES:
        ended = conceived + timedelta(days=49)
        yield tale.clock(ended + timedelta(days=4), 15, 40)
        _running(scene, "pregnancy_outcome", sheets_course.miscarriage(ended))
        yield tale.clock(conceived + timedelta(days=85), 16)
        why = "The pregnancy had ended before"
        tale.team.miss(life.code, "pregnancy_12_weeks", why, tale.now)
    else:
        yield tale.clock(conceived + timedelta(days=71), 10, 50)
        come(scene, "pregnancy_12_weeks")
