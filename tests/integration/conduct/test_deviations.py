"""Protocol deviations: noted when what decided changes, when a visit is late, or by a person."""

from functools import partial

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions import deviating, visiting
from trialwright.conduct.cut.making import open_cut
from trialwright.conduct.models import Deviation, Query, Signature, State, Study
from trialwright.conduct.models.deviations import Classification, DeviationKind
from trialwright.conduct.reads.eligibility import eligibility_of
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import reading

HIV = "screening.virology.hiv"


def _positive(world: World, code: str, based_on: int = 1, value: str = "positive") -> None:
    why = {"hiv": "The report was mixed up"}
    world.save(world.coordinator, code, "screening", "virology", {"hiv": value},
               based_on=based_on, change_reasons=why)  # fmt: skip


def test_data_that_decided_eligibility_change_after_the_randomisation(world: World) -> None:
    code = world.randomised()
    _positive(world, code)
    found = Deviation.objects.get()
    assert (found.kind, found.subject, found.cause) == ("eligibility", "infection", HIV)
    query = Query.objects.get()
    assert (query.entry.form, query.item, query.status) == ("virology", "hiv", "open")
    assert world.row(code).state == State.RANDOMISED
    assert Signature.objects.filter(meaning="eligibility", void_at=None).exists()
    waits = waiting_for(world.investigator)
    assert [each.number for each in waits.deviations] == [found.number]
    assert not waiting_for(world.coordinator).deviations
    (line,) = [each for each in eligibility_of(world.investigator, code).lines
               if each.criterion.key == "infection"]  # fmt: skip
    assert (line.answer, line.computed) == ("pass", "fail")
    row, *_ = reading.rows(STUDY, may_reveal=lambda _: True, entity="deviation", field="kind")
    assert row.reason.text == f"Follows from {HIV}"


def test_the_stratum_changes_after_the_randomisation(world: World) -> None:
    code = world.randomised()
    why = {"extent": "Read again", "adhesion_type": "Read again"}
    world.save(world.investigator, code, "screening", "hysteroscopy",
               {"extent": "to_two_thirds", "adhesion_type": "filmy"}, based_on=1,
               change_reasons=why)  # fmt: skip
    assert [(each.kind, each.subject) for each in Deviation.objects.all()] == [
        ("stratum", "stratum")
    ]


def test_the_same_deviation_is_noted_once_until_it_is_classified(world: World) -> None:
    code = world.randomised()
    _positive(world, code)
    _positive(world, code, 2, "negative")
    _positive(world, code, 3)
    assert Deviation.objects.count() == 1
    deviating.classify_deviation(
        by=world.investigator, code=code, number=1, classification=Classification.IMPORTANT,
        done="The sponsor was told", at=world.now,
    )  # fmt: skip
    assert not waiting_for(world.investigator).deviations
    _positive(world, code, 4, "negative")
    _positive(world, code, 5)
    assert Deviation.objects.count() == 2


def test_before_the_randomisation_nothing_deviates(world: World) -> None:
    _positive(world, world.eligible())
    assert not Deviation.objects.exists()


def test_a_visit_outside_its_window_is_one_as_long_as_its_day_is(world: World) -> None:
    code = world.treated()
    world.later(days=30)
    record = partial(visiting.record_visit, by=world.coordinator, code=code, at=world.now)
    record(visit="day_7", on=world.now.date(), reason="Away for work")
    found = Deviation.objects.get()
    assert (found.kind, found.subject, found.description) == (
        "visit_window", "day_7", "Away for work",
    )  # fmt: skip
    target = world.row(code).visits.get(visit="day_7").target
    record(visit="day_7", on=target, reason="The day was mistyped")
    assert not Deviation.objects.exists()


def test_a_person_records_one_and_all_of_it_is_in_the_cut(world: World) -> None:
    code = world.treated()
    record = partial(
        deviating.record_deviation, code=code, kind=DeviationKind.PRODUCT, on=world.now.date(),
        at=world.now,
    )  # fmt: skip
    number = record(by=world.monitor, description="Thawed five hours before")
    assert "Write what" in refused(partial(record, by=world.coordinator, description=" "))
    absent(partial(record, by=world.assessor, description="Seen"))
    classify = partial(
        deviating.classify_deviation, code=code, number=number,
        classification=Classification.MINOR, at=world.now,
    )  # fmt: skip
    absent(partial(classify, by=world.coordinator, done="Nothing"))
    assert "what was done" in refused(partial(classify, by=world.investigator, done=""))
    classify(by=world.investigator, done="The clock of the freezer was set")
    cut = open_cut(Study.objects.get(), demonstration(), "one", world.now)
    (held,) = cut.deviations
    assert (held.participant, held.kind, held.classification) == (code, "product", "minor")
    assert held.description == "Thawed five hours before"
    assert held.done == "The clock of the freezer was set"


def test_a_missed_visit_is_a_deviation_until_it_took_place_after_all(world: World) -> None:
    code = world.treated()
    world.later(days=40)
    visiting.record_missed_visit(
        by=world.coordinator, code=code, visit="month_1", reason="Away for work", at=world.now
    )
    found = Deviation.objects.get()
    assert (found.kind, found.subject, found.description) == (
        "missed_visit", "month_1", "Away for work",
    )  # fmt: skip
    closes = world.row(code).visits.get(visit="month_1").closes
    assert found.on == closes
    visiting.record_visit(
        by=world.coordinator, code=code, visit="month_1", on=closes, reason="The chart has it",
        at=world.now,
    )  # fmt: skip
    assert not Deviation.objects.exists()
