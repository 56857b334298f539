"""Who consents: a representative with assent, whoever comes of age, nobody under a waiver."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.integration.conduct.other_trials import IMPLANT, Trial, begin
from tests.integration.conduct.refusing import absent, refused
from trialwright.conduct.actions import consenting, cutting, eligibility, screening, visiting
from trialwright.conduct.cut import store as cut_store
from trialwright.conduct.models import Consent, State
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.participants.reconsenting import Reconsent
from trialwright.conduct.participants.states import state_label
from trialwright.conduct.reads.consents import consents_of
from trialwright.conduct.reads.participants import story
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.conduct.refusals import ActionRefused
from trialwright.exchange.tables import cut_tables
from trialwright.protocol.consent import Giver

DOCUMENT = """consent:
  version: "1"
  parts: {study: {label: "Taking part"}}
"""
CHILDREN = IMPLANT.replace(
    DOCUMENT,
    DOCUMENT + "  given_by: [participant, representative]\n  assent_from: 8\n  majority: 18\n",
)
WAIVED = IMPLANT.replace(DOCUMENT, 'consent: {waived: "Records of routine care"}\n')


@pytest.fixture
def children(db: None) -> Trial:
    return begin(CHILDREN)


@pytest.fixture
def records(db: None) -> Trial:
    return begin(WAIVED)


def screened(trial: Trial) -> str:
    return screening.screen(by=trial.person("coordinator"), site="C", at=trial.now)


def said(trial: Trial, giver: Giver, born: str, assent: bool | None = None) -> ConsentReport:
    explained = trial.person("investigator").person_id
    return ConsentReport("1", "en", explained, trial.now, {"study": True}, giver, born, assent)


def give(trial: Trial, code: str, *told: Any) -> partial[None]:
    by, report = trial.person("coordinator"), said(trial, *told)
    return partial(consenting.consent, by=by, code=code, report=report, at=trial.now)


# The trial begins on 6 March 2023.
@pytest.mark.parametrize(
    ("giver", "born", "assent", "field"),
    [
        (Giver.REPRESENTATIVE, "2016", None, None),  # 7 for sure
        (Giver.REPRESENTATIVE, "2015", None, "assent"),  # may be 8
        (Giver.REPRESENTATIVE, "2015-03-06", False, "assent"),  # 8 today
        (Giver.REPRESENTATIVE, "2015-03-07", None, None),  # 8 tomorrow
        (Giver.REPRESENTATIVE, "2010", True, None),
        (Giver.REPRESENTATIVE, "2005-03-07", True, None),  # of age tomorrow
        (Giver.REPRESENTATIVE, "2005-03-06", True, "given_by"),  # of age today
        (Giver.REPRESENTATIVE, "2005-03", True, None),  # may be below
        (Giver.PARTICIPANT, "2005-03-06", None, None),
        (Giver.PARTICIPANT, "2005-03-07", None, "given_by"),
        (Giver.PARTICIPANT, "2005-03", None, None),  # may be of age
        (Giver.PARTICIPANT, "", None, "born"),
        (Giver.PARTICIPANT, "2023-04", None, "born"),
        (Giver.PARTICIPANT, "soon", None, "born"),
    ],
)
def test_age_decides_who_consents(
    children: Trial, giver: Giver, born: str, assent: bool | None, field: str | None
) -> None:
    code = screened(children)
    act = give(children, code, giver, born, assent)
    if field is None:
        act()
        (row,) = Consent.objects.all()
        represented = giver is Giver.REPRESENTATIVE
        assert (row.instead, row.born) == ("representative" if represented else None, born)
        return
    refused(act)
    with pytest.raises(ActionRefused) as refusal:
        act()
    assert {each.field for each in refusal.value.problems} == {field}


def test_who_comes_of_age_consents_again(children: Trial) -> None:
    by = children.person("coordinator")
    grown, young = screened(children), screened(children)
    give(children, grown, Giver.REPRESENTATIVE, "2005-03-08", True)()
    give(children, young, Giver.REPRESENTATIVE, f"{timezone.localdate().year - 10}", True)()
    assert [(each.code, each.why) for each in waiting_for(by).reconsents] == [
        (grown, Reconsent.MAJORITY)
    ]
    assert story(by, grown).reconsent is Reconsent.MAJORITY
    assert story(by, young).reconsent is None
    children.later(days=3)
    renew = partial(consenting.renew_consent, by=by, code=grown, at=children.now)
    again = said(children, Giver.REPRESENTATIVE, "2005-03-08", True)
    assert "their own consent" in refused(partial(renew, report=again))
    renew(report=said(children, Giver.PARTICIPANT, "2005-03-08"))
    assert waiting_for(by).reconsents == () and story(by, grown).reconsent is None


def test_who_may_not_consent_in_a_file_without_representatives(db: None) -> None:
    trial = begin(IMPLANT)
    assert "does not let" in refused(give(trial, screened(trial), Giver.REPRESENTATIVE, ""))


def test_a_waiver_takes_data_from_a_day_before_the_protocol(
    records: Trial, tmp_path: Path, settings: Any
) -> None:
    settings.TRIALWRIGHT_CUTS = tmp_path
    by, code = records.person("coordinator"), screened(records)
    refused(give(records, code, Giver.PARTICIPANT, ""))
    enter = partial(consenting.enter_under_waiver, by=by, code=code, at=records.now)
    assert "1900" in refused(partial(enter, data_from=date(1899, 12, 31)))
    assert "today" in refused(partial(enter, data_from=records.now.date() + timedelta(days=1)))
    since = date(2021, 5, 4)
    enter(data_from=since)
    assert "entered already" in refused(partial(enter, data_from=since))
    investigator, met = records.person("investigator"), {"adult": (Answer.PASS, "")}
    eligibility.assess_eligibility(by=investigator, code=code, answers=met, at=records.now)
    told = story(by, code)
    assert state_label(State(told.row.state), told.protocol) == "Entered, consent waived"
    eligibility.confirm_eligibility(by=investigator, code=code, at=records.now)
    assert records.visit(code, "operation").target == since
    visiting.record_visit(by=by, code=code, visit="operation", on=since, at=records.now)
    line = next(each for each in story(by, code).visits if each.visit.key == "operation")
    assert line.historic
    (given,) = consents_of(by, code).given
    assert given.waived and given.parts == ()
    reader = records.person("statistician")
    sha256 = cutting.cut_data(by=reader, name="first", at=records.now)
    cut = cut_store.load_open(records.protocol.identifier, "first", sha256)
    (part,) = cut.consents
    assert (part.given_by, part.part, part.given_at[:10]) == ("waived", "", "2021-05-04")
    tables = {table.name: table for table in cut_tables(cut, records.protocol)}
    visits = tables["visits"]
    marked = [row[visits.columns.index("historic")] for row in visits.rows if row[7]]
    assert marked == ["yes"]


def test_only_a_file_that_waives_consent_lets_anybody_in_without(children: Trial) -> None:
    by, code = children.person("coordinator"), screened(children)
    absent(
        partial(
            consenting.enter_under_waiver, by=by, code=code, data_from=date(2023, 1, 1),
            at=children.now,
        )
    )  # fmt: skip
