"""`trialwright doctor` names what is wrong around the program, and nothing that is well."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from trialwright.accounts import actions
from trialwright.backup import doctor, keeping
from trialwright.ledger import files, signing, witness

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, settings: Any) -> None:
    for name in ("KEYS", "HEADS", "CUTS", "BACKUPS"):
        folder = tmp_path / name.lower()
        folder.mkdir(mode=0o700)
        setattr(settings, f"TRIALWRIGHT_{name}", folder)
    settings.TRIALWRIGHT_WITNESS = str(tmp_path / "witness")


def wrong() -> dict[str, str]:
    return {each.about: each.said for each in doctor.findings() if not each.well}


def test_what_is_missing_is_named(settings: Any) -> None:
    assert set(wrong()) == {"witness", "backups"}
    settings.TRIALWRIGHT_WITNESS = ""
    assert "ADR 0005" in wrong()["witness"]


def test_a_key_that_others_can_read_is_named() -> None:
    files.keys()
    files.keys_path().chmod(0o644)
    assert "chmod go=" in wrong()["permissions"]


def test_what_the_program_notes_beside_the_keys_is_private(tmp_path: Path) -> None:
    (tmp_path / "witness").mkdir()
    with actions.entry("add_people", at=datetime.now(UTC)) as writer:
        actions.add_person(writer, username="lin", name="Lin Yue", password="a long password")
    assert signing.sign()
    witness.witness_of(str(tmp_path / "witness")).hand_over(files.heads_path())
    assert files.noted_end() is not None and files.witness_note().exists()
    assert "permissions" not in wrong()


def test_an_old_backup_is_named(settings: Any) -> None:
    now = datetime.now(UTC)
    folder = Path(settings.TRIALWRIGHT_BACKUPS)
    (folder / keeping.name_at(now - timedelta(hours=60))).touch()
    assert "60.0 hours old" in wrong()["backups"]
    (folder / keeping.name_at(now)).touch()
    assert "backups" not in wrong()


def test_a_silent_witness_is_named() -> None:
    note = files.witness_note()
    note.write_text(f"{datetime.now(UTC).isoformat()} 1\n")
    assert "witness" not in wrong()
    note.write_text(f"{(datetime.now(UTC) - timedelta(hours=3)).isoformat()} 1\n")
    assert "witness" in wrong()


def test_a_mail_server_that_does_not_answer_is_named(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert "mail" in wrong()


def test_heads_that_can_not_be_written_are_named(settings: Any) -> None:
    from trialwright.accounts import actions

    with actions.entry("add_people", at=datetime.now(UTC)) as writer:
        actions.add_person(writer, username="lin", name="Lin", password="a long password")
    files.heads_path().unlink()
    files.heads_path().mkdir()
    assert "signing" in wrong()
