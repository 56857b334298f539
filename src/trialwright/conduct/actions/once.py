"""What is sent twice is done once: a button pressed twice, a page that is sent again.

    outcome = once(by=actor, token="…", content="…", act=lambda: …)

The first sending and what it does are one transaction. A second one with the same token waits for
it, and is told where the first one led.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor
from trialwright.conduct.models import Sending
from trialwright.conduct.refusals import Conflict

_KEPT = timedelta(days=1)


def once(*, by: Actor, token: str, content: str, act: Callable[[], str]) -> str:
    """Do it, or return what came of it if this very sending has done it before.

    Args:
        token: names the page as it was shown to this person; "" where a page has none, and then
            it is done each time.
        content: all that was sent, as text.
        act: does it, and returns where it led, in at most 200 characters.

    Raises:
        Conflict: the page was sent before with other content. Nothing is written.
    """
    if not token:
        return act()
    name, told = _hash(f"{by.person_id}/{by.study}/{token}"), _hash(content)
    with transaction.atomic():
        Sending.objects.filter(at__lt=timezone.now() - _KEPT).delete()
        try:
            # Where another sending of this page is under way, this waits for its end.
            with transaction.atomic():
                sending = Sending.objects.create(token=name, content=told)
        except IntegrityError:
            before = Sending.objects.get(token=name)
            if before.content != told:
                raise Conflict(
                    _(
                        "What you sent from this page a moment ago is recorded. This differs from "
                        "it and is not recorded: look at what is there before you send it again."
                    )
                ) from None
            return before.outcome
        sending.outcome = act()
        sending.save(update_fields=["outcome"])
        return sending.outcome


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
