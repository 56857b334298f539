"""Close a study once nothing is left to do, open it again, and freeze or lock parts of its data."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Actor, role_to_lock
from trialwright.conduct.models import Lock, LockLevel, Participant
from trialwright.conduct.reads.closing import left_to_close
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.setting_up import WRITING, SetUpContext, protocol_in_force, setting_up
from trialwright.ledger import journal
from trialwright.protocol.basics import UnknownKeyError

LEFT: dict[str, Promise] = {
    "participants": _("Participants whose participation hasn't ended: record how it did."),
    "incomplete": _("Forms that aren't complete: answer each question, or say why there is none."),
    "queries": _("Queries that aren't closed: answer and close them."),
    "unsigned": _("Complete forms without their signature: have them signed."),
    "deviations": _("Deviations that aren't classified: classify them."),
}
"""What may be left before closing, with the way out."""


@dataclass(frozen=True, slots=True)
class LockPlace:
    """What is frozen or locked: each empty part is all of it. A form is one of a visit."""

    site: str = ""
    participant: str = ""
    visit: str = ""
    form: str = ""


def close_study(*, by: Actor, at: datetime | None = None) -> None:
    """Close a study: nothing is entered any more; data are still cut, and read.

    Raises:
        ActionRefused: something is left to do, each with the way out; or it is closed already.
    """
    with setting_up(by, WRITING, "close_study", at=at) as context:
        study = context.study
        if study.version_id is None:
            raise NotFound
        if study.closed_at is not None:
            raise ActionRefused(_("The study is closed already."))
        left = [each for each in left_to_close(study) if each.count]
        if left:
            raise ActionRefused(
                problems=tuple(
                    Problem(
                        "",
                        _("%(count)d left. %(what)s")
                        % {"count": each.count, "what": LEFT[each.what]},
                    )
                    for each in left
                )
            )
        context.change(study, closed_at=context.at, closed_by=by.person_id)


def reopen_study(*, by: Actor, reason: str, at: datetime | None = None) -> None:
    """Open a closed study again, and say why."""
    with setting_up(by, WRITING, "reopen_study", at=at) as context:
        if context.study.closed_at is None:
            raise ActionRefused(_("The study isn't closed."))
        context.set_reason(_reason(reason))
        context.change(context.study, closed_at=None, closed_by=None)


def lock(
    *, by: Actor, level: LockLevel, place: LockPlace, reason: str, at: datetime | None = None
) -> int:
    """Freeze or lock a part of the study's data; returns the number of the lock.

    Raises:
        ActionRefused: there is no such place, it is so already, or the reason is missing.
    """
    with setting_up(by, lambda actor: role_to_lock(actor), "lock", at=at) as context:
        if context.study.version_id is None:
            raise NotFound
        participant = _participant(context, place)
        told = {
            "site": place.site, "participant": participant, "visit": place.visit,
            "form": place.form, "level": level.value,
        }  # fmt: skip
        standing = Lock.objects.filter(study=context.study, lifted_at=None, **told)
        if standing.exists():
            raise ActionRefused(_("This is so already: look at the list of freezes and locks."))
        context.set_reason(_reason(reason))
        head = journal.head(context.study.pk)
        last = Lock.objects.filter(study=context.study).aggregate(last=Max("number"))["last"] or 0
        context.record(
            Lock(
                study=context.study,
                number=last + 1,
                reason=reason.strip(),
                head_seq=head.seq,
                head_hash=head.hash.hex(),
                signed_at=context.at,
                signed_by=by.person_id,
                role=context.role,
                **told,
            )
        )
        context.change(context.study, locks_held=(context.study.locks_held or 0) + 1)
        return last + 1


def unlock(*, by: Actor, number: int, reason: str, at: datetime | None = None) -> None:
    """Lift a freeze or a lock, and say why."""
    with setting_up(by, lambda actor: role_to_lock(actor), "unlock", at=at) as context:
        row = Lock.objects.filter(study=context.study, number=number).first()
        if row is None:
            raise NotFound
        if row.lifted_at is not None:
            raise ActionRefused(_("It was lifted already."))
        context.set_reason(_reason(reason))
        context.change(
            row, lifted_at=context.at, lifted_by=by.person_id, lifted_reason=reason.strip()
        )
        context.change(context.study, locks_held=(context.study.locks_held or 1) - 1)


def _reason(reason: str) -> str:
    if not reason.strip():
        words = _("Say why in a sentence: it stands in the audit trail. Nothing was changed yet.")
        raise ActionRefused(problems=(Problem("reason", words),))
    return reason.strip()


def _participant(context: SetUpContext, place: LockPlace) -> Participant | None:
    """The participant of a place; refuses a place that isn't there."""
    study, problems = context.study, []
    protocol = protocol_in_force(study)
    assert protocol is not None  # noqa: S101 - `lock` has asked
    if place.site and not Site.objects.filter(study=study.pk, code=place.site).exists():
        problems.append(Problem("site", _("The study has no site of this code.")))
    row = None
    if place.participant:
        row = Participant.objects.filter(study=study, code=place.participant).first()
        if row is None or place.site not in ("", row.site):
            words = _("There is no participant of this code here.")
            problems.append(Problem("participant", words))
    elif place.visit or place.form:
        words = _("A visit or form is locked for one participant: enter the code.")
        problems.append(Problem("participant", words))
    try:
        visit = protocol.visit(place.visit) if place.visit else None
        if place.form and (visit is None or place.form not in visit.forms):
            problems.append(Problem("form", _("Enter a form that this visit has, by its key.")))
    except UnknownKeyError:
        problems.append(Problem("visit", _("Enter a visit of the protocol, by its key.")))
    if problems:
        raise ActionRefused(problems=tuple(problems))
    return row
