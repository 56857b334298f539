"""The monitor's pages of source data verification, and what a site sees of them: nothing."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from tests.integration.conduct.test_source_sample import drawn_and_not, verify_all
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.reads.verification import participants_to_verify, plans_of_sites

Browsers = Callable[[str], Client]


def at(place: str) -> str:
    return f"/studies/{STUDY}/{place}"


def seen(browser: Client, address: str, language: str = "en") -> str:
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    text = browser.get(address, follow=True).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def two(world: World) -> tuple[str, str]:
    return drawn_and_not(world)


def test_a_monitor_finds_from_today_to_the_value_what_is_to_be_verified(
    world: World, two: tuple[str, str], signed_in: Browsers
) -> None:
    feng, (drawn, other) = signed_in("feng"), two
    told = {e.code: e for e in participants_to_verify(world.monitor, plans_of_sites(world.monitor))}
    count = sum(each.forms for each in told.values())
    number = sum(bool(each.drawn) for each in told.values())
    today = seen(feng, "/today")
    assert "Source data to verify Site C" in today
    assert f"{count} forms to verify" in today
    assert f"{number} participant{'s' if number > 1 else ''} drawn" in today
    page = seen(feng, at("verification"))
    assert f"{drawn} C Everything: the participant is drawn {told[drawn].forms}" in page
    assert f"{other} C What is critical {told[other].forms}" in page
    assert "share of forms entered late" in page
    only = seen(feng, at("verification?drawn=all"))
    assert drawn in only and other not in only
    rows = feng.get(at("verification.json")).json()["rows"]
    assert {"participant": drawn, "site": "C", "drawn": True, "forms": told[drawn].forms} in rows
    assert "Everything: the participant is drawn" in seen(feng, at(f"participants/{drawn}"))
    assert f"{told[other].forms} forms to verify" in seen(feng, at(f"participants/{other}"))
    form = "visits/screening/demographics/1/source"
    source = seen(feng, at(f"participants/{other}/{form}"))
    assert re.search(r"Age .{0,30} Critical", source), source[-3000:]
    assert "161.0 cm No" in source
    assert "161.0 cm Participant drawn" in seen(feng, at(f"participants/{drawn}/{form}"))
    chinese = seen(feng, at("verification"), "zh-hans")
    assert "全部：该受试者被抽中" in chinese and "Everything" not in chinese


def test_what_is_verified_leaves_the_monitors_lists(
    world: World, two: tuple[str, str], signed_in: Browsers
) -> None:
    feng, (_drawn, other) = signed_in("feng"), two
    listed = at(f"forms?status=unverified&participant={other}")
    assert "Demographics" in seen(feng, listed)
    verify_all(world, other, "demographics", ("age",))
    assert "Demographics" not in seen(feng, listed).split("Show", 1)[1]
    for form in ("history", "hysteroscopy", "chemistry", "virology"):
        verify_all(world, other, form)
    assert "1 form to verify" in seen(feng, at(f"participants/{other}"))


@pytest.mark.parametrize("name", ["lin", "zhao"])
def test_people_of_the_site_read_the_same_of_who_is_drawn_and_who_is_not(
    two: tuple[str, str], signed_in: Browsers, name: str
) -> None:
    browser, (drawn, other) = signed_in(name), two
    for kind in ("", ".csv", ".json"):
        assert browser.get(at(f"verification{kind}")).status_code == 404
    for place in (
        "participants/{}", "forms?status=unverified&participant={}",
        "participants/{}/visits/screening/demographics/1/answers",
    ):  # fmt: skip
        mine, theirs = (
            re.sub(r"\b[0-9]{4}-[0-9-]+|#\S+", "", seen(browser, at(place.format(code))))
            for code in (drawn, other)
        )
        assert mine.replace(drawn, "X") == theirs.replace(other, "X")
        assert "verif" not in mine.replace("To be verified in the source", "").casefold()
    assert "verif" not in seen(browser, "/today").casefold()
