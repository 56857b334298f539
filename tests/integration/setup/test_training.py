"""The training copy: a study's very file with invented participants, practised before it opens."""

from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from tests.integration.conduct.refusing import refused
from tests.integration.setup.team import PASSWORD, actor, practise, set_up
from tests.integration.setup.test_activation import REAL, hash_of
from trialwright.accounts.models import Membership, Person, Site, SiteStatus
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import delegating, people, sites
from trialwright.conduct.actions.activation import activate
from trialwright.conduct.actions.delegating import Delegated
from trialwright.conduct.actions.new_study import replace_draft
from trialwright.conduct.actions.people import RoleGiven
from trialwright.conduct.models import Participant, ProtocolVersion, Study
from trialwright.conduct.reads.setup import Requirement, Wanted, setup_of
from trialwright.conduct.reads.training import must_practise
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.simulation.training import make_training_copy, practice_in


def asked(study: str) -> Requirement:
    return next(one for one in setup_of(study).requirements if one.what is Wanted.TRAINING)


@pytest.mark.django_db(transaction=True)
def test_a_real_study_opens_once_each_has_entered_a_visit_in_its_training_copy() -> None:
    files.heads_path().unlink(missing_ok=True)
    administrator, investigator = set_up(REAL)
    study = investigator.study
    lin = joined(administrator, "lin")
    assert asked(study).names == ("Lin", "Zhao") and not asked(study).optional
    copy = make_training_copy(by=administrator)
    row = Study.objects.get(pk=copy)
    assert row.demonstration and copy.startswith(f"TRAINING-{study}-")
    invented = Participant.objects.filter(study=copy)
    assert invented.count() >= 2, "and half of the 5 places stay free"
    assert not Participant.objects.filter(study=study).exists()
    assert not Person.objects.filter(username__contains="-coordinator-", is_active=True).exists()
    browser = Client()
    browser.force_login(Person.objects.get(username="lin"))
    for page in ("", "/participants", "/setup"):
        told = browser.get(f"/studies/{copy}{page}").content.decode()
        assert f"Training copy of {study}: invented participants" in told
    assert f"Training copy of {study}" in browser.get("/studies").content.decode()
    assert browser.get(f"/studies/{copy}/setup/training").status_code == 404
    assert browser.get(f"/studies/{study}/setup/training").status_code == 404
    assert "is a training copy" in refused(partial(make_training_copy, by=actor("zhao", copy)))

    practise(actor("lin", copy))
    assert asked(study).names == ("Zhao",)
    assert "entered one visit in the training copy" in refused(partial(activate, by=investigator))
    practise(actor("zhao", copy))
    assert asked(study).met

    late = joined(administrator, "qian")
    assert asked(study).names == ("Qian",)
    assert not Membership.objects.filter(study=copy, person=late.pk).exists()
    people.end_all_roles(by=administrator, person=lin.pk)
    assert make_training_copy(by=administrator) == copy, "it is made once"
    assert Membership.objects.filter(study=copy, person=late.pk).exists()
    assert not Membership.objects.filter(study=copy, person=lin.pk).exists()
    practise(actor("qian", copy))
    assert asked(study).met
    for each in (copy, study):
        found = verify(
            each, heads_path=files.heads_path(), publics=[files.keys().public], keys=files.keys()
        )
        assert [str(problem) for problem in found.problems] == []

    changed = REAL.replace('title: "A cohort', 'title: "The cohort')
    replace_draft(by=administrator, source=changed.encode(), file_name="second.yaml")
    assert asked(study).names == ("Qian", "Zhao"), "another file has another copy"
    assert make_training_copy(by=administrator) != copy
    files.heads_path().unlink(missing_ok=True)


@pytest.mark.django_db
def test_no_copy_is_made_of_a_file_with_problems_or_without_a_site() -> None:
    administrator, _investigator = set_up(REAL)
    broken = REAL.replace("anchor: consent", "anchor: nowhere")
    replace_draft(by=administrator, source=broken.encode(), file_name="second.yaml")
    assert "has problems" in refused(partial(make_training_copy, by=administrator))
    assert not any(each.what is Wanted.TRAINING for each in setup_of("COHORT-01").requirements)


@pytest.mark.django_db
def test_a_site_opens_once_its_people_have_practised() -> None:
    administrator, investigator = set_up(REAL)
    study = Study.objects.get(pk=investigator.study)
    # As it would be once it runs: what a site waits for is asked by itself.
    Study.objects.filter(pk=study.pk).update(version=version_of(study, investigator))
    opening = partial(sites.open_site, by=administrator, code="C")
    assert "training copy of the study: Zhao" in refused(opening)
    copy = make_training_copy(by=administrator)
    practise(actor("zhao", copy))
    assert practice_in(study.pk).untrained == ()
    opening()


@pytest.mark.django_db
def test_who_comes_to_an_open_site_practises_before_they_sign_what_is_delegated() -> None:
    administrator, investigator = set_up(REAL)
    study = Study.objects.get(pk=investigator.study)
    early = joined(administrator, "lin")
    line = Delegated(early.pk, "coordinator", "C", begins=timezone.localdate())
    before = delegating.delegate(by=investigator, line=line)
    # The opening asks everybody who is there; who signs before it isn't asked twice.
    delegating.accept_delegation(by=early, study=study.pk, line=before)
    Study.objects.filter(pk=study.pk).update(version=version_of(study, investigator))
    copy = make_training_copy(by=administrator)
    for name in ("lin", "zhao"):
        practise(actor(name, copy))
    sites.open_site(by=administrator, code="C")

    late = joined(administrator, "qian")
    made = delegating.delegate(
        by=investigator,
        line=Delegated(late.pk, "coordinator", "C", begins=timezone.localdate()),
    )
    signing = partial(delegating.accept_delegation, by=late, study=study.pk, line=made)
    assert "entered no visit in the training copy" in refused(signing)
    browser, place = Client(), f"/studies/{study.pk}/setup/delegation/{made}"
    browser.force_login(late)
    assert "Waits for a visit in the training copy" in browser.get(place).content.decode()
    make_training_copy(by=administrator)
    practise(actor("qian", copy))
    assert "To be signed by the person" in browser.get(place).content.decode()
    signing()
    roles = investigator.roles
    now = actor_in(late, study.pk, roles, delegated=True)
    assert now is not None and now.role_among({"coordinator"}, "C") == "coordinator"


@pytest.mark.django_db
def test_a_role_that_enters_no_data_and_a_demonstration_ask_for_no_visit() -> None:
    administrator, investigator = set_up(REAL)
    study = Study.objects.get(pk=investigator.study)
    Study.objects.filter(pk=study.pk).update(version=version_of(study, investigator))
    late = joined(administrator, "qian")
    Site.objects.filter(study=study.pk, code="C").update(status=SiteStatus.OPEN.value)
    study.refresh_from_db()
    assert must_practise(study, late.pk, "coordinator", "C")
    assert not must_practise(study, late.pk, "monitor", "C")
    Site.objects.filter(study=study.pk, code="C").update(status=SiteStatus.PLANNED.value)
    assert not must_practise(study, late.pk, "coordinator", "C")
    Site.objects.filter(study=study.pk, code="C").update(status=SiteStatus.OPEN.value)
    study.demonstration = True
    assert not must_practise(study, late.pk, "coordinator", "C")


@pytest.mark.django_db
def test_the_page_makes_the_copy_and_lists_who_has_practised() -> None:
    administrator, _investigator = set_up(REAL)
    browser, place = Client(), "/studies/COHORT-01/setup/training"
    browser.force_login(Person.objects.get(username="xu"))
    assert "Make the training copy" in browser.get(place).content.decode()
    assert browser.post(place).status_code == 302
    told = browser.get(place).content.decode()
    assert practice_in("COHORT-01").identifier in told and "Missing" in told
    assert f'href="{place}"' in browser.get("/studies/COHORT-01/setup").content.decode()
    assert administrator.study == "COHORT-01"


def joined(by: Actor, username: str) -> Person:
    """A coordinator who has come in, and to whom nothing is delegated yet."""
    roles = [RoleGiven("coordinator", "C")]
    invitation = people.invite(by=by, username=username, name=username.title(), roles=roles)
    return people.accept_invitation(invitation=invitation, password=PASSWORD, signed_in_as=None)


def version_of(study: Study, by: Actor) -> ProtocolVersion:
    return ProtocolVersion.objects.create(
        study=study, version="1", sha256=hash_of(study.pk), signed_at=timezone.now(),
        signed_by=by.person_id,
    )  # fmt: skip
