"""The participant flow: every person stands in exactly one place at each level."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.analysis.cut import Assignment, Cut, Head, ProtocolVersion, SealedPart, Site
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.analysis.cut_participants import (
    ENDINGS,
    EXCLUSIONS,
    STOPS,
    TREATMENTS,
    Ending,
    Exclusion,
    Participant,
    Step,
    Treatment,
)
from trialwright.analysis.flow import Reason, end_of_following, participant_flow, total


def cut_of(people: tuple[Participant, ...]) -> Cut:
    version = ProtocolVersion("D", "1", "a" * 64)
    head = Head(1, "b" * 64)
    sites = (Site("C", "Chongqing"),)
    return Cut("D", "look", True, version, head, head, "2026-06-01", "2026-01-01", sites, people)


def person(code: str, *steps: str, **more: object) -> Participant:
    dated = tuple(Step(name, f"2026-01-{i:02}") for i, name in enumerate(steps, start=1))
    return Participant(code, "C", code, "", dated, **more)  # type: ignore[arg-type]


STORY = (
    person("1", "screened"),
    person("2", "screened", exclusion=Exclusion("ineligible", "2026-01-02", ("b", "a"))),
    person("3", "screened", exclusion=Exclusion("ineligible", "2026-01-02", ("a",))),
    person("4", "screened", exclusion=Exclusion("declined", "2026-01-02", (), "too far")),
    person("5", "screened", "randomised"),
    person("6", "randomised", treatment=Treatment("full", "2026-01-05")),
    person(
        "7",
        "randomised",
        treatment=Treatment("none", "2026-01-05"),
        endings=(Ending("withdrawn", "2026-02-01", ("treatment",), "declined treatment"),),
    ),
    person(
        "8",
        "randomised",
        treatment=Treatment("part", "2026-01-05"),
        endings=(Ending("withdrawn", "2026-02-01", ("visits",), "moved"),),
    ),
    person(
        "9",
        "randomised",
        treatment=Treatment("full", "2026-01-05"),
        endings=(Ending("lost", "2026-03-01"), Ending("died", "2026-04-01")),
    ),
)


def test_a_small_story_is_counted_as_by_hand() -> None:
    flow = participant_flow(cut_of(STORY))
    (everyone,) = flow.groups
    assert (flow.screened, flow.in_screening, flow.randomised) == (9, 1, 5)
    assert [(e.kind, e.count) for e in flow.excluded] == [
        ("ineligible", 2),
        ("declined", 1),
        ("other", 0),
    ]
    assert flow.excluded[0].criteria == (Reason("a", 2), Reason("b", 1))
    assert flow.excluded[1].reasons == (Reason("too far", 1),)
    assert (everyone.treated, everyone.treatment_pending) == (2, 1)
    assert everyone.partly == everyone.untreated == (Reason("", 1),)
    assert everyone.withdrawn == (Reason("moved", 1),)
    assert (everyone.died, everyone.lost, everyone.followed) == (1, (), 3)


def test_why_not_all_was_given_stands_in_the_sealed_part_alone() -> None:
    cut = cut_of(STORY)
    told = (
        Assignment("5", "a"),
        Assignment("6", "a", "a"),
        Assignment("7", "a", None, "perforation"),
        Assignment("8", "a", "a", "reaction"),
        Assignment("9", "a", "a"),
    )
    (arm,) = participant_flow(cut, SealedPart("D", "look", canonical_hash(cut), told)).groups
    assert (arm.treated, arm.treatment_pending) == (2, 1)
    assert arm.partly == (Reason("reaction", 1),)
    assert arm.untreated == (Reason("perforation", 1),)


@pytest.mark.parametrize(
    ("stops", "stands"),
    [(("treatment",), "followed"), (("visits",), "withdrawn"), (("contact",), "withdrawn")],
)
def test_only_leaving_visits_or_contact_ends_the_following(
    stops: tuple[str, ...], stands: str
) -> None:
    ended = person("1", "randomised", endings=(Ending("withdrawn", "2026-02-01", stops),))
    assert end_of_following(ended) == stands


def people(seed: int, count: int) -> Iterator[Participant]:
    chance = random.Random(seed)
    for number in range(count):
        excluded = treated = None
        steps, endings = ["screened"], ()
        if chance.random() < 0.3:
            excluded = Exclusion(chance.choice(EXCLUSIONS), "2026-01-03", (), "r")
        elif chance.random() < 0.8:
            steps.append("randomised")
            if chance.random() < 0.8:
                treated = Treatment(chance.choice(TREATMENTS), "2026-01-04")
            endings = tuple(
                Ending(chance.choice(ENDINGS), "2026-02-01", (chance.choice(STOPS),), "r")
                for _ in range(chance.randrange(3))
            )
        yield person(f"{number:03}", *steps, exclusion=excluded, treatment=treated, endings=endings)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 40))
def test_counts_add_up_pooled_and_by_arm(seed: int, count: int) -> None:
    cut = cut_of(tuple(people(seed, count)))
    pooled = participant_flow(cut)
    chance = random.Random(seed)
    randomised = [p.code for p in cut.participants if p.at("randomised")]
    arms = tuple(Assignment(code, chance.choice("abc")) for code in randomised)
    by_arm = participant_flow(cut, SealedPart("D", "look", canonical_hash(cut), arms))
    for flow in (pooled, by_arm):
        excluded = sum(e.count for e in flow.excluded)
        assert flow.screened == flow.in_screening + excluded + flow.randomised
        assert flow.randomised == sum(group.allocated for group in flow.groups)
        for g in flow.groups:
            given = g.treated + total(g.partly) + total(g.untreated) + g.treatment_pending
            ended = g.completed + total(g.withdrawn) + total(g.lost) + g.died
            assert g.allocated == given == ended + g.followed
    assert sum(g.treated for g in by_arm.groups) == pooled.groups[0].treated
