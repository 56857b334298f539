"""Files on forms and participants: what is taken, who sees it, and that none changes unnoticed."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.integration.conduct.attached import dicom, jpeg, pdf, png
from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import closing, entering
from trialwright.conduct.actions.attaching import OnForm, attach_file, remove_attachment
from trialwright.conduct.actions.closing import LockPlace
from trialwright.conduct.archiving import write_archive
from trialwright.conduct.attached_files import LONGEST_FILE
from trialwright.conduct.cut.attachments import attachments
from trialwright.conduct.models import AttachedFile, Attachment, Entry, LockLevel, Signature, Study
from trialwright.conduct.reads.attachments import attachments_of, file_of, one_attachment
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.ledger import files, signing
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role

FORM = OnForm("screening", "demographics")


@pytest.fixture(autouse=True)
def heads() -> Iterator[None]:
    """What `verify` signs of this test's study ends with the test."""
    yield
    files.heads_path().unlink(missing_ok=True)


def problems() -> str:
    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    return " ".join(str(each) for each in found.problems)


def attach(world: World, code: str, content: bytes, name: str = "scan.png", **more: object) -> int:
    told = {"about": "Report of the hysteroscopy", "by": world.coordinator} | more
    return attach_file(code=code, content=content, file_name=name, at=world.now, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [(png(), "scan.PNG", "png"), (jpeg(), "scan.jpeg", "jpeg"), (jpeg(), "scan.jpg", "jpeg"),
     (pdf(), "report.pdf", "pdf"), (pdf(), "report", "pdf"), (pdf(), "report.final", "pdf")],
)  # fmt: skip
def test_a_file_is_what_its_content_says(
    world: World, content: bytes, name: str, kind: str
) -> None:
    if name == "report.final":
        code = world.consented()
        assert "by its content it is PDF" in refused(lambda: attach(world, code, content, name))
        return
    number = attach(world, world.consented(), content, name)
    assert Attachment.objects.get(number=number).kind == kind
    assert file_of(world.coordinator, "C-001", number).content == content


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "scan.png", "The file is empty"),
        (png() + b"\0" * LONGEST_FILE, "scan.png", "at most 5 MB are taken"),
        (dicom(), "scan.dcm", "carries the name of the person"),
        (dicom(), "scan.png", "carries the name of the person"),
        (b"GIF89a", "scan.gif", "neither a PDF nor a PNG nor a JPEG"),
        (b"<svg onload='alert(1)'/>", "scan.png", "neither a PDF nor a PNG nor a JPEG"),
        (pdf(), "scan.png", "by its content it is PDF"),
        (png(), "scan.exe", "by its content it is PNG"),
        (png()[:-4], "scan.png", "damaged or cut off"),
        (png().replace(b"IDAT", b"IDAX"), "scan.png", "damaged or cut off"),
        (png() + b"PK\x03\x04 and an archive", "scan.png", "damaged or cut off"),
        (png(20_000, 20_000), "scan.png", "too many to show"),
        (jpeg(20_000, 20_000), "scan.jpg", "too many to show"),
        (jpeg()[:-2], "scan.jpg", "damaged or cut off"),
        (pdf()[:-8], "report.pdf", "damaged or cut off"),
    ],
)
def test_what_it_is_not_is_refused_with_a_sentence(
    world: World, content: bytes, name: str, said: str
) -> None:
    code = world.consented()
    assert said in refused(lambda: attach(world, code, content, name))


def test_it_says_what_it_shows_and_stands_once(world: World) -> None:
    code = world.consented()
    assert "what the file shows" in refused(lambda: attach(world, code, png(), about=" "))
    assert "200 characters" in refused(lambda: attach(world, code, png(), about="a" * 201))
    assert attach(world, code, png()) == 1
    assert "as attachment 1" in refused(lambda: attach(world, code, png()))
    assert attach(world, code, png(shade=1)) == 2


def test_a_form_takes_files_of_those_who_fill_it_in_and_voids_its_signature(world: World) -> None:
    code = world.eligible()
    entry = Entry.objects.get(participant__code=code, form="demographics")
    sign = {"code": code, "visit": "screening", "form": "demographics", "at": world.now}
    read = hash_of(entry_content(entry))
    entering.sign_entry(by=world.investigator, content_hash=read, **sign)
    number = attach(world, code, png(), place=FORM)
    signature = Signature.objects.get(entry=entry)
    assert signature.void_reason == "an attachment of the form changed"
    # Whoever read the form before the file came signs nothing.
    assert "changed while you read it" in refused(
        lambda: entering.sign_entry(by=world.investigator, content_hash=read, **sign)
    )
    _participant, _protocol, lines = attachments_of(world.monitor, code, entry=entry)
    assert [(line.number, line.form, line.may_remove) for line in lines] == [
        (number, "demographics", False)
    ]
    absent(lambda: attach(world, code, png(shade=1), place=FORM, by=world.monitor))
    absent(lambda: attach(world, code, png(shade=1), by=world.monitor))
    other = OnForm("screening", "nothing")
    absent(lambda: attach(world, code, png(shade=1), place=other))
    unsaved = OnForm("month_1", "pbac")
    assert "Save the form first" in refused(lambda: attach(world, code, png(), place=unsaved))


@pytest.mark.django_db(transaction=True)
def test_a_removed_file_is_shown_to_nobody_and_its_story_stays(world: World) -> None:
    code = world.consented()
    number = attach(world, code, png())
    told = {"code": code, "number": number, "at": world.now}
    assert "why it is removed" in refused(
        lambda: remove_attachment(by=world.coordinator, reason=" ", **told)
    )
    absent(lambda: remove_attachment(by=world.monitor, reason="Wrong person", **told))
    remove_attachment(by=world.coordinator, reason="Of another person", **told)
    absent(lambda: file_of(world.coordinator, code, number))
    _participant, line = one_attachment(world.monitor, code, number)
    assert (line.removed_reason, line.sha256) == ("Of another person", line.sha256)
    assert "removed already" in refused(
        lambda: remove_attachment(by=world.coordinator, reason="Again", **told)
    )
    assert not list(attachments(Study.objects.get(), restricted=False))
    assert attach(world, code, png()) == number + 1
    assert problems() == ""


def restricted(world: World) -> tuple[str, int]:
    """A treated participant, and a file on the form that could reveal the arm."""
    code = world.treated()
    world.visited(code, "day_0")
    world.save(world.handler, code, "day_0", "administration", {"lot": "LOT-4711"})
    place = OnForm("day_0", "administration")
    return code, attach(world, code, png(), about="IV bag", place=place, by=world.handler)


@pytest.mark.django_db(transaction=True)
def test_a_restricted_form_keeps_its_files_from_blinded_people(world: World) -> None:
    code, number = restricted(world)
    row = Attachment.objects.get(number=number)
    assert row.restricted and row.about == ""
    assert file_of(world.handler, code, number).content == png()
    for blinded in (world.coordinator, world.monitor, world.assessor):
        absent(lambda who=blinded: one_attachment(who, code, number))
        absent(lambda who=blinded: file_of(who, code, number))
        assert attachments_of(blinded, code)[2] == ()
    study = Study.objects.get()
    assert not list(attachments(study, restricted=False))
    assert [each.number for each in attachments(study, restricted=True)] == [number]
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT chain FROM ledger_row WHERE entity = 'attachment'")
        assert cursor.fetchall() == [("sealed",)]
    assert problems() == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sealed", [False, True])
def test_verify_names_a_file_that_changed_or_is_gone(world: World, sealed: bool) -> None:
    number = restricted(world)[1] if sealed else attach(world, world.consented(), png())
    row = Attachment.objects.get(number=number)
    assert problems() == ""
    file = AttachedFile.objects.get(pk=row.pk)
    kept = bytes(file.sealed)
    AttachedFile.objects.filter(pk=row.pk).update(sealed=kept[:-1] + bytes([kept[-1] ^ 1]))
    assert str(row.pk) in _found()
    AttachedFile.objects.filter(pk=row.pk).delete()
    assert str(row.pk) in _found()
    AttachedFile.objects.create(attachment=row, sealed=kept)
    assert problems() == ""
    Attachment.objects.filter(pk=row.pk).update(sha256="0" * 64)
    assert str(row.pk) in _found()


def _found() -> str:
    found = problems()
    assert found
    return found


def test_a_frozen_form_takes_no_file_and_gives_none_up(world: World) -> None:
    code = world.eligible()
    number = attach(world, code, png(), place=FORM)
    _freeze(world, code)
    told = {"code": code, "number": number, "at": world.now}
    assert "frozen" in refused(lambda: attach(world, code, pdf(), "a.pdf", place=FORM))
    assert "frozen" in refused(
        lambda: remove_attachment(by=world.coordinator, reason="Wrong", **told)
    )


def _freeze(world: World, code: str) -> None:
    place = LockPlace(participant=code, visit="screening", form="demographics")
    manager = world.person(Role.DATA_MANAGER)
    closing.lock(by=manager, level=LockLevel.FREEZE, place=place, reason="Reviewed", at=world.now)


@pytest.mark.django_db(transaction=True)
def test_the_archive_has_the_files_and_of_restricted_ones_the_ciphertext(
    world: World, tmp_path: Path
) -> None:
    code, number = restricted(world)
    attach(world, code, pdf(), "report.pdf")
    to = tmp_path / "archive.zip"
    write_archive(Study.objects.get(), to)
    with zipfile.ZipFile(to) as archive:
        told = json.loads(archive.read("attachments.json"))
        assert [each["number"] for each in told] == [number + 1]
        assert archive.read(told[0]["file"]) == pdf()
        sealed = Attachment.objects.get(number=number)
        assert archive.read(f"attachments/{sealed.pk}.sealed") == bytes(sealed.file.sealed)


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_gone_or_damaged_is_named_by_the_archives_verifier(
    world: World, tmp_path: Path
) -> None:
    code, number = restricted(world)
    gone, damaged = attach(world, code, pdf(), "report.pdf"), attach(world, code, png(shade=5))
    signing.sign()
    write_archive(Study.objects.get(), tmp_path / "whole.zip")
    assert ": nothing found" in verified(tmp_path / "whole.zip")
    sealed = Attachment.objects.get(number=number).pk
    AttachedFile.objects.get(pk=sealed).delete()
    AttachedFile.objects.get(attachment__number=gone).delete()
    AttachedFile.objects.filter(attachment__number=damaged).update(sealed=b"nothing of it" * 5)
    write_archive(Study.objects.get(), tmp_path / "archive.zip")
    said = verified(tmp_path / "archive.zip")
    assert f"attachments/{sealed}.sealed is missing, the file of a sealed attachment" in said
    for each in (gone, damaged):
        assert f"is missing, the file of attachment {each} of {code}" in said
    assert "3 findings" in said


def verified(archive: Path) -> str:
    """What a bare Python says of an archive."""
    folder = archive.with_suffix("")
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(folder)
    command = [sys.executable, "-I", "-S", str(folder / "verify_archive.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_another_sites_people_find_nothing(world: World) -> None:
    code = world.consented()
    number = attach(world, code, png())
    elsewhere: Actor = world.person(Role.COORDINATOR, "N")
    absent(lambda: one_attachment(elsewhere, code, number))
    absent(lambda: attach(world, code, pdf(), "a.pdf", by=elsewhere))
