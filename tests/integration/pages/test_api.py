"""The API: personal tokens, the pages' policy for each operation, once-only keys, problems."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.integration.conduct.attached import png
from tests.integration.conduct.refusing import stored
from tests.integration.conduct.world import STUDY, World
from tests.integration.pages.test_permissions import CLINICAL, EVERYONE, PEOPLE
from trialwright.accounts import tokens
from trialwright.accounts.models import ApiToken, Person
from trialwright.accounts.policy import Act
from trialwright.accounts.tokens import TokenScope
from trialwright.conduct.actions import (
    adverse_events,
    cutting,
    eligibility,
    importing,
    querying,
    randomising,
    special_situations,
)
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.actions.attaching import attach_file, remove_attachment
from trialwright.conduct.actions.special_situations import PregnancyReport
from trialwright.conduct.models import (
    AdverseEvent,
    AttachedFile,
    Clock,
    DataCut,
    Deviation,
    Participant,
    Query,
    Value,
    VisitRecord,
)
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role
from trialwright.safety.seriousness import SeriousCriterion
from trialwright.web.api.urls import api

NOW = datetime.now(UTC)
STUDIES = f"/api/studies/{STUDY}"
HERE = f"{STUDIES}/participants/C-001"
VISIT = f"{HERE}/visits/screening"
FORM = f"{VISIT}/demographics/1"
MAPPING = (
    "participant = Subject\nvisit = Visit\ntest = Test\nvalue = Result\n"
    "test Age = demographics.age\ntest PLT = blood_count.platelets\n"
)
# There is no C-009, so nothing of it can be entered.
ROWS = "Subject,Visit,Test,Result\nC-009,screening,PLT,199\n"
who_may = demonstration().roles.who_may
Roles = frozenset[str]
# Each operation: who gets an answer, an example below the study, what is sent.
TABLE: dict[tuple[str, str], tuple[Roles, str, dict[str, Any] | None]] = {
    ("GET", "/studies"): (EVERYONE, "/api/studies", None),
    ("GET", "/studies/{study}/participants"): (CLINICAL, f"{STUDIES}/participants", None),
    ("POST", "/studies/{study}/participants"): (
        who_may(Act.SCREEN), f"{STUDIES}/participants", {"site": "C"}),
    ("GET", "/studies/{study}/participants/{code}"): (
        CLINICAL, f"{STUDIES}/participants/C-001", None),
    ("GET", "/studies/{study}/appointments"): (CLINICAL, f"{STUDIES}/appointments", None),
    ("GET", "/studies/{study}/participants/{code}/attachments"): (
        CLINICAL, f"{STUDIES}/participants/C-001/attachments", None),
    ("GET", "/studies/{study}/participants/{code}/attachments/{number}"): (
        CLINICAL, f"{STUDIES}/participants/C-001/attachments/1", None),
    ("GET", "/studies/{study}/participants/{code}/visits/{visit}/{form}/{repeat}"): (
        CLINICAL, FORM, None),
    ("PUT", "/studies/{study}/participants/{code}/visits/{visit}/{form}/{repeat}"): (
        who_may(Act.CONSENT), FORM, {"revision": 7}),
    ("POST", "/studies/{study}/participants/{code}/visits/{visit}/{form}/{repeat}/queries"): (
        who_may(Act.RAISE_QUERY), f"{FORM}/queries", {"item": "age", "text": ""}),
    ("GET", "/studies/{study}/dictionary"): (EVERYONE, f"{STUDIES}/dictionary", None),
    ("PUT", "/studies/{study}/participants/{code}/visits/{visit}/day"): (
        who_may(Act.PLAN_VISITS), f"{VISIT}/day", {"on": "2999-01-01"}),
    ("PUT", "/studies/{study}/participants/{code}/visits/{visit}/missed"): (
        who_may(Act.PLAN_VISITS), f"{VISIT}/missed", {"reason": ""}),
    # The demonstration has no unscheduled visits.
    ("POST", "/studies/{study}/participants/{code}/unscheduled"): (
        frozenset(), f"{HERE}/unscheduled", {"visit": "day_1", "on": "2026-01-01", "reason": "-"}),
    ("GET", "/studies/{study}/participants/{code}/consents"): (
        CLINICAL, f"{HERE}/consents", None),
    ("GET", "/studies/{study}/deviations"): (CLINICAL, f"{STUDIES}/deviations", None),
    ("POST", "/studies/{study}/participants/{code}/deviations"): (
        who_may(Act.RECORD_DEVIATION), f"{HERE}/deviations",
        {"on": "2999-01-01", "description": "None"}),
    ("GET", "/studies/{study}/adverse-events"): (CLINICAL, f"{STUDIES}/adverse-events", None),
    ("GET", "/studies/{study}/adverse-events/{number}"): (
        CLINICAL, f"{STUDIES}/adverse-events/1", None),
    ("POST", "/studies/{study}/participants/{code}/adverse-events"): (
        who_may(Act.RECORD_EVENTS), f"{HERE}/adverse-events", {"term": "Boredom", "grade": 1}),
    ("GET", "/studies/{study}/pregnancies"): (CLINICAL, f"{STUDIES}/pregnancies", None),
    ("GET", "/studies/{study}/pregnancies/{case}"): (
        CLINICAL, f"{STUDIES}/pregnancies/2", None),
    ("POST", "/studies/{study}/participants/{code}/pregnancies"): (
        who_may(Act.RECORD_EVENTS), f"{HERE}/pregnancies", {"history": "Another is open"}),
    ("POST", "/studies/{study}/participants/{code}/pregnancies/{case}/outcome"): (
        who_may(Act.RECORD_EVENTS), f"{HERE}/pregnancies/2/outcome", {"outcome": "miscarriage"}),
    ("POST", "/studies/{study}/participants/{code}/pregnancies/{case}/children"): (
        who_may(Act.RECORD_EVENTS), f"{HERE}/pregnancies/2/children", {"born": ""}),
    # There is no child yet, and nobody follows it.
    ("POST", "/studies/{study}/participants/{code}/children/{child}"): (
        frozenset(), f"{HERE}/children/C-001-CH1", {"reason": "-"}),
    ("POST", "/studies/{study}/participants/{code}/situations"): (
        who_may(Act.RECORD_EVENTS), f"{HERE}/situations", {"special": "overdose", "described": ""}),
    # No product of the demonstration has containers: `test_pregnancy_pages` has a trial that has.
    ("GET", "/studies/{study}/trace"): (
        frozenset(), f"{STUDIES}/trace?code=C-001", None),
    ("GET", "/studies/{study}/clocks"): (CLINICAL, f"{STUDIES}/clocks", None),
    ("GET", "/studies/{study}/next-participant"): (
        CLINICAL, f"{STUDIES}/next-participant", None),
    ("GET", "/studies/{study}/cuts"): (who_may(Act.SEE_CUTS), f"{STUDIES}/cuts", None),
    ("POST", "/studies/{study}/cuts"): (
        who_may(Act.CUT_DATA), f"{STUDIES}/cuts", {"name": "Not A Name"}),
    ("GET", "/studies/{study}/cuts/{name}"): (
        who_may(Act.SEE_CUTS), f"{STUDIES}/cuts/first", None),
    ("GET", "/studies/{study}/cuts/{name}/files/{file}"): (
        who_may(Act.SEE_CUTS), f"{STUDIES}/cuts/first/files/participants.csv", None),
    ("GET", "/studies/{study}/audit-trail"): (
        who_may(Act.SEE_LEDGER), f"{STUDIES}/audit-trail", None),
    ("POST", "/studies/{study}/results"): (
        who_may(Act.KEEP_LABORATORY), f"{STUDIES}/results",
        {"mapping": "NONE", "file_name": "a.csv", "content": "YQ=="}),
    ("GET", "/studies/{study}/results/{number}"): (
        who_may(Act.KEEP_LABORATORY), f"{STUDIES}/results/1", None),
    # Nothing of the file can be entered, which is no refusal.
    ("PUT", "/studies/{study}/results/{number}/entered"): (
        who_may(Act.KEEP_LABORATORY), f"{STUDIES}/results/1/entered", {}),
    ("POST", "/studies/{study}/queries/{number}/reopen"): (
        who_may(Act.RAISE_QUERY), f"{STUDIES}/queries/1/reopen", {"reason": ""}),
    ("GET", "/studies/{study}/queries"): (CLINICAL, f"{STUDIES}/queries", None),
    ("POST", "/studies/{study}/queries/{number}/answer"): (
        who_may(Act.ANSWER_QUERY), f"{STUDIES}/queries/1/answer", {"answer": ""}),
    ("POST", "/studies/{study}/queries/{number}/close"): (
        who_may(Act.RAISE_QUERY), f"{STUDIES}/queries/1/close", {}),
}  # fmt: skip


class Program:
    """A program with a person's token."""

    def __init__(
        self, username: str, scope: TokenScope = TokenScope.WRITE, study: str = ""
    ) -> None:
        person = Person.objects.get(username=username)
        ends = NOW + timedelta(days=7)
        self.token = tokens.make(
            person, name="", scope=scope, study=study, expires_at=ends, at=datetime.now(UTC)
        )
        self.browser = Client(headers={"authorization": f"Bearer {self.token}"})
        self.count = 0

    def ask(self, method: str, path: str, sent: Any = None, key: str = "") -> Any:
        self.count += 1
        key = key or f"request number {self.count}"
        content = "" if sent is None else json.dumps(sent)
        return self.browser.generic(
            method, path, content, content_type="application/json",
            headers={"idempotency-key": key},
        )  # fmt: skip


def kept() -> dict[str, object]:
    """All that stands in the tables, but when a token was used last."""
    return {table: rows for table, rows in stored().items() if table != "accounts_apitoken"}


@pytest.fixture
def study(world: World) -> World:
    """Somebody with forms, a query, an attachment, an event, a deviation; a file and a cut."""
    code = world.entered()
    querying.raise_query(
        by=world.monitor, code=code, visit="screening", form="demographics", item="age",
        text="Is this the age at consent?", at=world.now,
    )  # fmt: skip
    attach_file(
        by=world.coordinator, code=code, content=png(), file_name="a.png", about="Film",
        at=world.now,
    )  # fmt: skip
    adverse_events.record_event(
        by=world.coordinator, code=code, at=world.now,
        report=Report("Fever", 1, criteria={SeriousCriterion.HOSPITALISATION}),
    )  # fmt: skip
    special_situations.record_pregnancy(
        by=world.coordinator, code=code, report=PregnancyReport(), at=world.now
    )
    keeper = world.person(Role.DATA_MANAGER)
    importing.keep_mapping(by=keeper, name="CENTRAL", text=MAPPING, at=world.now)
    importing.upload_results(
        by=keeper, mapping="CENTRAL", source=ROWS.encode(), file_name="a.csv", at=world.now
    )
    cutting.cut_data(by=keeper, name="first", at=world.now)
    return world


def operations() -> set[tuple[str, str]]:
    described = api.get_openapi_schema()["paths"]
    return {
        (method.upper(), path.removeprefix("/api"))
        for path, methods in described.items()
        for method in methods
    }


def test_every_operation_has_its_decision(db: None) -> None:
    assert operations() == set(TABLE)


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_a_role_may_through_a_program_what_it_may_on_the_pages(study: World, role: Role) -> None:
    program = Program(PEOPLE[role])
    before = kept()
    for (method, name), (roles, path, sent) in TABLE.items():
        if method == "POST" and name.endswith("/participants") and role in roles:
            continue
        if name.endswith("/close") and role in roles:
            continue
        status = program.ask(method, path, sent).status_code
        done = method == "GET" or name.endswith("/entered")
        expected = (200 if done else 409) if role in roles else 404
        if role not in roles and role in who_may(Act.SEE_PARTICIPANTS) and method != "GET":
            assert status in (404, 409), f"{role}: {method} {name}"
        else:
            assert status == expected, f"{role}: {method} {name}"
    assert kept() == before


def test_another_site_and_another_study_do_not_exist(study: World) -> None:
    other = Program("he")
    for (method, _name), (_roles, path, sent) in TABLE.items():
        if "C-001" in path or "/queries/1" in path:
            assert other.ask(method, path, sent).status_code == 404
    assert other.ask("GET", f"{STUDIES}/participants").json() == []
    assert Program("lin").ask("GET", "/api/studies/OTHER-01/participants").status_code == 404
    assert Program("lin", study="OTHER-01").ask("GET", f"{STUDIES}/queries").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer trialwright_wrong", "Basic bGluOng="])
def test_without_a_token_that_opens_nothing_is_told(
    study: World, signed_in: Callable[[str], Client], header: str
) -> None:
    browser = signed_in("lin")
    answer = browser.get("/api/studies", headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_a_token_ends_by_its_day_by_hand_and_with_its_person(study: World) -> None:
    lin = Person.objects.get(username="lin")
    late = tokens.make(
        lin, name="", scope=TokenScope.READ, study="", expires_at=NOW, at=NOW - timedelta(days=1)
    )
    assert (
        Client(headers={"authorization": f"Bearer {late}"}).get("/api/studies").status_code == 401
    )
    program = Program("lin")
    assert program.ask("GET", "/api/studies").status_code == 200
    row = ApiToken.objects.order_by("made_at").last()
    assert row is not None and program.token not in row.hash
    tokens.end(lin, row.pk, at=NOW)
    assert program.ask("GET", "/api/studies").status_code == 401
    other = Program("he")
    Person.objects.filter(username="he").update(is_active=False)
    assert other.ask("GET", "/api/studies").status_code == 401


def test_a_reading_token_writes_nothing(study: World) -> None:
    program, before = Program("lin", TokenScope.READ), kept()
    for (method, _name), (_roles, path, sent) in TABLE.items():
        if method != "GET":
            assert program.ask(method, path, sent).status_code in (403, 404)
    assert kept() == before


def test_a_key_does_it_once(study: World) -> None:
    program = Program("lin")
    first = program.ask("POST", f"{STUDIES}/participants", {"site": "C"}, "the same key")
    again = program.ask("POST", f"{STUDIES}/participants", {"site": "C"}, "the same key")
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert Participant.objects.count() == 2
    other = program.ask("POST", f"{STUDIES}/participants", {"site": "N"}, "the same key")
    assert other.status_code == 409
    without = program.browser.post(
        f"{STUDIES}/participants", json.dumps({"site": "C"}), content_type="application/json"
    )
    assert without.status_code == 400 and "Idempotency-Key" in without.json()["detail"]


def test_a_form_is_read_saved_and_refused_with_the_pages_sentences(study: World) -> None:
    program = Program("lin")
    read = program.ask("GET", FORM).json()
    assert read["values"]["age"] == "31" and read["revision"] == 1
    body = {"age": "31", "height": "161.0", "weight": "60.5"}
    sent = {"revision": 1, "values": body}
    refused = program.ask("PUT", FORM, sent)
    assert refused.status_code == 409
    assert refused["Content-Type"] == "application/problem+json"
    assert [each["field"] for each in refused.json()["problems"]] == ["weight"]
    saved = program.ask("PUT", FORM, sent | {"change_reasons": {"weight": "Misread"}})
    assert saved.status_code == 200 and saved.json()["revision"] == 2
    conflict = program.ask("PUT", FORM, sent | {"change_reasons": {"weight": "Misread"}})
    assert conflict.json()["conflict"] is True
    assert program.ask("GET", FORM).json()["values"]["weight"] == "60.5"


def test_a_query_is_raised_answered_and_closed(study: World) -> None:
    feng, lin = Program("feng"), Program("lin")
    made = feng.ask("POST", f"{FORM}/queries", {"item": "height", "text": "In cm?"})
    number = made.json()["number"]
    assert (
        lin.ask("POST", f"{STUDIES}/queries/{number}/answer", {"answer": "Yes"}).status_code == 204
    )
    assert feng.ask("POST", f"{STUDIES}/queries/{number}/close").status_code == 204
    assert Query.objects.get(number=number).status == "closed"
    assert [each["status"] for each in feng.ask("GET", f"{STUDIES}/queries").json()] == [
        "open", "closed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sent", ["{", "[]", '{"site": 3}', '{"site": "' + "C" * 99 + '"}', '{"site": null}']
)
def test_what_has_another_shape_is_not_understood(study: World, sent: str) -> None:
    program, before = Program("lin"), kept()
    answer = program.browser.post(
        f"{STUDIES}/participants", sent, content_type="application/json",
        headers={"idempotency-key": "a key of its own"},
    )  # fmt: skip
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json" and kept() == before


def test_a_restricted_answer_is_not_there_for_a_blinded_program(study: World) -> None:
    world = study
    world.assess("C-001")
    eligibility.confirm_eligibility(by=world.investigator, code="C-001", at=world.now)
    randomising.randomise(by=world.investigator, code="C-001", at=world.now)
    world.treat("C-001")
    world.visited("C-001", "day_0")
    world.save(world.handler, "C-001", "day_0", "administration", {"lot": "LOT-4711"})
    place = f"{STUDIES}/participants/C-001/visits/day_0/administration/1"
    for username in ("lin", "feng", "yang", "jiang"):
        program = Program(username)
        assert program.ask("GET", place).status_code == 404
        for path in (
            f"{STUDIES}/participants",
            f"{STUDIES}/participants/C-001",
            f"{STUDIES}/queries",
        ):
            assert b"LOT-4711" not in program.ask("GET", path).content
    assert b"LOT-4711" in Program("zhou").ask("GET", place).content


def test_a_token_is_made_on_its_page_and_shown_once(
    study: World, signed_in: Callable[[str], Client]
) -> None:
    lin = Person.objects.get(username="lin")
    lin.set_password("a long enough word")
    lin.save()
    browser = Client()
    browser.force_login(lin)
    sent = {"scope": "read", "days": "7", "study": STUDY, "name": "export"}
    assert browser.post("/account/tokens", sent).status_code == 409
    page = browser.post("/account/tokens", sent | {"password": "a long enough word"})
    assert "trialwright_" in page.content.decode()
    assert "trialwright_" not in browser.get("/account/tokens").content.decode()
    row = ApiToken.objects.get(person=lin)
    browser.post("/account/tokens", {"end": str(row.pk)})
    assert not tokens.of(lin, NOW)


def test_a_program_reads_what_is_attached_with_its_hash(study: World) -> None:
    program, here = Program("feng"), f"{STUDIES}/participants/C-001/attachments"
    (told,) = program.ask("GET", here).json()
    assert (told["number"], told["kind"], told["about"]) == (1, "png", "Film")
    answer = program.ask("GET", f"{here}/1")
    assert answer.content == png() and answer["Content-Type"] == "image/png"
    assert hashlib.sha256(answer.content).hexdigest() == told["sha256"]
    assert answer["Content-Disposition"].startswith("attachment;")
    file = AttachedFile.objects.get()
    file.sealed = bytes(file.sealed)[:-1] + b"\0"
    file.save()
    refused = program.ask("GET", f"{here}/1")
    assert refused.status_code == 409 and "trialwright verify" in refused.json()["detail"]
    remove_attachment(by=study.coordinator, code="C-001", number=1, reason="Wrong", at=study.now)
    assert program.ask("GET", here).json() == []
    assert program.ask("GET", f"{here}/1").status_code == 404


def test_a_program_learns_the_names_it_sends(study: World) -> None:
    told = Program("lin").ask("GET", f"{STUDIES}/dictionary").json()
    protocol = demonstration()
    assert [each["visit"] for each in told["visits"]] == [each.key for each in protocol.visits]
    (form,) = [each for each in told["forms"] if each["form"] == "demographics"]
    age = next(each for each in form["items"] if each["item"] == "age")
    assert (age["type"], age["unit"], age["computed"]) == ("integer", "a", False)


def test_a_visits_day_a_missed_visit_and_a_deviation_are_recorded(study: World) -> None:
    world = study
    world.assess("C-001")
    eligibility.confirm_eligibility(by=world.investigator, code="C-001", at=world.now)
    randomising.randomise(by=world.investigator, code="C-001", at=world.now)
    world.treat("C-001")
    program, before = Program("lin"), Deviation.objects.count()
    visit = f"{HERE}/visits/day_1"
    without = program.ask("PUT", f"{visit}/missed", {"reason": " "}).json()
    assert [each["field"] for each in without["problems"]] == ["reason"]
    record = VisitRecord.objects.get(visit="day_1")
    late = {"on": "2999-01-01"}
    refused = program.ask("PUT", f"{visit}/day", late).json()
    assert [each["field"] for each in refused["problems"]] == ["on"]
    assert program.ask("PUT", f"{HERE}/visits/nowhere/day", late).status_code == 404
    assert program.ask("PUT", f"{visit}/missed", {"reason": "At home"}).status_code == 204
    assert VisitRecord.objects.get(pk=record.pk).status == "missed"
    assert record.target is not None and Deviation.objects.count() == before + 1
    day = {"on": record.target.isoformat(), "reason": "Found in the notes"}
    assert program.ask("PUT", f"{visit}/day", day).status_code == 204
    assert VisitRecord.objects.get(pk=record.pk).actual == record.target
    assert Deviation.objects.count() == before
    sent = {"kind": "consent", "on": world.now.date().isoformat(), "description": "Late"}
    made = program.ask("POST", f"{HERE}/deviations", sent, "one deviation")
    again = program.ask("POST", f"{HERE}/deviations", sent, "one deviation")
    assert made.status_code == again.status_code == 201 and made.json() == again.json()
    assert Deviation.objects.count() == before + 1
    rows = program.ask("GET", f"{STUDIES}/deviations?participant=C-001").json()
    assert (rows[0]["kind"], rows[0]["description"]) == ("consent", "Late")


def test_an_event_starts_its_clocks_as_from_the_page(study: World) -> None:
    program, clocks = Program("lin"), Clock.objects.count()
    sent = {"term": "Fever", "grade": 3, "criteria": ["hospitalisation"], "started": "2026-13"}
    refused = program.ask("POST", f"{HERE}/adverse-events", sent)
    assert [each["field"] for each in refused.json()["problems"]] == ["started"]
    fatal = program.ask("POST", f"{HERE}/adverse-events", {"term": "Fever", "grade": 5})
    assert [each["field"] for each in fatal.json()["problems"]] == ["grade"]
    made = program.ask("POST", f"{HERE}/adverse-events", sent | {"started": ""})
    number = made.json()["number"]
    assert AdverseEvent.objects.get(number=number).hospitalisation
    assert Clock.objects.count() > clocks
    told = program.ask("GET", f"{STUDIES}/adverse-events/{number}").json()
    assert (told["worst_grade"], told["criteria"]) == (3, ["hospitalisation"])
    due = program.ask("GET", f"{STUDIES}/clocks").json()
    assert number in [each["event"] for each in due]
    assert program.ask("GET", f"{STUDIES}/adverse-events/99").status_code == 404


def test_a_pregnancy_is_followed_to_the_child(study: World) -> None:
    program, clocks = Program("lin"), Clock.objects.count()
    (first,) = program.ask("GET", f"{STUDIES}/pregnancies?participant=C-001").json()
    assert (first["case"], first["outcome"], first["children"]) == (2, None, [])
    here = f"{HERE}/pregnancies/2"
    lost = program.ask("POST", f"{here}/outcome", {"outcome": "stillbirth", "ended": "2026"})
    assert [each["field"] for each in lost.json()["problems"]] == ["loss"]
    ended = {"outcome": "birth", "weeks": 38}
    assert program.ask("POST", f"{here}/outcome", ended).status_code == 204
    bare = {"malformation": "Cleft palate"}
    refused = program.ask("POST", f"{here}/children", bare)
    assert [each["field"] for each in refused.json()["problems"]] == ["grade"]
    born = bare | {"grade": 2, "sex": "male", "weight_g": 3100}
    made = program.ask("POST", f"{here}/children", born, "one child")
    again = program.ask("POST", f"{here}/children", born, "one child")
    assert made.status_code == again.status_code == 201 and made.json() == again.json()
    child = made.json()["code"]
    news = {"sex": "male", "weight_g": 3100, "condition": "Operated on", "reason": "Seen again"}
    assert program.ask("POST", f"{HERE}/children/{child}", news).status_code == 204
    told = program.ask("GET", f"{STUDIES}/pregnancies/2").json()
    (line,) = told["children"]
    assert (told["outcome"], told["weeks"]) == ("birth", 38)
    assert (line["code"], line["condition"], line["weight_g"]) == (child, "Operated on", 3100)
    (own,) = line["cases"]
    assert AdverseEvent.objects.get(number=own).congenital
    assert Clock.objects.count() > clocks
    situation = {"special": "overdose", "described": "Twice the dose"}
    number = program.ask("POST", f"{HERE}/situations", situation).json()["number"]
    assert AdverseEvent.objects.get(number=number).special == "overdose"
    assert program.ask("GET", f"{STUDIES}/pregnancies/{number}").status_code == 404


def test_a_nul_in_a_text_is_left_out_as_on_the_pages(study: World) -> None:
    program = Program("lin")
    event = {"term": "Fe\0ver", "grade": 1, "described": "At\0 night"}
    number = program.ask("POST", f"{HERE}/adverse-events", event).json()["number"]
    row = AdverseEvent.objects.get(number=number)
    assert (row.term, row.described) == ("Fever", "At night")
    told = program.ask("GET", f"{STUDIES}/adverse-events?participant=C-%00001").json()
    assert number in [each["number"] for each in told]


def test_a_blinded_program_hears_of_the_clocks_that_the_page_shows(study: World) -> None:
    for username in ("feng", "lin"):
        told = Program(username).ask("GET", f"{STUDIES}/clocks").json()
        page = Client()
        page.force_login(Person.objects.get(username=username))
        shown = page.get(f"/studies/{STUDY}/clocks.json").json()["rows"]
        assert told and [each["number"] for each in told] == [row["clock"] for row in shown]


def test_whether_the_next_may_be_treated_comes_with_its_reasons(study: World) -> None:
    told = Program("lin").ask("GET", f"{STUDIES}/next-participant").json()
    assert told["may_treat"] is (told["reasons"] == [])
    assert (told["randomised"], told["places"]) == (0, demonstration().participants)


def test_a_cut_is_made_once_and_its_files_carry_its_bytes(study: World) -> None:
    program = Program("yang")
    made = program.ask("POST", f"{STUDIES}/cuts", {"name": "second"}, "a key for it")
    again = program.ask("POST", f"{STUDIES}/cuts", {"name": "second"}, "a key for it")
    assert made.status_code == again.status_code == 201 and made.json() == again.json()
    assert DataCut.objects.count() == 2
    assert [each["name"] for each in program.ask("GET", f"{STUDIES}/cuts").json()] == [
        "second", "first",
    ]  # fmt: skip
    here = f"{STUDIES}/cuts/second"
    names = program.ask("GET", here).json()["files"]
    assert names == made.json()["files"] and "participants.csv" in names
    answer = program.ask("GET", f"{here}/files/participants.csv")
    assert b"C-001" in answer.content and answer["Content-Disposition"].startswith("attachment;")
    assert program.ask("GET", f"{here}/files/sealed.json").status_code == 404
    assert program.ask("GET", f"{here}/files/..%2Fsealed").status_code == 404


def test_the_audit_trail_is_the_pages(study: World) -> None:
    program, place = Program("feng"), f"{STUDIES}/audit-trail"
    told = program.ask("GET", f"{place}?participant=C-001&action=save_entry").json()["lines"]
    assert told and {each["participant"] for each in told} == {"C-001"}
    assert {each["action"] for each in told} == {"save_entry"}
    texts = {each["new"] for each in told if (each["record"], each["field"]) == ("value", "text")}
    assert {"08:10", "<1.2", "negative"} <= texts
    assert program.ask("GET", f"{place}?participant=C-009").json()["lines"] == []
    numbers: list[int] = []
    before: int | None = 2**62
    while before is not None:
        page = program.ask("GET", f"{place}?before={before}").json()
        numbers += [each["number"] for each in page["lines"]]
        before = page["before"]
    assert sorted(numbers) == list(range(1, max(numbers) + 1))


def test_laboratory_results_are_sent_looked_at_and_entered(study: World) -> None:
    world, program = study, Program("yang")
    blood = {"sampled_on": world.now.date().isoformat(), "haemoglobin": "98",
             "leukocytes": "5.1", "platelets": "210"}  # fmt: skip
    world.save(world.coordinator, "C-001", "screening", "blood_count", blood)
    text = "Subject,Visit,Test,Result\nC-001,screening,PLT,199\n"
    sent = {"mapping": "CENTRAL", "file_name": "b.csv",
            "content": b64encode(text.encode()).decode()}  # fmt: skip
    bad = program.ask("POST", f"{STUDIES}/results", sent | {"content": "no base64!"})
    assert [each["field"] for each in bad.json()["problems"]] == ["content"]
    number = program.ask("POST", f"{STUDIES}/results", sent).json()["number"]
    assert program.ask("POST", f"{STUDIES}/results", sent).json()["number"] == number
    (result,) = program.ask("GET", f"{STUDIES}/results/{number}").json()["results"]
    assert (result["found"], result["held"], result["value"]) == ("different", "210", "199")
    kept_as_it_is = program.ask("PUT", f"{STUDIES}/results/{number}/entered", {}).json()
    assert kept_as_it_is["values"] == 0
    done = program.ask("PUT", f"{STUDIES}/results/{number}/entered", {"replace": "Corrected"})
    assert done.json() == {"values": 1, "forms_left": 0, "refused": []}
    assert Value.objects.get(item="platelets").text == "199"
