"""Signatures: each bound to the hash of exactly what was signed."""

import hashlib
import json
from typing import Any

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import Attachment, CriterionAnswer, Entry, Participant, Signature
from trialwright.conduct.reads.values import held_openly
from trialwright.conduct.tables import rows_of

# What a signature on a participant's eligibility means.
ELIGIBILITY = "eligibility"


def hash_of(content: Any) -> str:
    """SHA-256 of the content as JSON with sorted keys, in hexadecimal."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def entry_content(entry: Entry) -> dict[str, Any]:
    """What a signature on an entry signs: every value and reason, open and sealed, and the hashes
    of the files that are attached."""
    attached = rows_of(Attachment, entry_id=entry.pk)
    hashes = sorted(row.sha256 for row in attached if row.removed_at is None)
    return {
        **({"attachments": hashes} if hashes else {}),
        "participant": entry.participant.code,
        "visit": entry.visit,
        "form": entry.form,
        "repeat": entry.repeat,
        "protocol": entry.protocol_version.sha256,
        "values": held_openly(entry),
        "sealed": hashlib.sha256(bytes(entry.sealed)).hexdigest() if entry.sealed else None,
    }


def eligibility_content(participant: Participant) -> dict[str, Any]:
    """What an investigator signs of a participant's eligibility: each criterion's answer."""
    answers = rows_of(CriterionAnswer, participant_id=participant.pk)
    return {
        "participant": participant.code,
        "criteria": {row.criterion: [row.answer, row.why] for row in answers},
    }


def sign(context: ActionContext, *, meaning: str, content: Any, entry: Entry | None = None) -> None:
    """Record a signature on the content as it stands under the lock."""
    context.record(
        Signature(
            participant=context.participant,
            entry=entry,
            meaning=meaning,
            content_hash=hash_of(content),
            signed_at=context.at,
            signed_by=context.by.person_id,
            role=context.role,
        )
    )


def void(context: ActionContext, signatures: Any, why: str) -> int:
    """Make signatures void because what they signed has changed; returns how many."""
    rows = list(signatures.filter(void_at=None))
    for row in rows:
        context.change(row, void_at=context.at, void_reason=why)
    return len(rows)
