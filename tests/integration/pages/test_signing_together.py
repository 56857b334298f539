"""The forms of a visit, or of a whole casebook, are signed with one act, each as itself."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.browser.walk import PEOPLE
from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions.signing_together import sign_forms
from trialwright.conduct.models import Signature
from trialwright.conduct.reads.to_sign import next_to_sign, to_sign
from trialwright.demonstration.people import password_of
from trialwright.ledger import journal

pytestmark = pytest.mark.django_db


def forms_signed(code: str) -> set[tuple[str, str]]:
    valid = Signature.objects.filter(participant__code=code, void_at=None, entry__isnull=False)
    return set(valid.values_list("entry__visit", "entry__form"))


def test_a_visit_is_signed_and_a_change_voids_only_its_form(world: World) -> None:
    code = world.entered()
    waits = to_sign(world.investigator, code, "screening")
    assert waits is not None and len(waits.pages) == 5
    seq = journal.head(STUDY).seq
    signed = sign_forms(
        by=world.investigator, code=code, visit="screening", content_hash=waits.content_hash,
        at=world.now,
    )  # fmt: skip
    assert signed == 5 and journal.head(STUDY).seq > seq
    assert {visit for visit, _form in forms_signed(code)} == {"screening"}
    body = {"age": "31", "height": "161.0", "weight": "55.5"}
    world.save(
        world.coordinator, code, "screening", "demographics", body, based_on=1,
        change_reasons={"weight": "Misread"},
    )  # fmt: skip
    assert ("screening", "demographics") not in forms_signed(code) and len(forms_signed(code)) == 4
    again = to_sign(world.investigator, code)
    assert again is not None
    assert [(page.visit.key, page.form.key) for page in again.pages] == [
        ("screening", "demographics"), ("admission", "beta_hcg"),
    ]  # fmt: skip
    sign_forms(by=world.investigator, code=code, content_hash=again.content_hash, at=world.now)
    assert len(forms_signed(code)) == 6 and to_sign(world.investigator, code) is None


def test_what_changed_while_it_was_read_is_not_signed(world: World) -> None:
    code = world.entered()
    waits = to_sign(world.investigator, code, "admission")
    assert waits is not None
    hcg = {"sampled_on": world.now.date().isoformat(), "sampled_at": "08:10", "hcg": "<0.9"}
    world.save(
        world.coordinator, code, "admission", "beta_hcg", hcg, based_on=1,
        change_reasons={"hcg": "Misread"},
    )  # fmt: skip
    said = refused(
        lambda: sign_forms(
            by=world.investigator, code=code, visit="admission", content_hash=waits.content_hash,
            at=world.now,
        )
    )  # fmt: skip
    assert "Nothing was signed" in said


def test_who_does_not_sign_finds_nothing_there(world: World) -> None:
    code = world.entered()
    waits = to_sign(world.investigator, code)
    assert waits is not None
    for person in (world.coordinator, world.monitor):
        absent(
            lambda person=person: sign_forms(
                by=person, code=code, content_hash=waits.content_hash, at=world.now
            )
        )


def test_the_next_to_sign_leads_from_visit_to_visit(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    first = world.entered()
    second = world.entered()
    by = world.investigator
    assert next_to_sign(by) == (first, "admission")
    assert next_to_sign(by, (first, "screening")) == (second, "admission")
    assert next_to_sign(world.coordinator) is None
    browser = signed_in("zhao")
    place = f"/studies/{STUDY}/to-sign"
    shown = browser.get(place).content.decode()
    waits = to_sign(by, first, "admission")
    assert waits is not None and waits.content_hash in shown
    sent = {"revision": waits.content_hash, "once": "a"}
    assert browser.post(place, {**sent, "password": "wrong"}).status_code == 403
    password = password_of(PEOPLE["zhao"], "a secret of the tests")
    answer = browser.post(place, {**sent, "password": password})
    assert answer.status_code == 302, answer.content
    onward = browser.get(answer["Location"]).content.decode()
    assert f"{first}/visits/screening" in onward
    last = browser.get(f"{place}?after=Z-999/month_3").content.decode()
    assert "Nothing more waits for your signature here." in last
