"""Libraries for the pages: the bundled sample, and ones made of a few studies."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trialwright.registry.library.adding import add
from trialwright.registry.readers.files import RawRecord

Study = dict[str, Any]
Shelve = Callable[..., None]


def study(number: str, **modules: Any) -> Study:
    """A study in the v2 form with these modules."""
    named = {f"{name}Module": module for name, module in modules.items()}
    identification = {"nctId": number, **named.pop("identificationModule", {})}
    return {"protocolSection": {"identificationModule": identification, **named}}


@pytest.fixture
def shelve(settings: Any, tmp_path: Path) -> Shelve:
    """Have the pages show a library of these studies, each version in turn."""

    def shelved(*studies: Study) -> None:
        raws = [
            RawRecord(json.dumps(made).encode(), "made", str(n)) for n, made in enumerate(studies)
        ]
        add(tmp_path / "library", raws)
        settings.TRIALWRIGHT_REGISTRY = str(tmp_path / "library")

    return shelved
