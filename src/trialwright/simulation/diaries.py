"""Keeping a diary: a link is made and opened, entries are written in time, late, or not at all."""

from datetime import timedelta
from functools import partial

from django.conf import settings

from trialwright.accounts.policy import Act
from trialwright.conduct.actions.diaries import make_diary_link, open_diary, send_diary_entry
from trialwright.conduct.diary.diaries import code_of, diaries_in, diaries_of, participant_actor
from trialwright.conduct.models import DiaryLink
from trialwright.protocol.diaries import Slot
from trialwright.simulation import filling
from trialwright.simulation.person import SimulatedPerson
from trialwright.simulation.stage import Thread

_OFFLINE = 0.1
"""How often an entry waits on the phone for a day before there is a connection."""


def begin_diaries(person: SimulatedPerson) -> None:
    """Let a participant keep every diary of the protocol."""
    forms = diaries_in(person.protocol)
    opened = open_link(person) if forms else None
    for form in forms if opened else ():
        assert opened is not None  # noqa: S101 - so it was asked
        person.stage.begin(keep_diary(person, form.key, opened))


def open_link(person: SimulatedPerson) -> tuple[DiaryLink, str] | None:
    """Make the link of a participant and open it; None, and a count, where nobody may."""
    stage = person.stage
    people = stage.crew.able(Act.CONSENT, person.site)
    make = partial(make_diary_link, code=person.code, language=settings.LANGUAGE_CODE, at=stage.now)
    id = stage.act("make_diary_link", people, lambda by: make(by=by))
    if id is None:
        return None
    link = DiaryLink.objects.select_related("participant__study").get(pk=id)
    return link, open_diary(link=link, typed=code_of(id), at=stage.now)


def keep_diary(person: SimulatedPerson, form: str, opened: tuple[DiaryLink, str]) -> Thread:
    """Write the entries of one diary, once its day 0 has come."""
    stage = person.stage
    yield stage.in_days(1, 7)
    tried = 0
    while slots := _slots(person, form):
        ahead = [slot for slot in slots if slot.number > tried]
        if not ahead:
            return
        slot, tried = ahead[0], ahead[0].number
        random = person.stream("diary", form, slot.number)
        share = random.random()
        if share < stage.plan.missed_visits:
            continue
        late = share < stage.plan.missed_visits + stage.plan.late_visits and slot.late < slot.closes
        begin, end = (slot.late, slot.closes) if late else (slot.opens, slot.late)
        written = begin + (end - begin) * random.uniform(0.05, 0.9)
        if written < stage.now:
            if stage.now >= slot.closes:
                continue
            written = max(stage.now, slot.opens)
        yield written
        wait = timedelta(days=1) if random.random() < _OFFLINE else timedelta()
        if wait:
            yield written + wait
        _write(person, form, slot, opened, late_by=wait)


def _slots(person: SimulatedPerson, form: str) -> tuple[Slot, ...]:
    own = diaries_of(person.row, person.protocol)
    return next((each.slots for each in own if each.form.key == form), ())


def _write(
    person: SimulatedPerson,
    form: str,
    slot: Slot,
    opened: tuple[DiaryLink, str],
    *,
    late_by: timedelta,
) -> None:
    stage, (link, device) = person.stage, opened
    own = next(each for each in diaries_of(person.row, person.protocol) if each.form.key == form)
    place = (own.visit, form, slot.number)
    if place not in person.answers.answers:
        filling.answer(person, place, slot.day)
    typed = filling.as_typed(person, place).typed
    send = partial(
        send_diary_entry,
        link=link,
        device=device,
        form=form,
        number=slot.number,
        raw=typed,
        key=f"{person.number}-{slot.number}",
        written_at=stage.now - late_by,
        at=stage.now,
    )
    by = participant_actor(link, person.protocol)
    stage.act(f"write_diary {form}", [by], lambda _by: send())
