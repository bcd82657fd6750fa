#!/usr/bin/env python3
"""Checks the test vectors with nothing of ours: what docs/reference/journal.md says, in Python.

Whoever writes another server can begin here. Each check has its control: with one byte changed it
must fail. Ends with 'vectors: N passed, M failed' and exit 1 if any failed.
"""

import base64
import hashlib
import json
import pathlib
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VECTORS = pathlib.Path(__file__).resolve().parent.parent.parent / "Fixtures/vectors"
KINDS = {"punch", "oddity", "clock", "terminal", "coverage", "bridge", "import"}
COMMON = ["seq", "at", "boot", "up", "kind"]


# The rules, as the page states them.

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def genesis(journal, public_key):
    return sha256(b"titian journal v1", bytes.fromhex(journal), public_key)


def chain(start, lines):
    """Yields the digest of each line and the chain's hash after it."""
    head = start
    for line in lines:
        digest = sha256(line)
        head = sha256(head, digest)
        yield digest, head


def canonical(pin):
    return (pin.lstrip("0") or "0") if re.fullmatch("[0-9]+", pin) else pin


def punch_identity(terminal, pin, time):
    return sha256("\0".join(["punch", terminal, canonical(pin), time]).encode())


def oddity_identity(terminal, raw):
    return sha256(f"oddity\0{terminal}\0".encode(), raw)


def key_id(public_key):
    return sha256(public_key)[:8].hex()


def is_signed(public_key, signature, purpose, content):
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, purpose + content)
        return True
    except InvalidSignature:
        return False


def split_lines(body):
    """Lines of a body; every one, the last included, ends with a newline."""
    if not body.endswith(b"\n"):
        raise ValueError("the last line has no end")
    return body[:-1].split(b"\n")


def open_call(body):
    """Takes a call apart: header, entry lines, the signed bytes, trailer."""
    lines = split_lines(body)
    if len(lines) < 2:
        raise ValueError("no header and trailer")
    header, trailer = json.loads(lines[0]), json.loads(lines[-1])
    return header, lines[1:-1], body[: -len(lines[-1]) - 1], trailer


def is_good_call(body, public_key):
    """Whether everything about a call holds together and the bridge signed it."""
    try:
        header, entries, signed, trailer = open_call(body)
        head = bytes.fromhex(header["prev"])
        for _, head in chain(head, entries):
            pass
        return (
            header["titian"] == 1
            and header["count"] == len(entries)
            and header["key"] == key_id(public_key)
            and trailer["head"] == head.hex()
            and is_signed(public_key, base64.b64decode(trailer["signature"], validate=True), b"titian sync v1", signed)
        )
    except (ValueError, KeyError, TypeError):
        return False


def is_good_signed_text(signed, public_key, purpose):
    signature = base64.b64decode(signed["signature"])
    return signed["key"] == key_id(public_key) and is_signed(public_key, signature, purpose, signed["text"].encode())


def read_code(text):
    """The object in an enrolment code; None if it was mistyped or cut."""
    mark, _, rest = text.partition(".")
    middle, _, check = rest.partition(".")
    if mark != "titian1" or hashlib.sha256(middle.encode()).hexdigest()[:8] != check:
        return None
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


# The vectors.

class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"failed: {what}")

    def fails_when_flipped(self, content, is_good, what):
        """The control: `is_good(content)` holds, and for no version of it with one byte changed."""
        self.check(is_good(content), what)
        step = max(1, len(content) // 97)
        survivors = [
            place
            for place in range(0, len(content), step)
            if is_good(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
        ]
        self.check(not survivors, f"control: {what} must not hold with byte {survivors[:3]} changed")


def load(name):
    return (VECTORS / name).read_bytes()


def check_keys(checks):
    keys = {}
    for name, key in json.loads(load("keys.json")).items():
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"]))
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        checks.check(base64.b64decode(key["public"]) == public, f"the public key of the {name}")
        checks.check(key["id"] == key_id(public), f"the key id of the {name}")
        keys[name] = public
    return keys


def check_lines(checks):
    lines = split_lines(load("lines.ndjson"))
    seen = set()
    for number, line in enumerate(lines, 1):
        entry = json.loads(line)
        checks.check(entry["seq"] == number and len(line) <= 16384, f"line {number} has its place and size")
        if entry["kind"] in KINDS:
            checks.check(list(entry)[:5] == COMMON, f"line {number} begins with {COMMON}")
            written = json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode()
            checks.check(written == line, f"line {number} has no blanks and its keys in order")
        seen.add(entry["kind"])
    checks.check(KINDS <= seen, "there is a line of every kind")
    checks.check(bool(seen - KINDS), "there is a line of a kind that nobody knows")
    return lines


def check_chain(checks, lines, public_key):
    vector = json.loads(load("chain.json"))
    start = genesis(vector["journal"], public_key)
    checks.check(vector["genesis"] == start.hex(), "H(0)")

    def heads(text):
        return [{"digest": digest.hex(), "hash": head.hex()} for digest, head in chain(start, text.split(b"\n"))]

    checks.fails_when_flipped(b"\n".join(lines), lambda text: heads(text) == vector["chain"], "the chain")


def check_identities(checks):
    for vector in json.loads(load("identities.json")):
        terminal = vector["terminal"]
        if "pin" in vector:
            found = punch_identity(terminal, vector["pin"], vector["time"])
            other = punch_identity(terminal, vector["pin"] + "1", vector["time"])
        else:
            found = oddity_identity(terminal, bytes.fromhex(vector["raw"]))
            other = oddity_identity(terminal, bytes.fromhex(vector["raw"]) + b"\0")
        what = f"identity of {vector.get('pin', 'an oddity')} at {terminal}"
        checks.check(found.hex() == vector["identity"], what)
        checks.check(other.hex() != vector["identity"], f"control: {what} must not be another's")


def check_calls(checks, lines, public_key):
    for name, count in [("call.ndjson", len(lines)), ("heartbeat.ndjson", 0)]:
        body = load(name)
        checks.fails_when_flipped(body, lambda text: is_good_call(text, public_key), name)
        header, entries, _, _ = open_call(body)
        checks.check(header["count"] == count and entries == lines[:count], f"{name} holds the lines verbatim")
        cuts = [length for length in range(len(body)) if is_good_call(body[:length], public_key)]
        checks.check(not cuts, f"control: {name} must not hold when cut to {cuts[:3]} bytes")


def check_answer(checks, lines, keys):
    answer = json.loads(load("answer.json"))
    checks.fails_when_flipped(
        answer["receipt"]["text"].encode(),
        lambda text: is_good_signed_text(
            dict(answer["receipt"], text=text.decode("utf-8", "replace")), keys["centre"], b"titian receipt v1"),
        "the receipt's signature",
    )
    checks.check(
        not is_good_signed_text(answer["receipt"], keys["centre"], b"titian sync v1"),
        "control: a receipt must be worth nothing for another purpose",
    )
    receipt = json.loads(answer["receipt"]["text"])
    checks.check(all(answer[key] == value for key, value in receipt.items() if key in answer),
                 "the fields beside the receipt say what it says")
    vector = json.loads(load("chain.json"))
    checks.check(receipt["journal"] == vector["journal"], "the receipt names the journal")
    checks.check(receipt["acked_through"] == len(lines), "the receipt covers every line")
    checks.check(receipt["head"] == vector["chain"][len(lines) - 1]["hash"], "the receipt names the chain's hash")


def check_enrolment(checks, keys):
    vector = json.loads(load("enrolment.json"))
    checks.fails_when_flipped(
        vector["code"].encode(),
        lambda text: read_code(text.decode("utf-8", "replace")) == vector["says"],
        "the enrolment code",
    )
    request = vector["request"]
    checks.check(is_good_signed_text(request, keys["bridge"], b"titian enrol v1"), "the request's signature")
    checks.check(
        not is_good_signed_text(request, keys["centre"], b"titian enrol v1"),
        "control: a request must be signed by the key it names",
    )
    asked = json.loads(request["text"])
    checks.check(base64.b64decode(asked["public_key"]) == keys["bridge"], "the request names the bridge's key")
    checks.check(asked["secret"] == vector["says"]["s"], "the request repeats the code's secret")
    checks.check(base64.b64decode(vector["answer"]["centre_key"]) == keys["centre"], "the answer names the centre's key")
    checks.check(vector["answer"]["bridge"] == key_id(keys["bridge"]), "the answer names the bridge")


def main():
    checks = Checks()
    keys = check_keys(checks)
    lines = check_lines(checks)
    check_chain(checks, lines, keys["bridge"])
    check_identities(checks)
    check_calls(checks, lines, keys["bridge"])
    check_answer(checks, lines, keys)
    check_enrolment(checks, keys)
    print(f"vectors: {checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
