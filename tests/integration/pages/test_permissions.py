"""Every address for every role: who may see it, who may send to it; for the others it isn't there.

The table decides for each address of the clinical pages. One that is added without a line here
fails the first test; whoever isn't named in its line gets 404, for seeing and for sending.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from tests.integration.conduct.refusing import stored
from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.models import Person
from trialwright.accounts.policy import Act
from trialwright.demonstration.people import CAST
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import journal
from trialwright.protocol.basics import Role
from trialwright.web.account.urls import urlpatterns as account_patterns
from trialwright.web.clinical.urls import urlpatterns
from trialwright.web.setup.urls import urlpatterns as setup_patterns

Roles = frozenset[str]
who_may = demonstration().roles.who_may
EVERYONE = frozenset(cast.role for cast in CAST)
CLINICAL = who_may(Act.SEE_PARTICIPANTS)
NOBODY: Roles = frozenset()
TEAM = who_may(Act.CONSENT)
ANSWERERS = who_may(Act.ANSWER_QUERY) | who_may(Act.RAISE_QUERY)
# Of each role the one at the participant's site.
PEOPLE = {cast.role: cast.username for cast in CAST if cast.site in ("", "C")}
HERE, FORM = "participants/C-001", "participants/C-001/visits/screening/demographics/1"
RESULTS = "participants/C-001/visits/screening/blood_count/1"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who may see an address, who may send to it, and an example of it below the study."""

    sees: Roles
    sends: Roles = NOBODY
    example: str = ""


def step(act: Act, example: str) -> Decision:
    """A step of the story: whoever may take it sees its page and sends it."""
    return Decision(who_may(act), who_may(act), f"{HERE}/{example}")


def listed(name: str) -> dict[str, Decision]:
    return {
        f"{name}{kind}": Decision(CLINICAL, NOBODY, f"{name}{kind}")
        for kind in ("", ".csv", ".json")
    }


def at_event(roles: Roles, example: str) -> Decision:
    return Decision(roles, roles, f"adverse-events/1/{example}")


JUDGES = (
    who_may(Act.JUDGE_EVENTS)
    | who_may(Act.JUDGE_EVENTS_FOR_SPONSOR)
    | who_may(Act.ADJUDICATE_EVENTS)
)
PERSON, VISIT = "participants/<str:code>", "participants/<str:code>/visits/<visit:visit>"
ENTRY = f"{VISIT}/<slug:form>/<number:repeat>"
# The role that the protocol names: it signs that it has seen the first results.
REVIEWERS: Roles = frozenset({Role.SAFETY_BOARD})
# Who fills in some form of the screening visit.
FILLERS = TEAM | {Role.OPERATING_SURGEON}
# Who signs some form: what waits for nobody's signature is an empty page, and no secret.
FORM_SIGNERS: Roles = frozenset(
    form.signed_by for form in demonstration().forms if form.signed_by is not None
)
BY_ARM = who_may(Act.SEE_ARMS)
# Who knows arms, and who takes a step that has shown this one.
ARM = who_may(Act.SEE_ARM) | {Role.OPERATING_SURGEON}
GIVERS: Roles = frozenset({Role.OPERATING_SURGEON, Role.PRODUCT_HANDLER})
POOLED = who_may(Act.SEE_CUTS)
BOARD_KEEPERS = REVIEWERS | (BY_ARM & who_may(Act.CUT_DATA))
ENVELOPE_KEEPERS = who_may(Act.KEEP_ENVELOPES)
MANAGERS = who_may(Act.MANAGE_PEOPLE)
SIGNERS = who_may(Act.SIGN_PROTOCOL)
KEEPERS = who_may(Act.KEEP_LABORATORY)
LOCKERS = who_may(Act.LOCK_DATA)
SITE_SIGNERS = frozenset(role for role in SIGNERS if demonstration().roles.at_a_site(role))
STAFF = frozenset(
    role
    for role in who_may(Act.SCREEN) | who_may(Act.CONSENT)
    if demonstration().roles.at_a_site(role)
)
NO_LINE = "00000000-0000-4000-8000-000000000000"
TABLE: dict[str, Decision] = {
    "": Decision(EVERYONE),
    "protocol": Decision(EVERYONE, NOBODY, "protocol"),
    "protocol/analysis-plan.pdf": Decision(EVERYONE, NOBODY, "protocol/analysis-plan.pdf"),
    "protocol/analysis-plan.html": Decision(EVERYONE, NOBODY, "protocol/analysis-plan.html"),
    "protocol/crf.pdf": Decision(EVERYONE, NOBODY, "protocol/crf.pdf"),
    "protocol/annotated-crf.pdf": Decision(EVERYONE, NOBODY, "protocol/annotated-crf.pdf"),
    "dashboard": Decision(CLINICAL, NOBODY, "dashboard"),
    **{
        f"dashboard/{name}.{kind}": Decision(CLINICAL, NOBODY, f"dashboard/{name}.{kind}")
        for name in ("enrolment", "completeness", "queries", "item", "sites")
        for kind in ("csv", "json")
    },
    # The demonstration's arms have no factors: `test_factorial_dashboard` has a trial whose have.
    **{
        f"dashboard/factors.{kind}": Decision(NOBODY, NOBODY, f"dashboard/factors.{kind}")
        for kind in ("csv", "json")
    },
    "ledger": Decision(who_may(Act.SEE_LEDGER), NOBODY, "ledger"),
    "ledger/reviews": Decision(
        who_may(Act.SEE_LEDGER), who_may(Act.RAISE_QUERY) | who_may(Act.VERIFY_SOURCE),
        "ledger/reviews?to=1",
    ),
    "ledger/<number:number>": Decision(who_may(Act.SEE_LEDGER), NOBODY, "ledger/20"),
    **{
        f"verification{kind}": Decision(who_may(Act.VERIFY_SOURCE), NOBODY, f"verification{kind}")
        for kind in ("", ".csv", ".json")
    },
    **listed("monitoring"), **listed("monitoring/findings"),
    "monitoring/new": Decision(
        who_may(Act.VERIFY_SOURCE), who_may(Act.VERIFY_SOURCE), "monitoring/new"
    ),
    "monitoring/<number:number>": Decision(CLINICAL, SITE_SIGNERS, "monitoring/1"),
    "monitoring/<number:number>/report.pdf": Decision(
        CLINICAL, NOBODY, "monitoring/1/report.pdf"
    ),
    "monitoring/<number:number>/findings/<number:finding>": Decision(
        CLINICAL, who_may(Act.ANSWER_QUERY), "monitoring/1/findings/1"
    ),
    # The report is signed: `test_monitoring_pages` has one that isn't.
    **{
        f"monitoring/<number:number>/{name}": Decision(NOBODY, NOBODY, f"monitoring/1/{example}")
        for name, example in (
            ("correct", "correct"), ("findings/new", "findings/new"),
            ("findings/<number:finding>/correct", "findings/1/correct"),
            ("findings/<number:finding>/remove", "findings/1/remove"),
        )
    },
    **listed("appointments"),
    "calendar": Decision(CLINICAL, NOBODY, "calendar"),
    "calendar/link": Decision(CLINICAL, CLINICAL, "calendar/link"),
    **listed("queries"), **listed("visits"), **listed("forms"), **listed("deviations"),
    **listed("participants"), **listed("adverse-events"),
    "adverse-events/<number:number>": Decision(CLINICAL, NOBODY, "adverse-events/1"),
    "adverse-events/<number:number>/unblind": at_event(who_may(Act.REPORT_SAFETY), "unblind"),
    **{
        f"adverse-events/<number:number>/{name}": Decision(
            who_may(Act.REPORT_SAFETY), sends, f"adverse-events/1/{name}"
        )
        for name, sends in (("case", who_may(Act.REPORT_SAFETY)), ("case-blinded.pdf", NOBODY))
    },
    # The safety office was shown the arm: `test_case_reports` has who wasn't.
    "adverse-events/<number:number>/case-unblinded.pdf": Decision(
        who_may(Act.REPORT_SAFETY), NOBODY, "adverse-events/1/case-unblinded.pdf"
    ),
    "adverse-events/<number:number>/grade": at_event(who_may(Act.RECORD_EVENTS), "grade"),
    "adverse-events/<number:number>/follow": at_event(who_may(Act.RECORD_EVENTS), "follow"),
    "adverse-events/<number:number>/cause": at_event(JUDGES, "cause"),
    "adverse-events/<number:number>/nullify": at_event(who_may(Act.JUDGE_EVENTS), "nullify"),
    # No pregnancy ended in a birth here: `test_pregnancy_pages` has some.
    **{
        f"adverse-events/<number:number>/{name}": Decision(
            NOBODY, NOBODY, f"adverse-events/1/{example}"
        )
        for name, example in (
            ("outcome", "outcome"), ("children", "children"),
            ("children/<str:child>", "children/C-001-CH1"),
        )
    },
    **listed("laboratory"),
    "laboratory/new": Decision(KEEPERS, KEEPERS, "laboratory/new"),
    **{
        f"laboratory/{name}{kind}": Decision(KEEPERS, NOBODY, f"laboratory/{name}{kind}")
        for name in ("mappings", "results")
        for kind in ("", ".csv", ".json")
    },
    "laboratory/mappings/new": Decision(KEEPERS, KEEPERS, "laboratory/mappings/new"),
    "laboratory/results/new": Decision(KEEPERS, KEEPERS, "laboratory/results/new"),
    # No file has come here: `test_result_pages` has some.
    **{
        f"laboratory/results/<number:number>{kind}": Decision(
            NOBODY, NOBODY, f"laboratory/results/1{kind}"
        )
        for kind in ("", ".csv", ".json")
    },
    # No laboratory's ranges are kept here: `test_laboratory_pages` has some.
    **{
        f"laboratory/ranges/<slug:laboratory>/<number:version>{kind}": Decision(
            NOBODY, NOBODY, f"laboratory/ranges/CENTRAL/1{kind}"
        )
        for kind in ("", ".csv", ".json")
    },
    "deviations/<number:number>": Decision(
        CLINICAL, who_may(Act.CLASSIFY_DEVIATION), "deviations/1"
    ),
    "queries/<number:number>": Decision(CLINICAL, ANSWERERS, "queries/1"),
    "first-results": Decision(REVIEWERS, REVIEWERS, "first-results"),
    "unblindings": Decision(CLINICAL, NOBODY, "unblindings"),
    "unblindings/<number:number>/judge": Decision(
        who_may(Act.JUDGE_EVENTS_FOR_SPONSOR), who_may(Act.JUDGE_EVENTS_FOR_SPONSOR),
        "unblindings/1/judge",
    ),
    **listed("clocks"),
    "clocks/<number:number>": Decision(CLINICAL, NOBODY, "clocks/1"),
    "clocks/<number:number>/end": Decision(
        who_may(Act.RECORD_EVENTS), who_may(Act.RECORD_EVENTS), "clocks/1/end"
    ),
    **{
        f"envelopes{kind}": Decision(ENVELOPE_KEEPERS, NOBODY, f"envelopes{kind}")
        for kind in ("", ".csv", ".json")
    },
    # None is printed yet: `test_envelopes` has some.
    "envelopes/<number:number>": Decision(NOBODY, NOBODY, "envelopes/1"),
    "envelopes/print/<slug:site>": Decision(
        ENVELOPE_KEEPERS, ENVELOPE_KEEPERS, "envelopes/print/C"
    ),
    f"{PERSON}/envelope": Decision(NOBODY, NOBODY, f"{HERE}/envelope"),
    "holds": Decision(CLINICAL, NOBODY, "holds"),
    "holds/new": Decision(who_may(Act.HOLD_TRIAL), who_may(Act.HOLD_TRIAL), "holds/new"),
    "holds/decide": Decision(REVIEWERS, REVIEWERS, "holds/decide"),
    "board": Decision(CLINICAL, NOBODY, "board"),
    "board/new": Decision(BOARD_KEEPERS, BOARD_KEEPERS, "board/new"),
    "board/<number:number>": Decision(CLINICAL, REVIEWERS, "board/1"),
    "board/<number:number>/correct": Decision(BOARD_KEEPERS, BOARD_KEEPERS, "board/1/correct"),
    "next-participant": Decision(CLINICAL, NOBODY, "next-participant"),
    # The demonstration has no dose cohorts: `test_dose_cohorts` has a trial that has.
    "cohorts": Decision(NOBODY, NOBODY, "cohorts"),
    # Nor has it groups: `test_groups` has a trial that has.
    "cohorts/<slug:group>": Decision(NOBODY, NOBODY, "cohorts/young"),
    "groups": Decision(NOBODY, NOBODY, "groups"),
    # The demonstration has no kits: `test_kit_pages` has a trial that has.
    **{
        f"kits{rest}": Decision(NOBODY, NOBODY, f"kits{rest}")
        for rest in ("", ".csv", ".json", "/new", "/send", "/receive", "/set-aside")
    },
    f"{PERSON}/kits/<str:number>/return": Decision(NOBODY, NOBODY, f"{HERE}/kits/K1/return"),
    f"{PERSON}/kits/<str:number>/replace": Decision(NOBODY, NOBODY, f"{HERE}/kits/K1/replace"),
    # No product of the demonstration has containers: `test_product_pages` has a trial that has.
    **{
        f"products{rest}": Decision(NOBODY, NOBODY, f"products{rest}")
        for rest in ("", ".csv", ".json", "/trace", "/count", "/lots/new", "/donors/new")
    },
    "products/receive/<slug:site>": Decision(NOBODY, NOBODY, "products/receive/C"),
    **{
        f"products/lots/<slug:lot>{rest}": Decision(NOBODY, NOBODY, f"products/lots/T1{rest}")
        for rest in ("", "/result", "/containers", "/send", "/labels.pdf", "/decide")
    },
    **{
        f"products/donors/<slug:donor>{rest}": Decision(NOBODY, NOBODY, f"products/donors/D1{rest}")
        for rest in ("", "/result", "/exclude")
    },
    **{
        f"products/containers/<slug:container>{rest}": Decision(
            NOBODY, NOBODY, f"products/containers/C1{rest}"
        )
        for rest in ("", "/move")
    },
    f"{PERSON}/bedside/<slug:step>": Decision(NOBODY, NOBODY, f"{HERE}/bedside/place"),
    f"{PERSON}/bedside/<slug:step>/<visit:visit>": Decision(
        NOBODY, NOBODY, f"{HERE}/bedside/place/day_0"
    ),
    f"{PERSON}/product-information/<number:number>": Decision(
        NOBODY, NOBODY, f"{HERE}/product-information/1"
    ),
    f"{PERSON}/wristband.pdf": Decision(NOBODY, NOBODY, f"{HERE}/wristband.pdf"),
    "hospital-number": Decision(STAFF, STAFF, "hospital-number"),
    "screen": Decision(who_may(Act.SCREEN), who_may(Act.SCREEN), "screen"),
    PERSON: Decision(CLINICAL, NOBODY, HERE),
    f"{PERSON}/casebook.pdf": Decision(CLINICAL, NOBODY, f"{HERE}/casebook.pdf"),
    f"{PERSON}/attachments": Decision(CLINICAL, TEAM, f"{HERE}/attachments"),
    # Nothing is attached here: `test_attachment_pages` has files.
    **{
        f"{PERSON}/attachments/<number:number>{end}": Decision(
            NOBODY, NOBODY, f"{HERE}/attachments/1{end}"
        )
        for end in ("", "/file", "/remove")
    },
    f"{ENTRY}/attachments": Decision(CLINICAL, TEAM, f"{FORM}/attachments"),
    f"{PERSON}/consent": Decision(CLINICAL, who_may(Act.CONSENT), f"{HERE}/consent"),
    f"{PERSON}/consent/again": step(Act.CONSENT, "consent/again"),
    f"{PERSON}/consent/withdraw": step(Act.CONSENT, "consent/withdraw"),
    f"{PERSON}/consent/<number:number>/correct": step(Act.CONSENT, "consent/1/correct"),
    f"{PERSON}/screen-failure": step(Act.SCREEN, "screen-failure"),
    f"{PERSON}/eligibility": Decision(CLINICAL, TEAM, f"{HERE}/eligibility"),
    f"{PERSON}/eligibility/sign": step(Act.CONFIRM_ELIGIBILITY, "eligibility/sign"),
    f"{PERSON}/randomise": step(Act.RANDOMISE, "randomise"),
    f"{ENTRY}/significance": Decision(
        who_may(Act.JUDGE_EVENTS), who_may(Act.JUDGE_EVENTS), f"{RESULTS}/significance?revision=1"
    ),
    f"{ENTRY}/source": Decision(
        who_may(Act.VERIFY_SOURCE), who_may(Act.VERIFY_SOURCE), f"{RESULTS}/source"
    ),
    f"{PERSON}/unblind": step(Act.UNBLIND, "unblind"),
    f"{PERSON}/unblinding-accident": step(Act.SEE_PARTICIPANTS, "unblinding-accident"),
    f"{PERSON}/arm": Decision(ARM, ARM, f"{HERE}/arm"),
    f"{PERSON}/steps/<slug:step>": Decision(GIVERS, GIVERS, f"{HERE}/steps/place"),
    # The demonstration's steps are taken at no visit: `test_step_pages` has a trial whose are.
    f"{PERSON}/steps/<slug:step>/<visit:visit>": Decision(
        NOBODY, NOBODY, f"{HERE}/steps/place/day_0"
    ),
    # The demonstration has no diary: `test_diary_pages` has one, and who opens it.
    **{
        f"{PERSON}/diary{end}": Decision(NOBODY, NOBODY, f"{HERE}/diary{end}")
        for end in ("", "/link", "/end")
    },
    f"{PERSON}/deviation": step(Act.RECORD_DEVIATION, "deviation"),
    f"{PERSON}/adverse-event": Decision(
        who_may(Act.RECORD_EVENTS), NOBODY, f"{HERE}/adverse-event"
    ),
    f"{PERSON}/adverse-event/<slug:term>": step(Act.RECORD_EVENTS, "adverse-event/fever"),
    f"{PERSON}/situation": step(Act.RECORD_EVENTS, "situation"),
    f"{PERSON}/pregnancy": step(Act.RECORD_EVENTS, "pregnancy"),
    f"{PERSON}/identity": Decision(STAFF, STAFF, f"{HERE}/identity"),
    f"{PERSON}/participation": step(Act.CHANGE_PARTICIPATION, "participation"),
    # The demonstration has no unscheduled visits.
    f"{PERSON}/unscheduled": Decision(NOBODY, NOBODY, f"{HERE}/unscheduled"),
    VISIT: Decision(CLINICAL, NOBODY, f"{HERE}/visits/screening"),
    f"{VISIT}/sign": Decision(FORM_SIGNERS, FORM_SIGNERS, f"{HERE}/visits/screening/sign"),
    f"{PERSON}/sign": Decision(FORM_SIGNERS, FORM_SIGNERS, f"{HERE}/sign"),
    "to-sign": Decision(FORM_SIGNERS, FORM_SIGNERS, "to-sign"),
    f"{VISIT}/forms": Decision(FILLERS, FILLERS, f"{HERE}/visits/screening/forms"),
    f"{VISIT}/forms/draft": Decision(NOBODY, FILLERS, f"{HERE}/visits/screening/forms/draft"),
    f"{VISIT}/took-place": step(Act.PLAN_VISITS, "visits/day_1/took-place"),
    f"{VISIT}/missed": step(Act.PLAN_VISITS, "visits/day_1/missed"),
    f"{VISIT}/appointment": step(Act.PLAN_VISITS, "visits/month_3/appointment"),
    # None is made here: `test_appointment_pages` has some.
    f"{VISIT}/appointment/cancel": Decision(
        NOBODY, NOBODY, f"{HERE}/visits/month_3/appointment/cancel"
    ),
    ENTRY: Decision(CLINICAL, TEAM, FORM),
    f"{ENTRY}/draft": Decision(NOBODY, TEAM, f"{FORM}/draft"),
    f"{ENTRY}/answers": Decision(CLINICAL, NOBODY, f"{FORM}/answers"),
    f"{ENTRY}/sign": Decision(
        frozenset({Role.INVESTIGATOR}), frozenset({Role.INVESTIGATOR}), f"{FORM}/sign"
    ),
    f"{ENTRY}/history/<slug:item>": Decision(CLINICAL, NOBODY, f"{FORM}/history/age"),
    f"{ENTRY}/ask/<slug:item>": Decision(
        who_may(Act.RAISE_QUERY), who_may(Act.RAISE_QUERY), f"{FORM}/ask/age"
    ),
    "cuts": Decision(POOLED, who_may(Act.CUT_DATA), "cuts"),
    "cuts/<slug:name>": Decision(POOLED, NOBODY, "cuts/first"),
    "cuts/<slug:name>/report.pdf": Decision(POOLED, NOBODY, "cuts/first/report.pdf"),
    "cuts/<slug:name>/report.html": Decision(POOLED, NOBODY, "cuts/first/report.html"),
    "cuts/<slug:name>/report-by-arm.pdf": Decision(BY_ARM, NOBODY, "cuts/first/report-by-arm.pdf"),
    "cuts/<slug:name>/report-by-arm.html": Decision(
        BY_ARM, NOBODY, "cuts/first/report-by-arm.html"
    ),
    "cuts/<slug:name>/listings.pdf": Decision(POOLED, NOBODY, "cuts/first/listings.pdf"),
    "cuts/<slug:name>/listings-by-arm.pdf": Decision(
        BY_ARM, NOBODY, "cuts/first/listings-by-arm.pdf"
    ),
    "cuts/<slug:name>/tables.zip": Decision(POOLED, NOBODY, "cuts/first/tables.zip"),
    "cuts/<slug:name>/tables-by-arm.zip": Decision(BY_ARM, NOBODY, "cuts/first/tables-by-arm.zip"),
    "cuts/<slug:name>/copies": Decision(BOARD_KEEPERS, BOARD_KEEPERS, "cuts/first/copies"),
    # No copy is made yet: `test_closed_reports` has who opens one.
    "cuts/<slug:name>/copies/<number:number>.pdf": Decision(
        NOBODY, NOBODY, "cuts/first/copies/1.pdf"
    ),
    "cuts/<slug:name>/files.zip": Decision(POOLED, NOBODY, "cuts/first/files.zip"),
    "setup": Decision(EVERYONE, NOBODY, "setup"),
    "setup/protocol": Decision(EVERYONE, MANAGERS | SIGNERS, "setup/protocol"),
    "setup/protocol/questions": Decision(NOBODY, NOBODY, "setup/protocol/questions"),
    "setup/protocol/confirm": Decision(NOBODY, NOBODY, "setup/protocol/confirm"),
    # No file waits in the running study.
    "setup/simulation": Decision(NOBODY, NOBODY, "setup/simulation"),
    # No list of this study is drawn outside: `tests/integration/setup/test_external_list` has one.
    "setup/list": Decision(NOBODY, NOBODY, "setup/list"),
    "setup/training": Decision(MANAGERS | SIGNERS, MANAGERS | SIGNERS, "setup/training"),
    "setup/amendment": Decision(NOBODY, NOBODY, "setup/amendment"),
    "setup/versions": Decision(EVERYONE, NOBODY, "setup/versions"),
    "setup/versions/<str:version>": Decision(
        EVERYONE, NOBODY, f"setup/versions/{demonstration().version}"
    ),
    "setup/closing": Decision(MANAGERS | SIGNERS, MANAGERS | SIGNERS, "setup/closing"),
    "setup/archive": Decision(MANAGERS | SIGNERS, MANAGERS | SIGNERS, "setup/archive"),
    "setup/locks": Decision(MANAGERS | SIGNERS | LOCKERS, LOCKERS, "setup/locks"),
    "setup/locks/<int:number>": Decision(NOBODY, NOBODY, "setup/locks/1"),
    "setup/sites": Decision(EVERYONE, MANAGERS, "setup/sites"),
    "setup/sites/<slug:code>": Decision(
        EVERYONE, MANAGERS | SIGNERS, "setup/sites/C"
    ),
    "setup/delegation": Decision(EVERYONE, SITE_SIGNERS, "setup/delegation"),
    "setup/delegation/<uuid:line>": Decision(NOBODY, NOBODY, f"setup/delegation/{NO_LINE}"),
    "setup/people": Decision(MANAGERS, MANAGERS, "setup/people"),
    "setup/people/<uuid:person>": Decision(MANAGERS, MANAGERS, "setup/people/{lin}"),
    # Lin has come in, the study is activated: `tests/integration/setup` has what comes before.
    "setup/people/<uuid:person>/link": Decision(NOBODY, NOBODY, "setup/people/{lin}/link"),
    "setup/sign": Decision(NOBODY, NOBODY, "setup/sign"),
    "setup/activation": Decision(NOBODY, NOBODY, "setup/activation"),
}  # fmt: skip
# Who is signed in, whatever their role, has these; who isn't is asked to sign in. A link is for who
# holds it, and a study is begun by who administers the installation: `tests/integration/setup`.
OWN = {
    "account/password", "account/searches", "account/sessions", "account/tokens",
    "account/second-factor",
    "account/second-factor/authenticator", "account/second-factor/passkey",
}  # fmt: skip
PERSONAL = {
    "today", "find", "account", "sign-in", "sign-out", "still-here", "join/<str:token>", "studies",
    "studies/new", *OWN, "sign-in/second", "mails", "reminders/<uuid:key>",
    "calendars/<str:token>.ics",
}  # fmt: skip


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for each in patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, here)
        else:
            yield here


def at(example: str) -> str:
    if "{lin}" in example:
        example = example.format(lin=Person.objects.get(username="lin").pk)
    return f"/studies/{STUDY}/{example}".rstrip("/")


def test_every_address_has_its_decision() -> None:
    found = set(addresses([*urlpatterns, *setup_patterns, *account_patterns]))
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
    there, missing = (
        re.sub(r'(csrfmiddlewaretoken|whose)" value="[^"]*"', "", page.content.decode())
        for page in (hidden.get(at(HERE)), nowhere.get(at("participants/C-999")))
    )
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
        asked = at(decision.example).partition("?")[0]  # the page names no query of an address
        assert b"C-001" not in sent.content.replace(asked.encode(), b"")
    for name in ("today", "account", *OWN):
        assert stranger.get(f"/{name}").status_code == 302
    assert stored() == before


def test_a_form_that_shows_the_arm_is_not_there_for_masked_people(
    study: World, signed_in: Callable[[str], Client]
) -> None:
    study.visited("C-001", "day_0")
    study.save(study.handler, "C-001", "day_0", "administration", {"lot": "LOT-4711"})
    last = journal.head(STUDY).seq
    place = f"{HERE}/visits/day_0/administration/1"
    for role, username in PEOPLE.items():
        browser = signed_in(username)
        sees = role in who_may(Act.SEE_ARM) or role == Role.OPERATING_SURGEON
        for end in ("", "/answers", "/history/lot"):
            answer = browser.get(at(place + end))
            assert answer.status_code == (200 if sees else 404), f"{role}{end}"
            assert (b"LOT-4711" in answer.content) is sees
        for around in (HERE, f"{HERE}/visits/day_0", "ledger", f"ledger/{last}", "forms"):
            assert b"LOT-4711" not in browser.get(at(around)).content, f"{role} {around}"
