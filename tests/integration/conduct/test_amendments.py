"""An amendment under way: who stands under which version, and what stays as it was entered."""

from datetime import timedelta
from functools import partial

import pytest

from tests.integration.conduct.other_trials import COHORT, START, Trial, begin
from tests.integration.conduct.refusing import absent, refused
from trialwright.accounts.models import Site
from trialwright.conduct.actions import consenting, entering, screening, sites, visiting
from trialwright.conduct.actions.activation import sign_draft
from trialwright.conduct.actions.amending import amend, begin_version
from trialwright.conduct.actions.new_study import replace_draft
from trialwright.conduct.models import (
    Entry,
    Participant,
    Signature,
    Study,
    VisitRecord,
)
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.participants import story
from trialwright.conduct.reads.setup import setup_of
from trialwright.conduct.tables import version_for
from trialwright.conduct.versions import settled_version
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.versions import Moves

STUDY = "COHORT-01"
FIRST = COHORT.replace(
    '    label: "Score"\n',
    '    label: "Score"\n    completed_by: [coordinator]\n    signed_by: investigator\n',
)


def second(moves: Moves, text: str = FIRST) -> str:
    """The second version: another consent, a visit moved, a visit and an item more."""
    return (
        text.replace('version: "1"\ndate', 'version: "2"\ndate')
        .replace('consent:\n  version: "1"', 'consent:\n  version: "2"')
        .replace("window_after_days: 30, forms", "window_after_days: 60, forms")
        .replace(
            'items: {points: {label: "Points", type: integer}}',
            'items: {points: {label: "Points", type: integer}, '
            'pain: {label: "Pain", type: integer}}',
        )
        .replace(
            "  year_1:",
            '  month_6: {label: "Month 6", anchor: consent, day: 182, window_after_days: 14, '
            "forms: [score]}\n  year_1:",
        )
        + f"amendment: {{moves: {moves}, why: Pain matters}}\n"
    )


def amended(trial: Trial, moves: Moves) -> None:
    """The second version signed and in force, begun nowhere yet."""
    by = trial.person("investigator")
    replace_draft(by=by, source=second(moves).encode(), file_name="2.yaml", at=trial.now)
    waiting = setup_of(STUDY).waiting
    assert waiting is not None and waiting.checked.problems == ()
    sign_draft(by=by, sha256=waiting.sha256, at=trial.now)
    assert amend(by=by, at=trial.now) == "2"


def begun(trial: Trial) -> int:
    return begin_version(
        by=trial.person("investigator"), site="C", ethics_on=trial.now.date(),
        reference="EC-14", at=trial.now,
    )  # fmt: skip


def entered(trial: Trial, code: str, **raw: str) -> None:
    by = trial.person("coordinator")
    entry = Entry.objects.filter(participant__code=code, visit="baseline").first()
    if entry is None:
        visiting.record_visit(by=by, code=code, visit="baseline", on=trial.now.date(), at=trial.now)
    entering.save_entry(
        by=by, code=code, visit="baseline", form="score", raw=raw, at=trial.now,
        based_on=entry.revision if entry else 0,
        change_reasons=dict.fromkeys(raw, "Read again"),
    )  # fmt: skip


def renewed(trial: Trial, code: str, version: str = "2") -> None:
    report = ConsentReport(
        version, "en", trial.person("investigator").person_id, trial.now, {"study": True}
    )
    by = trial.person("coordinator")
    consenting.renew_consent(by=by, code=code, report=report, at=trial.now)


def under(code: str) -> str:
    """The version a participant stands under, which what is stored and the pure function say."""
    study = Study.objects.select_related("version").get(pk=STUDY)
    row = Participant.objects.get(study=study, code=code)
    assert study.version is not None
    stored = version_for(row, study.version)
    assert stored.pk == settled_version(row, study.version).pk
    return stored.version


@pytest.mark.django_db(transaction=True)
def test_who_is_in_moves_with_a_new_consent_and_what_was_entered_stays() -> None:
    files.heads_path().unlink(missing_ok=True)
    trial = begin(FIRST)
    code, signer = trial.eligible(), trial.person("investigator")
    entered(trial, code, points="3")
    kept = Entry.objects.get()
    shown = form_page(signer, code, "baseline", "score").content_hash
    entering.sign_entry(
        by=signer, code=code, visit="baseline", form="score", content_hash=shown, at=trial.now
    )
    trial.later(days=30)
    amended(trial, Moves.RECONSENT)
    assert under(code) == "1", "in force is not begun"
    assert under(trial.consented()) == "1"
    trial.later(days=1)
    assert begun(trial) == 0 and under(code) == "1"
    assert story(trial.person("coordinator"), code).reconsent
    assert not VisitRecord.objects.filter(participant__code=code, visit="month_6").exists()
    trial.later(days=1)
    assert "version 2" in refused(partial(renewed, trial, code, "1"))
    renewed(trial, code)
    assert under(code) == "2"
    assert not story(trial.person("coordinator"), code).reconsent
    assert VisitRecord.objects.filter(participant__code=code, visit="month_6").exists()
    year = VisitRecord.objects.get(participant__code=code, visit="year_1")
    assert year.closes is not None and year.target is not None
    assert year.closes - year.target == timedelta(days=60)
    page = form_page(trial.person("coordinator"), code, "baseline", "score")
    assert [item.key for item in page.form.items] == ["points"] and page.protocol.version == "1"
    assert Signature.objects.get(entry=kept).void_at is None
    entered(trial, code, points="4")
    kept.refresh_from_db()
    assert kept.protocol_version.version == "1" and kept.status == "complete"
    later = form_page(trial.person("coordinator"), code, "month_6", "score")
    assert [item.key for item in later.form.items] == ["points", "pain"]
    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []
    files.heads_path().unlink(missing_ok=True)


@pytest.mark.django_db
def test_all_move_at_once_or_nobody_as_the_amendment_says() -> None:
    trial = begin(FIRST)
    code = trial.consented()
    trial.later(days=1)
    amended(trial, Moves.AT_ONCE)
    assert begun(trial) == 1 and under(code) == "2"
    assert "begun at site" in refused(partial(begun, trial))


@pytest.mark.django_db
def test_new_participants_alone_stand_under_a_version_for_them() -> None:
    trial = begin(FIRST)
    code = trial.consented()
    trial.later(days=1)
    amended(trial, Moves.NEW_ONLY)
    assert begun(trial) == 0
    trial.later(days=1)
    new = screening.screen(by=trial.person("coordinator"), site="C", at=trial.now)
    assert (under(code), under(new)) == ("1", "2")


@pytest.mark.django_db
def test_a_version_begins_after_a_vote_and_a_new_site_with_the_newest() -> None:
    trial = begin(FIRST)
    absent(partial(begun, trial))
    amended(trial, Moves.AT_ONCE)
    by = trial.person("investigator")
    begin_at = partial(begin_version, by=by, site="C", at=trial.now)
    tomorrow = trial.now.date() + timedelta(days=1)
    assert "vote" in refused(partial(begin_at, ethics_on=tomorrow, reference="EC"))
    assert "letter" in refused(partial(begin_at, ethics_on=START.date(), reference=" "))
    absent(partial(begin_version, by=trial.person("coordinator"), site="C",
                   ethics_on=START.date(), reference="EC", at=trial.now))  # fmt: skip
    Site.objects.filter(code="C").update(status="planned")
    opening = partial(sites.open_site, by=by, code="C", at=trial.now)
    assert "hasn't begun at site C" in refused(opening)
    begun(trial)
    opening()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("baseline: {label", "first: {label", "takes away the visit `baseline`"),
        ("type: integer}", "type: number}", "type or unit of the item `score.points`"),
        ("  statistician: {like: trial_statistician}\n", "", "takes away the role `statistician`"),
        ("  observed: {label", "  seen: {label", "changes the arms"),
        ('version: "2"\ndate', 'version: "1"\ndate', "as the one in force"),
        ("amendment: {moves: at_once, why: Pain matters}\n", "", "doesn't say who moves"),
    ],
)
def test_an_amendment_takes_nothing_away(old: str, new: str, said: str) -> None:
    trial = begin(FIRST)
    by = trial.person("investigator")
    text = second(Moves.AT_ONCE)
    assert old in text
    source = text.replace(old, new, 1).encode()
    replace_draft(by=by, source=source, file_name="2.yaml", at=trial.now)
    waiting = setup_of(STUDY).waiting
    assert waiting is not None
    assert any(said in each.message for each in waiting.checked.problems)
    assert "problems" in refused(partial(sign_draft, by=by, sha256=waiting.sha256, at=trial.now))
    assert "passes its check" in refused(partial(amend, by=by, at=trial.now))
