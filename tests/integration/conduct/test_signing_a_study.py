"""What stands between a protocol and its study: assumed facts, the design, the keys' recovery."""

import secrets
from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import START, STUDY, World
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import studies
from trialwright.conduct.demonstration.people import ensure_people
from trialwright.conduct.models import Study
from trialwright.ledger import custody, files
from trialwright.protocol.basics import Role
from trialwright.protocol.demonstration import demonstration
from trialwright.protocol.problems import ProtocolFileError

PASSPHRASE = "five words drawn at random"


@pytest.fixture
def signer(db: None) -> Actor:
    ensure_people(STUDY, "a secret of the tests")
    return World(START).investigator


def _real() -> str:
    text = demonstration().source_bytes.decode()
    return text.replace("demonstration: yes", "demonstration: no", 1).replace(
        "twin_of:", "registered_as:", 1
    )


def _confirmed() -> str:
    """The same with every assumption confirmed."""
    return _real().replace("origin: assumed", "origin: confirmed")


def _sign(by: Actor, text: str, **more: object) -> partial[object]:
    return partial(
        studies.sign_protocol, by=by, source=text.encode(), file_name="protocol.yaml",
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_no_real_participants_on_assumed_safety(signer: Actor) -> None:
    sentence = refused(_sign(signer, _real()))
    assert "safety-critical facts are only assumed" in sentence and "line" in sentence


def test_a_real_study_has_no_other_clock_or_seed_and_tested_keys(signer: Actor) -> None:
    assert "its seed or its clock" in refused(_sign(signer, _confirmed(), at=START))
    assert "its seed or its clock" in refused(_sign(signer, _confirmed(), seed=bytes(32)))
    if not custody.recovery_was_tested(files.keys()):
        assert "keys can be recovered" in refused(_sign(signer, _confirmed()))
    copy = custody.wrap(files.keys(), "the custodian", PASSPHRASE, secrets.token_bytes)
    custody.confirm_recovery(copy, PASSPHRASE, files.keys(), by=signer.person_id, happened_at=START)
    _sign(signer, _confirmed())()
    assert not Study.objects.get().demonstration


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
