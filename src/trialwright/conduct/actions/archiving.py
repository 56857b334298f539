"""Archive a study, and enter in its ledger which archive was made."""

from datetime import datetime
from pathlib import Path

from trialwright.accounts.policy import Actor
from trialwright.conduct.archiving import write_archive
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.setting_up import WRITING, setting_up
from trialwright.ledger import signing


def archive(*, by: Actor, to: Path, at: datetime | None = None) -> str:
    """Write a study's archive to a file that isn't there yet; returns the hash of its manifest.

    The entry stands behind what the archive holds: it says which one was made, by whom.

    Raises:
        NotFound: the study doesn't run, or this person may not archive it.
        ActionRefused: another host has the signed heads, without which no archive verifies.
    """
    with setting_up(by, WRITING, "archive", at=at) as context:
        study = context.study
        if study.version_id is None:
            raise NotFound
    if other := signing.signer_elsewhere():
        raise ActionRefused(signing.elsewhere_words(other))
    digest = write_archive(study, to)
    with setting_up(by, WRITING, "archive", at=at) as context:
        context.writer.write(entity="archive", id=digest, field="sha256", new=digest)
    return digest
