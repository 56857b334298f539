"""Encrypted copies of the report by arm: who makes and opens them, and what opens the file."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from pypdf import PasswordType, PdfReader

from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.models import Membership, Person
from trialwright.conduct.models import ClosedReportCopy
from trialwright.conduct.safety.closed_report_details import new_password, password_of
from trialwright.protocol.basics import Role

HERE = f"/studies/{STUDY}/cuts/first"
SignedIn = Callable[[str], Client]


def make(browser: Client, reader: str, language: str = "en", expected: int = 200) -> str:
    page = browser.get(f"{HERE}/copies").content.decode()
    once = page.split('name="once" value="')[1].split('"')[0]
    person = str(Person.objects.get(username=reader).pk)
    sent = {"reader": person, "language": language, "once": once}
    answer = browser.post(f"{HERE}/copies", sent, follow=True)
    assert answer.status_code == expected
    return answer.content.decode()


def test_a_copy_opens_with_the_password_of_its_reader(study: World, signed_in: SignedIn) -> None:
    wei, chen, gao = map(signed_in, ("wei", "chen", "gao"))
    assert f"{HERE}/copies" in wei.get(HERE).content.decode()
    assert "The copy is made." in make(wei, "chen")
    make(wei, "gao", "zh")
    first, second = ClosedReportCopy.objects.order_by("number")
    own, others = password_of(first), password_of(second)
    assert own != others and re.fullmatch(r"([2-9A-HJKMNP-Z]{5}-){4}[2-9A-HJKMNP-Z]{5}", own)
    page = chen.get(f"{HERE}/copies").content.decode()
    assert own in page and others not in page and "Gao Yun" in page
    assert chen.get(f"{HERE}/copies/2.pdf").status_code == 404
    assert gao.get(f"{HERE}/copies/1.pdf").status_code == 404
    assert wei.get(f"{HERE}/copies").content.decode().count("-") > 8
    plain = PdfReader(io.BytesIO(chen.get(f"{HERE}/report-by-arm.pdf").content))
    for browser in (wei, chen):
        answer = browser.get(f"{HERE}/copies/1.pdf")
        assert answer["Content-Disposition"] == f'attachment; filename="{STUDY}-first-copy-1.pdf"'
        reader = PdfReader(io.BytesIO(answer.content))
        assert reader.decrypt(others) is PasswordType.NOT_DECRYPTED
        assert reader.decrypt(own) is PasswordType.USER_PASSWORD
        assert [each.extract_text() for each in reader.pages] == [
            each.extract_text() for each in plain.pages
        ]
    chinese = PdfReader(io.BytesIO(gao.get(f"{HERE}/copies/2.pdf").content))
    assert chinese.decrypt(others) is PasswordType.USER_PASSWORD
    assert re.search(r"[\u4e00-\u9fff]{4}", chinese.pages[0].extract_text())


def test_the_password_stands_nowhere_in_words(study: World, signed_in: SignedIn) -> None:
    make(signed_in("wei"), "chen")
    told = password_of(ClosedReportCopy.objects.get())
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM \"{table}\" t")
            (text,) = cursor.fetchone()
        assert told not in (text or "") and told.encode().hex() not in (text or ""), table
    trail = signed_in("lin").get(f"/studies/{STUDY}/ledger").content.decode()
    assert "report by arm encrypted for a reader" in trail and told not in trail


@pytest.mark.parametrize("username", ["lin", "zhao", "yang", "jiang", "luo", "admin"])
def test_nobody_else_finds_them(study: World, signed_in: SignedIn, username: str) -> None:
    make(signed_in("wei"), "chen")
    browser = signed_in(username)
    for place in ("copies", "copies/1.pdf"):
        assert browser.get(f"{HERE}/{place}").status_code == 404
    assert browser.post(f"{HERE}/copies", {"reader": "x"}).status_code == 404
    assert "copies" not in browser.get(HERE).content.decode()


def test_a_reader_is_a_member_of_the_board_today(study: World, signed_in: SignedIn) -> None:
    make(signed_in("wei"), "lin", expected=409)
    yesterday = study.now.date() - timedelta(days=1)
    Membership.objects.filter(person__username="gao", role=Role.SAFETY_BOARD).update(
        until=yesterday
    )
    assert "Gao Yun" not in signed_in("wei").get(f"{HERE}/copies").content.decode()
    make(signed_in("wei"), "gao", expected=409)
    assert not ClosedReportCopy.objects.exists()


def test_passwords_are_drawn() -> None:
    found = {new_password() for _each in range(200)}
    assert len(found) == 200
    letters = "".join(found).replace("-", "")
    assert len(set(letters)) == 31 and len(letters) == 5_000
