"""Sign a protocol: from then on the study runs on exactly these bytes."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct import ledgered, slots
from trialwright.conduct.models import ProtocolFile, ProtocolVersion, Study
from trialwright.conduct.refusals import NotHere, Refused
from trialwright.design.section import problems_of
from trialwright.ledger import book, custody, files
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import ProtocolFileError
from trialwright.protocol.readiness import unready_for_real_participants


def sign_protocol(
    *,
    by: Actor,
    source: bytes,
    file_name: str,
    seed: bytes | None = None,
    at: datetime | None = None,
) -> ProtocolVersion:
    """Sign one version of the protocol and start the study on it, its concealed list included.

    Args:
        source: the protocol file, byte for byte; it must pass `protocol check`, its `design:`
            section included.
        seed: the 32 secret bytes of the list; drawn from the system unless this is a
            demonstration study.

    Raises:
        ProtocolFileError: the file has errors.
        Refused: the study is for real participants, and safety-critical facts are only assumed or
            nobody has tested that the keys can be recovered; or the study already runs, which an
            amendment will change in a later release.
    """
    protocol = parse_file(source, file_name)
    role = by.role_for(Act.SIGN_PROTOCOL)
    if role is None or protocol.identifier != by.study:
        raise NotHere
    if problems := problems_of(protocol.design):
        raise ProtocolFileError(file_name, problems)
    if not protocol.demonstration:
        _require_real(protocol, own_seed_or_clock=seed is not None or at is not None)
    with transaction.atomic():
        book.create(protocol.identifier)
        with book.open_entry(
            study=protocol.identifier,
            by=by.person_id,
            role=role.value,
            action="sign_protocol",
            happened_at=at or timezone.now(),
        ) as writer:
            return _start(writer, by, protocol, source, seed or secrets.token_bytes(32))


def _start(
    writer: book.Writer, by: Actor, protocol: Protocol, source: bytes, seed: bytes
) -> ProtocolVersion:
    if Study.objects.filter(identifier=protocol.identifier).exists():
        raise Refused(
            _("The study %(study)s already runs on a signed protocol.")
            % {"study": protocol.identifier}
        )
    moment = writer.entry.happened_at
    study = Study(identifier=protocol.identifier, demonstration=protocol.demonstration)
    ledgered.record(writer, study)
    version = ProtocolVersion(
        study=study,
        version=protocol.version,
        sha256=protocol.sha256,
        signed_at=moment,
        signed_by=by.person_id,
    )
    ProtocolFile.objects.get_or_create(sha256=protocol.sha256, defaults={"source": source})
    ledgered.record(writer, version)
    ledgered.change(writer, study, version=version, activated_at=moment, activated_by=by.person_id)
    slots.make(writer, study, protocol, seed)
    return version


def _require_real(protocol: Protocol, *, own_seed_or_clock: bool) -> None:
    """Refuse what stands between a study and real participants."""
    if unready := unready_for_real_participants(protocol):
        raise Refused(
            _(
                "%(count)d safety-critical facts are only assumed, so the study can't take real "
                "participants. The first: %(first)s (line %(line)d). Confirm each in the file, "
                "or mark the study as a demonstration."
            )
            % {"count": len(unready), "first": unready[0].path, "line": unready[0].line}
        )
    if own_seed_or_clock:
        raise Refused(_("Only a demonstration study may name its seed or its clock."))
    if not custody.recovery_was_tested(files.keys()):
        raise Refused(
            _(
                "Nobody has tested that the keys can be recovered, and without them the arms of "
                "this study could be lost. Wrap them for a custodian (trialwright ledger "
                "wrap-keys), then test her copy (trialwright ledger test-keys)."
            )
        )
