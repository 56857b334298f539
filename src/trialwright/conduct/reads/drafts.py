"""What one person has typed into a form and not saved, opened for that person alone."""

import json
from datetime import datetime

from django.db.models import QuerySet

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import Draft
from trialwright.conduct.reads.participants import visible
from trialwright.ledger import files
from trialwright.protocol.values import Missing

Raw = str | Missing


def read_draft(
    by: Actor, code: str, visit: str, form: str, repeat: int
) -> tuple[dict[str, Raw], int, datetime] | None:
    """A person's own draft of a form: what was typed, the revision it is based on, and when."""
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
    place = bound_to(by, code, visit, form, repeat)
    content = json.loads(files.keys().sealer(by.study).open(bytes(draft.sealed), place))
    raw: dict[str, Raw] = {
        key: Missing(value["missing"]) if "missing" in value else value["text"]
        for key, value in content.items()
    }
    return raw, draft.based_on, draft.saved_at


def own_drafts(by: Actor) -> QuerySet[Draft]:
    """What this person has typed and not saved, of participants whom they still see."""
    if not may(by, Act.SEE_PARTICIPANTS):
        return Draft.objects.none()
    rows: QuerySet[Draft] = Draft.objects.filter(person=by.person_id, participant__in=visible(by))
    return rows.select_related("participant").order_by("participant__code", "visit", "form")


def bound_to(by: Actor, code: str, visit: str, form: str, repeat: int) -> tuple[str, ...]:
    """What the seal of a draft is bound to, so that none can stand in the place of another."""
    return ("draft", str(by.person_id), code, visit, form, str(repeat))
