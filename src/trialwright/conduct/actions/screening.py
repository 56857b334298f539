"""The screening log: everyone who was looked at, and why those who didn't enter did not."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.acting import ActionContext, acting, protocol_for
from trialwright.conduct.actions.sites import require_open
from trialwright.conduct.allocation.links import holder_of
from trialwright.conduct.counting import PARTICIPANTS, given_before
from trialwright.conduct.locks import Place, require_unlocked
from trialwright.conduct.models import Participant, State
from trialwright.conduct.participants.planning import replan
from trialwright.conduct.participants.states import require_step
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.versions import version_at_site
from trialwright.protocol.kinds import Kind, first_kind

_NOT_LINKED = (State.SCREEN_FAILED.value, State.DIED.value)


@dataclass(frozen=True, slots=True)
class Link:
    """What kind of participant somebody is, and the code of whom they are linked to, or ""."""

    kind: str
    to: str = ""


def screen(*, by: Actor, site: str, link: Link | None = None, at: datetime | None = None) -> str:
    """Add a participant to the screening log; returns the code they keep (`C-007`).

    Args:
        link: where the protocol has kinds of participant; None is of the kind linked to nobody.
    """
    with acting(by, Act.SCREEN, "screen", at=at) as context:
        if not may(by, Act.SCREEN, site=site):
            raise NotFound
        require_open(by.study, site)
        require_unlocked(context.study, "screen", Place(site))
        rows = Participant.objects.filter(study=context.study, site=site)
        assert context.study.version is not None  # noqa: S101 - `acting` has asked
        version = version_at_site(context.study, site, context.study.version)
        last = rows.aggregate(last=Max("number"))["last"] or 0
        number = max(last, given_before(context.study, f"{PARTICIPANTS}{site}")) + 1
        participant = Participant(
            study=context.study,
            site=site,
            number=number,
            code=f"{site}-{number:03d}",
            screened_at=context.at,
            version=version if version.previous_id is not None else None,
            **({"state": State.SCREENED.value} | _linked(context, site, link)),
        )
        context.record(participant)
        if participant.consented_at is not None:
            context.about(participant, protocol_for(participant, context.study.version))
            replan(context)
        return participant.code


def _linked(context: ActionContext, site: str, link: Link | None) -> dict[str, object]:
    """The columns of the kind: whom it is linked to, whose arm and consent it shares."""
    kinds = {kind.key: kind for kind in context.protocol.kinds}
    if not kinds:
        if link is not None:
            raise NotFound
        return {}
    key = link.kind if link else first_kind(context.protocol.kinds)
    kind = kinds.get(key)
    if kind is None:
        raise ActionRefused(problems=(Problem("kind", _("Choose a kind of participant.")),))
    if kind.of is None:
        if link is not None and link.to:
            words = _("This kind of participant is linked to nobody. Leave it empty.")
            raise ActionRefused(problems=(Problem("to", words),))
        return {"kind": key}
    rows = Participant.objects.filter(study=context.study, site=site, kind=kind.of)
    other = rows.filter(code=link.to if link else "").first()
    if other is None or other.consented_at is None or other.state in _NOT_LINKED:
        words = _("Enter the code of a participant of this site, “%(kind)s”, who is in the study.")
        label = kinds[kind.of].label.in_language(get_language() or "en")
        raise ActionRefused(problems=(Problem("to", words % {"kind": label}),))
    _require_room(context, kind)
    columns: dict[str, object] = {"kind": key, "linked_to": other}
    if kind.shares_arm:
        columns["arm_of"] = holder_of(other)
    if kind.shares_consent:
        columns |= {"state": State.CONSENTED.value, "consented_at": context.at}
    return columns


def _require_room(context: ActionContext, kind: Kind) -> None:
    """Refuse one more than the protocol plans of a linked kind."""
    rows = Participant.objects.filter(study=context.study, kind=kind.key)
    count = rows.exclude(state=State.SCREEN_FAILED.value).count()
    if kind.participants is not None and count >= kind.participants:
        words = _("All %(count)d places of this kind of participant are taken.")
        raise ActionRefused(problems=(Problem("kind", words % {"count": count}),))


def record_screen_failure(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> None:
    """Record that the participant doesn't enter the trial, and why."""
    with acting(by, Act.SCREEN, "fail_screening", code=code, at=at) as context:
        require_step(context.participant, State.SCREEN_FAILED, context.protocol)
        if not reason.strip():
            raise ActionRefused(_("Say why the participant does not enter the trial."))
        context.change(
            context.participant,
            state=State.SCREEN_FAILED.value,
            screen_failure_reason=reason.strip(),
        )
        replan(context)
