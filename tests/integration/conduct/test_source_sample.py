"""Whose source data are verified: drawn in secret at each site, and told to who verifies alone."""

import re
from datetime import timedelta
from fractions import Fraction
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.conduct import other_trials
from tests.integration.conduct.refusing import absent
from tests.integration.conduct.test_amendments import FIRST, begun, second
from tests.integration.conduct.world import SEED, STUDY, World, begin
from trialwright.accounts.policy import Act
from trialwright.conduct.actions import entering, querying, screening
from trialwright.conduct.actions.activation import sign_draft
from trialwright.conduct.actions.amending import amend
from trialwright.conduct.actions.new_study import replace_draft
from trialwright.conduct.actions.reviewing_values import FormAt, verify_source
from trialwright.conduct.models import Entry, VerificationSeed
from trialwright.conduct.reads.setup import setup_of
from trialwright.conduct.reads.value_reviews import reviewable_items, unverified
from trialwright.conduct.reads.values import held_openly
from trialwright.conduct.reads.verification import (
    participants_to_verify,
    plan_for,
    plans_of_sites,
    sites_to_verify,
    to_verify,
)
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.conduct.source_sample import opened_seed, seed_from
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import reading
from trialwright.protocol.basics import Role
from trialwright.protocol.monitoring import SignalKind, SiteRecord, Why, draw
from trialwright.protocol.versions import Moves

OTHERS = demonstration().roles.who_may(Act.SEE_STUDY) - {Role.MONITOR}


def without_plan() -> bytes:
    return re.sub(rb"\nmonitoring:\n(  .*\n)+", b"\n", demonstration().source_bytes)


def waiting_forms(world: World) -> set[tuple[str, str]]:
    rows = to_verify(world.monitor, plans_of_sites(world.monitor))
    return {(each.participant.code, each.form) for each in rows}


def drawn_and_not(world: World, count: int = 4) -> tuple[str, str]:
    """Somebody with a filled-in screening visit who is drawn, and somebody who isn't."""
    codes = [world.entered() for _each in range(count)]
    sampled = plans_of_sites(world.monitor)["C"].sampled
    assert set() < sampled < set(codes)
    return min(sampled), min(set(codes) - sampled)


def verify_all(world: World, code: str, form: str, only: tuple[str, ...] = ()) -> None:
    entry = Entry.objects.get(participant__code=code, visit="screening", form=form)
    items = only or reviewable_items(demonstration().form(form), held_openly(entry))
    place = FormAt(code, "screening", form, entry.revision)
    verify_source(by=world.monitor, place=place, items=items, at=world.now)


def test_who_is_drawn_follows_from_the_sealed_number_alone(world: World) -> None:
    assert opened_seed(STUDY) == seed_from(SEED) != SEED
    row = VerificationSeed.objects.get()
    assert seed_from(SEED).hex().encode() not in bytes(row.sealed)
    told = reading.rows(STUDY, may_reveal=lambda _l: False, entity="verification_seed", limit=9)
    assert {line.field for line in told} <= {"study_id", "sealed"}
    codes = [world.screened() for _each in range(6)]
    share = demonstration().monitoring.sample
    draws = {code: draw(seed_from(SEED), code) for code in codes}
    expected = {c for c in codes if draws[c] < share} or {min(draws, key=draws.__getitem__)}
    assert plans_of_sites(world.monitor)["C"].sampled == expected


def test_each_site_with_participants_has_somebody_drawn(world: World) -> None:
    for site in ("C", "N"):
        by = world.person(Role.COORDINATOR, site)
        for count in range(1, 5):
            screening.screen(by=by, site=site, at=world.now)
            assert len(plans_of_sites(world.monitor)[site].sampled) >= 1, (site, count)


def test_whose_screening_failed_is_not_the_sample_of_a_site(world: World) -> None:
    codes = {world.screened() for _each in range(4)}
    drawn = plans_of_sites(world.monitor)["C"].sampled
    assert drawn < codes
    for code in drawn:
        screening.record_screen_failure(
            by=world.coordinator, code=code, reason="Moved away", at=world.now
        )
    others = plans_of_sites(world.monitor)["C"].sampled
    assert others and not others & drawn


def test_of_the_drawn_everything_waits_and_of_the_others_what_is_critical(world: World) -> None:
    drawn, other = drawn_and_not(world)
    waits = waiting_forms(world)
    forms = {each.form for each in unverified(world.monitor)}
    assert {form for code, form in waits if code == drawn} == forms
    assert {form for code, form in waits if code == other} == forms & {
        "demographics", "history", "hysteroscopy", "chemistry", "virology", "beta_hcg",
    }  # fmt: skip
    # Of the demographics the age alone is critical.
    verify_all(world, other, "demographics", ("age",))
    verify_all(world, drawn, "demographics", ("age",))
    waits = waiting_forms(world)
    assert (other, "demographics") not in waits
    assert (drawn, "demographics") in waits
    verify_all(world, drawn, "demographics")
    assert (drawn, "demographics") not in waiting_forms(world)


def test_pages_and_lists_say_the_same_of_each_value(world: World) -> None:
    drawn, other = drawn_and_not(world)
    plan = plan_for(world.monitor, world.row(other))
    assert plan is not None
    form = demonstration().form("demographics")
    assert plan.why(drawn, form, form.item("height")) is Why.SAMPLE
    assert plan.why(other, form, form.item("height")) is None
    assert plan.why(other, form, form.item("age")) is Why.CRITICAL
    lines = {each.code: each for each in participants_to_verify(world.monitor, {"C": plan})}
    for code in (drawn, other):
        mine = {form for at, form in waiting_forms(world) if at == code}
        assert (lines[code].drawn, lines[code].forms) == (code == drawn, len(mine))
    [site] = sites_to_verify(world.monitor)
    assert (site.site, site.drawn) == ("C", len(plan.sampled))
    assert site.forms == len(waiting_forms(world))
    assert waiting_for(world.monitor).verification == (site,)


def test_nobody_else_is_told_and_nothing_of_theirs_depends_on_it(world: World) -> None:
    drawn, other = drawn_and_not(world)
    for role in OTHERS:
        by = world.person(role)
        absent(partial(plans_of_sites, by))
        assert plan_for(by, world.row(drawn)) is None and plan_for(by, world.row(other)) is None
        assert sites_to_verify(by) == ()
        assert waiting_for(by).verification == ()


def test_each_signal_is_counted_from_the_records(world: World) -> None:
    code = world.entered()

    def record() -> SiteRecord:
        return plans_of_sites(world.monitor)["C"].record

    before = record()
    assert before.values > 20 and before.participants == 1
    assert (before.queries, before.deviations, before.verified) == (0, 0, 0)
    number = querying.raise_query(
        by=world.person(Role.DATA_MANAGER), code=code, visit="screening", form="history",
        item="births", text="Sure?", at=world.now,
    )  # fmt: skip
    assert (record().queries, record().verified) == (1, 0)
    querying.answer_query(
        by=world.coordinator, code=code, number=number, answer="Yes", at=world.now
    )
    assert record().queries == 1, "whatever became of it"
    querying.raise_query(
        by=world.monitor, code=code, visit="screening", form="history", item="births",
        text="The file says 1", at=world.now,
    )  # fmt: skip
    assert (record().queries, record().verified, record().errors) == (2, 1, 1)
    verify_all(world, code, "demographics")
    three = record()
    assert (three.verified, three.errors) == (4, 1)
    verify_all(world, code, "demographics", ("age", "height"))
    assert record().verified == 3, "what was taken back verified nothing"
    raw = {"age": "32", "height": "161.0", "weight": "54.5"}
    entering.save_entry(
        by=world.coordinator, code=code, visit="screening", form="demographics", raw=raw,
        based_on=1, change_reasons={"age": "Misread"}, at=world.now,
    )  # fmt: skip
    after = record()
    assert (after.verified, after.errors) == (3, 2)
    assert plans_of_sites(world.monitor)["C"].share == _share(after)


def _share(record: SiteRecord) -> Fraction:
    plan = demonstration().monitoring
    assert plan is not None
    return plan.share(record)


def test_a_form_is_late_that_was_entered_late_or_isnt_there(world: World) -> None:
    def late() -> tuple[int, int]:
        record = plans_of_sites(world.monitor)["C"].record
        return record.late, record.forms

    code = world.consented()
    assert late() == (0, 0)
    world.visited(code, "screening")
    # The visit of 2023 took place longer ago than seven days: what isn't there is late.
    expected = len([f for f in demonstration().visit("screening").forms
                    if not demonstration().form(f).repeating])  # fmt: skip
    assert late() == (expected, expected)
    day = world.now.date().isoformat()
    count = {"sampled_on": day, "haemoglobin": "128", "leukocytes": "5", "platelets": "210"}
    world.later(days=7)
    world.save(world.coordinator, code, "screening", "blood_count", count)
    assert late() == (expected - 1, expected)
    world.later(days=1)
    raw = {"age": "31", "height": "161.0", "weight": "54.5"}
    world.save(world.coordinator, code, "screening", "demographics", raw)
    assert late() == (expected - 1, expected), "entered on the eighth day"
    world.save(
        world.coordinator, code, "screening", "blood_count", count | {"platelets": "211"},
        based_on=1, change_reasons={"platelets": "Misread"},
    )  # fmt: skip
    assert late() == (expected - 1, expected), "a correction is no late entry"


def test_a_file_without_the_block_verifies_as_before(db: None) -> None:
    world = begin(without_plan())
    code = world.entered()
    assert not VerificationSeed.objects.exists()
    assert plans_of_sites(world.monitor) == {}
    assert plan_for(world.monitor, world.row(code)) is None
    assert set(to_verify(world.monitor, {})) == set(unverified(world.monitor)) != set()
    assert waiting_for(world.monitor).verification == ()
    absent(lambda: participants_to_verify(world.monitor, {}))


def test_counting_needs_as_many_statements_for_ten_as_for_one(world: World) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            participants_to_verify(world.monitor, plans_of_sites(world.monitor))
        return len(asked)

    world.entered()
    statements()
    few = statements()
    for _each in range(5):
        world.entered()
    assert statements() == few


MONITORED = FIRST.replace("roles:\n", "roles:\n  monitor: {like: monitor}\n")
PLAN = "\nmonitoring:\n  critical: [score.points]\n  sample: 0.01\n"


@pytest.mark.django_db(transaction=True)
def test_an_amendment_may_bring_the_plan_and_a_later_one_keeps_who_is_drawn() -> None:
    trial = other_trials.begin(MONITORED)
    code = trial.eligible()
    monitor = trial.person("monitor")
    assert plans_of_sites(monitor) == {}
    _amended(trial, second(Moves.RECONSENT, MONITORED) + PLAN)
    seed = opened_seed("COHORT-01")
    assert len(seed) == 32 and seed != seed_from(bytes(range(32)))
    assert plans_of_sites(monitor) == {}, "it has begun at no site"
    begun(trial)
    assert plans_of_sites(monitor)["C"].sampled == {code}
    third = second(Moves.RECONSENT, MONITORED).replace('version: "2"\ndate', 'version: "3"\ndate')
    _amended(trial, third + PLAN.replace("0.01", "0.02"))
    assert opened_seed("COHORT-01") == seed
    assert plans_of_sites(monitor)["C"].plan.sample == Fraction(1, 100)
    trial.now += timedelta(days=1)
    begun(trial)
    assert plans_of_sites(monitor)["C"].plan.sample == Fraction(1, 50)


def _amended(trial: other_trials.Trial, text: str) -> None:
    by = trial.person("investigator")
    replace_draft(by=by, source=text.encode(), file_name="next.yaml", at=trial.now)
    waiting = setup_of("COHORT-01").waiting
    assert waiting is not None and waiting.checked.problems == ()
    sign_draft(by=by, sha256=waiting.sha256, at=trial.now)
    amend(by=by, at=trial.now)


def test_only_what_the_signals_ask_for_is_counted(db: None) -> None:
    text = demonstration().source_bytes.replace(b"    query_rate: {above: 0.05, adds: 0.2}\n", b"")
    world = begin(text)
    world.entered()
    record = plans_of_sites(world.monitor)["C"].record
    assert record.rate(SignalKind.QUERIES) is None
    assert record.rate(SignalKind.DEVIATIONS) == 0
