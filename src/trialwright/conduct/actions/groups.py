"""Decide on a group of participants: open it, or close it for good."""

from datetime import datetime
from functools import partial

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_decide_group
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.allocation.groups import content_hash_of, groups_now
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import GroupDecision
from trialwright.conduct.models.groups import GroupVerdict
from trialwright.conduct.refusals import ActionRefused, Conflict, NotFound
from trialwright.protocol.groups import GroupState


def decide_group(
    *,
    by: Actor,
    group: str,
    verdict: GroupVerdict,
    content_hash: str,
    reason: str,
    at: datetime | None = None,
) -> None:
    """Sign the decision that opens a group, or closes it for good.

    Args:
        group: its key.
        content_hash: of the groups as the signer read them (`reads.groups`).

    Raises:
        NotFound: the file has no such group, or gives the decision to nobody or to another role.
        Conflict: what was read has changed since.
        ActionRefused: the group was opened, is closed, or the reason is missing.
    """
    with acting(by, partial(_role, group, verdict), "decide_group", at=at) as context:
        now = groups_now(context.study, context.protocol, day_of(context.at, installation_zone()))
        if content_hash_of(now) != content_hash:
            raise Conflict(
                _("The groups have changed since you read them. Read them again, then decide.")
            )
        found = next((each for each in now if each.group.key == group), None)
        if found is None:
            raise NotFound
        if found.state is GroupState.CLOSED:
            raise ActionRefused(_("This group is closed. A closed group isn't opened again."))
        if any(each.verdict == verdict for each in found.decisions):
            raise ActionRefused(_("This group was opened already by a signed decision."))
        if not reason.strip():
            raise ActionRefused(_("The decision needs a reason. Say why."))
        context.record(
            GroupDecision(
                study=context.study,
                group=group,
                verdict=verdict.value,
                entered=found.entered,
                content_hash=content_hash,
                reason=reason.strip(),
                decided_at=context.at,
                decided_by=context.by.person_id,
                role=context.role,
            )
        )


def _role(group: str, verdict: GroupVerdict, context: ActionContext) -> str | None:
    found = next((each for each in context.protocol.groups if each.key == group), None)
    opens = verdict is GroupVerdict.OPEN
    return role_to_decide_group(context.by, found, opens=opens) if found else None
