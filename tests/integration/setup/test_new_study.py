"""A study begins with its protocol file, whatever is still wrong with it, and waits."""

from datetime import UTC, datetime

import pytest

from tests.integration.conduct.other_trials import COHORT, INFUSIONS
from tests.integration.conduct.refusing import absent, refused
from trialwright.accounts import actions as accounts
from trialwright.accounts.models import Membership, Person
from trialwright.accounts.policy import INSTALLATION_ROLE
from trialwright.conduct.actions.new_study import new_study, replace_draft
from trialwright.conduct.models import Study
from trialwright.conduct.reads.setup import Phase, Wanted, enter_setup, setup_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def administrator() -> Person:
    with accounts.entry("add_people", at=NOW) as writer:
        person = accounts.add_person(
            writer, username="xu", name="Xu Lan", password="a long enough one"
        )
        accounts.give_role(writer, person, study="", role=INSTALLATION_ROLE)
    return person


def begin(by: Person | None, text: str = COHORT) -> str:
    return new_study(by=by, source=text.encode(), file_name="protocol.yaml")


def test_whoever_begins_a_study_administers_it(administrator: Person) -> None:
    study = begin(administrator)
    assert study == "COHORT-01"
    assert Membership.objects.get(study=study).person == administrator
    told = setup_of(study)
    assert told.phase is Phase.SET_UP and told.demonstration
    assert told.waiting is not None and told.waiting.checked.problems == ()
    missing = {each.what for each in told.requirements if not each.met and not each.optional}
    assert {Wanted.SITES, Wanted.INVESTIGATOR_SIGNATURE, Wanted.ACTIVATION} <= missing
    assert Wanted.PROTOCOL not in missing


def test_a_file_with_problems_begins_a_study_that_waits_for_them(administrator: Person) -> None:
    begin(administrator, COHORT.replace("anchor: consent", "anchor: nowhere"))
    told = setup_of("COHORT-01")
    assert told.waiting is not None and told.waiting.checked.signable is None
    protocol = next(each for each in told.requirements if each.what is Wanted.PROTOCOL)
    assert protocol.missing == len(told.waiting.checked.problems) > 0
    actor, _row = enter_setup(administrator, "COHORT-01")
    replace_draft(by=actor, source=COHORT.encode(), file_name="mended.yaml")
    told = setup_of("COHORT-01")
    assert told.waiting is not None and told.waiting.checked.signable is not None


def test_a_file_of_another_study_or_kind_is_no_draft_of_this_one(administrator: Person) -> None:
    begin(administrator)
    actor, _row = enter_setup(administrator, "COHORT-01")

    def put(text: str) -> str:
        return refused(
            lambda: replace_draft(by=actor, source=text.encode(), file_name="another.yaml")
        )

    assert "INFUSION-01" in put(INFUSIONS)
    assert "stays one" in put(COHORT.replace("demonstration: yes", "demonstration: no"))
    assert "No protocol can be read" in put("- a list")


def test_one_study_of_a_name_and_only_by_who_starts_studies(administrator: Person) -> None:
    begin(None)
    assert "already" in refused(lambda: begin(administrator))
    with accounts.entry("add_people", at=NOW) as writer:
        other = accounts.add_person(writer, username="he", name="He", password="a long enough one")
    absent(lambda: begin(other, INFUSIONS))
    assert [study.pk for study in Study.objects.all()] == ["COHORT-01"]
