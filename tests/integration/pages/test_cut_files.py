"""Files of a cut that are no longer the cut are handed to nobody."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.analysis.cut import CutError

ADDRESS = f"/studies/{STUDY}/cuts/first/files.zip"


@pytest.mark.parametrize("name", ["steps.csv", "steps.parquet", "dictionary.csv", "more.csv"])
def test_a_changed_file_is_not_handed_out(
    world: World, signed_in: Callable[[str], Client], tmp_path: Path, name: str
) -> None:
    world.randomised()
    browser = signed_in("yang")
    browser.post(f"/studies/{STUDY}/cuts", {"name": "first"})
    assert browser.get(ADDRESS).status_code == 200
    with (tmp_path / STUDY / "first" / "open" / name).open("ab") as file:
        file.write(b"C-999\r\n")
    with pytest.raises(CutError, match=name):
        browser.get(ADDRESS)
