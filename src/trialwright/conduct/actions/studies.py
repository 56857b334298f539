"""Start a study on its signed protocol: from then on it runs on exactly these bytes."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct import audited, source_sample
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import ProtocolFile, ProtocolVersion, Study
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.design.running import unrunnable
from trialwright.design.section import problems_of
from trialwright.ledger import journal, sources
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import ProtocolFileError
from trialwright.safety.section_problems import safety_problems


def sign_protocol(
    *,
    by: Actor,
    source: bytes,
    file_name: str,
    seed: bytes | None = None,
    at: datetime | None = None,
) -> ProtocolVersion:
    """Sign the protocol of a demonstration and start it at once, its concealed list included.

    A study of real participants is signed by two people and activated (`activation`).

    Args:
        source: the protocol file, byte for byte; it must pass `protocol check`, its `design:`
            section included, whose tables reach what the list can produce.
        seed: the 32 secret bytes of the list; drawn from the system by default.

    Raises:
        ProtocolFileError: the file has errors.
        ActionRefused: the study is for real participants, or it runs already.
    """
    protocol = parse_file(source, file_name)
    by = replace(by, roles=protocol.roles)
    role = by.role_for(Act.SIGN_PROTOCOL)
    if role is None or protocol.identifier != by.study:
        raise NotFound
    problems = problems_of(protocol) or safety_problems(protocol) or unrunnable(protocol)
    if problems:
        raise ProtocolFileError(file_name, problems)
    if not protocol.demonstration:
        raise ActionRefused(
            _(
                "Only a demonstration is signed and started in one. For real participants begin "
                "the study (trialwright study new), have it signed for the sponsor and by an "
                "investigator, then activate it."
            )
        )
    with transaction.atomic():
        journal.create(protocol.identifier)
        with journal.open_entry(
            study=protocol.identifier,
            by=by.person_id,
            role=role,
            action="sign_protocol",
            happened_at=at or sources.now(),
        ) as writer:
            return start(writer, by, protocol, source, seed or sources.entropy(32))


def start(
    writer: journal.Writer, by: Actor, protocol: Protocol, source: bytes, seed: bytes
) -> ProtocolVersion:
    """Put a protocol in force in its study, which begins now or was set up, and make its list."""
    if sources.are_given() and not protocol.demonstration:
        raise ActionRefused(_("Only a demonstration study may name its seed or its clock."))
    study = Study.objects.filter(identifier=protocol.identifier).first()
    if study is not None and study.version_id is not None:
        raise ActionRefused(
            _("The study %(study)s already runs on a signed protocol.")
            % {"study": protocol.identifier}
        )
    if study is not None and study.demonstration is not protocol.demonstration:
        raise ActionRefused(
            _(
                "A demonstration stays one, and a study of real participants too: the file says "
                "otherwise. Begin another study with it."
            )
        )
    moment = writer.entry.happened_at
    if study is None:
        study = Study(identifier=protocol.identifier, demonstration=protocol.demonstration)
        audited.record(writer, study)
    version = ProtocolVersion(
        study=study,
        version=protocol.version,
        sha256=protocol.sha256,
        signed_at=moment,
        signed_by=by.person_id,
    )
    ProtocolFile.objects.get_or_create(sha256=protocol.sha256, defaults={"source": source})
    audited.record(writer, version)
    audited.change(writer, study, version=version, activated_at=moment, activated_by=by.person_id)
    allocation_list.make(writer, study, protocol, seed)
    source_sample.keep_seed(writer, study, protocol, source_sample.seed_from(seed))
    return version
