"""Who a participant is: for the site's own staff, sealed, each reading kept, never in an export."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.integration.conduct.world import STUDY, World, begin
from trialwright.accounts.models import Person
from trialwright.conduct.actions import cutting, identifying
from trialwright.conduct.cut.store import folder_of
from trialwright.conduct.identity import keys as identity_keys
from trialwright.conduct.identity.identities import Known
from trialwright.conduct.models import Identity
from trialwright.conduct.refusals import NotFound
from trialwright.ledger import files, key_escrow
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.models import LedgerRow, LedgerValue
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role

HERE = f"/studies/{STUDY}/participants/C-001"
KNOWN = Known("Xu Zhenzhen", "1994-05", "138-0013-8000", "A 0047-11")
MARKED = ("Xu Zhenzhen", "138-0013-8000", "A 0047-11", "A004711")


@pytest.fixture
def world(transactional_db: None, tmp_path: Path, settings: Any) -> World:
    settings.TRIALWRIGHT_KEYS = settings.TRIALWRIGHT_HEADS = tmp_path
    settings.TRIALWRIGHT_CUTS = tmp_path / "cuts"
    return begin()


@pytest.fixture
def code(world: World) -> str:
    code = world.treated()
    identifying.save_identity(by=world.coordinator, code=code, known=KNOWN, at=world.now)
    return code


@pytest.fixture
def signed_in(world: World) -> Callable[[str], Client]:
    def client(username: str) -> Client:
        browser = Client()
        browser.force_login(Person.objects.get(username=username))
        return browser

    return client


def problems() -> list[str]:
    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    return [str(each) for each in found.problems]


def test_nothing_of_it_is_readable_in_any_table(world: World, code: str) -> None:
    row = Identity.objects.get()
    kept = bytes(row.sealed) + row.hospital_mark.encode()
    assert not any(mark.encode() in kept for mark in MARKED)
    for text in LedgerValue.objects.exclude(text=None).values_list("text", flat=True):
        assert not any(mark in str(text) for mark in MARKED)


def test_each_reading_is_kept(world: World, code: str) -> None:
    assert identifying.read_identity(by=world.coordinator, code=code, at=world.now) == KNOWN
    (row,) = LedgerRow.objects.filter(action="see_identity")
    assert row.by == str(world.coordinator.person_id) and row.entity == "identity_seen"
    assert problems() == []


@pytest.mark.parametrize(
    "role", [Role.MONITOR, Role.DATA_MANAGER, Role.TRIAL_STATISTICIAN, Role.ADMINISTRATOR]
)
def test_nobody_of_all_sites_reads_it(world: World, code: str, role: Role) -> None:
    with pytest.raises(NotFound):
        identifying.read_identity(by=world.person(role), code=code, at=world.now)


def test_another_site_neither_reads_nor_finds_it(world: World, code: str) -> None:
    other = world.person(Role.COORDINATOR, "N")
    with pytest.raises(NotFound):
        identifying.read_identity(by=other, code=code, at=world.now)
    assert identifying.find_by_hospital_number(by=other, number="A 0047-11", at=world.now) == []


@pytest.mark.parametrize("typed", ["A 0047-11", "a004711", "Ａ００４７-１１"])
def test_a_hospital_number_is_found_however_it_is_written(
    world: World, code: str, typed: str
) -> None:
    by = world.coordinator
    assert identifying.find_by_hospital_number(by=by, number=typed, at=world.now) == [code]
    assert identifying.find_by_hospital_number(by=by, number="", at=world.now) == []
    assert LedgerRow.objects.filter(action="find_identity").count() == 1


def test_a_rotation_seals_anew_and_forgets_the_old_key(world: World, code: str) -> None:
    before, (old,) = bytes(Identity.objects.get().sealed), identity_keys.keys()
    assert identifying.rotate_key(at=datetime.now(UTC)) == 1
    assert bytes(Identity.objects.get().sealed) != before
    (new,) = identity_keys.keys()
    assert new != old
    assert identifying.read_identity(by=world.coordinator, code=code, at=world.now) == KNOWN
    by = world.coordinator
    found = identifying.find_by_hospital_number(by=by, number="A004711", at=world.now)
    assert found == [code] and problems() == []


def test_the_custodian_has_these_keys_too_and_without_them_nothing_is_made(
    world: World, code: str
) -> None:
    words = "five words drawn at random"
    text = key_escrow.wrap(files.keys(), "Custodian", words, beside=identity_keys.text())
    assert key_escrow.unwrap(text, words) == files.keys()
    assert json.loads(key_escrow.unwrap_beside(text, words))["format"] == identity_keys.FORMAT
    identity_keys.path().unlink()
    with pytest.raises(LedgerError, match="custodian"):
        identifying.read_identity(by=world.coordinator, code=code, at=world.now)
    assert not identity_keys.path().exists()


def test_a_changed_or_exchanged_identity_is_seen(world: World, code: str) -> None:
    row = Identity.objects.get()
    sealed = bytearray(row.sealed)
    sealed[20] ^= 1
    Identity.objects.update(sealed=bytes(sealed))
    assert any("identity" in each for each in problems())


def test_empty_boxes_remove_it(world: World, code: str) -> None:
    identifying.save_identity(by=world.coordinator, code=code, known=Known(), at=world.now)
    assert not Identity.objects.exists() and problems() == []


def test_it_is_shown_at_a_button_changed_and_looked_for(
    world: World, code: str, signed_in: Callable[[str], Client]
) -> None:
    lin, feng = signed_in("lin"), signed_in("feng")
    first = lin.get(f"{HERE}/identity").content.decode()
    assert "Show the identity" in first and not any(mark in first for mark in MARKED)
    shown = lin.post(f"{HERE}/identity", {"show": "yes"}).content.decode()
    assert all(mark in shown for mark in MARKED[:3])
    once = re.search(r'name="once" value="([^"]+)"', shown)
    assert once is not None
    sent = {"name": "Xu Zhen", "telephone": "1", "hospital_number": "B7", "once": once[1]}
    assert lin.post(f"{HERE}/identity", sent).status_code == 302
    assert identifying.read_identity(by=world.coordinator, code=code).name == "Xu Zhen"
    found = lin.post(f"/studies/{STUDY}/hospital-number", {"number": "b-7"})
    assert found["Location"] == HERE
    nothing = lin.post(f"/studies/{STUDY}/hospital-number", {"number": "B8"})
    assert "No participant" in nothing.content.decode()
    assert feng.get(f"/studies/{STUDY}/hospital-number").status_code == 404


def test_no_export_cut_report_or_page_has_it(
    world: World, code: str, signed_in: Callable[[str], Client]
) -> None:
    cutting.cut_data(by=world.person(Role.DATA_MANAGER), name="first", at=world.now)
    place = f"/studies/{STUDY}"
    pages = [
        "participants", "participants.csv", "participants.json", "forms.csv", "visits.csv",
        "ledger", "cuts/first", "cuts/first/report.html", f"participants/{code}",
    ]  # fmt: skip
    for username in ("lin", "feng", "wei", "yang"):
        browser = signed_in(username)
        for page in pages:
            content = browser.get(f"{place}/{page}").content.decode(errors="replace")
            assert not any(mark in content for mark in MARKED), f"{username}: {page}"
    for path in folder_of(STUDY, "first").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(mark.encode() in content for mark in MARKED), path.name
