"""What guards an account: delays and locks, a second factor, sessions, passwords."""

import hashlib
import json
import re
import struct
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pyotp
import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.accounts import own_account, second_factor
from trialwright.accounts.models import Person, SecondFactor, SignInTries
from trialwright.accounts.second_factor import FactorKind
from trialwright.ledger import journal
from trialwright.ledger.models import LedgerRow

NOON = datetime.now(UTC).replace(microsecond=0)
HOST = {"HTTP_HOST": "localhost"}
WORD = "a long enough word"


@pytest.fixture
def lin(world: World) -> Person:
    person = Person.objects.get(username="lin")
    person.set_password(WORD)
    person.save()
    return person


def sign_in(browser: Client, username: str = "lin", password: str = WORD) -> Any:
    return browser.post(
        "/sign-in", {"username": username, "password": password, "next": "/account"}
    )


def problem_in(answer: Any) -> str:
    found = re.search(r'id="problem">([^<]+)', answer.content.decode())
    return found[1] if found else ""


def entries(action: str) -> list[str]:
    rows = LedgerRow.objects.filter(study=journal.INSTALLATION, action=action)
    return list(rows.order_by("seq").values_list("field", flat=True))


def test_guesses_wait_longer_and_longer_and_then_lock(lin: Person) -> None:
    waits = []
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(10):
            while (answer := sign_in(Client(), password="a wrong guess")).status_code == 429:
                clock.shift(1)
            assert answer.status_code == 401
            row = SignInTries.objects.get(person=lin)
            waits.append(
                int((row.blocked_until - row.last_at).total_seconds()) if row.blocked_until else 0
            )
        assert waits == [0, 0, 0, 5, 10, 20, 40, 80, 160, 900]
        # The right password doesn't help while it is locked; the sentence is the same for all.
        answer = sign_in(Client())
        assert answer.status_code == 429 and "15 minutes" in problem_in(answer)
        clock.shift(901)
        answer = sign_in(browser := Client())
        assert answer.status_code == 302
        page = browser.get("/account").content.decode()
        assert "10 attempts under your name were refused" in page
    # One entry for the burst, one for the lock; not ten.
    assert entries("sign_in") == ["outcome", "outcome", "tries", "outcome"]


def test_a_name_that_nobody_has_waits_the_same(lin: Person) -> None:
    with time_machine.travel(NOON, tick=False):
        answers = [sign_in(Client(), "nobody-here", "guess").status_code for _ in range(5)]
        theirs = [sign_in(Client(), "lin", "guess").status_code for _ in range(5)]
        for number in range(30):
            sign_in(Client(), f"name-{number}", "guess")
    assert answers == theirs == [401, 401, 401, 401, 429]
    assert len(entries("sign_in")) == 2


def test_nobody_locks_a_person_out_of_the_browser_that_they_use(lin: Person) -> None:
    own = Client()
    with time_machine.travel(NOON, tick=False) as clock:
        assert sign_in(own).status_code == 302
        own.post("/sign-out")
        for _ in range(12):
            sign_in(Client(), password="a guess")
            clock.shift(200)
        assert sign_in(Client()).status_code == 429
        assert sign_in(own).status_code == 302


def test_refusals_are_told_to_who_manages_the_people(
    lin: Person, signed_in: Callable[[str], Client]
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(10):
            sign_in(Client(), password="a guess")
            clock.shift(170)
        admin = signed_in("admin")
        assert "Locked until" in admin.get(f"/studies/{STUDY}/setup/people").content.decode()
        page = admin.get(f"/studies/{STUDY}/setup/people/{lin.pk}").content.decode()
    assert "10 attempts, last on" in page


def with_authenticator(browser: Client) -> tuple[pyotp.TOTP, list[str]]:
    page = browser.get("/account/second-factor/authenticator").content.decode()
    found = re.search(r"<p><code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    totp = pyotp.TOTP(found[1].replace(" ", ""))
    sent = {"code": totp.now(), "password": WORD, "name": "my telephone"}
    done = browser.post("/account/second-factor/authenticator", sent).content.decode()
    return totp, re.findall(r"<code>([0-9a-f-]{19})</code>", done)


def test_after_an_authenticator_is_added_the_password_alone_lets_nobody_in(lin: Person) -> None:
    browser = Client()
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(browser)
        totp, codes = with_authenticator(browser)
        assert len(codes) == 10
        other = Client()
        assert sign_in(other)["Location"] == "/sign-in/second"
        assert other.get("/account").status_code == 302
        # The code with which it was added isn't good a second time, a wrong one never.
        clock.shift(30)
        assert other.post("/sign-in/second", {"code": "000000"}).status_code == 401
        code = totp.now()
        assert other.post("/sign-in/second", {"code": code})["Location"] == "/account"
        assert other.get("/account").status_code == 200
        again = Client()
        sign_in(again)
        assert again.post("/sign-in/second", {"code": code}).status_code == 401
        assert again.post("/sign-in/second", {"code": codes[0]}).status_code == 302
        third = Client()
        sign_in(third)
        assert third.post("/sign-in/second", {"code": codes[0]}).status_code == 401
        clock.shift(timedelta(minutes=6))
        assert third.post("/sign-in/second", {"code": codes[1]})["Location"] == "/sign-in"
    assert "second_factor" in set(LedgerRow.objects.values_list("entity", flat=True))
    secret = totp.secret.encode()
    assert not any(secret in bytes(row.sealed) for row in SecondFactor.objects.all())


def test_codes_are_guessed_no_faster_than_passwords(lin: Person) -> None:
    browser = Client()
    with time_machine.travel(NOON, tick=False):
        sign_in(browser)
        with_authenticator(browser)
        other = Client()
        sign_in(other)
        said = [other.post("/sign-in/second", {"code": "111111"}).status_code for _ in range(6)]
    assert said == [401, 401, 401, 401, 429, 429]


def test_removing_asks_the_password_and_takes_the_recovery_codes(lin: Person) -> None:
    browser = Client()
    sign_in(browser)
    with_authenticator(browser)
    row = SecondFactor.objects.get(kind=FactorKind.AUTHENTICATOR)
    assert browser.post("/account/second-factor", {"remove": str(row.pk)}).status_code == 409
    sent = {"remove": str(row.pk), "password": WORD}
    assert browser.post("/account/second-factor", sent).status_code == 302
    assert not SecondFactor.objects.exists()


def text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class Token:
    """A passkey as a telephone keeps one: a key on P-256 that signs what the browser is asked."""

    def __init__(self) -> None:
        self.key, self.id, self.count = (
            ec.generate_private_key(ec.SECP256R1()),
            b"a passkey's id",
            0,
        )

    def data(self, *, made: bool = False) -> bytes:
        host = hashlib.sha256(b"localhost").digest()
        head = host + (b"\x45" if made else b"\x05") + struct.pack(">I", self.count)
        if not made:
            return head
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return head + bytes(16) + struct.pack(">H", len(self.id)) + self.id + key

    def client(self, kind: str, challenge: str, origin: str = "http://localhost") -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def answer(self, response: dict[str, bytes]) -> str:
        told = {name: text(each) for name, each in response.items()}
        return json.dumps(
            {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": told,
             "clientExtensionResults": {}}
        )  # fmt: skip

    def made(self, challenge: str) -> str:
        told = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self.data(made=True)})
        client = self.client("webauthn.create", challenge)
        return self.answer({"clientDataJSON": client, "attestationObject": told})

    def signed(self, challenge: str, origin: str = "http://localhost") -> str:
        self.count += 1
        data, client = self.data(), self.client("webauthn.get", challenge, origin)
        content = data + hashlib.sha256(client).digest()
        signature = self.key.sign(content, ec.ECDSA(hashes.SHA256()))
        return self.answer(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        )


def asked(browser: Client, address: str) -> str:
    page = browser.get(address, **HOST).content.decode()
    found = re.search(r'data-options="([^"]+)"', page)
    assert found is not None
    options = json.loads(found[1].replace("&quot;", '"'))
    challenge: str = options["challenge"]
    return challenge


def test_a_passkey_signs_what_is_asked_now_and_here(lin: Person) -> None:
    browser, token = Client(), Token()
    sign_in(browser)
    address = "/account/second-factor/passkey"
    challenge = asked(browser, address)
    sent = {"passkey": token.made(challenge), "password": WORD, "name": "key"}
    assert "Recovery codes" in browser.post(address, sent, **HOST).content.decode()
    other = Client()
    sign_in(other)
    challenge = asked(other, "/sign-in/second")
    wrong_place = token.signed(challenge, "https://elsewhere.example")
    assert other.post("/sign-in/second", {"passkey": wrong_place}, **HOST).status_code == 401
    challenge = asked(other, "/sign-in/second")
    answer = token.signed(challenge)
    assert other.post("/sign-in/second", {"passkey": answer}, **HOST).status_code == 302
    again = Client()
    sign_in(again)
    asked(again, "/sign-in/second")
    assert again.post("/sign-in/second", {"passkey": answer}, **HOST).status_code == 401


def test_a_password_is_changed_and_other_browsers_are_signed_out(lin: Person) -> None:
    browser, other = Client(), Client()
    sign_in(browser)
    sign_in(other)
    sent = {"password": "not it", "new": "another long word", "again": "another long word"}
    assert browser.post("/account/password", sent).status_code == 409
    short = sent | {"password": WORD, "new": "short", "again": "short"}
    assert "12" in browser.post("/account/password", short).content.decode()
    assert browser.post("/account/password", sent | {"password": WORD}).status_code == 302
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert sign_in(Client(), password="another long word").status_code == 302


def test_sessions_are_listed_and_ended(lin: Person) -> None:
    browser = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})
    other = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux) Chrome/140 Safari/537.36"})
    sign_in(browser)
    sign_in(other)
    other.get("/account")
    page = browser.get("/account/sessions").content.decode()
    assert "Firefox, Windows" in page and "Chrome, Linux" in page
    keys = [browser.session.session_key, other.session.session_key]
    assert not any(str(key) in page for key in keys)
    (name,) = re.findall(r'name="end" value="([0-9a-f]{16})"', page)
    browser.post("/account/sessions", {"end": name})
    assert other.get("/account").status_code == 302
    assert browser.get("/account").status_code == 200


def test_a_manager_makes_a_link_for_a_new_password_and_removes_a_lost_factor(
    lin: Person, signed_in: Callable[[str], Client]
) -> None:
    browser, admin = Client(), signed_in("admin")
    sign_in(browser)
    with_authenticator(browser)
    place = f"/studies/{STUDY}/setup/people/{lin.pk}"
    done = admin.post(place, {"reset": "yes"})
    assert done["Location"].endswith("/link")
    assert browser.get("/account").status_code == 302
    assert sign_in(Client()).status_code == 401
    page = admin.get(done["Location"]).content.decode()
    found = re.search(r"/join/[^<]+", page)
    assert found is not None
    fresh = Client()
    sent = {"password": "a word of her own", "again": "a word of her own"}
    # Whoever opens the link without the second factor isn't in.
    assert fresh.post(found[0], sent)["Location"] == "/sign-in/second"
    assert admin.post(place, {"unguard": "yes"}).status_code == 302
    assert not second_factor.has(lin)
    own = Person.objects.get(username="admin")
    assert (
        admin.post(f"/studies/{STUDY}/setup/people/{own.pk}", {"reset": "yes"}).status_code == 409
    )


def test_a_secret_put_in_the_place_of_another_is_seen(lin: Person) -> None:
    from trialwright.accounts.second_factor import _committing

    own_account.add_factor(lin, FactorKind.AUTHENTICATOR, {"secret": "A" * 32}, "", at=NOON)
    row = SecondFactor.objects.get(kind=FactorKind.AUTHENTICATOR)
    (kept,) = LedgerRow.objects.filter(entity="second_factor", id=str(row.pk), field="sealed")
    assert kept is not None and _committing(row.pk, row.sealed) != _committing(row.pk, b"another")


def test_where_everybody_is_asked_for_a_second_factor_nothing_opens_without(
    lin: Person, settings: Any
) -> None:
    settings.TRIALWRIGHT_SECOND_FACTOR = True
    required = "trialwright.web.account.required.RequiredFactorMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, required]
    browser, form = Client(), f"/studies/{STUDY}/screen"
    with time_machine.travel(NOON, tick=False) as clock:
        assert sign_in(browser).status_code == 302
        for place in ("/", "/today", "/account", "/account/tokens", f"/studies/{STUDY}", form):
            answer = browser.get(place)
            assert (answer.status_code, answer["Location"]) == (302, "/account/second-factor")
        before = LedgerRow.objects.count()
        assert browser.post(form, {"site": "C"})["Location"] == "/account/second-factor"
        assert LedgerRow.objects.count() == before
        totp, _codes = with_authenticator(browser)
        assert browser.get("/account").status_code == 200
        clock.shift(30)
        again = Client()
        assert sign_in(again)["Location"] == "/sign-in/second"
        again.post("/sign-in/second", {"code": totp.now()})
        assert again.get("/today").status_code == 200
