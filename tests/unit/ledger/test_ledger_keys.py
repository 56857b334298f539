"""The key file protects itself, and what it sealed opens at its own place only."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.ledger import keys as key_file
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.keys import Keys
from trialwright.ledger.seal import SIZES

KEYS = Keys(signing=bytes(32), sealing=bytes(range(32)))
PLACE = ("DEMO-HAEC-01", "slot", "II", "7")


def test_a_generated_file_is_read_back_and_closed_to_others(tmp_path: Path) -> None:
    made = key_file.generate(tmp_path / "keys")
    assert key_file.load(tmp_path / "keys") == made
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    made = key_file.generate(tmp_path / "keys")
    with pytest.raises(LedgerError, match="never overwritten"):
        key_file.generate(tmp_path / "keys")
    assert key_file.load(tmp_path / "keys") == made


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key_file.generate(tmp_path / "keys")
    (tmp_path / "keys").chmod(0o640)
    with pytest.raises(LedgerError, match="chmod 600"):
        key_file.load(tmp_path / "keys")


@pytest.mark.parametrize("name", ["format", "public", "signing", "sealing"])
def test_a_damaged_key_file_is_refused(tmp_path: Path, name: str) -> None:
    key_file.generate(tmp_path / "keys")
    content = json.loads((tmp_path / "keys").read_text())
    content[name] = content[name][:-3]
    (tmp_path / "keys").write_text(json.dumps(content))
    with pytest.raises(LedgerError, match="custodian"):
        key_file.load(tmp_path / "keys")


def test_no_secret_is_printed() -> None:
    assert repr(KEYS) == f"Keys({key_file.key_name(KEYS.public)})"


@given(st.binary(max_size=70_000))
def test_what_is_sealed_opens_and_its_length_is_one_of_few(plain: bytes) -> None:
    sealed = KEYS.sealer("S").seal(plain, PLACE)
    assert KEYS.sealer("S").open(sealed, PLACE) == plain
    assert len(sealed) - 28 in (*SIZES, 2 * SIZES[-1])


@given(st.integers(0, 283), st.integers(1, 255))
def test_no_changed_byte_opens(at: int, by: int) -> None:
    sealed = bytearray(KEYS.sealer("S").seal(b"2", PLACE))
    sealed[at] ^= by
    with pytest.raises(LedgerError, match="doesn't open"):
        KEYS.sealer("S").open(bytes(sealed), PLACE)


@pytest.mark.parametrize(
    ("study", "place"),
    [
        ("T", PLACE),
        ("S", (*PLACE[:3], "8")),
        ("S", (*PLACE[:2], "I", "I7")),
        ("S", PLACE[:3]),
    ],
)
def test_at_another_place_or_for_another_study_it_does_not_open(
    study: str, place: tuple[str, ...]
) -> None:
    sealed = KEYS.sealer("S").seal(b"2", PLACE)
    with pytest.raises(LedgerError, match="doesn't open"):
        KEYS.sealer(study).open(sealed, place)


def test_the_same_arm_sealed_twice_looks_like_any_two() -> None:
    sealer = KEYS.sealer("S")
    assert len({sealer.seal(b"2", PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27, 28, 200])
def test_what_was_cut_short_is_refused_in_words_however_short(length: int) -> None:
    sealed = KEYS.sealer("S").seal(b"2", PLACE)[:length]
    with pytest.raises(LedgerError, match="doesn't open"):
        KEYS.sealer("S").open(sealed, PLACE)
