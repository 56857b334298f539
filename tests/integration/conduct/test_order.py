"""No step out of order: each is refused with a sentence, and nothing is written."""

from datetime import timedelta
from functools import partial

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import HISTORY, World, screening_forms
from trialwright.conduct.actions import (
    consenting,
    eligibility,
    entering,
    participation,
    randomising,
    screening,
    sites,
    visiting,
)
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.models import Signature
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role

PASS_ALL = {each.key: (Answer.PASS, "") for each in demonstration().criteria}


def test_before_consent_nothing_but_consent(world: World) -> None:
    code, at = world.screened(), world.now
    day = at.date()
    team, doctor = world.coordinator, world.investigator
    assert "not signed" in refused(partial(randomising.randomise, by=doctor, code=code, at=at))
    for act in (
        partial(visiting.record_visit, by=team, code=code, visit="screening", on=day, at=at),
        partial(world.save, team, code, "screening", "history", HISTORY),
        partial(world.save, team, code, "running", "concomitant", {"name": "Iron"}),
        partial(eligibility.assess_eligibility, by=team, code=code, answers=PASS_ALL, at=at),
        partial(eligibility.confirm_eligibility, by=doctor, code=code, at=at),
        partial(participation.withdraw, by=team, code=code, on=day, stops=["visits"], at=at),
        partial(
            participation.record_loss_to_follow_up,
            by=team,
            code=code,
            on=day,
            reason="Called thrice",
            at=at,
        ),
    ):
        assert "not consented" in refused(act)
    assert "no step leads" in refused(
        partial(participation.complete, by=team, code=code, on=day, at=at)
    )


def test_consent_is_given_once_in_the_version_in_force_and_to_what_is_needed(world: World) -> None:
    code = world.screened()

    def consent(**changed: object) -> partial[None]:
        usual: dict[str, object] = {
            "version": "1.0", "language": "zh",
            "explained_by": world.investigator.person_id, "given_at": world.now,
            "parts": {"study": True, "pregnancy": True, "samples": False, "contact": True},
        }  # fmt: skip
        report = ConsentReport(**(usual | changed))  # type: ignore[arg-type]
        return partial(
            consenting.consent, by=world.coordinator, code=code, report=report, at=world.now
        )

    assert "version 1.0" in refused(consent(version="0.9"))
    assert "language" in refused(consent(language="fr"))
    assert "study team" in refused(consent(explained_by=world.monitor.person_id))
    assert "screening" in refused(consent(given_at=world.now - timedelta(days=1)))
    assert "to now" in refused(consent(given_at=world.now + timedelta(minutes=1)))
    assert "this part" in refused(consent(parts={"study": True}))
    declined = {"study": False, "pregnancy": True, "samples": True, "contact": True}
    assert "no consent" in refused(consent(parts=declined))
    consent()()
    assert "already" in refused(consent())


def test_a_second_consent_does_not_undo_a_signed_eligibility(world: World) -> None:
    code = world.eligible()
    again = partial(
        consenting.consent, by=world.coordinator, code=code, at=world.now,
        report=ConsentReport(
            "1.0", "en", world.investigator.person_id, world.now,
            {"study": True, "pregnancy": True, "samples": True, "contact": True},
        ),
    )  # fmt: skip
    assert "already" in refused(again)
    assert world.row(code).state == "eligible"


def test_no_randomisation_before_eligibility_is_signed_and_none_twice(world: World) -> None:
    code, at = world.assessed(), world.now
    randomise = partial(randomising.randomise, by=world.investigator, code=code, at=at)
    assert "not signed" in refused(randomise)
    eligibility.confirm_eligibility(by=world.investigator, code=code, at=at)
    randomise()
    assert "no step leads" in refused(randomise)
    assert "no step leads" in refused(
        partial(eligibility.confirm_eligibility, by=world.investigator, code=code, at=at)
    )


def test_no_randomisation_at_a_site_that_is_paused(world: World) -> None:
    code, administrator = world.eligible(), world.person(Role.ADMINISTRATOR)
    sites.pause_site(by=administrator, code="C", reason="The ward moves")
    randomise = partial(randomising.randomise, by=world.investigator, code=code, at=world.now)
    assert "Site C takes no new participants" in refused(randomise)
    sites.open_site(by=administrator, code="C")
    randomise()


def test_eligibility_is_signed_only_when_each_criterion_is_met(world: World) -> None:
    code, at = world.entered(), world.now
    confirm = partial(eligibility.confirm_eligibility, by=world.investigator, code=code, at=at)
    assert "20 criteria" in refused(confirm) or "not met" in refused(confirm)

    def assess(**answers: tuple[Answer, str]) -> partial[None]:
        return partial(
            eligibility.assess_eligibility, by=world.coordinator, code=code, answers=answers, at=at
        )

    assert "Say why" in refused(assess(consent=(Answer.UNKNOWN, " ")))
    assert "data say otherwise" in refused(assess(age=(Answer.FAIL, "Too old, I think")))
    assert "no criterion" in refused(assess(shoe_size=(Answer.PASS, "")))
    assess(**PASS_ALL | {"consent": (Answer.UNKNOWN, "She is still thinking")})()
    assert "1 criteria" in refused(confirm)


def test_data_entered_after_the_signature_can_stand_in_the_way_of_randomisation(
    world: World,
) -> None:
    code, at = world.eligible(), world.now
    history = HISTORY | {"thrombosis": "yes"}
    world.save(
        world.coordinator, code, "screening", "history", history, based_on=1,
        change_reasons={"thrombosis": "Her old records came"},
    )  # fmt: skip
    assert "is not signed" in refused(
        partial(randomising.randomise, by=world.investigator, code=code, at=at)
    )
    failing = {"thrombosis": (Answer.FAIL, "Thrombosis in 2019")}
    eligibility.assess_eligibility(by=world.coordinator, code=code, answers=failing, at=at)
    assert world.row(code).state == "consented"
    assert Signature.objects.get(participant__code=code).void_reason == "a criterion changed"


def test_a_visit_that_cannot_exist_yet_takes_no_data(world: World) -> None:
    code, at = world.consented(), world.now
    visit = partial(
        visiting.record_visit, by=world.coordinator, code=code, visit="month_1", on=at.date(), at=at
    )
    assert "can't exist" in refused(visit)
    menses = {"diary_back": "no"}
    assert "has not taken place" in refused(
        partial(world.save, world.coordinator, code, "month_1", "menses", menses)
    )
    absent(partial(world.save, world.coordinator, code, "month_1", "history", HISTORY))
    absent(partial(world.save, world.coordinator, code, "month_9", "menses", menses))
    absent(partial(world.save, world.coordinator, code, "screening", "history", HISTORY, repeat=2))


def test_a_visit_is_dated_between_what_it_counts_from_and_today(world: World) -> None:
    world.later(days=1)
    code, at = world.consented(), world.now
    on = partial(visiting.record_visit, by=world.coordinator, code=code, visit="screening", at=at)
    assert "not in the future" in refused(partial(on, on=at.date() + timedelta(days=1)))
    assert "counted from there" in refused(partial(on, on=at.date() - timedelta(days=1)))
    world.later(days=20)
    late = partial(on, on=world.now.date(), at=world.now)
    assert "outside" in refused(late)
    late(reason="A holiday")
    assert "changed" in refused(partial(on, on=world.now.date() - timedelta(days=10), at=world.now))
    missed = partial(visiting.record_missed_visit, by=world.coordinator, code=code, at=world.now)
    assert "Say why" in refused(partial(missed, visit="baseline_cycle_1", reason=" "))
    assert "opens on" in refused(partial(missed, visit="baseline_cycle_2", reason="On a journey"))


def test_a_form_is_signed_when_it_is_complete_and_as_it_was_read(world: World) -> None:
    code = world.consented()
    world.visited(code, "screening")
    sign = partial(
        entering.sign_entry, by=world.investigator, code=code, visit="screening", form="history",
        content_hash="0" * 64, at=world.now,
    )  # fmt: skip
    assert "not been filled in" in refused(sign)
    some = {key: HISTORY[key] for key in ("pregnancies", "births")}
    assert not world.save(world.coordinator, code, "screening", "history", some).complete
    assert "not complete" in refused(sign)
    world.save(world.coordinator, code, "screening", "history", HISTORY, based_on=1)
    assert "changed while you read" in refused(sign)
    world.sign(world.investigator, code, "screening", "history")
    assert "signed already" in refused(sign)


def test_the_steps_of_the_day_come_in_their_order(world: World) -> None:
    code, at = world.eligible(), world.now
    receive, release = (world.taking(world.handler, code, each) for each in ("receive", "release"))
    resect, tell, place = (
        world.taking(world.surgeon, code, each) for each in ("resect", "tell", "place")
    )
    for each in (receive, resect, place):
        assert "comes after: the randomisation" in refused(each)
    randomising.randomise(by=world.investigator, code=code, at=at)
    assert "comes after: Receive the allocation." in refused(release)
    told = refused(tell)
    assert "comes after: Release the product; Declare the resection complete." in told
    assert "comes after: Release the product; Reveal allocation." in refused(place)
    resect()
    assert "already recorded" in refused(resect)
    assert "comes after: Release the product." in refused(tell)
    arm = receive()
    release()
    assert "already recorded" in refused(release)
    assert "comes after: Reveal allocation." in refused(place)
    assert tell() == arm
    part = StepReport(StepStatus.PART)
    assert "in full" in refused(world.taking(world.surgeon, code, "place", part))
    place()
    for again in (place, receive, tell, resect, release):
        assert "already recorded" in refused(again)


def test_no_treatment_after_a_withdrawal_from_treatment(world: World) -> None:
    code, at = world.randomised(), world.now
    participation.withdraw(
        by=world.coordinator, code=code, on=at.date(), stops=["treatment"], at=at
    )
    for by, step in (
        (world.handler, "receive"), (world.surgeon, "resect"), (world.surgeon, "place"),
    ):  # fmt: skip
        assert "withdrawn from treatment" in refused(world.taking(by, code, step))
    world.not_treated(code, "They withdrew")()
    assert world.row(code).state == "not_treated"


def test_no_randomisation_after_a_withdrawal_from_treatment(world: World) -> None:
    code, at = world.eligible(), world.now
    participation.withdraw(
        by=world.coordinator, code=code, on=at.date(), stops=["treatment"], at=at
    )
    assert "withdrawn from treatment" in refused(
        partial(randomising.randomise, by=world.investigator, code=code, at=at)
    )


def test_a_screening_failure_takes_no_new_data_but_corrections(world: World) -> None:
    code, at = world.consented(), world.now
    world.visited(code, "screening")
    forms = screening_forms(at.date())
    world.save(world.coordinator, code, "screening", "demographics", forms["demographics"])
    fail = partial(screening.record_screen_failure, by=world.coordinator, code=code, at=at)
    assert "Say why" in refused(partial(fail, reason=""))
    fail(reason="Stage I at hysteroscopy")
    assert "no step leads" in refused(partial(fail, reason="Again"))
    assert "no new data" in refused(
        partial(world.save, world.coordinator, code, "screening", "history", HISTORY)
    )
    assert "no new data" in refused(
        partial(world.save, world.coordinator, code, "running", "concomitant", {"name": "Iron"})
    )
    for visit in ("screening", "baseline_cycle_1"):
        assert "did not enter" in refused(
            partial(
                visiting.record_visit, by=world.coordinator, code=code, visit=visit, on=at.date(),
                at=at,
            )
        )  # fmt: skip
    corrected = forms["demographics"] | {"weight": "55.0"}
    world.save(
        world.coordinator, code, "screening", "demographics", corrected, based_on=1,
        change_reasons={"weight": "Misread"},
    )  # fmt: skip
    assert "no step leads" in refused(
        partial(eligibility.assess_eligibility, by=world.coordinator, code=code, answers={}, at=at)
    )


def test_time_runs_one_way_and_only_a_demonstration_may_set_it(world: World) -> None:
    code = world.screened()
    ahead = world.now + timedelta(days=10_000)
    assert "future" in refused(
        partial(
            screening.record_screen_failure, by=world.coordinator, code=code, reason="No", at=ahead
        )
    )
