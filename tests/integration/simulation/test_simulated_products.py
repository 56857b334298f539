"""Products of a simulated study, lived from donor to participant through people's own actions."""

from collections.abc import Callable

from tests.integration.conduct.product_trial import FILE
from trialwright.protocol.loader import parse_file
from trialwright.simulation.run import Simulated

Simulate = Callable[..., Simulated]
OFTEN = """\
simulation:
  accrual_days: 6
  failed_lots: 0.3
  recalled_donors: 0.6
  late_thaws: 0.4
  refused_scans: 0.9
  doses_in_part: 0.3
  missed_visits: 0
"""
NEVER = """\
simulation: {failed_lots: 0, recalled_donors: 0, late_thaws: 0, refused_scans: 0, sites: 1}
"""
SUITS = """\
    retest_after_days: 180
    suits: "rhesus == 'neg' or day_1.score.points > 50"
    release:
      rhesus: {label: "RhD", type: choice, choices: rhesus, requires: "rhesus in ('pos', 'neg')"}
"""
SUITED = FILE.replace("    release:\n", SUITS, 1).replace(
    "code_lists:\n",
    'code_lists:\n  rhesus: {pos: {label: "Positive"}, neg: {label: "Negative"}}\n',
    1,
)


def reached(done: Simulated, kind: str) -> set[str]:
    return {line.name for line in done.coverage.lines if line.kind == kind and line.times}


def never(done: Simulated, kind: str) -> set[str]:
    return {line.name for line in done.coverage.never if line.kind == kind}


def test_a_trial_with_containers_is_lived_with_what_goes_wrong(simulated: Simulate) -> None:
    done = simulated((FILE + OFTEN).encode(), participants=12)
    assert done.passed, done.failures
    assert reached(done, "lot") >= {"cells: released", "cells: failed"}
    assert reached(done, "container") >= {"cells: given", "cells: destroyed"}
    assert reached(done, "near miss") >= {"wristband", "past_thaw"}
    # What nobody could come to is named.
    assert never(done, "near miss") >= {"hold", "consent"}
    given = {each.participant for each in done.sealed.products.given}
    arms = {each.participant: each.arm for each in done.sealed.assignments}
    assert given and {arms[code] for code in given} == {"cells"}


def test_where_nothing_goes_wrong_every_lot_is_released_and_no_check_is_refused(
    simulated: Simulate,
) -> None:
    first, again = (simulated((FILE + NEVER).encode(), participants=4) for _each in range(2))
    assert first.passed, first.failures
    products = first.sealed.products
    assert {each.status for each in products.lots} == {"released"}
    assert all(not each.refusals for each in products.checks)
    assert (first.cut, first.by_arm, first.sealed) == (again.cut, again.by_arm, again.sealed)


def test_lots_are_made_that_suit_who_is_to_be_given_them(simulated: Simulate) -> None:
    """Nobody's points are known before the infusion, so only a negative lot suits anybody."""
    suited = parse_file(SUITED.encode()).product("cells")
    assert suited.suits is not None and suited.retest_after_days == 180
    done = simulated((SUITED + NEVER).encode(), participants=4)
    assert done.passed, done.failures
    assert done.sealed.products.given
    assert not reached(done, "near miss")


def test_a_donor_who_turns_out_bad_fails_their_lots(simulated: Simulate) -> None:
    always = NEVER.replace("recalled_donors: 0", "recalled_donors: 1, accrual_days: 20")
    done = simulated((FILE + always).encode(), participants=8, seed=2)
    assert done.passed, done.failures
    products = done.sealed.products
    ended = {each.lot for each in products.lots if each.status in ("failed", "recalled")}
    assert ended
    excluded = {each.donor for each in products.donors if each.excluded_on}
    of_them = {each.lot for each in products.lots if excluded & set(each.donors)}
    assert of_them <= ended
