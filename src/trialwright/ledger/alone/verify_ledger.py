"""Check a ledger export and its file of signed heads with Python's standard library alone.

    python3 verify_ledger.py EXPORT.jsonl [--heads HEADS] [--public-key HEX] [--study-key HEX]
    python3 verify_ledger.py --vectors vectors.json

Written from docs/adr/0002-ledger-bytes.md, so that data can be proved without the program that
made them. It needs Python 3.9 or newer. Exit code 0: nothing found; 1: findings; 2: can't read.
"""

import argparse
import datetime
import hashlib
import hmac
import json
import re
import struct
import sys

HEAD = re.compile(
    r"trialwright-head-(?:1|(?P<second>2)) (?P<study>\S+) (?P<chain>open|sealed|installation)"
    r" (?P<seq>[1-9][0-9]*) (?P<time>\S+) (?P<hash>[0-9a-f]{64})"
    r"(?(second) (?P<counts>[!-~]{3,4096}))"
    r" (?P<previous>[0-9a-f]{64}) (?P<key>[0-9a-f]{16}) (?P<signature>[0-9a-f]{128})"
)
ROW_TEXTS = ("by", "role", "action", "entity", "id", "field")


def frame(*parts):
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def digest(*parts):
    return hashlib.sha256(frame(*parts)).digest()


def genesis(study, chain):
    return digest(b"trialwright-genesis-1", study.encode(), chain.encode())


def seconds(moment):
    return datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def value_bytes(text):
    return b"n" if text is None else b"t" + text.encode()


def commitment(row, part, salt, value):
    place = [row[name].encode() for name in ("study", "chain", "entity", "id", "field")]
    return digest(b"trialwright-value-1", salt, *place, part.encode(), value)


def row_hash(row):
    """Of format 2 if it names a line of the heads file, else of format 1."""
    heads = bytes.fromhex(row.get("heads") or "")
    return digest(
        b"trialwright-row-2" if heads else b"trialwright-row-1",
        row["study"].encode(),
        row["chain"].encode(),
        str(row["seq"]).encode(),
        row["recorded_at"].encode(),
        row["happened_at"].encode(),
        *(row[name].encode() for name in ROW_TEXTS),
        *(bytes.fromhex(row[name] or "") for name in ("old", "new", "reason", "previous")),
        *([heads] if heads else []),
    )


# Ed25519 verification, RFC 8032 section 5.1. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point(encoded):
    """The point of 32 bytes, or None if they name none."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if len(encoded) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, message, signature):
    key, first = point(public), point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or first is None or len(signature) != 64 or scalar >= ORDER:
        return False
    challenge = hashlib.sha512(signature[:32] + public + message).digest()
    return same(
        times(scalar, BASE), add(first, times(int.from_bytes(challenge, "little") % ORDER, key))
    )


# ChaCha20-Poly1305, RFC 8439, to open sealed values for whoever holds the study's key.


def chacha_block(key, counter, nonce):
    seed = b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce
    start = list(struct.unpack("<16I", seed))
    s = start[:]
    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for _ in range(10):
        for a, b, c, d in columns + diagonals:
            for i, j, k, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                s[i] = (s[i] + s[j]) & 0xFFFFFFFF
                mixed = s[k] ^ s[i]
                s[k] = (mixed << turn | mixed >> (32 - turn)) & 0xFFFFFFFF
    return struct.pack("<16I", *((x + y) & 0xFFFFFFFF for x, y in zip(s, start)))


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        total = (total + int.from_bytes(message[at : at + 16] + b"\1", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def opened(key, sealed, associated):
    """The plaintext, or None if the tag fails."""
    nonce, body, tag = sealed[:12], sealed[12:-16], sealed[-16:]
    padded = b"".join(part + bytes(-len(part) % 16) for part in (associated, body))
    lengths = struct.pack("<QQ", len(associated), len(body))
    expected = poly1305(chacha_block(key, 0, nonce)[:32], padded + lengths)
    if not hmac.compare_digest(tag, expected):
        return None
    stream = b"".join(chacha_block(key, 1 + at, nonce) for at in range(-(-len(body) // 64)))
    return bytes(x ^ y for x, y in zip(body, stream))


def opened_value(key, row, part, sealed):
    """(salt, value bytes) of a sealed value, or None if it doesn't open."""
    names = [row["study"], row["chain"], str(row["seq"]), row["entity"], row["id"], row["field"]]
    associated = frame(b"trialwright-sealed-1", *(name.encode() for name in [*names, part]))
    plain = opened(key, sealed, associated)
    if plain is None:
        return None
    body = plain[4 : 4 + int.from_bytes(plain[:4], "big")]
    return body[:32], body[32:]


def study_key(sealing_key, study):
    message = frame(b"trialwright-study-key-1", study.encode())
    return hmac.new(sealing_key, message, "sha256").digest()


class Heads:
    """The file of signed heads: what it says of each chain, and what is wrong with it."""

    def __init__(self, path, publics):
        self.said, self.findings, self.lines = {}, [], {"0" * 64: 0}
        keys = {hashlib.sha256(public).hexdigest()[:16]: public for public in publics}
        previous, bad_before = "0" * 64, False
        with open(path, encoding="ascii", errors="replace") as file:
            lines = file.read().split("\n")
        for number, text in enumerate(lines, 1):
            match = HEAD.fullmatch(text)
            if match is None:
                continue
            message, _, signature = text.rpartition(" ")
            public = keys.get(match["key"])
            bad = public is None or not signed(public, message.encode(), bytes.fromhex(signature))
            if bad:
                self.findings.append(f"heads file, line {number}: altered, its signature fails")
            elif match["previous"] != previous and not bad_before:
                self.findings.append(f"heads file, line {number}: lines above are missing or moved")
            if not bad:
                chain = self.said.setdefault((match["study"], match["chain"]), {})
                chain.setdefault(int(match["seq"]), []).append((number, match["hash"]))
            previous, bad_before = hashlib.sha256(text.encode()).hexdigest(), bad
            if not bad:
                self.lines[previous] = number


class Chain:
    """Walks one chain row by row and keeps only what the next row needs."""

    def __init__(self, study, chain, key):
        self.name = f"{study} {chain}"
        self.last, self.seq, self.time, self.key = genesis(study, chain), 0, "", key
        self.fields, self.absent, self.lost, self.gaps = {}, {}, [], []
        self.findings, self.hashes, self.entries, self.heads = [], {}, [], ""

    def find(self, what):
        self.findings.append(f"{self.name}: {what}")

    def take(self, row):
        seq = row["seq"]
        if seq != self.seq + 1:
            self.find(f"rows {self.seq + 1} to {seq - 1} are missing")
        elif bytes.fromhex(row["previous"]) != self.last:
            self.find(f"row {seq} doesn't follow row {seq - 1}")
        if row_hash(row).hex() != row["hash"]:
            self.find(f"row {seq} was changed")
        if row["recorded_at"] < self.time and not self.corrects_clock(row):
            self.find(f"row {seq} was recorded before row {seq - 1}")
        heads = row.get("heads") or ""
        if self.heads and not heads:
            self.find(f"row {seq} names no line of the heads file, as rows before it do")
        if heads and (row["recorded_at"] != self.time or heads != self.heads):
            self.entries.append((seq, heads, row["recorded_at"]))
        self.heads = heads or self.heads
        place = (row["entity"], row["id"], row["field"])
        if (row["old"] or None) != self.fields.get(place):
            self.find(f"row {seq} doesn't continue the value that {' '.join(place)} held")
        self.fields[place] = row["new"] or None
        if row["action"] == "acknowledge_restore":
            first, last, lost = row["id"].split(":")
            self.lost.append((int(first), int(last), seq, lost))
        if row["action"] == "acknowledge_gap":
            first, last = row["id"].split(":")
            self.gaps.append((int(first), max(int(last), seq), seq))
        if row["action"] == "erase":
            self.absent.pop(place, None)
        for part in ("new", "reason"):
            if row[part]:
                self.check_value(row, part, place)
        self.last, self.seq, self.time = bytes.fromhex(row["hash"]), seq, row["recorded_at"]
        self.hashes[seq] = row["hash"]

    def corrects_clock(self, row):
        """Whether the row says itself from which moment the clock was put back."""
        return row["action"] == "correct_clock" and row["id"] == self.time

    def check_value(self, row, part, place):
        stored = (row.get("values") or {}).get(part)
        if stored is None:
            self.absent.setdefault(place, []).append((row["seq"], part))
            return
        if "sealed" in stored:
            if self.key is None:
                return
            pair = opened_value(self.key, row, part, bytes.fromhex(stored["sealed"]))
        else:
            pair = bytes.fromhex(stored["salt"]), value_bytes(stored["text"])
        if pair is None or commitment(row, part, *pair).hex() != row[part]:
            self.find(f"the {part} value of row {row['seq']} was changed")

    def end(self, said, values_left_out, lines=None):
        """Compare with the heads file's {seq: [(line, hash)]} and name what never came back."""
        if lines is not None:
            self.check_lines(said, lines)
        if not values_left_out:
            for missing in self.absent.values():
                for seq, part in missing:
                    self.find(f"the {part} value of row {seq} was removed")
        for seq, lines in sorted(said.items()):
            for number, claimed in lines:
                if self.hashes.get(seq) == claimed or self.acknowledged(said, seq, number):
                    continue
                if seq > self.seq:
                    self.find(f"cut off after row {self.seq}: heads line {number} signs row {seq}")
                else:
                    self.find(f"recomputed: row {seq} isn't what heads line {number} signs")

    def check_lines(self, said, lines):
        """Does each entry name a line that is there, and were those before it signed in time?"""
        signed = sorted((number, seq) for seq in said for number, _ in said[seq])
        at, until, place, waiting = 0, 0, 0, []
        for seq, heads, time in self.entries:
            number = lines.get(heads, -1)
            if number < at and not self.gap_acknowledged(said, seq):
                self.find(f"row {seq} names a line of the heads file that isn't in its place")
            at = max(at, number)
            while place < len(signed) and signed[place][0] <= at:
                until, place = signed[place][1], place + 1
            waiting = [entry for entry in waiting if entry[0] > until]
            if waiting and seconds(time) - waiting[0][1] > 60:
                if not self.gap_acknowledged(said, seq):
                    self.find(f"row {waiting[0][0]} stood unsigned for over a minute, at row {seq}")
            else:
                waiting.append((seq, seconds(time)))

    def gap_acknowledged(self, said, seq):
        """Whether a person acknowledged it, in a row that was signed then."""
        for first, last, at in self.gaps:
            own = any(h == self.hashes.get(s) for s in said if s >= at for _, h in said[s])
            if own and first <= seq <= last:
                return True
        return False

    def acknowledged(self, said, seq, number):
        """Whether a restore accounts for this line: it lies above the restore's own."""
        for first, last, at, lost in self.lost:
            if lost not in [claimed for _, claimed in said.get(last, ())]:
                continue
            own = [n for s in said if s >= at for n, h in said[s] if h == self.hashes.get(s)]
            if first <= seq <= last and own and number < min(own):
                return True
        return False


def verify(export, heads_path=None, publics=(), key=None):
    """All findings, as sentences, and a line about what was checked."""
    header = json.loads(next(export))
    if header.get("format") != "trialwright-ledger-export-1":
        raise ValueError("the first line isn't the header of a trialwright-ledger-export-1")
    publics = list(publics) or [bytes.fromhex(public) for public in header["public_keys"]]
    chains = {}
    for text in export:
        row = json.loads(text)
        if row["study"] != header["study"]:
            raise ValueError(f"row {row['seq']} is of study {row['study']}, not {header['study']}")
        name = row["chain"]
        if name not in chains:
            chains[name] = Chain(row["study"], name, key)
        chains[name].take(row)
    heads = Heads(heads_path, publics) if heads_path else None
    findings = list(heads.findings) if heads else []
    for study, name in heads.said if heads else ():
        if study == header["study"] and name in header["chains"] and name not in chains:
            chains[name] = Chain(study, name, key)
    for name, chain in sorted(chains.items()):
        said = heads.said.get((header["study"], name), {}) if heads else {}
        chain.end(said, not header["values"], heads.lines if heads else None)
        findings += chain.findings
    ends = [f"{name} {chain.seq} {chain.last.hex()}" for name, chain in sorted(chains.items())]
    return findings, f"{header['study']}: {', '.join(ends) or 'no rows'}"


def check_vectors(vectors):
    """Names of the vectors that fail."""
    failed = []

    def expect(name, got, wanted):
        if got != wanted:
            failed.append(f"{name}: {got} instead of {wanted}")

    for case in vectors["genesis"]:
        expect("genesis", genesis(case["study"], case["chain"]).hex(), case["hash"])
    for case in vectors["commitments"]:
        got = commitment(case, case["part"], bytes.fromhex(case["salt"]), value_bytes(case["text"]))
        expect("commitment", got.hex(), case["commitment"])
    for case in vectors["rows"]:
        expect("row", row_hash(case).hex(), case["hash"])
    for case in vectors["sealed"]:
        key = study_key(bytes.fromhex(case["sealing_key"]), case["study"])
        expect("study key", key.hex(), case["study_key"])
        got = opened_value(key, case, case["part"], bytes.fromhex(case["sealed"]))
        expect("sealed", got, (bytes.fromhex(case["salt"]), value_bytes(case["text"])))
    for case in vectors["signatures"]:
        got = signed(*(bytes.fromhex(case[name]) for name in ("public", "message", "signature")))
        expect("signature", got, case["holds"])
    for case in vectors["heads"]:
        message, _, signature = case["line"].rpartition(" ")
        got = signed(bytes.fromhex(case["public"]), message.encode(), bytes.fromhex(signature))
        expect("head", got, True)
        expect("head hash", hashlib.sha256(case["line"].encode()).hexdigest(), case["hash"])
    return failed


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("export", nargs="?", help="JSON lines of `trialwright ledger export`")
    parser.add_argument("--heads", help="the file of signed heads")
    parser.add_argument("--public-key", action="append", help="from paper: 64 hex digits")
    parser.add_argument("--study-key", help="64 hexadecimal digits: opens sealed values")
    parser.add_argument("--vectors", help="check this program against its test vectors")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.vectors:
            with open(chosen.vectors, encoding="utf-8") as file:
                findings, summary = check_vectors(json.load(file)), "test vectors"
        elif chosen.export:
            publics = [bytes.fromhex(key) for key in chosen.public_key or []]
            key = bytes.fromhex(chosen.study_key) if chosen.study_key else None
            with open(chosen.export, encoding="utf-8") as file:
                findings, summary = verify(file, chosen.heads, publics, key)
        else:
            parser.error("name an export, or --vectors")
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        print(f"Can't read it: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    print(f"{summary}: {len(findings)} findings" if findings else f"{summary}: nothing found")
    if chosen.export and not chosen.public_key:
        print("The public key came with the export; compare it with the one on paper.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
