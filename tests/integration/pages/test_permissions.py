"""Every address for every role: who may see it, who may send to it; for the others it isn't there.

The table decides for each address of the clinical pages. One that is added without a line here
fails the first test; whoever isn't named in its line gets 404, for seeing and for sending.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from tests.integration.conduct.refusing import stored
from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.policy import GRANTS, Act
from trialwright.conduct.actions import cutting, querying
from trialwright.conduct.demonstration.people import CAST
from trialwright.ledger import book
from trialwright.protocol.basics import Role
from trialwright.web.clinical.urls import urlpatterns

Roles = frozenset[Role]
EVERYONE = frozenset(cast.role for cast in CAST)
CLINICAL = GRANTS[Act.SEE_PARTICIPANTS]
NOBODY: Roles = frozenset()
TEAM = GRANTS[Act.CONSENT]
ANSWERERS = GRANTS[Act.ANSWER_QUERY] | GRANTS[Act.RAISE_QUERY]
# Of each role the one at the participant's site.
PEOPLE = {cast.role: cast.username for cast in CAST if cast.site in ("", "C")}
HERE, FORM = "participants/C-001", "participants/C-001/visits/screening/demographics/1"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who may see an address, who may send to it, and an example of it below the study."""

    sees: Roles
    sends: Roles = NOBODY
    example: str = ""


def step(act: Act, example: str) -> Decision:
    """A step of the story: whoever may take it sees its page and sends it."""
    return Decision(GRANTS[act], GRANTS[act], f"{HERE}/{example}")


def listed(name: str) -> dict[str, Decision]:
    return {
        f"{name}{kind}": Decision(CLINICAL, NOBODY, f"{name}{kind}")
        for kind in ("", ".csv", ".json")
    }


PERSON, VISIT = "participants/<str:code>", "participants/<str:code>/visits/<slug:visit>"
ENTRY = f"{VISIT}/<slug:form>/<int:repeat>"
BY_ARM = GRANTS[Act.SEE_ARMS]
POOLED = GRANTS[Act.SEE_CUTS]
TABLE: dict[str, Decision] = {
    "": Decision(EVERYONE),
    "protocol": Decision(EVERYONE, NOBODY, "protocol"),
    "ledger": Decision(GRANTS[Act.SEE_LEDGER], NOBODY, "ledger"),
    "ledger/<int:number>": Decision(GRANTS[Act.SEE_LEDGER], NOBODY, "ledger/20"),
    **listed("queries"), **listed("visits"), **listed("forms"), **listed("participants"),
    "queries/<int:number>": Decision(CLINICAL, ANSWERERS, "queries/1"),
    "screen": Decision(GRANTS[Act.SCREEN], GRANTS[Act.SCREEN], "screen"),
    PERSON: Decision(CLINICAL, NOBODY, HERE),
    f"{PERSON}/consent": step(Act.CONSENT, "consent"),
    f"{PERSON}/screen-failure": step(Act.SCREEN, "screen-failure"),
    f"{PERSON}/eligibility": Decision(CLINICAL, TEAM, f"{HERE}/eligibility"),
    f"{PERSON}/eligibility/sign": step(Act.CONFIRM_ELIGIBILITY, "eligibility/sign"),
    f"{PERSON}/randomise": step(Act.RANDOMISE, "randomise"),
    f"{PERSON}/receive-allocation": step(Act.RECEIVE_ALLOCATION, "receive-allocation"),
    f"{PERSON}/release-product": step(Act.RELEASE_PRODUCT, "release-product"),
    f"{PERSON}/declare-resection": step(Act.DECLARE_RESECTION, "declare-resection"),
    f"{PERSON}/tell-surgeon": step(Act.DECLARE_RESECTION, "tell-surgeon"),
    f"{PERSON}/treatment": step(Act.RECORD_TREATMENT, "treatment"),
    f"{PERSON}/participation": step(Act.CHANGE_PARTICIPATION, "participation"),
    VISIT: Decision(CLINICAL, NOBODY, f"{HERE}/visits/screening"),
    f"{VISIT}/took-place": step(Act.PLAN_VISITS, "visits/day_1/took-place"),
    f"{VISIT}/missed": step(Act.PLAN_VISITS, "visits/day_1/missed"),
    ENTRY: Decision(CLINICAL, TEAM, FORM),
    f"{ENTRY}/draft": Decision(NOBODY, TEAM, f"{FORM}/draft"),
    f"{ENTRY}/answers": Decision(CLINICAL, NOBODY, f"{FORM}/answers"),
    f"{ENTRY}/sign": Decision(
        frozenset({Role.INVESTIGATOR}), frozenset({Role.INVESTIGATOR}), f"{FORM}/sign"
    ),
    f"{ENTRY}/history/<slug:item>": Decision(CLINICAL, NOBODY, f"{FORM}/history/age"),
    f"{ENTRY}/ask/<slug:item>": Decision(
        GRANTS[Act.RAISE_QUERY], GRANTS[Act.RAISE_QUERY], f"{FORM}/ask/age"
    ),
    "cuts": Decision(POOLED, GRANTS[Act.CUT_DATA], "cuts"),
    "cuts/<slug:name>": Decision(POOLED, NOBODY, "cuts/first"),
    "cuts/<slug:name>/report.pdf": Decision(POOLED, NOBODY, "cuts/first/report.pdf"),
    "cuts/<slug:name>/report.html": Decision(POOLED, NOBODY, "cuts/first/report.html"),
    "cuts/<slug:name>/report-by-arm.pdf": Decision(BY_ARM, NOBODY, "cuts/first/report-by-arm.pdf"),
    "cuts/<slug:name>/report-by-arm.html": Decision(
        BY_ARM, NOBODY, "cuts/first/report-by-arm.html"
    ),
    "cuts/<slug:name>/files.zip": Decision(POOLED, NOBODY, "cuts/first/files.zip"),
}  # fmt: skip
# Who is signed in, whatever her role, has these; who isn't is asked to sign in.
PERSONAL = {"", "today", "account", "sign-in", "sign-out"}


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for each in patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, here)
        else:
            yield here


@pytest.fixture
def study(world: World) -> World:
    """A treated woman with a query on a form, and a data cut."""
    code = world.treated()
    querying.raise_query(
        by=world.monitor, code=code, visit="screening", form="demographics", item="age",
        text="Is this her age at consent?", at=world.now,
    )  # fmt: skip
    cutting.cut_data(by=world.person(Role.DATA_MANAGER), name="first", at=world.now)
    return world


def at(example: str) -> str:
    return f"/studies/{STUDY}/{example}".rstrip("/")


def test_every_address_has_its_decision() -> None:
    found = set(addresses(urlpatterns))
    below = f"studies/<str:study>{'/'}"
    decided = {(below + name).rstrip("/") for name in TABLE} | PERSONAL
    assert found == decided


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_a_role_finds_what_is_for_it_and_nothing_else(
    study: World, signed_in: Callable[[str], Client], role: Role
) -> None:
    browser = signed_in(PEOPLE[role])
    before = stored()
    for name, decision in TABLE.items():
        seen = browser.get(at(decision.example)).status_code
        assert seen == (200 if role in decision.sees else 404), f"{role} opens {name}"
        if role not in decision.sends:
            sent = browser.post(at(decision.example), {"close": "yes"}).status_code
            # A page that is only read is shown again, and whatever was sent to it is not read.
            assert sent == seen or sent == 404, f"{role} sends to {name}"
    assert stored() == before


def test_another_site_does_not_exist(study: World, signed_in: Callable[[str], Client]) -> None:
    for username in ("he", "qian", "tang", "deng"):
        browser = signed_in(username)
        for name, decision in TABLE.items():
            if decision.example.startswith((HERE, "queries/1")):
                for answer in (browser.get, browser.post):
                    assert answer(at(decision.example)).status_code == 404, f"{username}: {name}"
        assert b"C-001" not in browser.get(at("participants")).content
        assert b"C-001" not in browser.get(at("ledger")).content


def test_what_is_not_there_and_what_one_may_not_see_look_the_same(
    study: World, signed_in: Callable[[str], Client]
) -> None:
    hidden, nowhere = signed_in("he"), signed_in("he")
    there = hidden.get(at(HERE)).content.decode()
    missing = nowhere.get(at("participants/C-999")).content.decode()
    assert there.replace(HERE, "") == missing.replace("participants/C-999", "")
    assert hidden.get("/studies/OTHER-01").status_code == 404


def test_who_is_not_signed_in_is_asked_to_and_learns_nothing(study: World) -> None:
    stranger, before = Client(), stored()
    for decision in TABLE.values():
        seen = stranger.get(at(decision.example))
        assert seen.status_code == 302
        assert seen["Location"].startswith("/sign-in?next=")
        sent = stranger.post(at(decision.example))
        assert sent.status_code == 401
        assert b"C-001" not in sent.content.replace(at(decision.example).encode(), b"")
    for name in ("today", "account"):
        assert stranger.get(f"/{name}").status_code == 302
    assert stored() == before


def test_a_form_that_shows_the_arm_is_not_there_for_masked_people(
    study: World, signed_in: Callable[[str], Client]
) -> None:
    study.visited("C-001", "day_0")
    study.save(study.handler, "C-001", "day_0", "administration", {"lot": "LOT-4711"})
    last = book.head(STUDY).seq
    place = f"{HERE}/visits/day_0/administration/1"
    for role, username in PEOPLE.items():
        browser = signed_in(username)
        sees = role in GRANTS[Act.SEE_ARM] or role is Role.OPERATING_SURGEON
        for end in ("", "/answers", "/history/lot"):
            answer = browser.get(at(place + end))
            assert answer.status_code == (200 if sees else 404), f"{role}{end}"
            assert (b"LOT-4711" in answer.content) is sees
        for around in (HERE, f"{HERE}/visits/day_0", "ledger", f"ledger/{last}", "forms"):
            assert b"LOT-4711" not in browser.get(at(around)).content, f"{role} {around}"
