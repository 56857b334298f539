"""Sign the protocol that waits, for the sponsor and as investigator; then activate the study."""

import secrets
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts import actions as accounts
from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.actions.sites import open_planned
from trialwright.conduct.actions.studies import start
from trialwright.conduct.models import Party, ProtocolFile, ProtocolSignature
from trialwright.conduct.reads.setup import setup_of
from trialwright.conduct.refusals import ActionRefused, Conflict, NotFound
from trialwright.conduct.setting_up import (
    WRITING,
    SetUpContext,
    check_kept,
    checked_draft,
    draft_of,
    roles_of,
    setting_up,
)
from trialwright.conduct.setup_words import NAMES, WAYS_OUT
from trialwright.protocol.problems import ProtocolFileError


def sign_draft(*, by: Actor, sha256: str, at: datetime | None = None) -> tuple[Party, ...]:
    """Sign the file that waits, on behalf of each party whose role the person holds.

    Args:
        sha256: the hash of the file that was shown.

    Raises:
        Conflict: another file was put there meanwhile.
        ActionRefused: the file has problems, or this person has signed it.
    """
    with setting_up(by, Act.SIGN_PROTOCOL, "sign_draft", at=at) as context:
        draft = draft_of(context.study)
        if draft is None:
            raise NotFound
        if draft.sha256 != sha256:
            raise Conflict(
                _("Another file was put in the place of what you read. Read it before you sign.")
            )
        checked = checked_draft(context.study)
        if checked is None or checked.problems:
            raise ActionRefused(
                _(
                    "The file has %(count)d problems, and what has problems can't be signed. The "
                    "page of the protocol lists them."
                )
                % {"count": len(checked.problems) if checked else 1}
            )
        signed = tuple(_sign_for_each(context, sha256))
        if not signed:
            raise ActionRefused(
                _(
                    "You have signed this file, or in a study of real participants another has to "
                    "sign for the other party."
                )
            )
        return signed


def _sign_for_each(context: SetUpContext, sha256: str) -> list[Party]:
    by = context.actor  # With the seats held under the lock, not those of the page.
    assert by is not None  # noqa: S101 - a person signs
    roles = roles_of(context.study)
    signers = roles.who_may(Act.SIGN_PROTOCOL)
    mine = sorted(
        (seat.role for seat in by.seats if seat.role in signers),
        key=lambda role: roles.place(role),
    )
    signed: list[Party] = []
    for role in mine:
        party = Party.INVESTIGATOR if roles.at_a_site(role) else Party.SPONSOR
        before = ProtocolSignature.objects.filter(
            study=context.study, sha256=sha256, signed_by=by.person_id
        )
        if not context.study.demonstration and before.exists():
            break  # One person stands for one party where participants are real.
        if before.filter(party=party.value).exists():
            continue
        context.record(
            ProtocolSignature(
                study=context.study,
                sha256=sha256,
                party=party.value,
                role=role,
                signed_at=context.at,
                signed_by=by.person_id,
            )
        )
        signed.append(party)
    return signed


def activate(*, by: Actor, seed: bytes | None = None, at: datetime | None = None) -> None:
    """Put the signed protocol in force: the list is made and sealed. Sites open one by one then;
    in a demonstration those that have an investigator open at once.

    Args:
        seed: the 32 secret bytes of the list, in a demonstration study alone; else drawn.

    Raises:
        ActionRefused: something of the checklist is missing, each with what to do; or it is
            activated already.
    """
    with setting_up(by, WRITING, "activate", at=at) as context:
        study, draft = context.study, draft_of(context.study)
        if draft is None or study.version_id is not None:
            raise ActionRefused(
                _("The study %(study)s is activated already.") % {"study": study.identifier}
            )
        if missing := setup_of(study.identifier).missing_before_force():
            raise ActionRefused(
                " ".join(f"{NAMES[each.what]}: {WAYS_OUT[each.what]}" for each in missing)
            )
        if not study.demonstration and (seed is not None or at is not None):
            raise ActionRefused(_("Only a demonstration study may name its seed or its clock."))
        protocol = check_kept(draft.sha256).signable
        if protocol is None:
            raise ProtocolFileError(draft.file_name, check_kept(draft.sha256).problems)
        source = bytes(ProtocolFile.objects.get(pk=draft.sha256).source)
        start(context.writer, by, protocol, source, seed or secrets.token_bytes(32))
        context.remove(draft)
        if study.demonstration:
            study.refresh_from_db()
            with accounts.entry("open_site", at=context.at, by=by.person_id) as writer:
                open_planned(writer, study)
