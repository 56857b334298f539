"""What is signed carries its signature: name, role, time to the second, meaning, and its hash."""

import re
from collections.abc import Callable

from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.models import Signature

HERE = f"/studies/{STUDY}/participants/C-001"


def test_a_form_and_an_eligibility_carry_who_signed_when_and_what_for(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    code = world.eligible()
    world.sign(world.investigator, code, "screening", "demographics")
    browser = signed_in("feng")
    form = browser.get(f"{HERE}/visits/screening/demographics/1/answers").content.decode()
    eligibility = browser.get(f"{HERE}/eligibility").content.decode()
    for page, meaning, sentence in (
        (form, "entry", "I have checked these answers against their source and they are right."),
        (eligibility, "eligibility", "checked against its source and that the participant is"),
    ):
        row = Signature.objects.get(meaning=meaning)
        assert "Zhao Wen" in page and sentence in page and row.content_hash[:16] in page
        assert re.search(r"6 March 2023, 09:00:00 UTC\+08:00", page)


def test_a_signature_whose_content_changed_says_so(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    code = world.eligible()
    world.sign(world.investigator, code, "screening", "demographics")
    world.save(
        world.coordinator, code, "screening", "demographics",
        {"age": "31", "height": "161.0", "weight": "60"}, based_on=1,
        change_reasons={"weight": "Misread"},
    )  # fmt: skip
    page = signed_in("feng").get(f"{HERE}/visits/screening/demographics/1/answers")
    assert "void since" in page.content.decode()
