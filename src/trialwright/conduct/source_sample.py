"""The sealed random number by which participants are drawn for source data verification."""

import hmac

from trialwright.conduct import audited, sealed_values
from trialwright.conduct.models import Study, VerificationSeed
from trialwright.ledger.journal import Writer
from trialwright.protocol.model import Protocol

_ENTITY = "verification_seed"


def seed_from(study_seed: bytes) -> bytes:
    """The random number of the verification: another than that of the allocation it comes from."""
    return hmac.digest(study_seed, b"trialwright source data verification", "sha256")


def keep_seed(writer: Writer, study: Study, protocol: Protocol, seed: bytes) -> None:
    """Seal the random number of a study whose protocol plans the verification and that has none
    yet; one that is there stays, and with it whoever is drawn."""
    if protocol.monitoring is None or VerificationSeed.objects.filter(study=study).exists():
        return
    audited.record_sealed(writer, VerificationSeed(study=study), seed.hex())


def opened_seed(study: str) -> bytes:
    """The random number of a study. Ask the policy first: it tells who is drawn."""
    row = VerificationSeed.objects.get(study=study)
    return bytes.fromhex(sealed_values.open_details(_ENTITY, study, row.pk, bytes(row.sealed)))
