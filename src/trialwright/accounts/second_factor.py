"""A second factor beside the password: an authenticator's codes, passkeys, and recovery codes.

What is secret lies sealed under the installation's key, bound to its row; of a recovery code only a
hash is kept. The ledger says who has which, since when, and that it went.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import pyotp
import webauthn
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from trialwright.accounts.models import Person, SecondFactor
from trialwright.ledger import files, journal
from trialwright.ledger.encoding import frame
from trialwright.ledger.projections import Projected, Read

RECOVERY_CODES: Final = 10
_STEP_SECONDS: Final = 30
_COLUMNS = ("person_id", "kind", "made_at", "used_up_at")
_PLACE: Final = "@second-factor"


class FactorKind(StrEnum):
    """What it is."""

    AUTHENTICATOR = "authenticator"
    PASSKEY = "passkey"
    RECOVERY = "recovery"


def _committing(id: UUID, sealed: bytes) -> str:
    return hashlib.sha256(frame(str(id).encode(), bytes(sealed))).hexdigest()


def folded() -> tuple[Projected, ...]:
    """The table that `verify` holds the chain against."""
    columns: dict[str, str | Read] = {column: column for column in _COLUMNS}
    columns["sealed"] = Read("id", "sealed", by=_committing)
    table = "accounts.SecondFactor"
    return (Projected("second_factor", table, study="", chain="installation", fields=columns),)


def _sealer() -> Any:
    return files.keys().sealer(_PLACE)


def has(person: Person) -> bool:
    """Whether the person is asked for more than the password."""
    return SecondFactor.objects.filter(person=person).exclude(kind=FactorKind.RECOVERY).exists()


def of(person: Person) -> list[SecondFactor]:
    """The person's authenticators and passkeys, oldest first."""
    rows = SecondFactor.objects.filter(person=person).exclude(kind=FactorKind.RECOVERY)
    return list(rows.order_by("made_at", "id"))


def recovery_left(person: Person) -> int:
    """How many recovery codes are still good."""
    unused = SecondFactor.objects.filter(person=person, kind=FactorKind.RECOVERY, used_up_at=None)
    return unused.count()


def new_secret() -> str:
    """A secret for an authenticator, 160 bits in base 32."""
    return str(pyotp.random_base32())


def address_of(secret: str, person: Person) -> str:
    """What an authenticator reads from the picture."""
    name, issuer = person.username, "Trialwright"
    return str(pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer))


def code_step(secret: str, code: str, now: datetime) -> int | None:
    """The half minute to which a code belongs, of now and its neighbours; None for a wrong one."""
    typed, totp = code.replace(" ", ""), pyotp.TOTP(secret)
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    present = int(now.timestamp()) // _STEP_SECONDS
    for step in (present, present - 1, present + 1):
        if secrets.compare_digest(totp.at(step * _STEP_SECONDS), typed):
            return step
    return None


def add(
    writer: journal.Writer,
    person: Person,
    kind: FactorKind,
    content: Mapping[str, Any],
    name: str = "",
) -> SecondFactor:
    """Keep a factor, sealed, with its ledger entries."""
    row = SecondFactor(person=person, kind=kind.value, name=name[:80])
    row.made_at = writer.entry.happened_at
    row.sealed = _sealer().seal(json.dumps(content).encode(), (_PLACE, str(row.pk)))
    row.save(force_insert=True)
    for column in _COLUMNS:
        if getattr(row, column) is not None:
            writer.write(entity="second_factor", id=row.pk, field=column, new=getattr(row, column))
    text = _committing(row.pk, row.sealed)
    writer.write(entity="second_factor", id=row.pk, field="sealed", new=text)
    return row


def remove(writer: journal.Writer, rows: Sequence[SecondFactor]) -> None:
    """Forget factors."""
    for row in rows:
        writer.remove(entity="second_factor", id=row.pk)
        row.delete()


def new_recovery_codes(writer: journal.Writer, person: Person) -> list[str]:
    """Ten new codes, to be shown once; those before open nothing any more."""
    remove(writer, list(SecondFactor.objects.filter(person=person, kind=FactorKind.RECOVERY)))
    codes = []
    for _ in range(RECOVERY_CODES):
        code = "-".join(secrets.token_hex(2) for _ in range(4))
        add(writer, person, FactorKind.RECOVERY, {"hash": _hash(code)})
        codes.append(code)
    return codes


def _hash(code: str) -> str:
    # 64 random bits: a plain hash is enough.
    return hashlib.sha256(code.encode()).hexdigest()


def _content(row: SecondFactor) -> dict[str, Any]:
    plain = _sealer().open(bytes(row.sealed), (_PLACE, str(row.pk)))
    content: dict[str, Any] = json.loads(plain)
    return content


def accepts_code(person: Person, code: str, now: datetime) -> bool:
    """Whether an authenticator of the person shows this code now; each code is good once."""
    rows = SecondFactor.objects.select_for_update().filter(
        person=person, kind=FactorKind.AUTHENTICATOR.value
    )
    for row in rows:
        step = code_step(_content(row)["secret"], code, now)
        if step is not None and step > row.last_step:
            row.last_step, row.last_used_at = step, now
            row.save(update_fields=["last_step", "last_used_at"])
            return True
    return False


def recovery_row(person: Person, code: str) -> SecondFactor | None:
    """The unused recovery code that this is."""
    wanted = _hash(code.strip().lower().replace(" ", "-"))
    rows = SecondFactor.objects.select_for_update().filter(
        person=person, kind=FactorKind.RECOVERY, used_up_at=None
    )
    return next(
        (row for row in rows if secrets.compare_digest(_content(row)["hash"], wanted)), None
    )


def use_up(writer: journal.Writer, row: SecondFactor) -> None:
    """Have a recovery code open nothing any more."""
    row.used_up_at = row.last_used_at = writer.entry.happened_at
    row.save(update_fields=["used_up_at", "last_used_at"])
    writer.write(entity="second_factor", id=row.pk, field="used_up_at", new=row.used_up_at)


def registration(person: Person, host: str) -> tuple[str, str]:
    """What a browser is asked to make a passkey for, as JSON, and the challenge in it."""
    known = [_descriptor(row) for row in of(person) if row.kind == FactorKind.PASSKEY]
    options = webauthn.generate_registration_options(
        rp_id=host,
        rp_name="Trialwright",
        user_id=person.pk.bytes,
        user_name=person.username,
        user_display_name=person.name,
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return webauthn.options_to_json(options), options.challenge.hex()


def registered(answer: str, challenge: str, origin: str, host: str) -> dict[str, Any] | None:
    """What to keep of the passkey that a browser has made; None if it isn't one for us."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=bytes.fromhex(challenge),
            expected_rp_id=host,
            expected_origin=origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return {"id": made.credential_id.hex(), "key": made.credential_public_key.hex()}


def challenge(person: Person, host: str) -> tuple[str, str]:
    """What a browser is asked to sign with one of their passkeys, and the challenge in it."""
    allowed = [_descriptor(row) for row in of(person) if row.kind == FactorKind.PASSKEY]
    options = webauthn.generate_authentication_options(
        rp_id=host,
        allow_credentials=allowed,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options), options.challenge.hex()


def accepts_passkey(
    person: Person, answer: str, challenge: str, origin: str, host: str, now: datetime
) -> bool:
    """Whether a passkey of the person has signed the challenge, and is no copy of an older one."""
    rows = SecondFactor.objects.select_for_update().filter(
        person=person, kind=FactorKind.PASSKEY.value
    )
    for row in rows:
        content = _content(row)
        try:
            signed = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=bytes.fromhex(challenge),
                expected_rp_id=host,
                expected_origin=origin,
                credential_public_key=bytes.fromhex(content["key"]),
                credential_current_sign_count=row.last_step,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            continue
        if signed.credential_id.hex() == content["id"]:
            row.last_step, row.last_used_at = signed.new_sign_count, now
            row.save(update_fields=["last_step", "last_used_at"])
            return True
    return False


def _descriptor(row: SecondFactor) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=bytes.fromhex(_content(row)["id"]))
