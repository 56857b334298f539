"""What a page about a participant says of the epoch and of the time of the site."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.integration.conduct.world import STUDY, World, begin
from trialwright.accounts.models import Person, Site
from trialwright.demonstration.protocol import demonstration

EPOCHS = """
epochs:
  before: {label: {en: "Before treatment", zh: "治疗前"}, type: screening, ends: [treatment]}
  after: {label: {en: "After treatment", zh: "治疗后"}, type: follow_up}
"""


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any) -> World:
    settings.TRIALWRIGHT_CUTS = tmp_path
    source = demonstration().source_bytes.decode().replace("\nvisits:", f"{EPOCHS}\nvisits:", 1)
    return begin(source.encode())


@pytest.fixture
def shown(world: World) -> Callable[[str, str], str]:
    def get(code: str, language: str) -> str:
        browser = Client()
        browser.force_login(Person.objects.get(username="lin"))
        browser.cookies["django_language"] = language
        answer = browser.get(
            f"/studies/{STUDY}/participants/{code}", headers={"Accept-Language": language}
        )
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def test_the_epoch_stands_on_the_pages_of_a_participant(
    world: World, shown: Callable[[str, str], str]
) -> None:
    code = world.randomised()
    assert "<dd>Before treatment</dd>" in shown(code, "en")
    world.treat(code)
    assert "<dd>After treatment</dd>" in shown(code, "en")
    assert "<dd>治疗后</dd>" in shown(code, "zh-hans")


def test_times_are_those_of_the_participants_site(
    world: World, shown: Callable[[str, str], str]
) -> None:
    code = world.consented()  # 9:00 in Shanghai, 18:00 of the day before in Los Angeles
    assert "6 March 2023" in shown(code, "en")
    Site.objects.filter(study=STUDY, code="C").update(time_zone="America/Los_Angeles")
    assert "5 March 2023" in shown(code, "en")
