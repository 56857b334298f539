"""A participant's diary: link, code and browser; entries once, in time, late, closed; reminders."""

from collections.abc import Callable
from datetime import timedelta
from email.message import Message
from pathlib import Path

import pytest

from tests.integration.conduct.diary_trial import FILE, Diaries
from tests.integration.conduct.refusing import stored
from tests.integration.pages.test_reminders import folder, mails
from trialwright.conduct.actions import diaries, identifying, participation, querying, visiting
from trialwright.conduct.actions.entering import save_entry
from trialwright.conduct.cut.diaries import diary_marks
from trialwright.conduct.diary.diaries import GUESSED, code_of, link_of, token_of
from trialwright.conduct.diary.standing import SlotStatus
from trialwright.conduct.identity.identities import Known
from trialwright.conduct.models import DiaryEntry, DiaryLink, Entry, Query, Value
from trialwright.conduct.reads.diaries import diaries_told
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.safety import reminding
from trialwright.ledger.models import LedgerRow

pytestmark = pytest.mark.django_db
__all__ = ["folder"]


def refused(act: Callable[[], object], words: str) -> None:
    before = stored()
    with pytest.raises(ActionRefused, match=words):
        act()
    assert stored() == before


def test_an_entry_goes_through_the_actions_into_the_ledger_as_the_participant_s() -> None:
    diary = Diaries()
    assert diary.send(1, diary.at(1, 21)) is False
    entry = Entry.objects.get(form="bleeding")
    assert (entry.visit, entry.repeat, entry.status) == ("diary", 1, "complete")
    values = dict(Value.objects.filter(entry=entry).values_list("item", "text"))
    assert values == {"bled": "yes", "pads": "3"}
    kept = DiaryEntry.objects.get(entry=entry)
    assert kept.received_at == kept.written_at == diary.at(1, 21) and not kept.late
    told = LedgerRow.objects.filter(action="write_diary")
    assert {each.role for each in told} == {"participant"}
    assert {each.by for each in told} == {str(diary.link.participant_id)}


def test_sent_twice_is_there_once_and_another_one_is_refused() -> None:
    diary = Diaries()
    diary.send(1, diary.at(1, 21), key="phone-1")
    before = stored()
    assert diary.send(1, diary.at(1, 22), key="phone-1") is True
    assert stored() == before
    refused(
        lambda: diary.send(1, diary.at(1, 22), key="phone-2", raw={"pads": "9"}),
        "has been received already, and stays",
    )


def test_late_is_judged_by_when_it_was_written_not_by_when_it_came() -> None:
    diary = Diaries()
    offline = diary.at(2, 9)
    diary.send(1, diary.at(6, 9), key="a", written_at=offline)
    kept = DiaryEntry.objects.get()
    assert (kept.written_at, kept.received_at, kept.late) == (offline, diary.at(6, 9), False)
    diary.send(2, diary.at(4, 9), key="b")
    assert DiaryEntry.objects.get(key="b").late
    # A phone whose clock is ahead wrote it no later than it came.
    diary.send(3, diary.at(3, 21), key="c", written_at=diary.at(5, 21))
    assert DiaryEntry.objects.get(key="c").written_at == diary.at(3, 21)


def test_outside_its_time_it_is_refused_with_a_sentence() -> None:
    diary = Diaries()
    refused(lambda: diary.send(1, diary.at(1, 19)), "can be written from that time on")
    refused(lambda: diary.send(1, diary.at(3, 20)), "closed.*tell the staff of your study site")
    refused(lambda: diary.send(1, diary.at(4, 9), written_at=diary.at(3, 21)), "its time is over")
    with pytest.raises(NotFound):
        diary.send(6, diary.at(6, 21))
    with pytest.raises(NotFound):
        diary.send(1, diary.at(1, 21), form="score")


def test_a_blank_and_an_impossible_answer_are_refused_an_unlikely_one_is_asked_about() -> None:
    diary = Diaries()
    refused(lambda: diary.send(1, diary.at(1, 21), raw={"pads": ""}), "Answer this question")
    refused(lambda: diary.send(1, diary.at(1, 21), raw={"bled": "no"}), "did not bleed")
    refused(lambda: diary.send(1, diary.at(1, 21), raw={"pads": "99"}), "40")
    diary.send(1, diary.at(1, 21), raw={"pads": "25"})
    query = Query.objects.get()
    assert query.status == "answered"
    assert query.answer == "Written by the participant in the diary"


def test_the_link_opens_once_with_its_code_in_one_browser() -> None:
    diary = Diaries(opened=False)
    assert link_of(token_of(diary.id)) == diary.link
    assert link_of(token_of(diary.id)[:-1] + "_") is None
    diary.device = diary.open(f" {code_of(diary.id)[:4]}-{code_of(diary.id)[4:]} ")
    refused(diary.open, "in use on another phone")
    diary.send(1, diary.at(1, 21))
    refused(lambda: diary.send(2, diary.at(2, 21), device="another", key="z"), "on another phone")


def test_ten_wrong_codes_end_the_link() -> None:
    diary = Diaries(opened=False)
    wrong = "0" * 8 if code_of(diary.id) != "0" * 8 else "1" * 8
    for left in range(9, 0, -1):
        with pytest.raises(ActionRefused, match=f"after {left} more wrong codes"):
            diary.open(wrong)
    with pytest.raises(ActionRefused, match="ten times, so this link is ended"):
        diary.open(wrong)
    refused(diary.open, "has been ended")
    assert diary.link.end_reason == GUESSED


def test_a_link_expires_is_ended_and_is_replaced_by_another() -> None:
    diary = Diaries(opened=False)
    before = diary.trial.now
    diary.trial.later(days=14)
    refused(diary.open, "has expired")
    diary.trial.now = before
    diary.device = diary.open()
    coordinator = diary.by("coordinator")
    refused(
        lambda: diaries.end_diary_link(by=coordinator, code=diary.code, reason=" ", at=before),
        "Say why",
    )
    diaries.end_diary_link(by=coordinator, code=diary.code, reason="Phone lost", at=before)
    refused(lambda: diary.send(1, diary.at(1, 21)), "has been ended.*stays on it")
    refused(
        lambda: diaries.end_diary_link(by=coordinator, code=diary.code, reason="x", at=before),
        "no link that could be ended",
    )
    old, diary.id = diary.id, diary.invite()
    diary.device = diary.open()
    diary.send(1, diary.at(1, 21))
    assert DiaryLink.objects.get(pk=old).number == 1 and diary.link.number == 2


def test_only_who_records_consent_gives_a_link_and_nobody_else_writes() -> None:
    diary = Diaries()
    for name in ("pharmacist", "nurse", "statistician"):
        with pytest.raises(NotFound):
            diaries.make_diary_link(
                by=diary.by(name), code=diary.code, language="en", at=diary.trial.now
            )
    with pytest.raises(NotFound):
        save_entry(
            by=diary.by("coordinator"), code=diary.code, visit="diary", form="bleeding",
            raw={"bled": "yes", "pads": "1"}, based_on=0, at=diary.at(1, 21),
        )  # fmt: skip
    screened = diary.trial.consented()
    with pytest.raises(ActionRefused, match="no link"):
        diaries.end_diary_link(
            by=diary.by("coordinator"), code=screened, reason="x", at=diary.trial.now
        )


def test_who_has_left_writes_of_no_later_day() -> None:
    diary = Diaries()
    participation.withdraw(
        by=diary.by("investigator"), code=diary.code, on=diary.at(2, 9).date(),
        stops=["treatment", "visits"], reason="Moved away", at=diary.at(2, 9),
    )  # fmt: skip
    diary.send(1, diary.at(3, 9), key="before", written_at=diary.at(1, 22))
    refused(lambda: diary.send(2, diary.at(3, 9), key="after"), "Your part in the study has ended")


def test_the_site_sees_what_came_and_what_is_missing_and_asks() -> None:
    diary = Diaries()
    diary.send(1, diary.at(1, 21), key="a")
    told = diaries_told(diary.by("pharmacist"), diary.code)
    assert told.links[0].id is None and not told.gives
    assert diaries_told(diary.by("coordinator"), diary.code).links[0].id == diary.id
    [own] = told.diaries
    # The trial lies in the past: what never came is missed.
    assert [line.status for line in own.lines] == [SlotStatus.SENT, *[SlotStatus.MISSED] * 4]
    querying.raise_query(
        by=diary.by("monitor"), code=diary.code, visit="diary", form="bleeding",
        item="pads", text="Three on that day?", at=diary.at(2, 9),
    )  # fmt: skip
    assert Query.objects.get().text == "Three on that day?"


def test_the_cut_has_each_entry_that_could_be_written_and_how_it_came() -> None:
    diary = Diaries()
    diary.send(1, diary.at(1, 21), key="a")
    diary.send(2, diary.at(3, 12), key="b", written_at=diary.at(3, 11))
    row, protocol, now = diary.link.participant, diary.trial.protocol, diary.at(5, 20)
    before = diary_marks([row], protocol, now - timedelta(minutes=1))
    came = [(1, "on_time"), (2, "late")]
    assert [(each.repeat, each.status) for each in before] == [*came, (3, "open"), (4, "open")]
    # At this very minute the third closes and the fifth opens.
    marks = list(diary_marks([row], protocol, now))
    assert [(each.repeat, each.status) for each in marks] == [
        *came, (3, "missed"), (4, "open"), (5, "open"),
    ]  # fmt: skip
    assert (marks[1].due_at, marks[1].written_at, marks[1].received_at) == (
        "2023-03-08T20:00+08:00", "2023-03-09T11:00+08:00", "2023-03-09T12:00+08:00",
    )  # fmt: skip
    assert (marks[2].written_at, marks[2].received_at) == ("", "")


def test_nothing_is_missed_without_a_link_or_after_the_end() -> None:
    diary = Diaries()
    other = diary.trial.eligible()
    visiting.record_visit(
        by=diary.by("coordinator"), code=other, visit="first", on=diary.trial.now.date(),
        at=diary.trial.now,
    )  # fmt: skip
    participation.withdraw(
        by=diary.by("investigator"), code=diary.code, on=diary.at(2, 9).date(),
        stops=["treatment", "visits"], reason="Moved away", at=diary.at(2, 9),
    )  # fmt: skip
    rows = [diary.trial.row(code) for code in (diary.code, other)]
    marks = list(diary_marks(rows, diary.trial.protocol, diary.at(30, 0)))
    assert [(each.participant, each.repeat, each.status) for each in marks] == [
        (diary.code, 1, "missed"), (diary.code, 2, "missed"),
    ]  # fmt: skip
    told = diaries_told(diary.by("coordinator"), diary.code).diaries[0]
    assert [each.status for each in told.lines[2:]] == [SlotStatus.ENDED] * 3


def told_mail(folder: Path) -> tuple[Message, str]:
    [mail] = mails(folder)
    return mail, f"{mail['Subject']}\n{mail.get_payload()}"


def test_a_reminder_goes_to_who_gave_an_address_once_and_names_nothing(folder: Path) -> None:
    diary = Diaries()
    assert reminding.remind(diary.at(1, 23)) == 0, "no address, no mail"
    identifying.save_identity(
        by=diary.by("coordinator"), code=diary.code, known=Known(mail="w@example.org"),
        at=diary.trial.now,
    )  # fmt: skip
    assert reminding.remind(diary.at(1, 21)) == 0
    assert reminding.remind(diary.at(1, 23)) == 1
    assert reminding.remind(diary.at(1, 23)) == 0
    mail, text = told_mail(folder)
    assert mail["To"] == "w@example.org" and f"/diary/{token_of(diary.id)}" in text
    for word in (diary.code, "DIARY-01", "bleed", "diary-01", "study", "2023"):
        assert word not in text.replace("/diary/", ""), word
    diary.send(2, diary.at(2, 21), key="b")
    assert reminding.remind(diary.at(2, 23)) == 0, "what came needs no reminder"


def test_an_address_that_is_none_is_refused() -> None:
    diary = Diaries()
    with pytest.raises(ActionRefused, match="name@place"):
        identifying.save_identity(
            by=diary.by("coordinator"), code=diary.code, known=Known(mail="nowhere"),
            at=diary.trial.now,
        )  # fmt: skip


def test_days_move_with_the_visit_they_are_counted_from_and_the_sites_clock() -> None:
    text = FILE.replace('at: ["20:00"]', 'at: ["08:00", "20:00"]')
    diary = Diaries(text)
    lines = diaries_told(diary.by("coordinator"), diary.code).diaries[0].lines
    assert len(lines) == 10
    assert lines[2].opens == diary.at(2, 8) and lines[3].opens == diary.at(2, 20)
    assert lines[3].closes == diary.at(4, 20)
