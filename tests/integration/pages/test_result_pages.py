"""The pages of laboratory results by file, from a mapping to values on a form."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.models import Value

PLACE = f"/studies/{STUDY}/laboratory"
MAPPING = (
    "participant = Subject\nvisit = Visit\ntest = Test\nvalue = Result\n"
    "test PLT = blood_count.platelets\ntest Crea = chemistry.creatinine\n"
    "test DD = chemistry.d_dimer\n"
)
ROWS = (
    "Subject,Visit,Test,Result\nC-001,screening,PLT,199\nC-001,screening,Crea,56\n"
    "C-001,screening,DD,0.3\nC-002,screening,PLT,5\n"
)


def send(browser: Client, text: str, once: str, **more: str) -> object:
    file = SimpleUploadedFile("results.csv", text.encode(), "text/csv")
    sent = {"mapping": "CENTRAL", "once": once, "file": file, **more}
    return browser.post(f"{PLACE}/results/new", sent)


def test_a_file_is_looked_at_entered_and_its_differences_replaced_for_a_reason(
    study: World, signed_in: Callable[[str], Client]
) -> None:
    keeper = signed_in("yang")
    refused = send(keeper, ROWS, "a")
    assert refused.status_code == 409 and b"Choose a mapping" in refused.content
    wrong = keeper.post(
        f"{PLACE}/mappings/new", {"name": "CENTRAL", "text": "Subject", "once": "m"}
    )
    assert wrong.status_code == 409 and b">Subject</textarea>" in wrong.content
    kept = keeper.post(f"{PLACE}/mappings/new", {"name": "CENTRAL", "text": MAPPING, "once": "n"})
    assert kept["Location"] == f"{PLACE}/mappings"
    assert b"test DD = chemistry.d_dimer" in keeper.get(f"{PLACE}/mappings").content
    assert b"neither a CSV" in send(keeper, "\0", "b").content
    place = send(keeper, ROWS, "c")["Location"]
    assert place == f"{PLACE}/results/1"
    page = keeper.get(place).content.decode()
    assert "New 1, Equal 1, Different 1, Refused 1" in page
    assert "no participant C-002" in page
    rows = keeper.get(f"{place}.json?found=different").json()["rows"]
    assert [(row["test"], row["stored"]) for row in rows] == [("PLT", "210")]
    entered = keeper.post(place, {"replace": ""}, follow=True).content.decode()
    assert "1 result is entered." in entered and "New 0, Equal 2" in entered
    assert Value.objects.get(item="platelets").text == "210"
    done = keeper.post(place, {"replace": "Corrected report"}, follow=True).content.decode()
    assert "Different 0" in done and Value.objects.get(item="platelets").text == "199"
    assert keeper.get(f"{PLACE}/results.json").json()["rows"][0]["entered"] == 2
    for name in ("lin", "zhao"):
        assert signed_in(name).get(place).status_code == 404
    assert signed_in("yang").get(f"{PLACE}/results/2").status_code == 404
