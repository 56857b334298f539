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
from trialwright.conduct.reads.participants import one, study_and_protocol
from trialwright.conduct.refusals import NotHere
from trialwright.ledger import files
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.values import Missing

Raw = str | Missing


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
    _study, protocol = study_and_protocol(by)
    participant = one(by, code)
    try:
        the_form, the_visit = protocol.form(form), protocol.visit(visit)
    except UnknownKeyError:
        raise NotHere from None
    knows = knows_arm(by, participant)
    if form not in the_visit.forms or not role_to_complete(
        by, the_form, site=participant.site, knows_arm=knows
    ):
        raise NotHere
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
        json.dumps(content, ensure_ascii=False).encode(), _bound_to(by, code, visit, form, repeat)
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
    """Give up what she typed and didn't save: the form is again what is saved."""
    Draft.objects.filter(
        person=by.person_id,
        participant=one(by, code),
        visit=visit,
        form=form,
        repeat=repeat,
    ).delete()


def read_draft(
    by: Actor, code: str, visit: str, form: str, repeat: int
) -> tuple[dict[str, Raw], int, datetime] | None:
    """Her own draft of a form: what she typed, the revision it is based on, and when."""
    draft = Draft.objects.filter(
        person=by.person_id,
        participant__study=by.study,
        participant__code=code,
        visit=visit,
        form=form,
        repeat=repeat,
    ).first()
    if draft is None:
        return None
    bound_to = _bound_to(by, code, visit, form, repeat)
    content = json.loads(files.keys().sealer(by.study).open(bytes(draft.sealed), bound_to))
    raw: dict[str, Raw] = {
        key: Missing(value["missing"]) if "missing" in value else value["text"]
        for key, value in content.items()
    }
    return raw, draft.based_on, draft.saved_at


def _bound_to(by: Actor, code: str, visit: str, form: str, repeat: int) -> tuple[str, ...]:
    return ("draft", str(by.person_id), code, visit, form, str(repeat))
