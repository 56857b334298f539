"""A form's state follows from its answers alone."""

from decimal import Decimal

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol import Missing, Severity
from trialwright.protocol.completion import evaluate_form, kept, needed_elsewhere


def state(form, **values):
    return evaluate_form(demonstration().form(form), values)


def test_an_item_is_asked_only_once_its_condition_surely_holds():
    assert "days" not in state("menses").shown
    assert "days" not in state("menses", bled=False).shown
    assert "days" in state("menses", bled=True).shown


def test_a_value_left_behind_a_closed_question_counts_for_nothing():
    given = {"bled": False, "pads": Decimal(10), "days": Decimal(2)}
    after = state("menses", **given)
    assert after.computed["pads_a_day"] == 0
    assert not {"days", "pads"} & set(kept(demonstration().form("menses"), after, given))


def test_confirmed_amenorrhoea_counts_0_and_no_answer_is_missing():
    assert state("menses", bled=False).computed["pads_a_day"] == 0
    assert state("menses").computed["pads_a_day"] is None


def test_a_score_needs_all_its_parts():
    assert state("hysteroscopy", extent="over_two_thirds").computed["afs_total"] is None
    missing = state("hysteroscopy", extent="filmy", menses=Missing("not_known"))
    assert missing.computed["afs_total"] is None


def test_a_score_of_a_score_follows_in_one_pass():
    done = state(
        "hysteroscopy", extent="over_two_thirds", adhesion_type="dense", menses="amenorrhoea"
    )
    assert done.computed == {"afs_total": Decimal(12), "afs_stage": "III"}


def test_pbac_reads_the_menses_form_of_the_same_visit():
    form = demonstration().form("pbac")
    assert needed_elsewhere(form) == ("menses.bled", "menses.pads")
    counts = {
        "tampons_light": 1, "tampons_medium": 1, "tampons_soaked": 1, "pads_light": 1,
        "pads_medium": 1, "pads_soaked": 1, "clots_small": 1, "clots_large": 1,
    }  # fmt: skip
    values = {key: Decimal(count) for key, count in counts.items()}
    done = evaluate_form(form, {**values, "menses.bled": True, "menses.pads": Decimal(3)})
    assert done.computed["score"] == 1 + 5 + 10 + 1 + 5 + 20 + 1 + 5
    assert not done.findings
    assert evaluate_form(form, {"menses.bled": False}).computed["score"] == 0


def test_the_impossible_is_refused_and_the_unlikely_asked():
    both = state("vital_signs", systolic=Decimal(80), diastolic=Decimal(90), pulse=Decimal(180))
    assert [finding.check for finding in both.refusals] == ["pressures"]
    assert {finding.items for finding in both.questions} == {("pulse",), ("systolic",)}
    pulse = next(each for each in both.questions if each.items == ("pulse",))
    assert pulse.severity is Severity.ASK
    assert (
        pulse.message.in_language("en") == "Pulse: over 110 /min is unusual; correct it, or say why"
    )


def test_a_check_over_missing_values_stays_silent():
    assert not state("vital_signs", systolic=Decimal(120)).findings


def test_unanswered_are_the_items_shown_without_value_or_reason():
    open_ = state("vital_signs", temperature=Decimal("36.6"), pulse=Missing("not_done"))
    assert open_.unanswered == ("systolic", "diastolic", "saturation")
    assert not open_.complete
