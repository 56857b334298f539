"""Drafts: what one person has typed and not saved. They take no lock and enter no ledger.

A draft is sealed whatever the form, since a form may hold what reveals an arm.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from trialwright.accounts.policy import Actor, role_to_complete
from trialwright.conduct.acting import knows_arm
from trialwright.conduct.models import Draft
from trialwright.conduct.reads.drafts import Raw, bound_to
from trialwright.conduct.reads.participants import one, participant_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.ledger import files
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.values import Missing


def save_draft(
    *,
    by: Actor,
    code: str,
    visit: str,
    form: str,
    raw: Mapping[str, Raw],
    based_on: int,
    repeat: int = 1,
) -> datetime:
    """Keep what was typed; returns when. `based_on` counts where no draft was kept before."""
    participant, protocol = participant_and_protocol(by, code)
    try:
        the_form, the_visit = protocol.form(form), protocol.visit(visit)
    except UnknownKeyError:
        raise NotFound from None
    knows = knows_arm(by, participant)
    if form not in the_visit.forms or not role_to_complete(
        by, the_form, site=participant.site, knows_arm=knows
    ):
        raise NotFound
    content = {
        key: {"missing": value.reason} if isinstance(value, Missing) else {"text": value}
        for key, value in raw.items()
    }
    place: dict[str, Any] = {
        "person": by.person_id,
        "participant": participant,
        "visit": visit,
        "form": form,
        "repeat": repeat,
    }
    sealed = files.keys().sealer(by.study).seal(
        json.dumps(content, ensure_ascii=False).encode(), bound_to(by, code, visit, form, repeat)
    )  # fmt: skip
    # A draft stays based on the revision on which it began, however often it is kept: so a page
    # opened later still shows what somebody else saved meanwhile.
    draft, _ = Draft.objects.update_or_create(
        **place,
        defaults={"sealed": sealed},
        create_defaults={"sealed": sealed, "based_on": based_on, **place},
    )
    return draft.saved_at


def discard_draft(*, by: Actor, code: str, visit: str, form: str, repeat: int = 1) -> None:
    """Give up what was typed and not saved: the form is again what is saved."""
    Draft.objects.filter(
        person=by.person_id,
        participant=one(by, code),
        visit=visit,
        form=form,
        repeat=repeat,
    ).delete()
