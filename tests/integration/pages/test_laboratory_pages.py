"""The pages of the laboratories: who sees which, and a list from its file to a flagged result."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.integration.conduct.world import STUDY, World

HEAD = "test,unit,low,high,first_day\n"
LIST = "haemoglobin,g/L,100,150,2020-01-01\nplatelets,10^9/L,220,350,2020-01-01\n"
PLACE = f"/studies/{STUDY}/laboratory"
FORM = f"/studies/{STUDY}/participants/C-001/visits/screening/blood_count/1"


def send(browser: Client, text: str, once: str = "a", **more: object) -> object:
    file = SimpleUploadedFile("ranges.csv", text.encode(), "text/csv")
    return browser.post(
        f"{PLACE}/new", {"laboratory": "CENTRAL", "once": once, "file": file, **more}
    )


def test_a_list_goes_from_its_file_to_a_flag(
    study: World, signed_in: Callable[[str], Client]
) -> None:
    keeper, coordinator = signed_in("yang"), signed_in("lin")
    assert b"No laboratory has ranges of its own" in keeper.get(PLACE).content
    assert coordinator.get(f"{PLACE}/new").status_code == 404
    refused = send(keeper, HEAD + LIST.replace("g/L,100", "g/dL,100"))
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "Limits aren" in page and 'value="CENTRAL"' in page, "what was typed stays"
    answer = send(keeper, HEAD + LIST, "b")
    assert answer["Location"] == f"{PLACE}/ranges/CENTRAL/1"
    again = send(keeper, HEAD + LIST, "b")
    assert again["Location"] == f"{PLACE}/ranges/CENTRAL/1", "sent twice is once"
    shown = coordinator.get(f"{PLACE}/ranges/CENTRAL/1").content.decode()
    assert "100–150" in shown and "haemoglobin" in shown and "In force" in shown
    rows = coordinator.get(f"{PLACE}/ranges/CENTRAL/1.json").json()["rows"]
    assert [row["low"] for row in rows] == ["100", "220"]
    assert coordinator.get(f"{PLACE}.json").json()["rows"][0]["version"] == 1
    assert coordinator.get(f"{PLACE}/ranges/CENTRAL/2").status_code == 404
    page = coordinator.get(f"{FORM}/answers").content.decode()
    assert "98 g/L (Low) · normal 100–150 (CENTRAL, version 1) · significance not judged" in page
    page = coordinator.get(FORM).content.decode()
    assert "220–350" in page and "125–350" not in page


def test_a_form_costs_no_more_statements_with_more_ranges(
    study: World, signed_in: Callable[[str], Client], django_assert_max_num_queries: Callable
) -> None:
    keeper = signed_in("yang")
    send(keeper, HEAD + LIST)
    keeper.get(f"{FORM}/answers")
    with django_assert_max_num_queries(60) as few:
        keeper.get(f"{FORM}/answers")
        spent = len(few)
    many = "".join(
        f"haemoglobin,g/L,1{n:02},150,{1900 + n}-01-01,{1900 + n}-12-31\n" for n in range(40)
    )
    columns = HEAD.replace("\n", ",last_day\n")
    lines = many + "haemoglobin,g/L,100,150,1940-01-01,\nplatelets,10^9/L,220,350,2020-01-01,\n"
    assert send(keeper, columns + lines, "c").status_code == 302
    keeper.get(f"{FORM}/answers")  # what waits today is counted again after each action
    with django_assert_max_num_queries(spent):
        keeper.get(f"{FORM}/answers")
