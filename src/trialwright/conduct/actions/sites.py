"""The sites of a study: added while it is set up, then opened, paused and closed one by one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trialwright.accounts import actions as accounts
from trialwright.accounts.models import Membership, Site, SiteStatus
from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.models import Participant, Study
from trialwright.conduct.participants.planning import OVER
from trialwright.conduct.reads.training import untrained_at
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.setting_up import WRITING, role_now, roles_of
from trialwright.conduct.versions import version_at_site
from trialwright.ledger import journal
from trialwright.messages.catalogue import languages

_CODE = re.compile(r"[A-Za-z0-9]{1,8}")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site as it is entered; an empty `time_zone` is the installation's, an empty name the
    English one."""

    code: str
    name_en: str
    name_zh: str = ""
    time_zone: str = ""
    languages: tuple[str, ...] = ()


@contextmanager
def _managing(
    by: Actor, action: str, at: datetime | None, *, reason: str = "", site: str | None = None
) -> Iterator[tuple[journal.Writer, Study]]:
    now = at or timezone.now()
    with accounts.entry(action, at=now, by=by.person_id, reason=reason) as writer:
        study = Study.objects.select_related("version").get(pk=by.study)
        role_now(by.person_id, study, WRITING if site else Act.MANAGE_PEOPLE, site=site)
        yield writer, study


def add_site(*, by: Actor, site: NewSite, at: datetime | None = None) -> None:
    """Add a site; it takes participants once it is opened."""
    with _managing(by, "add_site", at) as (writer, study):
        problems = []
        if not _CODE.fullmatch(site.code):
            problems.append(
                Problem("code", _("Enter a code of 1 to 8 letters and digits, such as C or 03."))
            )
        elif Site.objects.filter(study=study.pk, code=site.code).exists():
            problems.append(Problem("code", _("The study has a site of this code. Enter another.")))
        if not site.name_en.strip() or max(map(len, (site.name_en, site.name_zh))) > _LONGEST_NAME:
            problems.append(Problem("name", _("Enter the name of the site.")))
        if site.time_zone and site.time_zone not in available_timezones():
            problems.append(
                Problem("time_zone", _("Enter a time zone such as Asia/Shanghai or Europe/Paris."))
            )
        if set(site.languages) - set(languages()):
            problems.append(Problem("languages", _("Choose languages that the pages have.")))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        accounts.ensure_site(
            writer,
            study=study.pk,
            code=site.code,
            name_en=site.name_en.strip(),
            name_zh=site.name_zh.strip() or site.name_en.strip(),
            time_zone=site.time_zone,
            languages=",".join(site.languages),
            status=SiteStatus.PLANNED.value,
        )


def open_site(*, by: Actor, code: str, at: datetime | None = None) -> None:
    """Open a site for participants, or open it again after a pause.

    Raises:
        ActionRefused: the study isn't activated, or nobody at the site signs as investigator.
    """
    with _managing(by, "open_site", at, site=code) as (writer, study):
        row = _site(study.pk, code)
        if study.version_id is None or study.closed_at is not None:
            raise ActionRefused(
                _("A site opens in an activated study that isn't closed. Activate the study first.")
            )
        if not has_investigator(study, code):
            raise ActionRefused(
                _(
                    "Site %(code)s has no investigator who has come in. Invite one, in a role that "
                    "signs the protocol."
                )
                % {"code": code}
            )
        _require_version(study, row)
        _require_training(study, row)
        _move(writer, row, SiteStatus.OPEN)


def _require_version(study: Study, row: Site) -> None:
    """Refuse to open a site for the first time before the newest version has begun there."""
    newest = study.version
    if newest is None or row.status != SiteStatus.PLANNED:
        return
    if version_at_site(study, row.code, newest).pk != newest.pk:
        raise ActionRefused(
            _(
                "Version %(version)s of the protocol is in force and hasn't begun at site "
                "%(code)s. Record the vote of its ethics committee on the page of the versions "
                "first."
            )
            % {"version": newest.version, "code": row.code}
        )


def _require_training(study: Study, row: Site) -> None:
    """Refuse to open a site for the first time before its people have practised."""
    if study.demonstration or row.status != SiteStatus.PLANNED:
        return
    if names := untrained_at(study, row.code):
        raise ActionRefused(
            _(
                "At site %(code)s these enter data and have entered no visit in the training copy "
                "of the study: %(names)s. Each enters all their forms of one visit there first."
            )
            % {"code": row.code, "names": ", ".join(names)}
        )


def pause_site(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> None:
    """Have a site take no new participants; who is in goes on."""
    with _managing(by, "pause_site", at, reason=reason, site=code) as (writer, study):
        _require_reason(reason)
        _move(writer, _site(study.pk, code), SiteStatus.PAUSED)


def close_site(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> None:
    """Close a site, once nobody there is still in the study."""
    with _managing(by, "close_site", at, reason=reason, site=code) as (writer, study):
        _require_reason(reason)
        still_in = Participant.objects.filter(study=study, site=code).exclude(state__in=OVER)
        if count := still_in.count():
            raise ActionRefused(
                _(
                    "%(count)d participants of site %(code)s are still in the study. Record how "
                    "each one's participation ended first."
                )
                % {"count": count, "code": code}
            )
        _move(writer, _site(study.pk, code), SiteStatus.CLOSED)


def open_planned(writer: journal.Writer, study: Study) -> None:
    """Open every planned site that has an investigator, as a demonstration does at activation."""
    for row in Site.objects.filter(study=study.pk, status=SiteStatus.PLANNED.value):
        if has_investigator(study, row.code):
            accounts.change_site(writer, row, status=SiteStatus.OPEN.value)


def has_investigator(study: Study, code: str) -> bool:
    """Whether somebody at a site, who has come in, signs the protocol."""
    roles = roles_of(study)
    signers = [role for role in roles.who_may(Act.SIGN_PROTOCOL) if roles.at_a_site(role)]
    return Membership.objects.filter(
        study=study.pk, site=code, role__in=signers, person__is_active=True
    ).exists()


def require_open(study: str, code: str) -> None:
    """Refuse a new participant at a site that takes none."""
    row = _site(study, code)
    if row.status == SiteStatus.OPEN:
        return
    raise ActionRefused(
        _("Site %(code)s takes no new participants: it is not open. An administrator opens it.")
        % {"code": code}
    )


_FROM = {
    SiteStatus.OPEN: (SiteStatus.PLANNED, SiteStatus.PAUSED),
    SiteStatus.PAUSED: (SiteStatus.OPEN,),
    SiteStatus.CLOSED: (SiteStatus.PLANNED, SiteStatus.OPEN, SiteStatus.PAUSED),
}


def _move(writer: journal.Writer, row: Site, status: SiteStatus) -> None:
    if SiteStatus(row.status) not in _FROM[status]:
        raise ActionRefused(
            _("This can't be done to site %(code)s as it stands. Look at the page of the sites.")
            % {"code": row.code}
        )
    accounts.change_site(writer, row, status=status.value)


def _site(study: str, code: str) -> Site:
    row = Site.objects.filter(study=study, code=code).first()
    if row is None:
        raise NotFound
    return row


def _require_reason(reason: str) -> None:
    if not reason.strip():
        words = _("Say why in a sentence: it stands in the audit trail. Nothing was changed yet.")
        raise ActionRefused(problems=(Problem("reason", words),))
