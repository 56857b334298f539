"""What attackers try first, each against the pages as they are: nothing gives way, nothing is told.

Guesses at codes, replayed codes, what another site or role has, cut bodies and broken encodings
have files of their own here: `test_guards`, `test_permissions`,
`test_receiving`, `test_unreadable`.
"""

import csv
import hashlib
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.integration.conduct.refusing import stored
from tests.integration.conduct.world import STUDY, World
from tests.integration.pages.test_permissions import PEOPLE, TABLE, at
from tests.integration.pages.test_signing_in import PASSWORDS
from trialwright.accounts import tokens
from trialwright.accounts.models import Membership, Person
from trialwright.accounts.tokens import TokenScope
from trialwright.conduct.models import Entry, Participant, Query
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role

Browsers = Callable[[str], Client]
HERE = f"/studies/{STUDY}"
FORM = f"{HERE}/participants/C-001/visits/screening/demographics/1"
MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}"
ELSEWHERE = (
    "https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "\\\\elsewhere",
    "///elsewhere.example", "https:elsewhere.example", "javascript:alert(1)",
    "/\t/elsewhere.example",
)  # fmt: skip
INJECTED = ("' OR '1'='1", "'; DROP TABLE conduct_entry; --", "%' UNION SELECT 1 --", "\\' OR 1")


@pytest.fixture
def screened(world: World) -> World:
    """A participant who has consented and come to screening, with nothing entered."""
    world.consented()
    world.visited("C-001", "screening")
    return world


def accounts() -> list[tuple[object, ...]]:
    """All that is kept of people, but for when they signed in last."""
    names = [field.name for field in Person._meta.fields if field.name != "last_login"]
    return list(Person.objects.order_by("username").values_list(*names))


def at_demographics(browser: Client, **more: str) -> Any:
    body = {"age": "31", "height": "161.0", "weight": "54.5", "revision": "0"}
    return browser.post(FORM, body | more)


def test_nothing_is_sent_from_another_site(study: World) -> None:
    """Cross-site request forgery: the cookie without the token of the page changes nothing."""
    browsers = {role: Client(enforce_csrf_checks=True) for role in PEOPLE}
    for role, username in PEOPLE.items():
        browsers[role].force_login(Person.objects.get(username=username))
    before = stored()
    for role, browser in browsers.items():
        for name, decision in TABLE.items():
            if role in decision.sends:
                answer = browser.post(at(decision.example), {"close": "yes"})
                assert answer.status_code == 403, f"{role} sends to {name}"
        for own in (
            "account/password",
            "account/searches",
            "account/sessions",
            "account/tokens",
            "sign-out",
        ):
            assert browser.post(f"/{own}").status_code == 403
    assert Client(enforce_csrf_checks=True).post("/sign-in", {"username": "lin"}).status_code == 403
    assert stored() == before


def test_the_api_takes_no_cookie(study: World, signed_in: Browsers) -> None:
    browser, before = signed_in("lin"), stored()
    place = f"/api/studies/{STUDY}/participants"
    assert browser.get(place).status_code == 401
    sent = {"content_type": "application/json", "headers": {"idempotency-key": "of a page"}}
    assert browser.post(place, {"site": "C"}, **sent).status_code == 401
    assert stored() == before


def test_a_token_in_an_address_opens_nothing(study: World) -> None:
    person = Person.objects.get(username="lin")
    token = tokens.make(
        person, name="", scope=TokenScope.WRITE, study="", at=datetime.now(UTC),
        expires_at=datetime.now(UTC) + timedelta(days=7),
    )  # fmt: skip
    for name in ("token", "access_token", "authorization", "api_key"):
        place = f"/api/studies/{STUDY}/participants?{name}={token}"
        assert Client().get(place).status_code == 401
    shown = Client(headers={"authorization": f"Bearer {token}"}).get(
        f"/api/studies/{STUDY}/queries"
    )
    assert shown.status_code == 200 and token not in shown.content.decode()


def test_more_than_the_page_asks_is_not_taken(screened: World, signed_in: Browsers) -> None:
    """Mass assignment: fields of the tables sent along with what a page asks."""
    more = {
        "state": "completed", "participant": "C-999", "study": "OTHER-01", "site": "A",
        "signed_by": str(screened.investigator.person_id), "arm": "standard", "complete": "yes",
        "role": "investigator", "is_active": "false", "is_superuser": "true", "recorded_by": "x",
    }  # fmt: skip
    people = accounts()
    seats = Membership.objects.count()
    assert at_demographics(signed_in("lin"), **more).status_code == 302
    entry = Entry.objects.get(form="demographics")
    assert entry.participant.code == "C-001" and entry.participant.site == "C"
    own = {item.key for item in demonstration().form("demographics").items}
    assert set(entry.values.values_list("item", flat=True)) <= own
    assert not entry.signatures.exists()
    screened_by = signed_in("lin").post(f"{HERE}/screen", more | {"site": "C", "code": "C-777"})
    assert screened_by.status_code in (302, 400, 409)
    assert not Participant.objects.filter(code="C-777").exists()
    signed_in("lin").post("/account", more | {"language": "en"})
    assert accounts() == people
    assert Membership.objects.count() == seats


def test_what_somebody_typed_stays_text_everywhere(screened: World, signed_in: Browsers) -> None:
    """Stored cross-site scripting: in pages of every role, in the CSV and JSON twins."""
    assert at_demographics(signed_in("lin")).status_code == 302
    asked = signed_in("feng").post(f"{FORM}/ask/age", {"text": MARKUP})
    assert asked.status_code == 302
    number = Query.objects.get().number
    places = (f"queries/{number}", "queries", "participants/C-001", "ledger", "")
    seen = 0
    for username in PEOPLE.values():
        browser = signed_in(username)
        for place in places:
            answer = browser.get(f"{HERE}/{place}".rstrip("/"))
            page = answer.content.decode()
            assert "<script>alert" not in page and "<img src=x" not in page
            seen += MARKUP in unescape(page)
        for name in ("today",):
            page = browser.get(f"/{name}").content.decode()
            assert "<script>alert" not in page
    assert seen
    page = signed_in("feng").get(f"{HERE}/queries/{number}").content.decode()
    assert "{{ 7|add:7 }}" in page, "a template's own language is not run"
    told = signed_in("feng").get(f"{HERE}/queries.json")
    assert told["Content-Type"] == "application/json"
    assert told["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "typed", ["=HYPERLINK(A1)", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "-1|x"]
)
def test_no_cell_becomes_a_formula(screened: World, signed_in: Browsers, typed: str) -> None:
    at_demographics(signed_in("lin"))
    signed_in("feng").post(f"{FORM}/ask/age", {"text": typed})
    said = signed_in("feng").get(f"{HERE}/queries.csv").content.decode("utf-8-sig")
    cells = {cell for row in csv.reader(io.StringIO(said)) for cell in row}
    assert f"'{typed}" in cells and typed not in cells


@pytest.mark.parametrize("text", INJECTED)
def test_a_filter_or_a_name_is_never_a_statement(
    study: World, signed_in: Browsers, text: str
) -> None:
    browser, before = signed_in("lin"), stored()
    for place in ("participants", "queries", "visits", "forms", "deviations", "adverse-events"):
        plain = browser.get(f"{HERE}/{place}", {"q": "no such word"}).content.count(b"<tr")
        for name in (
            "q",
            "site",
            "state",
            "visit",
            "form",
            "person",
            "participant",
            "page",
            "sort",
        ):
            answer = browser.get(f"{HERE}/{place}", {name: text})
            assert answer.status_code in (200, 400, 404), f"{place}?{name}"
        found = browser.get(f"{HERE}/{place}", {"q": text})
        assert found.content.count(b"<tr") <= max(plain, 1)
    assert browser.get("/find", {"q": text}).status_code in (200, 302)
    assert browser.get(f"{HERE}/participants/{text}").status_code == 404
    assert Client().post("/sign-in", {"username": text, "password": text}).status_code == 401
    assert Client().get("/trials", {"q": text}).status_code == 200
    kept = {name: rows for name, rows in stored().items() if not name.startswith("ledger")}
    assert {name: before[name] for name in kept if "tries" not in name} == {
        name: rows for name, rows in kept.items() if "tries" not in name
    }


@pytest.mark.parametrize(
    "name", ["..", "../first", "..%2ffirst", "%2e%2e%2ffirst", "first%2f..%2f..", "....//first",
             "first%00.pdf", "/etc/passwd", "..\\first"],
)  # fmt: skip
def test_no_name_leads_out_of_a_folder(study: World, signed_in: Browsers, name: str) -> None:
    browser = signed_in("yang")
    for end in ("files.zip", "report.pdf", "report.html", "listings.pdf", "tables.zip"):
        assert browser.get(f"{HERE}/cuts/{name}/{end}").status_code == 404
    assert browser.get(f"/static/{name}/settings.py").status_code == 404
    before = stored()
    assert browser.post(f"{HERE}/cuts", {"name": name}).status_code in (200, 400, 409)
    assert stored() == before


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_one_is_never_sent_elsewhere(world: World, wanted: str) -> None:
    sent = {"username": "lin", "password": PASSWORDS["lin"], "next": wanted}
    assert Client().post("/sign-in", sent)["Location"] == "/"
    browser = Client()
    browser.force_login(Person.objects.get(username="lin"))
    shown = browser.post("/sign-out", {"next": wanted}).content.decode()
    assert "elsewhere" not in shown and "javascript:" not in shown


def test_a_session_of_before_is_not_the_one_of_after(world: World) -> None:
    """Fixation: the session that somebody planted is another one once its owner signs in."""
    browser = Client()
    browser.post("/sign-in", {"username": "lin", "password": "a guess"})
    browser.session.save()
    planted = browser.cookies["sessionid"].value if "sessionid" in browser.cookies else "planted0"
    browser.cookies["sessionid"] = planted
    browser.post("/sign-in", {"username": "lin", "password": PASSWORDS["lin"]})
    own = browser.cookies["sessionid"].value
    assert own != planted
    stranger = Client()
    stranger.cookies["sessionid"] = planted
    assert stranger.get("/today").status_code == 302
    browser.post("/sign-out")
    stranger.cookies["sessionid"] = own
    assert stranger.get("/today").status_code == 302


def test_no_page_is_shown_in_a_frame_or_guessed_at(study: World, signed_in: Browsers) -> None:
    browser = signed_in("lin")
    places = ("/", "/sign-in", "/today", "/trials", "/design", "/nowhere", HERE, f"{HERE}/protocol")
    for place in (*places, f"{HERE}/participants.csv", f"{HERE}/queries.json"):
        answer = browser.get(place)
        assert answer["X-Frame-Options"] == "DENY", place
        rules = answer["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in rules and "default-src 'none'" in rules
        assert "unsafe" not in rules
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("host", ["elsewhere.example", "localhost.elsewhere.example", "a b", "@x"])
def test_a_host_that_is_not_ours_is_refused(study: World, host: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
    browser = Client()
    browser.force_login(Person.objects.get(username="lin"))
    for place in ("/", "/sign-in", "/today", HERE, f"/api/studies/{STUDY}/queries"):
        assert browser.get(place, headers={"host": host}).status_code == 400
    sent = browser.get("/today", headers={"x-forwarded-host": host})
    assert sent.status_code == 200 and host not in sent.content.decode()


def test_a_body_is_bounded_before_it_is_read(screened: World, signed_in: Browsers) -> None:
    browser, person = signed_in("lin"), Person.objects.get(username="lin")
    token = tokens.make(
        person, name="", scope=TokenScope.WRITE, study="", at=datetime.now(UTC),
        expires_at=datetime.now(UTC) + timedelta(days=7),
    )  # fmt: skip
    before = stored()
    assert at_demographics(browser, weight="5" * 3_000_000).status_code in (400, 413)
    many = "&".join(f"a{number}=1" for number in range(5_000))
    form = "application/x-www-form-urlencoded"
    assert browser.generic("POST", FORM, many, content_type=form).status_code in (400, 413)
    deep = "[" * 100_000
    place = f"/api/studies/{STUDY}/participants"
    answer = Client().generic(
        "POST", place, deep, content_type="application/json",
        headers={"authorization": f"Bearer {token}", "idempotency-key": "deep"},
    )  # fmt: skip
    assert answer.status_code in (400, 413, 422)
    after = {name: rows for name, rows in stored().items() if "token" not in name}
    assert after == {name: rows for name, rows in before.items() if "token" not in name}


@pytest.mark.parametrize(
    "text",
    ["1" * 50_000, "1," * 25_000, " " * 50_000 + "x", "a-" * 25_000, "(" * 5_000, "1e" * 9_000],
)
def test_no_reader_of_text_runs_away(screened: World, signed_in: Browsers, text: str) -> None:
    """A reader that took time beyond measure on long texts would never end here."""
    browser = signed_in("lin")
    for name in ("age", "height", "weight"):
        body = {"age": "31", "height": "161.0", "weight": "54.5", "revision": "0", name: text}
        assert browser.post(FORM, body).status_code in (200, 302, 400, 409, 413)
    assert browser.get(f"{HERE}/participants", {"q": text[:4_000]}).status_code in (200, 400, 404)
    assert Client().get("/trials", {"q": text[:4_000]}).status_code in (200, 400)
    sent = {"username": text, "password": text}
    assert Client().post("/sign-in", sent).status_code in (401, 400, 413)


def test_who_has_no_account_costs_a_refusal_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Enumeration by time: a name that nobody has is hashed as often, at the same cost."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    lin = Person.objects.get(username="lin")
    lin.set_password("a long enough word")
    lin.save()
    costs: list[tuple[int, int, int]] = []
    own = hashlib.scrypt

    def counted(*given: Any, **named: Any) -> bytes:
        costs.append((named["n"], named["r"], named["p"]))
        return own(*given, **named)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    said = {}
    for username in ("lin", "nobody-here"):
        costs.clear()
        answer = Client().post("/sign-in", {"username": username, "password": "a wrong guess"})
        page = re.sub(r'value="[^"]*"', "", answer.content.decode())
        said[username] = (list(costs), answer.status_code, page)
    assert said["lin"] == said["nobody-here"] and len(said["lin"][0]) == 1


@pytest.mark.parametrize("code", ["c 001", "c-001%2f", "ß", "c-00١", "C_001b"])
def test_a_code_that_cannot_be_is_nowhere_and_leads_nowhere(
    study: World, signed_in: Browsers, code: str
) -> None:
    assert signed_in("lin").get(f"{HERE}/participants/{code}").status_code == 404


def test_no_name_writes_a_line_of_a_mail(study: World, signed_in: Browsers) -> None:
    """A line break in what becomes part of a mail is refused or flattened, never a header."""
    admin = signed_in("admin")
    lin = Person.objects.get(username="lin")
    for name in ("Lin\r\nBcc: all@elsewhere.example", "Lin\nSubject: x"):
        sent = {"username": "lin.two", "name": name, "email": name, "role": str(Role.MONITOR)}
        assert admin.post(f"{HERE}/setup/people", sent).status_code in (200, 302, 400, 404, 409)
        admin.post(f"{HERE}/setup/people/{lin.pk}", {"name": name, "email": name})
    for each in mail.outbox:
        assert "Bcc" not in each.message() and "elsewhere" not in str(each.message()["Subject"])
    assert not Person.objects.filter(name__contains="\n").exists()
