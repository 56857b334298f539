"""Consent: which version, who explained it, in which language, when, and to which parts."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import Scene, acting
from trialwright.conduct.models import Consent, State
from trialwright.conduct.planning import day_of, replan
from trialwright.conduct.refusals import Problem, Refused
from trialwright.conduct.states import require_step
from trialwright.protocol.basics import Role

# Who may explain the study; she needs not be the one who records the consent.
EXPLAINERS = (Role.INVESTIGATOR, Role.COORDINATOR, Role.OPERATING_SURGEON)


def consent(
    *,
    by: Actor,
    code: str,
    version: str,
    language: str,
    explained_by: UUID,
    given_at: datetime,
    parts: Mapping[str, bool],
    at: datetime | None = None,
) -> None:
    """Record that she agreed, before any study procedure.

    Args:
        explained_by: the id of the person who explained it.
        parts: every part of the consent document, agreed to or declined.

    Raises:
        Refused: the version isn't the one in force, a part that isn't optional was declined, the
            time lies before the day of screening or in the future, or she already consented.
    """
    with acting(by, Act.CONSENT, "consent", code=code, at=at) as scene:
        participant = scene.participant
        if participant.consented_at is not None:
            raise Refused(_("%(code)s has consented already.") % {"code": code})
        require_step(participant, State.CONSENTED)
        _check(scene, version, language, explained_by, given_at, parts)
        scene.record(
            Consent(
                participant=participant,
                version=version,
                language=language,
                explained_by=explained_by,
                given_at=given_at,
                parts={key: bool(parts[key]) for key in sorted(parts)},
            )
        )
        scene.change(participant, state=State.CONSENTED.value, consented_at=given_at)
        replan(scene)


def _check(
    scene: Scene,
    version: str,
    language: str,
    explained_by: UUID,
    given_at: datetime,
    parts: Mapping[str, bool],
) -> None:
    document = scene.protocol.consent
    if document is None:
        raise Refused(_("The protocol has no consent document. Add its `consent:` section."))
    problems = []
    if version != document.version:
        problems.append(
            Problem(
                "version",
                _("The consent in force is version %(version)s. Use that one.")
                % {"version": document.version},
            )
        )
    if language not in document.languages:
        problems.append(Problem("language", _("The document does not exist in this language.")))
    team = Membership.objects.filter(study=scene.study.identifier, role__in=EXPLAINERS)
    if not team.filter(person=explained_by).exists():
        problems.append(Problem("explained_by", _("Choose who explained it from the study team.")))
    # By days: who asks first may well write her into the screening log afterwards.
    if day_of(given_at) < day_of(scene.participant.screened_at) or given_at > scene.at:
        problems.append(
            Problem("given_at", _("Enter a time from the day of her screening to now."))
        )
    for part in document.parts:
        if part.key not in parts:
            problems.append(Problem(part.key, _("Say whether she agreed to this part.")))
        elif not parts[part.key] and not part.optional:
            problems.append(
                Problem(
                    part.key,
                    _(
                        "Without this part there is no consent. If she declines it, record a "
                        "screening failure."
                    ),
                )
            )
    if unknown := set(parts) - {part.key for part in document.parts}:
        problems.append(
            Problem("", _("The document has no part “%(part)s”.") % {"part": min(unknown)})
        )
    if problems:
        raise Refused(problems=tuple(problems))
