"""From a file to a study that takes participants: signatures, activation, sites one by one."""

import secrets
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.integration.conduct.other_trials import COHORT, INFUSIONS
from tests.integration.conduct.refusing import absent, refused
from tests.integration.setup.team import (
    NOW,
    actor,
    begin,
    come_in,
    first_administrator,
    practise,
    set_up,
)
from trialwright.accounts.models import Membership, Person
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import activation, people, screening, sites
from trialwright.conduct.actions.activation import activate, sign_draft
from trialwright.conduct.actions.new_study import replace_draft
from trialwright.conduct.actions.people import RoleGiven
from trialwright.conduct.actions.simulating import SimulatedOnce, record_simulation
from trialwright.conduct.actions.sites import NewSite, add_site
from trialwright.conduct.models import AllocationSlot, Party, ProtocolVersion, Study
from trialwright.conduct.reads.people import enter
from trialwright.conduct.reads.setup import Phase, Wanted, setup_of
from trialwright.ledger import files, key_escrow, sources
from trialwright.ledger.encoding import INSTALLATION
from trialwright.ledger.verify import verify
from trialwright.simulation.training import make_training_copy

SPONSORED = COHORT.replace(
    "  administrator:",
    '  sponsor: {label: "Sponsor", may: [sign_protocol, see_ledger], knows_arm: no}\n'
    "  administrator:",
).replace('  all: {label: "All", items', '  all: {label: "All", items')
REAL = SPONSORED.replace("demonstration: yes", "demonstration: no").replace(
    "origin: assumed", "origin: confirmed"
)


def hash_of(study: str) -> str:
    waiting = setup_of(study).waiting
    assert waiting is not None
    return waiting.sha256


def signing(by: Actor) -> "partial[tuple[Party, ...]]":
    return partial(sign_draft, by=by, sha256=hash_of(by.study))


def simulated(by: Actor, *, sha256: str = "", failures: tuple[str, ...] = ()) -> None:
    run = SimulatedOnce(1, 6, failures, 3, "c" * 64, "d" * 64)
    record_simulation(by=by, sha256=sha256 or hash_of(by.study), participants=6, runs=[run])


@pytest.mark.django_db
def test_a_simulation_is_of_the_very_file_that_waits() -> None:
    administrator, investigator = set_up(COHORT)
    other = partial(simulated, investigator, sha256="a" * 64)
    assert "was simulated" in refused(other)
    simulated(investigator)
    told = {each.what: each for each in setup_of("COHORT-01").requirements}
    assert told[Wanted.SIMULATION].met
    changed = COHORT.replace('title: "A cohort', 'title: "The cohort')
    replace_draft(by=administrator, source=changed.encode(), file_name="second.yaml")
    told = {each.what: each for each in setup_of("COHORT-01").requirements}
    assert not told[Wanted.SIMULATION].met and told[Wanted.SIMULATION].optional
    lin = come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    absent(partial(simulated, lin))


@pytest.mark.django_db
def test_a_demonstration_is_signed_activated_and_takes_participants() -> None:
    administrator, investigator = set_up(INFUSIONS)
    absent(signing(administrator))
    assert "signed by an investigator" in refused(partial(activate, by=investigator))
    assert signing(investigator)() == (Party.INVESTIGATOR,)
    assert "You have signed" in refused(signing(investigator))
    activate(by=investigator, seed=bytes(range(32)))
    told = setup_of("INFUSION-01")
    assert told.phase is Phase.RUNNING and told.waiting is None
    assert AllocationSlot.objects.exists()
    by = enter(Person.objects.get(username="zhao"), "INFUSION-01")[0]
    assert screening.screen(by=by, site="C") == "C-001"
    assert "activated already" in refused(partial(activate, by=investigator))


@pytest.mark.django_db
def test_a_signature_stands_on_the_bytes_that_were_read() -> None:
    administrator, investigator = set_up(COHORT)
    shown = hash_of("COHORT-01")
    changed = COHORT.replace('title: "A cohort', 'title: "The cohort')
    replace_draft(by=administrator, source=changed.encode(), file_name="second.yaml")
    old = partial(sign_draft, by=investigator, sha256=shown)
    assert "Another file" in refused(old)
    signing(investigator)()
    replace_draft(by=administrator, source=COHORT.encode(), file_name="third.yaml")
    assert "signed by an investigator" in refused(partial(activate, by=investigator))


@pytest.mark.django_db
def test_one_signs_with_the_roles_held_at_that_moment() -> None:
    administrator, _investigator = set_up(SPONSORED)
    people.give_role(by=administrator, username="zhao", given=RoleGiven("sponsor"))
    before = actor("zhao", "COHORT-01")
    seat = Membership.objects.get(person=before.person_id, role="sponsor")
    people.end_role(by=administrator, membership=seat.pk)
    assert signing(before)() == (Party.INVESTIGATOR,)


@pytest.mark.django_db
def test_what_has_problems_is_not_signed() -> None:
    begin(COHORT.replace("anchor: consent", "anchor: nowhere"), first_administrator())
    administrator = actor("xu", "COHORT-01")
    add_site(by=administrator, site=NewSite("C", "Central Hospital"))
    investigator = come_in(administrator, "zhao", RoleGiven("investigator", "C"))
    assert "problems" in refused(signing(investigator))
    assert "passes its check" in refused(partial(activate, by=investigator))


@pytest.mark.django_db
def test_a_real_study_has_two_signatures_of_two_people_tested_keys_and_opens_its_sites() -> None:
    administrator, investigator = set_up(REAL)
    people.give_role(by=administrator, username="zhao", given=RoleGiven("sponsor"))
    both = actor("zhao", "COHORT-01")
    assert len(signing(both)()) == 1, "one person stands for one party"
    assert "another has to sign" in refused(signing(both))
    sponsor = come_in(administrator, "shen", RoleGiven("sponsor"))
    assert "signed for the sponsor" in refused(partial(activate, by=investigator))
    assert signing(sponsor)() == (Party.SPONSOR,)
    browser = Client()
    browser.force_login(Person.objects.get(username="shen"))
    read = browser.get(f"/studies/{sponsor.study}/setup/activation").content.decode()
    assert "Shen, Sponsor, " in read and "Zhao, investigator, " in read
    assert read.count("I have read this version of the protocol") == 2
    assert read.count(hash_of(sponsor.study)[:16]) >= 2
    if not key_escrow.recovery_was_tested(files.keys()):
        assert "keys can be recovered" in refused(partial(activate, by=sponsor))
    words = "five words drawn at random"
    copy = key_escrow.wrap(files.keys(), "the custodian", words, secrets.token_bytes)
    key_escrow.confirm_recovery(copy, words, files.keys(), by=sponsor.person_id, happened_at=NOW)
    assert "simulation of this very file" in refused(partial(activate, by=sponsor))
    simulated(sponsor, failures=("1 of 6 participants entered",))
    assert "simulation of this very file" in refused(partial(activate, by=sponsor))
    simulated(sponsor)
    assert "one visit in the training copy" in refused(partial(activate, by=sponsor))
    practise(actor("zhao", make_training_copy(by=sponsor)))
    given = sources.Sources(secrets.token_bytes, timezone.now, timezone.now)
    with sources.given(given):
        assert "seed or its clock" in refused(partial(activate, by=sponsor))
    assert "seed or its clock" in refused(partial(activate, by=sponsor, seed=bytes(32)))
    activate(by=sponsor)
    version = setup_of(sponsor.study).in_force
    assert version is not None
    page = browser.get(f"/studies/{sponsor.study}/setup/versions/{version.version}")
    assert page.content.decode().count("I have read this version of the protocol") == 2
    screen = partial(screening.screen, by=investigator, site="C")
    assert "not open" in refused(screen)
    sites.open_site(by=administrator, code="C")
    assert screen() == "C-001"
    assert "Say why" in refused(partial(sites.pause_site, by=investigator, code="C", reason=" "))
    sites.pause_site(by=investigator, code="C", reason="The ward moves")
    assert "not open" in refused(screen)
    closing = partial(sites.close_site, by=administrator, code="C", reason="Moved")
    assert "still in the study" in refused(closing)
    sites.open_site(by=investigator, code="C")


@pytest.mark.django_db
def test_a_site_opens_with_an_investigator_in_an_activated_study() -> None:
    administrator, investigator = set_up(COHORT)
    opening = partial(sites.open_site, by=administrator, code="C")
    assert "Activate the study first" in refused(opening)
    add_site(by=administrator, site=NewSite("N", "Northern Hospital"))
    assert "has an investigator" in refused(partial(activate, by=investigator))
    waits = people.invite(
        by=administrator, username="qian", name="Qian", roles=[RoleGiven("investigator", "N")]
    )
    signing(investigator)()
    activate(by=investigator)
    status = {site.code: site.status.value for site in setup_of("COHORT-01").sites}
    assert status == {"C": "open", "N": "planned"}
    assert "has come in" in refused(partial(sites.open_site, by=administrator, code="N"))
    assert waits
    absent(partial(sites.open_site, by=investigator, code="N"))
    absent(partial(sites.open_site, by=administrator, code="X"))


@pytest.mark.django_db
def test_a_site_is_entered_with_what_can_be_meant() -> None:
    administrator, _investigator = set_up(COHORT)

    def add(**columns: Any) -> str:
        site = NewSite(**{"code": "N", "name_en": "Northern", **columns})
        return refused(partial(add_site, by=administrator, site=site))

    assert "letters and digits" in add(code="N 1")
    assert "this code" in add(code="C")
    assert "name of the site" in add(name_en=" ")
    assert "time zone" in add(time_zone="Mars/Olympus")
    assert "languages" in add(languages=("tlh",))


@pytest.mark.django_db(transaction=True)
def test_the_ledger_and_the_tables_agree_when_all_is_done() -> None:
    files.heads_path().unlink(missing_ok=True)
    administrator, investigator = set_up(INFUSIONS)
    simulated(investigator)
    signing(investigator)()
    activate(by=investigator, seed=bytes(range(32)))
    sites.pause_site(by=administrator, code="C", reason="A holiday")
    gone = come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    people.end_all_roles(by=administrator, person=gone.person_id)
    people.deactivate(username="lin")
    people.another_link(username="xu")
    keys = files.keys()
    for chain in ("INFUSION-01", INSTALLATION):
        found = verify(chain, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
        assert [str(each) for each in found.problems] == []
    files.heads_path().unlink(missing_ok=True)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_activate_at_once_activate_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from trialwright.conduct.refusals import ActionRefused

    administrator, investigator = set_up(INFUSIONS)
    signing(investigator)()

    def attempt(by: Actor) -> str:
        try:
            activation.activate(by=by)
        except ActionRefused:
            return "refused"
        finally:
            connection.close()
        return "activated"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(attempt, (administrator, investigator)))
    assert outcomes == ["activated", "refused"]
    assert ProtocolVersion.objects.count() == 1 and Study.objects.count() == 1
    assert Wanted.ACTIVATION not in {each.what for each in setup_of("INFUSION-01").requirements}
