"""Answer what a protocol file leaves open: confirm a fact where it stands in the file."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor
from trialwright.conduct.actions.new_study import keep
from trialwright.conduct.models import ProtocolDraft, ProtocolFile
from trialwright.conduct.refusals import ActionRefused, Conflict, NotFound, Problem
from trialwright.conduct.setting_up import (
    WRITING,
    SetUpContext,
    check_kept,
    draft_of,
    setting_up,
)
from trialwright.protocol.basics import Origin
from trialwright.protocol.editing import EditError, with_blocks, with_confirmed
from trialwright.safety.checked import check_file

BLOCKS = (
    "participants", "arms", "criteria", "allocation", "anchors", "visits", "forms", "populations",
    "endpoints",
)  # fmt: skip
"""The blocks of the top level that a registration often leaves open."""

SOURCE = "confirmed_in_set_up"
_CITATION = "Confirmed in the set-up of this study; the audit trail says by whom and when."


def confirm_fact(
    *, by: Actor, sha256: str, path: str, value: str | None, reason: str, at: datetime | None = None
) -> str:
    """Confirm one fact of the file that waits, as it stands or with another value; returns the new
    file's hash. Signatures on the file before count no more.

    Args:
        sha256: the hash of the file that was shown.
        value: the new value; None confirms the one that stands.
        reason: what it is confirmed by, as the person wrote it.

    Raises:
        Conflict: another file was put there meanwhile.
        ActionRefused: nothing is said of what confirms it, or the file has a new problem with it.
    """
    with setting_up(by, WRITING, "confirm_fact", at=at) as context:
        draft = _draft(context, sha256, reason)
        context.set_reason(f"{path}: {reason.strip()}")
        before = check_kept(sha256)
        source = bytes(ProtocolFile.objects.get(pk=sha256).source)
        try:
            changed = with_confirmed(source, path, value, SOURCE, _CITATION)
        except EditError as error:
            raise ActionRefused(
                _("This can't be changed in its place. %(why)s") % {"why": error}
            ) from None
        after = check_file(changed, draft.file_name)
        known = {(each.message, each.rule) for each in before.problems}
        new = [each for each in after.problems if (each.message, each.rule) not in known]
        facts = after.protocol.facts if after.protocol else ()
        confirmed = any(fact.path == path and fact.origin is Origin.CONFIRMED for fact in facts)
        if new:
            why = f"{new[0].message}. {new[0].way_out}"
            sentence = _("The file can't hold this answer. %(why)s") % {"why": why}
            raise ActionRefused(problems=(Problem("value", sentence),))
        if not confirmed:
            raise ActionRefused(_("This fact is confirmed in the file itself alone."))
        return keep(context, changed, draft.file_name)


def answer_questions(
    *, by: Actor, sha256: str, blocks: Mapping[str, str], reason: str, at: datetime | None = None
) -> str:
    """Add blocks that the file lacks, as a person has written and confirms them; returns the new
    file's hash. What is still wrong with the file is shown with it.

    Raises:
        Conflict: another file was put there meanwhile.
        ActionRefused: nothing was written, or what was can't be read where it stands.
    """
    with setting_up(by, WRITING, "answer_questions", at=at) as context:
        draft = _draft(context, sha256, reason)
        written = {key: text for key, text in blocks.items() if text.strip()}
        if not written or set(written) - set(BLOCKS):
            raise ActionRefused(_("Write what the file lacks in one of the boxes."))
        context.set_reason(f"{', '.join(written)}: {reason.strip()}")
        source = bytes(ProtocolFile.objects.get(pk=sha256).source)
        try:
            changed = with_blocks(source, written, SOURCE, _CITATION)
        except EditError as error:
            raise ActionRefused(
                _("The file can't hold this answer. %(why)s") % {"why": error}
            ) from None
        return keep(context, changed, draft.file_name)


def _draft(context: SetUpContext, sha256: str, reason: str) -> ProtocolDraft:
    """The file that waits, which must be the one that was shown, and a reason to change it."""
    draft = draft_of(context.study)
    if draft is None:
        raise NotFound
    if draft.sha256 != sha256:
        raise Conflict(
            _("Another file was put in the place of what you read. Look at the fact again.")
        )
    if not reason.strip():
        raise ActionRefused(
            problems=(
                Problem("reason", _("Say what confirms it: a document, a decision, a person.")),
            )
        )
    return draft
