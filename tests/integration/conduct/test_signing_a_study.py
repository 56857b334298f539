"""What stands between a demonstration's protocol and its study: the design, who signs, once."""

from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import START, STUDY, World
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import studies
from trialwright.conduct.models import Study
from trialwright.demonstration.people import ensure_people
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role
from trialwright.protocol.problems import ProtocolFileError


@pytest.fixture
def signer(db: None) -> Actor:
    ensure_people(STUDY, "a secret of the tests")
    return World(START).investigator


def _real() -> str:
    text = demonstration().source_bytes.decode()
    return text.replace("demonstration: yes", "demonstration: no", 1).replace(
        "twin_of:", "registered_as:", 1
    )


def _sign(by: Actor, text: str, **more: object) -> partial[object]:
    return partial(
        studies.sign_protocol, by=by, source=text.encode(), file_name="protocol.yaml",
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_study_of_real_participants_is_never_signed_and_started_in_one(signer: Actor) -> None:
    assert "Only a demonstration is signed and started in one" in refused(_sign(signer, _real()))
    assert not Study.objects.exists()


def test_an_error_in_the_design_stops_the_signing_at_its_line(signer: Actor) -> None:
    text = demonstration().source_bytes.decode()
    design = text.index("\ndesign:")
    kind = text.index("kind:", design)
    line = text[:kind].count("\n") + 1
    broken = text[:kind] + "kind: coin_toss #" + text[kind + len("kind:") :]
    with pytest.raises(ProtocolFileError) as error:
        _sign(signer, broken, at=START)()
    (problem,) = error.value.problems
    assert (problem.line, problem.rule) == (line, "design") and "coin_toss" in problem.message
    assert not Study.objects.exists()


def test_a_study_is_signed_once_by_who_may(world: World) -> None:
    text = demonstration().source_bytes.decode()
    assert "already runs" in refused(_sign(world.investigator, text, at=START))
    absent(_sign(world.coordinator, text, at=START))
    absent(_sign(world.person(Role.DATA_MANAGER), text, at=START))
    another = text.replace("identifier: DEMO-HAEC-01", "identifier: DEMO-HAEC-02", 1)
    absent(_sign(world.investigator, another, at=START))
