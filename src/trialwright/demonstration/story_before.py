"""A woman's way from the screening log to the treatment, or to where she stands before it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from trialwright.conduct.actions.steps import DONE, StepReport
from trialwright.conduct.models.steps import StepStatus
from trialwright.demonstration import care, sheets_course
from trialwright.demonstration.attached import report
from trialwright.demonstration.cohort import (
    PAUSE_AFTER,
    REVIEW_AFTER_DAYS,
    Fate,
    Woman,
    healing,
)
from trialwright.demonstration.life import Episode, Life
from trialwright.demonstration.narration import Narration, Thread
from trialwright.demonstration.sheets import Sheet
from trialwright.demonstration.sheets_body import FAILURES, Failure
from trialwright.demonstration.story_after import after_treatment
from trialwright.demonstration.team import Place

_NEVER_OPERATED = frozenset({Fate.FAILS, Fate.DECLINES, Fate.IN_BASELINE, Fate.LOGGED})
_THEATRE_EVERY = timedelta(minutes=80)
# Of so many, one has the laboratory's report attached; of each 34, one is treated too late.
_REPORTED_EACH = 4
_EACH, _TREATED_LATE = 34, 23
_LATE = timedelta(hours=4, minutes=20)


def story(tale: Narration, woman: Woman) -> Thread:
    """All of her story, as far as the present lets it come."""
    draw = woman.stream("before")
    screened = woman.consented - timedelta(days=draw.randrange(1, 6))
    if woman.fate is Fate.LOGGED:
        screened = min(screened, tale.until.date() - timedelta(days=2))
    yield tale.clock(screened, 9, draw.randrange(0, 55, 5))
    code = tale.team.next_code(woman.site)
    tale.team.screen(code, tale.now)
    scene = Episode(tale, Life(woman, code))
    yield tale.clock(woman.consented, 9, draw.randrange(0, 55, 5))
    if woman.fate is Fate.DECLINES:
        tale.team.fail_screening(code, "Declined to take part: too many visits", tale.now)
        return
    optional = {
        "pregnancy": draw.random() < 0.9 or woman.number < 10,
        "samples": draw.random() < 0.75,
        "contact": draw.random() < 0.85,
    }
    tale.team.consent(code, woman.language, optional, tale.now)
    failure = FAILURES[woman.reason % len(FAILURES)] if woman.fate is Fate.FAILS else None
    yield from _screening(scene, failure)
    if failure is None or failure.visit != "screening":
        yield from _baseline(scene)
        yield from _admission(scene, failure)
    if woman.fate not in _NEVER_OPERATED:
        yield from _theatre(scene)


def results_reviewed(tale: Narration, days: list[date]) -> Thread:
    """The board sees the first results and signs, which ends the pause.

    Args:
        days: of the operations, in order.
    """
    if len(days) > PAUSE_AFTER:
        seen_on = days[PAUSE_AFTER - 1] + timedelta(days=REVIEW_AFTER_DAYS)
        yield tale.clock(seen_on, 16)
        tale.team.review_results(tale.now)


def _screening(scene: Episode, failure: Failure | None) -> Thread:
    tale, life = scene.tale, scene.life
    draw = life.woman.stream("screening")
    on = life.woman.consented + timedelta(days=draw.randrange(0, 9))
    yield tale.clock(on, 11, draw.randrange(0, 55, 5))
    tale.team.see(life.code, "screening", on, "", tale.now)
    forms = list(tale.team.protocol.visit("screening").forms)
    wrong = {failure.form: failure} if failure and failure.visit == "screening" else {}
    places = _fill_but(scene, "screening", forms, wrong)
    if "chemistry" not in wrong and life.woman.number % _REPORTED_EACH == 1:
        _report(scene, on)
    tale.begin(care.signed(scene, places))
    if wrong:
        yield from _fails(scene, next(iter(wrong.values())))


def _report(scene: Episode, on: date) -> None:
    """The laboratory's report is attached to the form that was filled in from it."""
    tale, life = scene.tale, scene.life
    if life.woman.brief:
        return
    sheet, form = care.FORMS["chemistry"](life.sitting("screening", on)), "chemistry"
    items = {item.key: item for item in tale.team.protocol.form(form).items}
    lines = [
        f"{items[key].label.en}: {text} {items[key].unit or ''}".encode("ascii", "replace").decode()
        for key, text in sheet.typed.items()
    ]
    at = min(tale.now + timedelta(hours=2), tale.until)
    content = report(f"Laboratory report, {life.code}", lines)
    tale.team.attach(life.place("screening", form), content, "report.pdf", "Laboratory report", at)


def _fill_but(
    scene: Episode, visit: str, forms: list[str], wrong: dict[str, Failure]
) -> list[Place]:
    """Fill the forms of a visit, one of them with what makes her fail."""
    life = scene.life
    sitting = life.sitting(visit, scene.tale.now.date())
    care.fill(scene, visit, sitting, [form for form in forms if form not in wrong])
    for form, failure in wrong.items():
        item, remark = failure.remark
        sheet = care.FORMS[form](sitting).but(**failure.typed)
        sheet = Sheet(sheet.typed, {**sheet.remarks, item: remark})
        care.keep(scene, life.place(visit, form), sheet)
    return [life.place(visit, form) for form in forms]


def _fails(scene: Episode, failure: Failure) -> Thread:
    tale, code = scene.tale, scene.life.code
    yield tale.clock(tale.now.date() + timedelta(days=3), 15)
    tale.team.assess(code, {failure.criterion: failure.why}, tale.now)
    tale.team.fail_screening(code, failure.why, tale.now)


def _baseline(scene: Episode) -> Thread:
    tale, life = scene.tale, scene.life
    for visit, first, last in (("baseline_cycle_1", 26, 38), ("baseline_cycle_2", 50, 63)):
        draw = life.woman.stream(visit)
        on = life.woman.consented + timedelta(days=draw.randrange(first, last))
        yield tale.clock(on, 10, draw.randrange(0, 55, 5))
        tale.team.see(life.code, visit, on, "", tale.now)
        forms = list(tale.team.protocol.visit(visit).forms)
        places = _fill_but(scene, visit, forms, {})
        tale.begin(care.signed(scene, places))


def _admission(scene: Episode, failure: Failure | None) -> Thread:
    """The day before the operation; the criteria are gone through in the afternoon."""
    tale, life = scene.tale, scene.life
    yield tale.clock(life.woman.operated - timedelta(days=1), 17)
    wrong = {failure.form: failure} if failure and failure.visit == "admission" else {}
    forms = ["beta_hcg", "vital_signs", "hysteroscopy"][: 2 if wrong else 3]
    places = _fill_but(scene, "admission", forms, wrong)
    tale.begin(care.signed(scene, places))
    if wrong:
        yield from _fails(scene, next(iter(wrong.values())))
    elif life.woman.fate not in _NEVER_OPERATED:
        yield tale.clock(tale.now.date(), 18, 30)
        tale.team.assess(life.code, {}, tale.now)


def _theatre(scene: Episode) -> Thread:
    """The day in theatre, its steps in order, each timed."""
    tale, life = scene.tale, scene.life
    woman, team, code = life.woman, tale.team, life.code
    if woman.fate is Fate.ASSESSED:
        return
    yield tale.clock(woman.operated, 8, 5)
    team.confirm(code, tale.now)
    if woman.fate is Fate.WAITING:
        return
    draw = woman.stream("theatre")
    began = tale.clock(woman.operated, 8, 30) + _THEATRE_EVERY * (woman.number % 5)
    yield min(began, tale.until) if woman.fate is Fate.TODAY else began
    team.randomise(code, tale.now)
    if woman.fate is Fate.TODAY:
        return
    yield began + timedelta(minutes=6)
    team.take(code, "receive", tale.now)
    if woman.fate is Fate.NOT_TREATED:
        yield began + timedelta(minutes=31)
        why = "The womb was perforated during the resection; nothing was placed"
        team.take(code, "place", tale.now, StepReport(StepStatus.NOT_DONE, reason=why))
        return
    resected = began + timedelta(minutes=draw.randrange(26, 49))
    yield resected - timedelta(minutes=4)
    team.take(code, "release", tale.now)
    yield resected
    team.take(code, "resect", tale.now)
    yield resected + timedelta(minutes=2)
    team.take(code, "tell", tale.now)
    yield from _treated(scene, began, resected)


def _treated(scene: Episode, began: datetime, resected: datetime) -> Iterator[datetime]:
    tale, life = scene.tale, scene.life
    woman, code = life.woman, life.code
    late = woman.number % _EACH == _TREATED_LATE and not woman.brief
    given = resected + (_LATE if late else timedelta(minutes=11))
    yield given
    in_part = woman.fate is Fate.IN_PART
    part = StepReport(StepStatus.PART, reason=sheets_course.STOPPED_EARLY)
    tale.team.take(code, "place", tale.now, part if in_part else DONE)
    arm = tale.team.arm_told(code)
    life.operated_at = given
    life.healed = healing(woman, arm) * (0.7 if in_part else 1)
    yield given + timedelta(hours=4, minutes=10)
    tale.team.see(code, "day_0", woman.operated, "", tale.now)
    care.fill(scene, "day_0", life.sitting("day_0", woman.operated), ["vital_signs"])
    sheets = {
        life.place("day_0", "procedure"): sheets_course.procedure(woman, began, resected),
        life.place("day_0", "administration"): sheets_course.administration(woman, arm, given),
    }
    for hour in (1, 2, 3, 4):
        reading = sheets_course.oximetry(woman, given + timedelta(hours=hour))
        sheets[life.place("day_0", "oximetry", hour)] = reading
    for place, sheet in sheets.items():
        if scene.fills_in("day_0", place[2]):
            care.keep(scene, place, sheet)
    tale.begin(care.signed(scene, [life.place("day_0", "vital_signs"), *sheets]))
    after_treatment(scene)
