"""What is invented says so, and what is real never does."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.integration.conduct.diary_trial import FILE, STUDY, Diaries
from tests.integration.conduct.other_trials import START
from trialwright.accounts import actions as accounts
from trialwright.accounts.models import Person
from trialwright.conduct.diary.diaries import token_of
from trialwright.conduct.models import Study

pytestmark = pytest.mark.django_db
COPY = FILE.replace("demonstration: yes\n", "demonstration: yes\ntraining_of: A-1\n", 1)
RIBBON = "invented participants"
BEGUN = timezone.now().astimezone(START.tzinfo) - timedelta(days=1)


def today_of(person: Person) -> str:
    browser = Client()
    browser.force_login(person)
    return browser.get("/today").content.decode()


@pytest.fixture
def two_studies(db: None) -> Person:
    """The investigator of a demonstration, who is one of a training copy too."""
    Diaries(at=BEGUN)
    Diaries(COPY.replace(STUDY, "COPY-01"), at=BEGUN)
    person = Person.objects.get(username=f"investigator.{STUDY}".lower())
    with accounts.entry("add_people", at=timezone.now()) as writer:
        accounts.give_role(writer, person, study="COPY-01", role="investigator", site="C")
    return person


def test_a_diary_of_a_training_copy_says_of_which_study_it_is_one() -> None:
    of_the_copy = Diaries(COPY, opened=False, at=BEGUN)
    page = Client().get(f"/diary/{token_of(of_the_copy.id)}").content.decode()
    assert f"Training copy of A-1: {RIBBON}" in page


def test_a_diary_of_a_demonstration_says_that() -> None:
    page = Client().get(f"/diary/{token_of(Diaries(opened=False, at=BEGUN).id)}").content.decode()
    assert f"Demonstration: {RIBBON}" in page


def test_today_in_invented_studies_has_the_ribbon_and_each_study_its_mark(
    two_studies: Person,
) -> None:
    page = today_of(two_studies)
    assert f"Demonstration: {RIBBON}" in page
    assert f"<span>{STUDY}</span> <span>Demonstration</span></span> " in page
    assert "<span>COPY-01</span> <span>Training copy of A-1</span></span> " in page


def test_beside_real_participants_only_the_invented_study_is_marked(two_studies: Person) -> None:
    # As a study that was activated; an investigator delegates, and waits for no delegation.
    Study.objects.filter(pk=STUDY).update(demonstration=False)
    page = today_of(two_studies)
    assert RIBBON not in page
    assert f"<span>{STUDY}</span> <span>Demonstration" not in page
    assert f"<span>{STUDY}</span></span> " in page
    assert "<span>COPY-01</span> <span>Training copy of A-1</span></span> " in page
