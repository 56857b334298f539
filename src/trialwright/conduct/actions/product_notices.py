"""What the treating doctor was told of a product, confirmed; and the call to the participant."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_confirm_notice
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.models import ProductNotice
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.tables import row_of


def confirm_notice(*, by: Actor, code: str, number: int, at: datetime | None = None) -> None:
    """Confirm that the treating doctor knows of product information for a participant.

    Raises:
        NotFound: the participant has no such notice, or the person doesn't treat at the site.
        ActionRefused: it is confirmed already.
    """
    with acting(by, _role, "confirm_product_notice", code=code, at=at) as context:
        notice = _notice(context, number)
        if notice.confirmed_at is not None:
            raise ActionRefused(_("This is confirmed already."))
        context.change(notice, confirmed_at=context.at, confirmed_by=context.by.person_id)


def record_call(
    *, by: Actor, code: str, number: int, called_at: datetime, at: datetime | None = None
) -> None:
    """Record when the participant was called about it; who calls has confirmed it first.

    Raises:
        ActionRefused: nobody has confirmed it, it is recorded, or the time can't be.
    """
    with acting(by, _role, "record_product_call", code=code, at=at) as context:
        notice = _notice(context, number)
        if notice.confirmed_at is None:
            raise ActionRefused(_("Confirm the message first, then call the participant."))
        if notice.called_at is not None:
            raise ActionRefused(_("The call is recorded already."))
        # A call is told to the minute, and may have come in that of the message.
        came = notice.made_at.replace(second=0, microsecond=0)
        if not came <= called_at <= context.at:
            raise ActionRefused(_("Enter a time after the message came, and none to come."))
        context.change(notice, called_at=called_at, called_by=context.by.person_id)


def _notice(context: ActionContext, number: int) -> ProductNotice:
    found = row_of(ProductNotice, study_id=context.study.pk, number=number)
    if found is None or found.participant_id != context.participant.pk:
        raise NotFound
    return found


def _role(context: ActionContext) -> str | None:
    return role_to_confirm_notice(context.by, context.participant.site)
