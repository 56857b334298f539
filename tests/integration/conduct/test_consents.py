"""Consent is read, corrected with a reason, given again, withdrawn in part; the cut has it all."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.analysis.cut_participants import ConsentPart
from trialwright.conduct.actions import consenting, cutting, participation, screening, visiting
from trialwright.conduct.cut import store as cut_store
from trialwright.conduct.models import Consent, Deviation, ProtocolFile, ProtocolVersion, Study
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.participants.reconsenting import Reconsent
from trialwright.conduct.reads.consents import consents_of
from trialwright.conduct.reads.participants import story
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import reading
from trialwright.protocol.basics import Role
from trialwright.protocol.loader import parse_file

GIVEN = {"study": True, "pregnancy": True, "samples": False, "contact": True}


def report(world: World, given_at: datetime | None = None, **changed: Any) -> ConsentReport:
    usual = {
        "version": "1.0", "language": "zh", "explained_by": world.investigator.person_id,
        "given_at": given_at or world.now, "parts": GIVEN,
    }  # fmt: skip
    return ConsentReport(**usual | changed)


def correct(world: World, code: str, said: ConsentReport, reason: str) -> partial[None]:
    return partial(
        consenting.correct_consent, by=world.coordinator, code=code, number=1, report=said,
        reason=reason, at=world.now,
    )  # fmt: skip


def withdraw(world: World, code: str, part: str, **more: Any) -> partial[None]:
    usual = {"on": world.now.date(), "at": world.now}
    return partial(
        consenting.withdraw_part, by=world.coordinator, code=code, part=part, **usual | more
    )


def parts_of(world: World, code: str) -> Mapping[str, bool]:
    last = consents_of(world.monitor, code).last
    assert last is not None
    return {part.key: part.agreed and part.withdrawn_on is None for part in last.parts}


def test_whoever_sees_the_participant_reads_the_consent(world: World) -> None:
    code = world.consented()
    told = consents_of(world.monitor, code)
    (given,) = told.given
    assert (given.version, given.language, given.given_at) == ("1.0", "zh", world.now)
    assert given.explained_by == world.investigator.name
    assert parts_of(world, code) == GIVEN
    absent(lambda: consents_of(world.person(Role.COORDINATOR, "N"), code))


def test_a_consent_is_corrected_with_a_reason(world: World) -> None:
    code = world.consented()
    visits = dict(world.row(code).visits.values_list("visit", "target"))
    earlier = world.now - timedelta(hours=1)
    world.later(days=1)
    said = report(world, earlier, language="en")
    assert "Say why" in refused(correct(world, code, said, " "))
    assert "Nothing differs" in refused(
        correct(world, code, report(world, world.now - timedelta(days=1)), "Looked again")
    )
    correct(world, code, said, "Read from the wrong page")()
    (row,) = Consent.objects.all()
    assert (row.language, row.given_at) == ("en", earlier)
    assert world.row(code).consented_at == earlier
    assert dict(world.row(code).visits.values_list("visit", "target")) == visits
    line, *_ = reading.rows(STUDY, may_reveal=lambda _: True, entity="consent", field="language")
    assert (line.old.text, line.new.text) == ("zh", "en")
    assert line.reason.text == "Read from the wrong page"


def test_a_corrected_day_plans_again_and_tells_of_visits_before_it(world: World) -> None:
    code = world.consented()
    day = world.now.date()
    visiting.record_visit(by=world.coordinator, code=code, visit="screening", on=day, at=world.now)
    world.later(days=2)
    correct(world, code, report(world, world.now), "The form bears this day")()
    first = world.row(code).visits.get(visit="baseline_cycle_1")
    assert first.target == world.now.date() + timedelta(days=30)
    found = Deviation.objects.get()
    assert (found.kind, found.subject, found.on) == ("consent", "screening", day)


def test_a_correction_stays_within_what_can_be(world: World) -> None:
    code = world.eligible()
    signed = world.now
    world.later(days=3)
    said = report(world, signed + timedelta(days=1))
    assert "eligibility was signed" in refused(correct(world, code, said, "Wrong day"))
    too_early = report(world, signed - timedelta(days=9))
    assert "day of screening" in refused(correct(world, code, too_early, "Wrong day"))
    strange = report(world, signed, language="fr")
    assert "does not exist" in refused(correct(world, code, strange, "Wrong language"))
    other = report(world, signed, version="0.9")
    assert "version 1.0" in refused(correct(world, code, other, "Wrong version"))
    absent(
        partial(
            consenting.correct_consent, by=world.coordinator, code=code, number=2, reason="No",
            report=report(world, signed), at=world.now,
        )
    )  # fmt: skip
    absent(
        partial(
            consenting.correct_consent, by=world.monitor, code=code, number=1, reason="No",
            report=report(world, signed), at=world.now,
        )
    )  # fmt: skip


def test_an_optional_part_is_withdrawn_and_nothing_else_ends(world: World) -> None:
    code = world.treated()
    world.later(days=5)
    assert "discontinuation" in refused(withdraw(world, code, "study"))
    assert "not agreed to" in refused(withdraw(world, code, "samples"))
    too_early = world.now.date() - timedelta(days=6)
    assert "from the consent" in refused(withdraw(world, code, "contact", on=too_early))
    absent(withdraw(world, code, "life"))
    withdraw(world, code, "contact", reason="Too many calls")()
    assert parts_of(world, code) == GIVEN | {"contact": False}
    assert world.row(code).state == "treated"
    assert "not agreed to" in refused(withdraw(world, code, "contact"))


def test_a_consent_given_again_counts_from_then_on(world: World) -> None:
    code = world.treated()
    withdraw(world, code, "contact")()
    renew = partial(consenting.renew_consent, by=world.coordinator, code=code, at=world.now)
    assert "after the consent before" in refused(partial(renew, report=report(world)))
    world.later(days=9)
    again = report(world, parts=GIVEN | {"samples": True})
    consenting.renew_consent(by=world.coordinator, code=code, report=again, at=world.now)
    assert parts_of(world, code) == GIVEN | {"samples": True}
    assert [each.number for each in consents_of(world.monitor, code).given] == [1, 2]
    assert world.row(code).consented_at == world.now - timedelta(days=9)
    participation.record_death(
        by=world.coordinator, code=code, on=world.now.date(), died_of="Death NOS", at=world.now
    )
    world.later(days=1)
    late = partial(
        consenting.renew_consent, by=world.coordinator, code=code, report=report(world),
        at=world.now,
    )  # fmt: skip
    assert "has ended" in refused(late)


def test_a_new_version_asks_for_a_new_consent(world: World) -> None:
    code = world.treated()
    assert not story(world.coordinator, code).reconsent
    source = demonstration().source_bytes.replace(
        b'consent:\n  version: "1.0"', b'consent:\n  version: "2.0"'
    )
    assert source != demonstration().source_bytes
    newer = parse_file(source)
    study = Study.objects.get()
    ProtocolFile.objects.create(sha256=newer.sha256, source=source)
    version = ProtocolVersion.objects.create(
        study=study, version="1.1", sha256=newer.sha256, signed_at=world.now,
        signed_by=world.investigator.person_id,
    )  # fmt: skip
    Study.objects.filter(pk=study.pk).update(version=version)
    assert story(world.coordinator, code).reconsent is Reconsent.VERSION
    world.later(days=2)
    renew = partial(consenting.renew_consent, by=world.coordinator, code=code, at=world.now)
    assert "version 2.0" in refused(partial(renew, report=report(world)))
    renew(report=report(world, version="2.0"))
    assert not story(world.coordinator, code).reconsent


def test_all_of_it_is_in_the_cut(world: World, tmp_path: Path, settings: Any) -> None:
    settings.TRIALWRIGHT_CUTS = tmp_path
    code = world.consented()
    day = world.now.date()
    world.later(days=1)
    withdraw(world, code, "contact", reason="Too many calls")()
    sha256 = cutting.cut_data(by=world.person(Role.DATA_MANAGER), name="first", at=world.now)
    found = cut_store.load_open(STUDY, "first", sha256).consents
    assert {each.part: each.agreed for each in found} == GIVEN
    contact = next(each for each in found if each.part == "contact")
    assert contact == ConsentPart(
        code, f"{day.isoformat()}T09:00+08:00", "1.0", "zh", world.investigator.name, "contact",
        True, world.now.date().isoformat(), "Too many calls",
    )  # fmt: skip
    assert all(each.withdrawn_on is None for each in found if each.part != "contact")


@pytest.mark.parametrize("end", ["lost", "failed"])
def test_who_is_gone_is_not_asked_again(world: World, end: str) -> None:
    code = world.consented()
    world.later(days=1)
    if end == "lost":
        participation.record_loss_to_follow_up(
            by=world.coordinator, code=code, on=world.now.date(), reason="Three calls",
            at=world.now,
        )  # fmt: skip
    else:
        screening.record_screen_failure(
            by=world.coordinator, code=code, reason="Moved", at=world.now
        )
    renew = partial(consenting.renew_consent, by=world.coordinator, code=code, at=world.now)
    assert "has ended" in refused(partial(renew, report=report(world)))
