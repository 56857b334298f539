"""The two parts of a cut on disk: read back as they were, and refused when they aren't."""

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.report.hand_cut import CUT, PROTOCOL, SEALED
from trialwright.analysis.cut import CutError
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.conduct.cut import store as cut_store
from trialwright.ledger import keys

STUDY = CUT.study


@pytest.fixture
def cuts(tmp_path: Path, settings: Any) -> Path:
    settings.TRIALWRIGHT_CUTS = tmp_path
    settings.TRIALWRIGHT_KEYS = tmp_path
    keys.generate(tmp_path / "ledger.json")
    return tmp_path / STUDY


def test_both_parts_are_read_back_as_they_were(cuts: Path) -> None:
    cut_store.store(CUT, SEALED, PROTOCOL)
    assert cut_store.load_open(STUDY, CUT.name, canonical_hash(CUT)) == CUT
    assert cut_store.load_sealed(STUDY, CUT.name) == SEALED
    folder = cut_store.folder_of(STUDY, CUT.name)
    assert folder == cuts / CUT.name
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in cuts.iterdir()] == [CUT.name]
    sealed = (folder / "sealed.bin").read_bytes()
    assert not any(arm.key.encode() in sealed for arm in PROTOCOL.arms)


def test_what_a_crash_left_under_the_name_is_replaced(cuts: Path) -> None:
    left = cuts / CUT.name / "open"
    left.mkdir(parents=True)
    (left / "half.csv").write_text("a\r\n")
    cut_store.store(CUT, SEALED, PROTOCOL)
    assert not (left / "half.csv").exists()
    assert cut_store.load_open(STUDY, CUT.name, canonical_hash(CUT)) == CUT


def test_a_whole_cut_exchanged_for_another_is_refused(cuts: Path) -> None:
    other = replace(CUT, queries=())
    cut_store.store(other, replace(SEALED, cut_hash=canonical_hash(other)), PROTOCOL)
    with pytest.raises(CutError, match="not the cut by hand as it was made"):
        cut_store.load_open(STUDY, CUT.name, canonical_hash(CUT))


def _other_name(place: Path) -> None:
    place.parent.rename(place.parent.with_name("another"))


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (Path.unlink, CUT.name),
        (lambda place: place.write_bytes(place.read_bytes()[:-1]), CUT.name),
        (lambda place: place.write_bytes(b""), CUT.name),
        # The bytes are bound to their study and cut: they don't open under another name.
        (_other_name, "another"),
    ],
)
def test_a_sealed_part_that_is_gone_changed_or_of_another_cut_is_refused(
    cuts: Path, harm: Callable[[Path], object], name: str
) -> None:
    cut_store.store(CUT, SEALED, PROTOCOL)
    harm(cuts / CUT.name / "sealed.bin")
    with pytest.raises(CutError, match=r"sealed\.bin can't be read"):
        cut_store.load_sealed(STUDY, name)
