"""What no page can hold is refused before any page: never with a 500, never half understood."""

import io
from collections.abc import Callable

import pytest
from django.test import Client

from tests.integration.conduct.refusing import stored
from tests.integration.conduct.world import STUDY, World
from tests.integration.pages.test_signing_in import PASSWORDS

HERE = f"/studies/{STUDY}"
FORM = "application/x-www-form-urlencoded"
ENCODINGS = ("utf-16", "utf-7", "latin-1", "cp037", "unicode_escape")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "address",
    ["/studies/%00", f"{HERE}%00/participants", f"{HERE}/participants/C-001%00", "/trials/%00"],
)
def test_an_address_with_nul_names_nothing(
    signed_in: Callable[[str], Client], address: str
) -> None:
    browser = signed_in("lin")
    assert browser.get(address).status_code == 404
    assert browser.post(address).status_code == 404


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_another_encoding_is_refused(
    world: World, signed_in: Callable[[str], Client], encoding: str
) -> None:
    browser = signed_in("yang")
    before = stored()
    said = f"{FORM}; charset={encoding}"
    for method, address in (("POST", f"{HERE}/cuts"), ("POST", "/sign-in"), ("GET", "/trials")):
        answer = browser.generic(method, f"{address}?q=a", b"name=first", content_type=said)
        assert answer.status_code == 400
    assert stored() == before


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("address", ["/sign-in", "/trials", "/design", HERE])
def test_thousands_of_parameters_are_refused(
    signed_in: Callable[[str], Client], address: str
) -> None:
    query = "&".join(f"a{number}=1" for number in range(1001))
    assert signed_in("lin").get(f"{address}?{query}").status_code == 400


def test_a_name_with_nul_belongs_to_nobody(world: World) -> None:
    sent = {"username": "l\0in", "password": "\0"}
    assert Client().post("/sign-in", sent).status_code == 401


@pytest.mark.parametrize("wanted", ["foo", "trial", "?x", "[", "a b", "//x.example", "https://x"])
def test_after_signing_in_one_is_nowhere_else(world: World, wanted: str) -> None:
    sent = {"username": "lin", "password": PASSWORDS["lin"], "next": wanted}
    answer = Client().post("/sign-in", sent)
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "address", ["/today", "/account", HERE, f"{HERE}/participants.csv", f"{HERE}/protocol"]
)
def test_no_browser_keeps_a_page_of_a_study(
    signed_in: Callable[[str], Client], address: str
) -> None:
    answer = signed_in("lin").get(address)
    assert answer.status_code == 200
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))


def test_what_is_not_a_form_is_not_an_empty_one(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    code = world.consented()
    world.visited(code, "screening")
    browser, before = signed_in("lin"), stored()
    place = f"{HERE}/participants/{code}/visits/screening/demographics/1"
    for kind in ("application/json", "text/plain", ""):
        answer = browser.generic("POST", place, b'{"age": "31"}', content_type=kind)
        assert answer.status_code == 400
    for sent in ({}, {"age": "31"}):
        assert browser.post(place, sent).status_code == 400
        assert browser.post(f"{place}/draft", sent).status_code == 400
    assert stored() == before


def test_no_page_takes_a_file(world: World, signed_in: Callable[[str], Client]) -> None:
    sent = {"site": "C", "file": io.BytesIO(b"anything")}
    assert signed_in("lin").post(f"{HERE}/screen", sent).status_code == 400


@pytest.mark.parametrize("number", ["2147483647", "2147483648", "9" * 40, "-1", "٣"])
def test_a_number_that_no_table_can_hold_names_nothing(
    world: World, signed_in: Callable[[str], Client], number: str
) -> None:
    code = world.consented()
    world.visited(code, "screening")
    browser = signed_in("lin")
    form = f"participants/{code}/visits/screening/demographics/{number}"
    for place in (form, f"{form}/draft", f"{form}/answers", f"queries/{number}"):
        for answer in (browser.get, browser.post):
            assert answer(f"{HERE}/{place}", {"revision": "0"}).status_code == 404
    assert browser.get(f"{HERE}/ledger/{number}").status_code == 404
