"""Upload an allocation list that was drawn outside, until the study is activated."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Actor, role_to_upload_list
from trialwright.conduct import audited
from trialwright.conduct.allocation.external_file import ExternalList
from trialwright.conduct.allocation.external_list import (
    external_allocations,
    list_from,
    text_of,
)
from trialwright.conduct.models import Study, UploadedList
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.setting_up import checked_draft, protocol_in_force, setting_up
from trialwright.protocol.model import Protocol


def upload_list(
    *, by: Actor, source: bytes, allocation: str = "", at: datetime | None = None
) -> ExternalList:
    """Keep a list, sealed, in the place of one that was uploaded before; activation takes the last.

    Args:
        source: the file, byte for byte.
        allocation: its key in the protocol; may be left out where the protocol has one such.

    Raises:
        NotFound: the protocol has no such list, or this person doesn't upload it.
        ActionRefused: the study runs already, the person also holds a role that may not know the
            list, or the file is no list of this protocol, each problem with its line.
    """
    with setting_up(by, _uploads, "upload_list", at=at) as context:
        study, person = context.study, context.actor
        assert person is not None  # noqa: S101 - a person uploads
        protocol = _waiting(study)
        mine = [
            each
            for each in (external_allocations(protocol) if protocol else ())
            if allocation in ("", each.key) and role_to_upload_list(person, each)
        ]
        if protocol is None or len(mine) != 1:
            raise NotFound
        _require_no_other_role(person, context.at)
        found = list_from(source, protocol, mine[0])
        before = UploadedList.objects.filter(study=study, allocation=mine[0].key)
        row = UploadedList(
            study=study,
            allocation=mine[0].key,
            number=1 + before.count(),
            uploaded_at=context.at,
            uploaded_by=person.person_id,
            role=context.role,
        )
        audited.record_sealed(context.writer, row, text_of(found, protocol, mine[0]))
        return found


def _waiting(study: Study) -> Protocol | None:
    if study.version_id is not None:
        raise ActionRefused(
            _(
                "The study is activated, and its allocation list is sealed: another list is "
                "another study, begun with a copy of its file."
            )
        )
    checked = checked_draft(study)
    if checked is None or checked.problems:
        raise ActionRefused(
            _("The protocol file has problems, which its page lists. Correct them first.")
        )
    return checked.protocol


def _uploads(actor: Actor) -> str | None:
    study = Study.objects.select_related("version").get(pk=actor.study)
    checked = checked_draft(study)
    protocol = protocol_in_force(study) or (checked.protocol if checked else None)
    listed = external_allocations(protocol) if protocol else ()
    return next(filter(None, (role_to_upload_list(actor, each) for each in listed)), None)


def _require_no_other_role(person: Actor, at: datetime) -> None:
    """Refuse somebody who may not know the list by another role that they hold, also by one that
    hasn't been delegated to them yet."""
    held = Membership.objects.filter(person=person.person_id, study=person.study)
    for key in held.filter(Q(until=None) | Q(until__gte=at.date())).values_list("role", flat=True):
        if key in person.roles.by_key and not person.roles.may_know_list(key):
            label = person.roles.label(key, get_language() or "en")
            raise ActionRefused(
                _(
                    "You also hold the role “%(role)s”, which may not know the next arm. Have "
                    "somebody upload the list who holds no such role."
                )
                % {"role": label}
            )
