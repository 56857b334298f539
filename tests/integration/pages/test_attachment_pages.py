"""The pages of attachments: sent without scripts, shown safely, kept typed when refused."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.integration.conduct.attached import dicom, pdf, png
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.models import AttachedFile, Attachment

PERSON = f"/studies/{STUDY}/participants/C-001"
HERE = f"{PERSON}/attachments"
FORM = f"{PERSON}/visits/screening/demographics/1"
SignedIn = Callable[[str], Client]


def send(browser: Client, where: str, content: bytes, name: str, once: str, about: str) -> object:
    sent = {"once": once, "about": about, "file": SimpleUploadedFile(name, content)}
    return browser.post(where, sent)


def test_a_picture_is_attached_shown_and_removed(study: World, signed_in: SignedIn) -> None:
    browser = signed_in("lin")
    assert f'href="{HERE}"' in browser.get(PERSON).content.decode()
    assert f'href="{FORM}/attachments"' in browser.get(f"{FORM}/answers").content.decode()
    then = send(browser, f"{FORM}/attachments", png(), "Wang Fang.png", "a", "Report")["Location"]
    assert then == f"{HERE}/1"
    again = send(browser, f"{FORM}/attachments", png(), "Wang Fang.png", "a", "Report")
    assert again["Location"] == then and Attachment.objects.count() == 1
    page = signed_in("feng").get(then).content.decode()
    assert f'<img class="attached" src="{then}/file" alt="Report">' in page
    assert Attachment.objects.get().sha256 in page and "Wang" not in page
    assert f"{then}/remove" not in page
    removed = browser.post(f"{then}/remove", {"reason": "", "once": "b"})
    assert removed.status_code == 409
    sent = {"reason": "Of another person", "once": "c"}
    page = browser.post(f"{then}/remove", sent, follow=True).content.decode()
    assert "Of another person" in page and "<img" not in page
    for end in ("/file", "/remove"):
        assert browser.get(then + end).status_code == 404
    assert "Removed" in browser.get(HERE).content.decode()


def test_no_browser_runs_what_is_in_a_file(study: World, signed_in: SignedIn) -> None:
    browser = signed_in("lin")
    send(browser, HERE, png(), "a.png", "a", "Picture")
    send(browser, HERE, pdf(), "b.pdf", "b", "Document")
    for number, kind, kept in ((1, "image/png", "inline"), (2, "application/pdf", "attachment")):
        answer = browser.get(f"{HERE}/{number}/file")
        assert answer["Content-Type"] == kind
        assert answer["Content-Disposition"].startswith(f'{kept}; filename="C-001-attachment-')
        assert answer["X-Content-Type-Options"] == "nosniff"
        policy = answer["Content-Security-Policy"]
        assert "sandbox" in policy and "default-src 'none'" in policy
        assert "no-store" in answer["Cache-Control"]
    saved = browser.get(f"{HERE}/1/file?save=yes")["Content-Disposition"]
    assert saved.startswith("attachment;")
    assert browser.get(f"{HERE}/2/file").content == pdf()


def test_what_is_refused_keeps_what_was_typed(study: World, signed_in: SignedIn) -> None:
    browser = signed_in("lin")
    for number, (content, said) in enumerate(
        ((dicom(), "DICOM"), (b"MZ", "neither a PDF"), (b"", "The file is empty"))
    ):
        answer = send(browser, HERE, content, "scan", str(number), "Blood film <1>")
        page = answer.content.decode()
        assert answer.status_code == 409 and said in page
        assert 'value="Blood film &lt;1&gt;"' in page
    missing = browser.post(HERE, {"once": "x", "about": "Film"})
    assert missing.status_code == 409 and b"Choose the file to attach" in missing.content
    large = send(browser, HERE, png() + b"\0" * 6_000_000, "a.png", "y", "Film")
    assert large.status_code == 409 and b"at most 5 MB" in large.content
    assert not Attachment.objects.exists()


def test_only_a_page_for_files_takes_more_than_a_form(study: World, signed_in: SignedIn) -> None:
    browser = signed_in("lin")
    answer = browser.post(FORM, {"age": "3" * 2_200_000})
    assert answer.status_code in (400, 413)
    strange = browser.post(f"/studies/{STUDY}/nowhere", {"age": "3" * 2_200_000})
    assert strange.status_code in (400, 413)


def test_a_file_that_was_changed_is_not_shown(study: World, signed_in: SignedIn) -> None:
    browser = signed_in("lin")
    send(browser, HERE, png(), "a.png", "a", "Picture")
    file = AttachedFile.objects.get()
    file.sealed = bytes(file.sealed)[:-1] + b"\0\0"
    file.save()
    answer = browser.get(f"{HERE}/1/file")
    assert answer.status_code == 409 and b"trialwright verify" in answer.content
    AttachedFile.objects.all().delete()
    assert browser.get(f"{HERE}/1/file").status_code == 409


def test_a_restricted_forms_files_are_not_there_for_blinded_people(
    study: World, signed_in: SignedIn
) -> None:
    study.visited("C-001", "day_0")
    study.save(study.handler, "C-001", "day_0", "administration", {"lot": "LOT-4711"})
    form = f"{PERSON}/visits/day_0/administration/1/attachments"
    handler = signed_in("zhou")
    page = handler.get(form).content.decode()
    assert "Restricted" in page and 'id="about"' not in page
    then = send(handler, form, png(), "a.png", "a", "")["Location"]
    assert handler.get(f"{then}/file").content == png()
    for name in ("lin", "feng"):
        browser = signed_in(name)
        for place in (form, then, f"{then}/file", f"{then}/remove"):
            assert browser.get(place).status_code == 404, place
        assert "Nothing is attached" in browser.get(HERE).content.decode()
