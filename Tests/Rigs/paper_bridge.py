"""A bridge on paper: a real key, a real chain and real calls, made with nothing but docs/reference/journal.md.

For rigs that need thousands of bridges, or bridges that do what `titiand` never would: send the same batch
twice at once, cut the journal elsewhere, come back in the wrong order.
"""

import base64
import hashlib
import http.client
import json
import os
import ssl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# The rigs are on loopback; that the pin is checked is shown with the real `titiand` elsewhere.
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Key:
    """An Ed25519 key and its short name."""

    def __init__(self, seed=None):
        self.secret = Ed25519PrivateKey.from_private_bytes(seed or os.urandom(32))
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha256(self.public)[:8].hex()

    def sign(self, purpose, content):
        return base64.b64encode(self.secret.sign(purpose + content)).decode()


class PaperBridge:
    """A key and a journal; entries are added, and any stretch of them can be sealed into a call."""

    def __init__(self, office, key=None, journal=None):
        self.office = office
        self.key = key or Key()
        self.journal = journal or os.urandom(16).hex()
        self.lines = []
        self.heads = [sha256(b"titian journal v1", bytes.fromhex(self.journal), self.key.public)]
        self.calls = 0

    def add(self, kind, **fields):
        seq = len(self.lines) + 1
        line = compact({"seq": seq, "at": f"2026-11-21T00:{seq // 60 % 60:02}:{seq % 60:02}.000Z",
                        "boot": 1, "up": seq * 1000, "kind": kind, **fields}).encode()
        self.lines.append(line)
        self.heads.append(sha256(self.heads[-1], sha256(line)))

    def punch(self, terminal, pin, time, via="log", verify="finger", verify_no=1):
        self.add("punch", terminal=terminal, pin=pin, time=time, verify=verify, verify_no=verify_no,
                 state="in", state_no=0, work=0, via=via)

    def call(self, first=1, last=None, n=None):
        """Entries `first` through `last` as a call's bytes; without entries the heartbeat."""
        last = len(self.lines) if last is None else last
        self.calls += 1
        status = {"version": "0.2", "office": self.office, "hostname": "kertas", "started_at": "2026-11-21T00:00:00.000Z",
                  "queue": len(self.lines) - first + 1, "journal_bytes": 0, "disk_free": 0, "disk_total": 0,
                  "host_synced": True, "terminals": []}
        header = {"titian": 1, "journal": self.journal, "key": self.key.id, "first": first, "count": last - first + 1,
                  "prev": self.heads[first - 1].hex(), "boot": 1, "n": n or self.calls, "status": status, "live": []}
        signed = b"".join(line + b"\n" for line in [compact(header).encode(), *self.lines[first - 1:last]])
        trailer = {"head": self.heads[last].hex(), "signature": self.key.sign(b"titian sync v1", signed)}
        return signed + compact(trailer).encode() + b"\n"

    def enrolment(self, code):
        """The body of `POST /api/v1/enrol` for an operator's code."""
        text = compact({"secret": read_code(code)["s"], "journal": self.journal,
                        "public_key": base64.b64encode(self.key.public).decode(), "hostname": "kertas", "version": "0.2"})
        return compact({"text": text, "key": self.key.id, "signature": self.key.sign(b"titian enrol v1", text.encode())}).encode()


def read_code(text):
    """The object in an enrolment code."""
    middle = text.strip().split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


def receipt(answer, centre_key):
    """The receipt in an answer, if the centre's key signed it."""
    signed = answer["receipt"]
    try:
        Ed25519PublicKey.from_public_bytes(centre_key).verify(
            base64.b64decode(signed["signature"]), b"titian receipt v1" + signed["text"].encode())
    except InvalidSignature:
        return None
    return json.loads(signed["text"])


class Line:
    """One kept connection to the centre."""

    def __init__(self, address, timeout=60):
        host, port = address.removeprefix("https://").rsplit(":", 1)
        self.connection = http.client.HTTPSConnection(host, int(port), timeout=timeout, context=TLS)

    def post(self, path, body, headers=None):
        """Status and the answer's JSON."""
        self.connection.request("POST", path, body, {"Content-Type": "application/x-ndjson"} | (headers or {}))
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def sync(self, body):
        return self.post("/api/v1/sync", body)

    def enrol(self, body):
        return self.post("/api/v1/enrol", body)

    def close(self):
        self.connection.close()
