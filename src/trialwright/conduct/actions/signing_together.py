"""Several forms of a participant signed with one act: those of a visit, or of the casebook."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.actions.entering import MEANING
from trialwright.conduct.participants.signable import Signable, signable
from trialwright.conduct.refusals import Conflict
from trialwright.conduct.signing import entry_content, sign


def sign_forms(
    *,
    by: Actor,
    code: str,
    content_hash: str,
    visit: str | None = None,
    at: datetime | None = None,
) -> int:
    """Sign all forms that wait for this person, each with a signature of its own; returns how many.

    Args:
        content_hash: `Signable.content_hash` of what the page showed. Where a form has changed
            since, or another has come, nothing is signed.
        visit: the visit whose forms are signed; None for all of the participant's.
    """

    def found(context: ActionContext) -> Signable | None:
        return signable(
            context.by,
            context.participant,
            context.protocol,
            knows_arm=context.knows_arm(),
            visit=visit,
        )

    def role(context: ActionContext) -> str | None:
        waits = found(context)
        return waits.role if waits else None

    with acting(by, role, "sign_forms", code=code, at=at) as context:
        waits = found(context)
        if waits is None or waits.content_hash != content_hash:
            raise Conflict(
                _(
                    "What is to be signed changed while you read it: a form was changed, signed or "
                    "added. Nothing was signed. Read it again and sign."
                )
            )
        for entry in waits.entries:
            sign(context, meaning=MEANING, content=entry_content(entry), entry=entry)
        return len(waits.entries)
