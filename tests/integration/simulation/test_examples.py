"""Protocols of registered trials of several kinds: each runs, and has the structure of its trial.

What is asked is counted in the data of the simulated study, not read in its file.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from trialwright.analysis.cut import Cut
from trialwright.analysis.cut_entries import Visit
from trialwright.protocol.basics import Origin
from trialwright.protocol.groups import escalations
from trialwright.protocol.loader import parse_file
from trialwright.simulation.examples import example, examples
from trialwright.simulation.run import Simulated

Simulate = Callable[..., Simulated]


def device(done: Simulated) -> None:
    """NCT00731939: nobody is allocated, one implantation each, visits counted from it."""
    assert done.sealed.assignments == ()
    implanted = {p.code: p.at("treated") for p in done.data.participants if p.at("treated")}
    taken = Counter(s.name for p in done.data.participants for s in p.steps)
    assert taken["implant/operation"] == len(implanted) > 0
    for visit in done.data.visits:
        if visit.visit in ("month_3", "month_6", "month_12") and visit.target:
            assert visit.participant in implanted
            assert visit.target > implanted[visit.participant]
    serials = values(done.data, "implantation", "serial_number")
    assert any(serials), "one may be missing, with its reason"


def two_creams(done: Simulated) -> None:
    """NCT06463353: both arms, four visits with windows of three days, children with a guardian;
    a kit of the own arm at each handing out, unused cream counted back."""
    arms = Counter(each.arm for each in done.sealed.assignments)
    assert set(arms) == {"trilinolein", "base"}
    assert abs(arms["trilinolein"] - arms["base"]) <= 6, "blocks of at most six"
    measured = {
        form: {e.visit for e in done.data.entries if e.form == form} for form in ("ige", "flora")
    }
    assert measured == {"ige": {"v1", "v3", "v5"}, "flora": {"v2", "v6"}}
    assert all(each.steps == () for each in done.sealed.assignments), "no step differs by arm"
    contents = {each.kit: each.product for each in done.sealed.kits}
    arm_of = {each.participant: each.arm for each in done.sealed.assignments}
    handed = [kit for kit in done.data.kits if kit.dispensed_on]
    assert handed and len({len(kit.kit) for kit in done.data.kits}) == 1
    assert all(contents[kit.kit] == arm_of[kit.participant] for kit in handed)
    given = {(p.code, s.name) for p in done.data.participants for s in p.steps}
    places = Counter((kit.participant, f"{kit.step}/{kit.visit}") for kit in handed)
    assert set(places) <= given and {"dispense/v2"} <= {name for _, name in places}
    back = [kit for kit in handed if kit.status == "returned"]
    assert back and all(Decimal(0) <= Decimal(kit.unused) <= 840 for kit in back)


def cohort(done: Simulated) -> None:
    """NCT03485690: nothing is given, no arm; a yearly visit up to ten, never two ahead."""
    assert done.sealed.assignments == ()
    assert not any(p.treatment for p in done.data.participants)
    yearly = [visit for visit in done.data.visits if visit.visit == "year"]
    assert max(visit.occurrence for visit in yearly) in range(2, 11)
    assert most_planned(yearly) == 1
    assert {e.visit for e in done.data.entries if e.form == "antitrypsin"} == {"baseline"}


def cycles(done: Simulated) -> None:
    """NCT06868277: infusions in cycles without a number, alike in both arms, never two ahead."""
    assert {each.arm for each in done.sealed.assignments} <= {"arm_a", "arm_b"}
    infusions = [visit for visit in done.data.visits if visit.visit == "day_1"]
    assert max(visit.occurrence for visit in infusions) >= 3
    assert most_planned(infusions) == 1
    opened = {step.name for p in done.data.participants for step in p.steps}
    assert any(name.startswith("infuse") for name in opened)
    assert not any(name.startswith("prepare") for name in opened)
    given = Counter((d.participant, d.occurrence) for d in done.data.doses if d.step == "infuse")
    assert max(given.values()) == 1, "one record for each cycle"
    assert {(p.code, s.name) for p in done.data.participants for s in p.steps if "/" in s.name} == {
        (d.participant, f"infuse/{d.visit}" + (f"~{d.occurrence}" if d.occurrence > 1 else ""))
        for d in done.data.doses
        if d.status != "not_done"
    }
    assert "Exposure" in done.pooled and "Exposure" in done.by_arm


def escalation(done: Simulated) -> None:
    """NCT05102214: from the lowest dose level up, none skipped, everybody allocated to the level
    that was open; toxicity is judged once, 28 days after the first infusion."""
    levels = sorted({each.arm for each in done.sealed.assignments})
    assert levels == [f"d{n}" for n in range(1, len(levels) + 1)]
    first = done.data.participants[0].code
    assert {each.arm for each in done.sealed.assignments if each.participant == first} <= {"d1"}
    judged = [e for e in done.data.entries if e.form == "toxicity"]
    assert {e.visit for e in judged} == {"dlt"}
    assert len(judged) == len({e.participant for e in judged}) > 0


def renal_groups(done: Simulated) -> None:
    """NCT00003706: four groups by clearance; each goes from the lowest level up by itself, none
    skipped, and the later ones open once the first has three."""
    limits = {"normal": (80, 251), "mild": (60, 80), "moderate": (40, 60), "severe": (0, 40)}
    people = {p.code: p for p in done.data.participants}
    for entry in done.data.entries:
        group = people[entry.participant].group
        found = {value.item: value.text for value in entry.values}
        if entry.form == "eligibility" and group:
            low, high = limits[group]
            assert low <= Decimal(found["clearance"] or 0) < high
    arms = {each.participant: each.arm for each in done.sealed.assignments}
    entered = sorted(arms, key=lambda code: people[code].at("randomised") or "")
    groups = [people[code].group for code in entered]
    assert all(groups) and set(groups[:3]) == {"normal"}
    for key in set(groups):
        levels = list(dict.fromkeys(arms[code] for code in entered if people[code].group == key))
        up = [f"d{n}" for n in range(1, len(levels) + 1)]
        assert sorted(levels) == up and levels[0] == "d1"
    reached = {line.name: line.times for line in done.coverage.lines if line.kind == "group"}
    assert reached == {key: groups.count(key) for key in limits}
    assert "Participants by group" in done.pooled and "Participants by group" in done.by_arm


def crossover(done: Simulated) -> None:
    """NCT02390960: two sequences; a dose of each product before, and one in each period; a week
    between; epochs in order."""
    arms = {each.participant: each.arm for each in done.sealed.assignments}
    assert set(arms.values()) <= {"active_first", "placebo_first"}
    opened = Counter((p.code, s.name) for p in done.data.participants for s in p.steps)
    assert max(opened.values()) == 1
    names = {name for _, name in opened}
    assert {"qualify_cream/visit_2", "qualify_tablet/visit_3"} <= names
    assert {"apply/visit_4", "apply/visit_5"} <= names
    assert not any(name.startswith("prepare") for name in names)
    tried = {code for code, name in opened if name == "qualify_cream/visit_2"}
    if len(done.data.participants) > 12:
        assert tried - set(arms), "who had the cream and was excluded stays in the data"
    treated = {p.code for p in done.data.participants if p.at("treated")}
    assert treated <= set(arms), "a dose of the qualification is no treatment"
    days = {(v.participant, v.visit): v for v in done.data.visits if v.actual}
    for code in arms:
        if (code, "visit_5") in days:
            fourth, fifth = days[code, "visit_4"].actual, days[code, "visit_5"]
            assert fourth and fifth.target == str(date.fromisoformat(fourth) + timedelta(days=7))
    order = [epoch.key for epoch in done.protocol.epochs]
    for code in arms:
        lived = [e.epoch for e in done.data.epochs if e.participant == code]
        assert lived == sorted(lived, key=order.index)
        assert "period_1" in lived
        assert ("period_2" in lived) == ((code, "visit_5") in days)
    assert "Participants by epoch" in done.pooled
    columns = [report.count(": began") for report in (done.pooled, done.by_arm)]
    assert columns == [1, 1 + len(set(arms.values()))], "by arm where arms may be shown"


def allocated_again(done: Simulated) -> None:
    """NCT07220811: the placebo arm is randomised again for part 2, everybody else goes on; the
    steps of part 2 come after it; nothing open tells one from the other."""
    order = {person.code: person for person in done.data.participants}
    again = [each for each in done.sealed.assignments if each.again]
    assert again, "somebody came to part 2"
    for each in again:
        assert [step.allocation for step in each.again] == ["part_2"]
        if each.arm == "placebo":
            assert each.path[1] in ("q8w", "q12w")
        else:
            assert each.path == (each.arm, each.arm)
        assert order[each.participant].at("allocation part_2")
    made = {each.participant for each in again}
    later = {"part_2_day_1", "week_26", "week_32", "week_36", "week_40"}
    given = {d.participant for d in done.data.doses if d.visit in later and d.status != "not_done"}
    assert given <= made
    assert "Allocations at later epochs" in done.pooled and "First arm" in done.by_arm
    assert "First arm" not in done.pooled


def escalated_later(done: Simulated) -> None:
    """NCT00001335: everybody begins with standard therapy, and those at high risk alone join dose
    cohorts of its third part, from the lowest level up; the window of a cohort counts from the
    first dose there."""
    high = {
        entry.participant: value.text == "yes"
        for entry in done.data.entries
        if entry.form == "eligibility"
        for value in entry.values
        if value.item == "high_risk"
    }
    assert {each.arm for each in done.sealed.assignments} == {"standard"}
    joined = {each.participant: each.level for each in done.sealed.cohort_members}
    assert joined and all(high[code] for code in joined)
    for each in done.sealed.assignments:
        level = joined.get(each.participant)
        own = {step.arm for step in each.again}
        assert own <= {f"mime_{level}" if level else "standard"}
    first: dict[str, str] = {}
    for dose in done.data.doses:
        if dose.step == "mime_dose" and dose.status != "not_done":
            first.setdefault(dose.participant, dose.on)
    treated = [each for each in done.sealed.cohort_members if each.treated_on]
    assert treated and all(each.treated_on == first[each.participant] for each in treated)
    levels = [each.level for each in done.sealed.cohort_decisions if each.verdict == "open"]
    assert levels[0] == 1 and max(levels) <= len(levels)


def clinics(done: Simulated) -> None:
    """NCT05160233: clinics are allocated, each on its own day, and their patients never are; a
    patient's arm is the clinic's, and their visits count from its day."""
    units = {p.code: p for p in done.data.participants if p.kind == "clinic"}
    patients = [p for p in done.data.participants if p.kind == "patient"]
    assert units and patients and len(units) + len(patients) == len(done.data.participants)
    assert all(p.linked_to in units and p.arm_of == p.linked_to for p in patients)
    assert not any(p.at("randomised") for p in patients)
    arm_of = {each.participant: each.arm for each in done.sealed.assignments}
    assert set(arm_of.values()) <= {"standard", "coaching", "facilitation", "both"}
    assert all(arm_of[p.code] == arm_of[p.arm_of] for p in patients)
    begun = {code: p.at("randomised") for code, p in units.items()}
    assert len({day for day in begun.values() if day}) == len(arm_of) - len(patients)
    for visit in done.data.visits:
        assert (visit.visit in ("baseline", "active_end")) == (visit.participant in units)
    planned = [v for v in done.data.visits if v.visit == "month_12" and v.target]
    people = {p.code: p for p in patients}
    for visit in planned:
        assert (
            visit.target and visit.target[:4] > (begun[people[visit.participant].arm_of] or "")[:4]
        )
    assert {c.given_by for c in done.data.consents} == {"waived"}
    assert "Linked participants" in done.pooled and "Linked participants" in done.by_arm


def two_factors(done: Simulated) -> None:
    """NCT02449850: each child has one level of each of two factors, in every region; what tells
    arms apart is told to the nurse alone, and by factor in the report by arm alone."""
    levels = {arm.key: (arm.levels["skin"], arm.levels["food"]) for arm in done.protocol.arms}
    assert set(levels.values()) == {
        (skin, food) for skin in ("no_skin", "skin") for food in ("no_food", "food")
    }
    arms = {each.participant: each.arm for each in done.sealed.assignments}
    randomised = {p.code for p in done.data.participants if p.at("randomised")}
    assert set(arms) == randomised and set(arms.values()) <= set(levels)
    if len(arms) > 12:
        assert set(arms.values()) == set(levels)
    assert {c.given_by for c in done.data.consents} == {"representative"}
    judged = {e.visit for e in done.data.entries if e.form == "allergy"}
    assert judged == {"month_36"}
    assert "Participants by factor" in done.by_arm
    assert "Participants by factor" not in done.pooled
    assert done.by_arm.count("All (margin)") == 4 and "Interaction: Skin care" in done.by_arm
    assert "All (margin)" not in done.pooled


def most_planned(visits: list[Visit]) -> int:
    """How many of these visits are before one participant at most."""
    ahead = Counter(visit.participant for visit in visits if visit.status == "planned")
    return max(ahead.values(), default=1)


STRUCTURE: dict[str, Callable[[Simulated], None]] = {
    "nct00001335": escalated_later,
    "nct00003706": renal_groups,
    "nct00731939": device,
    "nct02390960": crossover,
    "nct02449850": two_factors,
    "nct03485690": cohort,
    "nct05102214": escalation,
    "nct05160233": clinics,
    "nct06868277": cycles,
    "nct06463353": two_creams,
    "nct07220811": allocated_again,
}


def values(cut: Cut, form: str, item: str) -> list[str | None]:
    """The texts of one item wherever it was asked."""
    entries = [entry for entry in cut.entries if entry.form == form]
    return [value.text for entry in entries for value in entry.values if value.item == item]


def test_each_example_has_its_structure_tested() -> None:
    assert set(STRUCTURE) == set(examples())


@pytest.mark.parametrize("name", examples())
def test_an_example_says_where_its_facts_come_from(name: str) -> None:
    protocol = parse_file(example(name), name)
    assert protocol.demonstration and protocol.twin_of == name.upper()
    stated = {fact.path for fact in protocol.facts if fact.origin is Origin.STATED}
    assert {"participants", "kinds.patient.participants"} & stated
    assert not any(path.endswith((".check", ".block_sizes")) for path in stated)


@pytest.mark.parametrize("name", examples())
def test_an_example_runs(simulated: Simulate, name: str) -> None:
    done = simulated(example(name), participants=3)
    assert done.passed
    assert done.coverage.refusals == () and done.coverage.unmet == ()
    STRUCTURE[name](done)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", examples())
def test_an_example_runs_with_many_and_three_seeds(
    simulated: Simulate, name: str, seed: int
) -> None:
    done = simulated(example(name), participants=24, seed=seed)
    assert done.passed and done.coverage.enrolled == 24
    assert done.coverage.refusals == () and done.coverage.unmet == ()
    kinds = {line.kind for line in done.coverage.never}
    # Of an escalation no level beyond the tolerated one is reached.
    arms = set() if any(escalations(done.protocol)) else {"arm"}
    assert kinds.isdisjoint({"stratum", "visit", "step"} | arms)
    STRUCTURE[name](done)
