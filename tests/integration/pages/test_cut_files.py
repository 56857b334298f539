"""Files of a cut that are no longer the cut are shown to nobody, and a page says so."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tests.integration.conduct.world import STUDY, World

HERE = f"/studies/{STUDY}/cuts/first"
SAID = b"The files of the cut first are not the cut"


@pytest.fixture
def cut(world: World, signed_in: Callable[[str], Client], tmp_path: Path) -> Path:
    """The folder of a cut."""
    world.randomised()
    assert signed_in("yang").post(f"/studies/{STUDY}/cuts", {"name": "first"}).status_code == 302
    return tmp_path / STUDY / "first"


@pytest.mark.parametrize("name", ["steps.csv", "steps.parquet", "dictionary.csv", "more.csv"])
def test_a_changed_file_is_not_handed_out(
    cut: Path, signed_in: Callable[[str], Client], name: str
) -> None:
    browser = signed_in("yang")
    assert browser.get(f"{HERE}/files.zip").status_code == 200
    with (cut / "open" / name).open("ab") as file:
        file.write(b"C-999\r\n")
    for place in ("files.zip", "report.html", "report.pdf"):
        answer = browser.get(f"{HERE}/{place}")
        assert answer.status_code == 409
        assert SAID in answer.content
        assert str(cut).encode() not in answer.content
    assert browser.get(HERE).status_code == 200


def test_a_sealed_part_that_is_gone_or_changed_is_said_too(
    cut: Path, signed_in: Callable[[str], Client]
) -> None:
    place, browser = f"{HERE}/report-by-arm.html", signed_in("wei")
    assert browser.get(place).status_code == 200
    (cut / "sealed.bin").write_bytes((cut / "sealed.bin").read_bytes()[:-1] + b"?")
    assert SAID in browser.get(place).content
    (cut / "sealed.bin").unlink()
    answer = browser.get(place)
    assert (answer.status_code, SAID in answer.content) == (409, True)
