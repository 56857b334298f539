"""Trials of every register have a page, whatever their number is made of."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from trialwright.registry.library.adding import add
from trialwright.registry.readers.files import raw_records

TRIAL = (
    "<Trials_downloaded_from_ICTRP><Trial><TrialID>{}</TrialID><Public_title>Hiccup</Public_title>"
    "<Condition>Hiccup</Condition></Trial></Trials_downloaded_from_ICTRP>"
)


@pytest.mark.parametrize(
    "number",
    ["ChiCTR2600000002", "jRCTs031200001", "CTRI/2018/02/012345", "SLCTR/2019/001", "RBR-6y7bkk"],
)
def test_a_trial_is_listed_and_has_its_page(
    client: Client, settings: Any, tmp_path: Path, number: str
) -> None:
    path = tmp_path / "trials.xml"
    path.write_text(TRIAL.format(number))
    add(tmp_path / "library", raw_records(path))
    settings.TRIALWRIGHT_REGISTRY = str(tmp_path / "library")
    listed = client.get("/trials?q=hiccup")
    assert number in listed.content.decode()
    for place in (f"/trials/{number}", f"/trials/{number}.json", f"/trials/{number}/draft"):
        answer = client.get(place)
        assert answer.status_code == 200, place
    assert client.get(f"/trials?q={number}")["Location"] == f"/trials/{number}"
