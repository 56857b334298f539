"""Amend a study that runs: put the signed file in force, then have it begin at each site."""

from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import day_in
from trialwright.conduct import source_sample
from trialwright.conduct.acting import ActionContext, protocol_of
from trialwright.conduct.models import Participant, ProtocolVersion, SiteVersion, State
from trialwright.conduct.reads.setup import setup_of
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.setting_up import (
    WRITING,
    SetUpContext,
    checked_draft,
    draft_of,
    setting_up,
)
from trialwright.conduct.setup_words import NAMES, WAYS_OUT
from trialwright.conduct.tables import version_for
from trialwright.conduct.versions import settle, version_at_site
from trialwright.ledger import sources

_LONGEST = 120


def amend(*, by: Actor, at: datetime | None = None) -> str:
    """Put the signed file in the place of the version in force; returns its version.

    It begins nowhere by that: each site begins with it after the vote of its ethics committee. What
    the roles may do is from now on what it says.

    Raises:
        NotFound: the study doesn't run, or no file waits.
        ActionRefused: something of the checklist is missing, each with what to do.
    """
    with setting_up(by, WRITING, "amend", at=at) as context:
        study, draft = context.study, draft_of(context.study)
        if study.version_id is None or draft is None:
            raise NotFound
        if missing := setup_of(study.identifier).missing_before_force():
            raise ActionRefused(
                " ".join(f"{NAMES[each.what]}: {WAYS_OUT[each.what]}" for each in missing)
            )
        checked = checked_draft(study)
        amended = checked.signable if checked else None
        assert amended is not None  # noqa: S101 - the checklist has asked
        if ProtocolVersion.objects.filter(study=study, version=amended.version).exists():
            raise ActionRefused(
                _("The study had a version %(version)s already. Give the file another `version`.")
                % {"version": amended.version}
            )
        version = ProtocolVersion(
            study=study,
            version=amended.version,
            sha256=draft.sha256,
            signed_at=context.at,
            signed_by=by.person_id,
            previous_id=study.version_id,
        )
        context.record(version)
        context.change(study, version=version)
        source_sample.keep_seed(context.writer, study, amended, sources.entropy(32))
        context.remove(draft)
        return version.version


def begin_version(
    *, by: Actor, site: str, ethics_on: date, reference: str, at: datetime | None = None
) -> int:
    """Have the newest version begin at a site now; returns how many participants moved to it.

    Args:
        ethics_on: the day of the vote of the site's ethics committee.
        reference: how the committee's letter is found.

    Raises:
        NotFound: there is no such site, or the study was never amended.
        ActionRefused: it has begun there, or the vote lacks its day or reference.
    """
    with setting_up(by, WRITING, "begin_version", site=site, at=at) as context:
        newest = context.study.version
        row = Site.objects.filter(study=context.study.pk, code=site).first()
        if row is None or newest is None or newest.previous_id is None:
            raise NotFound
        if version_at_site(context.study, site, newest).pk == newest.pk:
            raise ActionRefused(
                _("Version %(version)s has begun at site %(code)s already.")
                % {"version": newest.version, "code": site}
            )
        _require_vote(ethics_on, reference, day_in(row.time_zone, context.at))
        context.record(
            SiteVersion(
                study=context.study,
                site=site,
                version=newest,
                ethics_on=ethics_on,
                reference=reference.strip(),
                since=context.at,
                recorded_by=by.person_id,
            )
        )
        return _move(context, newest, by, site)


def _require_vote(on: date, reference: str, today: date) -> None:
    problems = []
    if on > today:
        words = _("Enter the day of the vote, which lies before or on %(today)s.")
        problems.append(Problem("ethics_on", words % {"today": today.isoformat()}))
    if not 0 < len(reference.strip()) <= _LONGEST:
        words = _("Enter how the letter of the ethics committee is found, such as EC-2027-014.")
        problems.append(Problem("reference", words))
    if problems:
        raise ActionRefused(problems=tuple(problems))


def _move(context: SetUpContext, newest: ProtocolVersion, by: Actor, site: str) -> int:
    """Have the participants of a site stand under what now holds for them."""
    by, moved = replace(by, roles=protocol_of(newest).roles), 0
    rows = Participant.objects.filter(study=context.study, site=site).order_by("number")
    for row in rows.exclude(state=State.SCREEN_FAILED.value):
        row.study = context.study
        under = protocol_of(version_for(row, newest))
        moved += settle(ActionContext(by, context.study, under, context.writer, row))
    return moved
