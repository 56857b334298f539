"""The ledger's bytes are those of docs/ledger/vectors.json, for the program and for the verifier.

The verifier in docs/ledger is written from the ADR alone; both must agree with the vectors and,
over anything Hypothesis thinks of, with each other.
"""

import hashlib
import importlib.util
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from trialwright.ledger import encoding
from trialwright.ledger.keys import Keys
from trialwright.ledger.seal import study_key

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs/ledger/vectors.json"
ALONE = ROOT / "src/trialwright/ledger/alone/verify_ledger.py"
VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))

_spec = importlib.util.spec_from_file_location("verify_ledger", ALONE)
assert _spec is not None and _spec.loader is not None
alone: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(alone)

identifiers = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
digests = st.binary(min_size=32, max_size=32)
moments = st.datetimes(timezones=st.just(UTC))


def _row(case: dict[str, Any]) -> encoding.Row:
    taken = {name: case.get(name, "") for name in encoding.Row._fields}
    for name in ("recorded_at", "happened_at"):
        taken[name] = datetime.fromisoformat(taken[name])
    for name in ("old", "new", "reason", "previous", "heads"):
        taken[name] = bytes.fromhex(taken[name])
    return encoding.Row(**taken)


def test_genesis() -> None:
    for case in VECTORS["genesis"]:
        assert encoding.genesis(case["study"], case["chain"]).hex() == case["hash"]


def test_commitments_tell_apart_what_looks_alike() -> None:
    for case in VECTORS["commitments"]:
        place = [case[name] for name in ("study", "chain", "entity", "id", "field", "part")]
        value = encoding.value_bytes(case["text"])
        got = encoding.commitment(bytes.fromhex(case["salt"]), *place, value)
        assert got.hex() == case["commitment"]
    assert len({case["commitment"] for case in VECTORS["commitments"]}) == 12


def test_rows() -> None:
    previous = encoding.genesis("DEMO-HAEC-01", "open")
    for case in VECTORS["rows"]:
        row = _row(case)
        assert encoding.row_hash(row).hex() == case["hash"]
        assert row.previous == previous
        previous = bytes.fromhex(case["hash"])


def test_sealed_values_open_at_their_place_only() -> None:
    for case in VECTORS["sealed"]:
        key = bytes.fromhex(case["sealing_key"])
        assert study_key(key, case["study"]).hex() == case["study_key"]
        place = [case["study"], case["chain"], str(case["seq"])]
        place += [case[name] for name in ("entity", "id", "field", "part")]
        sealer = Keys(signing=bytes(32), sealing=key).sealer(case["study"])
        plain = sealer.open(bytes.fromhex(case["sealed"]), tuple(place))
        assert plain == bytes.fromhex(case["salt"]) + encoding.value_bytes(case["text"])


def test_a_program_with_the_standard_library_alone_passes_the_vectors() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", ALONE, "--vectors", FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "test vectors: nothing found\n")


def test_a_vector_that_is_changed_is_noticed() -> None:
    changed = json.loads(json.dumps(VECTORS))
    changed["rows"][0]["by"] = "somebody-else"
    assert len(alone.check_vectors(changed)) == 1


@given(st.binary(), st.binary(min_size=32, max_size=32), st.integers(0, 511))
def test_signatures_by_the_library_hold_in_plain_python_and_no_changed_one_does(
    message: bytes, seed: bytes, bit: int
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert alone.signed(public, message, signature)
    flipped = int.from_bytes(signature, "big") ^ (1 << bit)
    assert not alone.signed(public, message, flipped.to_bytes(64, "big"))


@given(st.lists(st.binary(), max_size=4), st.lists(st.binary(), max_size=4))
def test_two_lists_of_parts_never_share_bytes(one: list[bytes], other: list[bytes]) -> None:
    assert (encoding.frame(*one) == encoding.frame(*other)) == (one == other)


@given(st.data())
def test_program_and_verifier_hash_any_row_alike(data: st.DataObject) -> None:
    names = ("study", "chain", "by", "role", "action", "entity", "id", "field")
    row = encoding.Row(
        **{name: data.draw(identifiers) for name in names},
        seq=data.draw(st.integers(1, 2**62)),
        recorded_at=data.draw(moments),
        happened_at=data.draw(moments),
        **{name: data.draw(digests) for name in ("old", "new", "reason", "previous")},
        heads=data.draw(st.just(b"") | digests),
    )
    told: dict[str, Any] = row._asdict() | {"format": row.format}
    for name in ("recorded_at", "happened_at"):
        told[name] = encoding.moment_text(told[name])
    for name in ("old", "new", "reason", "previous", "heads"):
        told[name] = told[name].hex()
    assert alone.row_hash(told) == encoding.row_hash(row)


@given(texts, digests, identifiers, identifiers)
def test_program_and_verifier_open_and_bind_any_value_alike(
    text: str | None, salt: bytes, id: str, study: str
) -> None:
    keys = Keys(signing=bytes(32), sealing=hashlib.sha256(salt).digest())
    place = (study, "sealed", "7", "allocation", id, "arm", "new")
    value = encoding.value_bytes(text)
    sealed = keys.sealer(study).seal(salt + value, place)
    row = {"study": study, "chain": "sealed", "seq": 7}
    row |= {"entity": "allocation", "id": id, "field": "arm"}
    assert alone.opened_value(study_key(keys.sealing, study), row, "new", sealed) == (salt, value)
    bound = encoding.commitment(salt, study, "sealed", "allocation", id, "arm", "new", value)
    assert alone.commitment(row, "new", salt, value) == bound
    assert encoding.value_text(value) == text
