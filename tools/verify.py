"""Checks what Titian keeps with nothing of Titian: standard-library Python (3.9), to be read before it is run.

    verify.py --centre titian.backup --journal journal.db --centre-key centre.json --courier office.courier

Give it what you have, all but --centre as often as you like. --journal: a copy of a box's journal.db. --centre: a copy
of centre.db, or a backup. --courier: what `titian export` wrote. --receipts: the FILE.receipt that came back for it.
--centre-key: the key that signs receipts, in base64 or as the box's centre.json. --bridge-key: a box's key in base64,
where there is only its courier file. Files are copied first and never changed.

Exit code 0: everything agrees. 1: something was found; what was changed, cut or added has the mark ■, what somebody
should look at the mark ▲. 2: wrong arguments, or a file that cannot be read to its end, so the check is not complete.

How it goes about it: a box writes lines; their hashes form a chain (2), and the centre signs how far it has the chain
(1). Every file is read as facts about numbered entries (3). What all of them say of one entry must agree (4).
Formats: docs/reference/journal.md.
"""

import argparse
import base64
import collections
import contextlib
import datetime
import functools
import hashlib
import heapq
import itertools
import json
import mmap
import os
import re
import shutil
import sqlite3
import sys
import tempfile

# 1. Hashes and signatures: Ed25519 as in RFC 8032, checking alone.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(p, q):
    """The sum of two points of the curve, as (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    """A point added to itself so many times."""
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def point(data):
    """The point that 32 bytes stand for: y, and in the last bit whether x is odd. None if there is none."""
    y, is_odd = int.from_bytes(data, "little") % 2**255, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and is_odd):
        return None
    x = P - x if x % 2 != is_odd else x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


@functools.cache
def is_signed(key, signature, message):
    """Whether R = S·B - k·A, where the signature is R and S, and the key is A."""
    a, s = point(key) if len(key) == 32 else None, int.from_bytes(signature[32:], "little")
    if a is None or len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    x, y, z, _ = add(times(s, BASE), times(k, (P - a[0], a[1], 1, P - a[3])))
    x, y = x * pow(z, -1, P) % P, y * pow(z, -1, P) % P
    return (y | x % 2 << 255).to_bytes(32, "little") == signature[:32]


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def key_id(key):
    return sha(key)[:8].hex()


def unbase64(text):
    """Bytes from base64 in its one right spelling: another is a change."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64")
    return data


# 2. The chain of a journal, and the punch in a line.

def genesis(journal, key):
    return sha(b"titian journal v1", bytes.fromhex(journal), key)


def walk(found, head, rows, last=0, end=None):
    """Computes a chain anew. Rows are (seq, line, digest, hash, ...) as they were kept, None for what was not."""
    for seq, line, digest, kept, *more in rows:
        if line is not None and not (len(digest) in (8, 32) and sha(line).startswith(digest)):
            found("line-changed", seq)
        digest = digest if line is None else sha(line)
        head = sha(head, digest)
        if seq != last + 1 or kept not in (None, head):
            found("chain-broken", seq)
        last, head = seq, head if kept is None else kept
        yield (seq, line, digest, head, *more)
    if end and (end[0] != last or end[1] not in (None, head)):
        found("chain-broken", last + 1)


# What counts once is (terminal, pin, time); `shown` is the rest as the centre shows it, `packed` as a box keeps it.
Punch = collections.namedtuple("Punch", "terminal pin time shown packed")
FORM = re.compile(r"[a-z0-9]{1,16}:[A-Za-z0-9._+-]{1,64} [!-~]{1,24} \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
WORDS = {"finger", "face", "palm", "card", "password", "pin", "combined",
         "in", "out", "break-out", "break-in", "overtime-in", "overtime-out", "none"}
RANK = {"live": 0, "stick": 1, "push": 2, "log": 3}
UNCLEAR = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)


def punch_of(line):
    """The punch that a line tells of, or None."""
    try:
        told = json.loads(line)
        terminal, pin, time = told["terminal"], told["pin"].strip("\0 "), told["time"].replace(" ", "T")
        if told["kind"] != "punch" or not FORM.fullmatch(f"{terminal} {pin} {time}") or len(line) > 65_536:
            return None
        verify, state, work = (told.get(key) or 0 for key in ("verify_no", "state_no", "work"))
        words = [told[key] if told.get(key) in WORDS else "other" for key in ("verify", "state")]
        return Punch(terminal, re.sub(r"^(#?)0+(?=\d+$)", r"\1", pin),
                     int(datetime.datetime.fromisoformat(time + "+00:00").timestamp()),
                     (pin, *words, work, RANK.get(told.get("via"), 0)),
                     verify % 2**8 << 40 | state % 2**8 << 32 | work % 2**32)
    except UNCLEAR:
        return None


def wall(seconds):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).isoformat()


def identity(terminal, pin, time):
    """The half of a punch's hash that a box keeps for ever."""
    return sha("\0".join(("punch", terminal, pin, wall(time))).encode())[:16]


# 3. Every kind of file becomes facts: what one file says of one entry of a journal.

Fact = collections.namedtuple("Fact", "seq kind where digest head line identity time reasons", defaults=[None] * 5)


class Audit:
    """What was read: for each journal streams of facts in order of entries, and what was found."""

    def __init__(self, folder, centre_keys, bridge_keys):
        self.folder, self.boxes, self.centre, self.ends, self.findings = folder, {}, None, {}, {}
        self.centre_keys, self.bridge_keys = ({key_id(k): k for k in keys} for keys in (centre_keys, bridge_keys))
        self.journals = collections.defaultdict(list)

    def found(self, where, code, seq=None, what=""):
        """Like findings in one file are one, with its first entry and how many there are."""
        self.findings.setdefault((code, where, what if seq is None else ""), [seq, what, 0])[2] += 1

    def place(self, path, journal):
        """Where something is found, and the function that notes it."""
        where = f"{path} {journal[:8]}"
        return where, functools.partial(self.found, where)

    @contextlib.contextmanager
    def reading(self, path):
        """What cannot be read is a finding and not the end."""
        try:
            yield
        except (OSError, sqlite3.Error, *UNCLEAR) as error:
            self.found(path, "unreadable", what=f"{type(error).__name__}: {error}")

    def opened(self, path):
        """A sound copy of an SQLite file; behind a backup stands a block with the SHA-256 of all before it."""
        copy = os.path.join(self.folder, str(len(os.listdir(self.folder))))
        shutil.copyfile(path, copy)
        if os.path.exists(f"{path}-wal"):
            shutil.copyfile(f"{path}-wal", f"{copy}-wal")
        with open(copy, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            with memoryview(data)[:-512] as books:
                block = data[-512:]
                if b'"titian_backup"' in block and hashlib.sha256(books).hexdigest() != json.loads(block)["sha256"]:
                    raise ValueError("SHA-256")
        db = sqlite3.connect(copy)
        if (state := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise ValueError(state)
        return db


def take_receipt(audit, where, text, key, signature, number=None):
    """A receipt: the centre signs that it has a journal through this entry, where the chain has this hash."""
    told, signed_by, message = json.loads(text), audit.centre_keys.get(key), b"titian receipt v1" + text.encode()
    seq = told["acked_through"]
    if signed_by is None:
        audit.found(where, "unsigned", what=key)
    elif number not in (None, seq) or not is_signed(signed_by, unbase64(signature), message):
        audit.found(where, "signature", seq)
    audit.journals[told["journal"]].append([Fact(seq, "receipt", where, None, bytes.fromhex(told["head"]))])
    return seq, told["safe_through"]


def read_receipts(audit, path):
    """FILE.receipt, or several of them in one."""
    with open(path, encoding="utf-8") as file:
        for receipt in filter(None, (json.loads(line).get("receipt") for line in file)):
            take_receipt(audit, path, receipt["text"], receipt["key"], receipt["signature"])


def read_journal(audit, path):
    """A box's journal.db: its receipts, and its entries with what it counts by them."""
    db = audit.opened(path)
    journal, key, head, acked, safe = db.execute(
        "SELECT i.journal, public_key, head, acked, safe FROM identity_card i, tally").fetchone()
    has_hash = db.execute("PRAGMA user_version").fetchone()[0] > 2
    end = head, db.execute("SELECT hash FROM tally").fetchone()[0] if has_hash else None
    audit.boxes[journal], audit.bridge_keys[key_id(key)] = db, key
    where, found = audit.place(path, journal)
    held = [take_receipt(audit, where, *row) for row in db.execute("SELECT text, key, signature, acked FROM receipt")]
    if acked != max((seq for seq, _ in held), default=0):
        found("receipt-gone", acked)
    if db.execute("""SELECT punches != (SELECT count(*) FROM entry WHERE counts)
            + (SELECT count(*) FROM known WHERE seq = 0 AND time != 0) FROM tally""").fetchone()[0]:
        found("count", what="tally")
    db.execute("CREATE INDEX known_seq ON known (seq)")
    for seq, in db.execute("SELECT seq FROM known WHERE seq > 0 AND seq NOT IN (SELECT seq FROM entry)"):
        found("counted", seq)
    safe = max([safe, *map(min, held)])  # what a backup of the centre has, a box may forget
    audit.journals[journal].append(box_facts(where, found, db, genesis(journal, key), safe, end))


def box_facts(where, found, db, head, safe, end):
    """The first entry of a punch has its identity; what other sightings of it said stands beside it."""
    yield Fact(0, "box", where, None, head, b"")
    for seq, line, digest, head, counts, known, time, told in walk(found, head, db.execute("""
            SELECT e.seq, line, digest, CASE WHEN e.seq % 16 THEN nullif(hash, x'') ELSE hash END, counts,
                substr(k.identity, 1, 16), k.time, k.attributes || coalesce((SELECT ',' || group_concat(s.attributes)
                    FROM sighting s WHERE s.time = k.time AND s.identity = k.identity), '')
            FROM entry e LEFT JOIN known k ON k.seq = e.seq AND (k.time != 0 OR counts) ORDER BY e.seq"""), end=end):
        punch = punch_of(line) if line is not None and counts else None
        if line is None and seq > safe:
            found("line-gone", seq)
        if bool(counts) != (known is not None) or line is not None and counts and (
                punch is None or known != identity(*punch[:3]) or str(punch.packed) not in told.split(",")):
            found("counted", seq)
        yield Fact(seq, "box", where, digest, head, line, known, time)


def read_courier(audit, path):
    """A courier file: calls one behind the other, each a header, its entries, and a trailer with hash and signature."""
    found, place, waiting = functools.partial(audit.found, path), None, None
    with open(path, "rb") as file:
        for line in file:
            header = json.loads(line)
            if "text" in header:  # a request to be enrolled, signed by the key in it
                key = unbase64(json.loads(header["text"])["public_key"])
                audit.bridge_keys.setdefault(key_id(key), key)
                if not is_signed(key, unbase64(header["signature"]), b"titian enrol v1" + header["text"].encode()):
                    found("signature", 0)
                continue
            journal, first, head = header["journal"], header["first"], bytes.fromhex(header["prev"])
            key, forgotten = audit.bridge_keys.get(header["key"]), header.get("forgotten") or 0
            if place not in (None, (journal, first, head)) or key and first == 1 and head != genesis(journal, key):
                found("courier", first)
            body = list(itertools.islice(file, header["count"]))
            rows = [(first + number, None, bytes.fromhex(text[:-1].decode()), None) if number < forgotten
                    else (first + number, text[:-1], sha(text[:-1]), None) for number, text in enumerate(body)]
            facts = [Fact(seq, "courier", path, digest, after)
                     for seq, _, digest, after in walk(found, head, rows, first - 1)]
            audit.journals[journal].append(facts)
            head, trailer = facts[-1].head if facts else head, file.readline()
            told = json.loads(trailer)
            if told["head"] != head.hex() or not trailer.endswith(b"\n"):
                found("chain-broken", first + len(body))
            if key is None:
                found("unsigned", what=header["key"])
            elif not is_signed(key, unbase64(told["signature"]), b"titian sync v1" + line + b"".join(body)):
                found("signature", first)
            waiting = waiting or (first, first + header["status"]["queue"])
            place = journal, first + header["count"], head
    if place and waiting[1] > place[1]:
        found("courier-short", place[1] - waiting[0], waiting[1] - waiting[0])
    if place and audit.centre and waiting[0] > audit.ends.get(journal, 0) + 1:
        found("courier", waiting[0])


# A punch tells all, a further sighting of one its place and identity, and what waits for its place the terminal alone.
KEPT = """
    CREATE TABLE IF NOT EXISTS boot (journal, number, started_at);  -- books of an older version have none
    CREATE TABLE kept AS SELECT k.*, t.name FROM (
        SELECT 9 AS width, journal, seq, terminal, office, pin, time,
            coalesce(pin_text, pin) AS shown, verify, state, work, via FROM punch
        UNION ALL SELECT 4, s.journal, s.seq, terminal, office, pin, time, NULL, NULL, NULL, NULL, NULL
            FROM sighting s LEFT JOIN punch USING (terminal, time, pin)
        UNION ALL SELECT 2, journal, seq, terminal, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM waiting
    ) k LEFT JOIN terminal t ON t.id = k.terminal;
    CREATE INDEX kept_place ON kept (journal, seq);
"""

# What is noted beside what is kept. Where a terminal has moved, an erasure is of one of its offices alone.
COUNTS = """
    SELECT 'office ' || name FROM office o WHERE punches != (SELECT count(*) FROM punch p WHERE p.office = o.id)
    UNION ALL SELECT 'sightings ' || pin FROM punch p WHERE sightings != 1 + (
        SELECT count(*) FROM sighting s WHERE s.terminal = p.terminal AND s.time = p.time AND s.pin = p.pin)
    UNION ALL SELECT 'entry #' || seq FROM entry WHERE journal NOT IN (SELECT id FROM journal)
    UNION ALL SELECT 'erased ' || pin FROM erased x JOIN punch p USING (terminal, pin) WHERE p.time <= x.through
        AND (SELECT count(*) FROM placement l WHERE l.terminal = x.terminal) = 1
"""


def read_centre(audit, path):
    """centre.db: the audit trail, a chain as well; who was erased; and every journal with what is counted by it."""
    db = audit.centre = audit.opened(path)
    db.executescript(KEPT)
    audit.bridge_keys.update(db.execute("SELECT name, key FROM bridge"))
    trail = db.execute("SELECT seq, at, who, action, object, address, chain FROM audit ORDER BY seq").fetchall()
    lines = [(seq, audit_line(seq, *told), chain) for seq, *told, chain in trail]
    end = db.execute("SELECT seq, chain FROM audit_head").fetchone() or (0, None)
    list(walk(audit.place("centre", "audit")[1], sha(b"titian audit v1"),
              ((seq, line, sha(line), chain) for seq, line, chain in lines), end=end))
    audit.periods = {at: what.rpartition(" ")[2] for _, at, _, action, what, *_ in trail if action == "apply-retention"}
    audit.erasures = {at: who for _, at, who, action, *_ in trail if action == "erase-subject"}
    audit.erased = db.execute(
        "SELECT name, pin, through, at FROM erased LEFT JOIN terminal t ON t.id = terminal").fetchall()
    for terminal, pin, _, at in audit.erased:
        audit.found("centre", "erased" if at in audit.erasures else "erasure",
                    what=f"{terminal} {pin}, {utc(at)}, {audit.erasures.get(at)}")
    for journal, seq in db.execute("""SELECT journal, seq FROM kept WHERE (journal, seq) NOT IN (
            SELECT e.journal, e.seq FROM entry e JOIN journal j ON j.id = e.journal)"""):
        audit.found(f"centre #{journal}", "counted", seq)
    for what, in db.execute(COUNTS):
        audit.found("centre", "count", what=what)
    for row, name, key, *end in db.execute(
            "SELECT j.id, j.name, b.key, head_seq, head FROM journal j LEFT JOIN bridge b ON b.id = j.bridge"):
        audit.ends[name] = end[0]
        audit.journals[name].append(centre_facts(*audit.place("centre", name), db, row, genesis(name, key or b""), end))


def utc(ms):
    return f"{wall(ms // 1000)}.{ms % 1000:03}Z"


def audit_line(seq, at, who, action, what, address):
    """A row of the audit trail as it was hashed: JSON in which only what must be is escaped."""
    def quoted(text):
        short = re.sub(r'["\\\0-\x1f]', lambda c: "\\" + (c[0] if c[0] >= " " else f"u{ord(c[0]):04x}"), text)
        return f'"{short}"'
    told = {"at": utc(at), "who": who, "action": action, "object": what, "address": address}
    texts = (f',"{key}":{quoted(text)}' for key, text in told.items() if text is not None)
    return f'{{"seq":{seq}{"".join(texts)}}}'.encode()


def centre_facts(where, found, db, row, head, end):
    """By each entry one punch is counted at most: as its line says, or of a line that is gone for its age."""
    ranges = collections.deque(db.execute(
        "SELECT first_seq, last_seq, why, at FROM forgotten WHERE journal = ? ORDER BY first_seq", (row,)))
    reasons = []
    yield Fact(0, "centre", where, None, head, b"")
    for seq, line, digest, head, count, width, *kept in walk(found, head, db.execute("""
            SELECT e.seq, line, digest, chain, count(k.seq),
                width, name, office, pin, time, shown, verify, state, work, via
            FROM entry e LEFT JOIN kept k ON k.journal = e.journal AND k.seq = e.seq
            WHERE e.journal = ? GROUP BY e.seq ORDER BY e.seq""", (row,)), end=end):
        while ranges and ranges[0][0] <= seq:
            reasons = [*reasons, ranges.popleft()]
        reasons = [reason for reason in reasons if reason[1] >= seq]
        punch = punch_of(line) if line is not None else None
        if punch:
            office = due_office(db, row, seq, punch)
            due = [punch.terminal, office, punch.pin, punch.time, *punch.shown]
            is_right = count == 1 and kept[:width] == due[:width] and (width == 2) == (office is None)
        else:
            is_right = count == 0 or count == 1 and line is None and all(why == "retention" for _, _, why, _ in reasons)
        if not is_right:
            found("counted", seq)
        terminal, pin, time = punch[:3] if punch else (kept[0], kept[2], kept[3])
        known = identity(terminal, pin, time) if count and terminal and pin else None
        yield Fact(seq, "centre", where, digest, head, line, known, time, reasons)


def due_office(db, journal, seq, punch):
    """A punch counts where the terminal stood then, if boxes of the office that wrote the entry may speak of it."""
    row = db.execute("""
        SELECT p.office FROM terminal t JOIN placement p ON p.terminal = t.id
        JOIN reader r ON r.terminal = t.id AND r.office = (SELECT office FROM journal_office
            WHERE journal = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1)
        WHERE t.name = ? ORDER BY p.from_time > ?, abs(p.from_time - ?) LIMIT 1""",
                     (journal, seq, punch.terminal, punch.time, punch.time)).fetchone()
    return row and row[0]


# 4. What all files say of one entry must agree.

def compare(audit, journal, seq, facts):
    kinds = {fact.kind: fact for fact in facts}
    box, centre = kinds.get("box"), kinds.get("centre")
    for one, other in itertools.combinations(facts, 2):
        if None not in (one.digest, other.digest) and one.digest != other.digest or one.head != other.head:
            code = "receipt" if "receipt" in (one.kind, other.kind) else "differs"
            audit.found(f"{one.where} / {other.where}", code, seq)
    if audit.centre and journal not in audit.ends and seq > 0 and ("box" in kinds or "receipt" in kinds):
        audit.found(facts[0].where, "journal-gone", seq)
    if "receipt" in kinds and (box is None and journal in audit.boxes or centre is None and audit.centre):
        audit.found(kinds["receipt"].where, "receipt", seq)
    if centre is None or seq == 0:
        return
    if centre.line is None and not any(may_be_gone(audit, journal, why, at, box) for _, _, why, at in centre.reasons):
        audit.found(centre.where, "line-gone", seq)
    if any(why.endswith("hole") for _, _, why, _ in centre.reasons):
        audit.found(centre.where, "lost", seq)
    if journal not in audit.boxes:
        return
    if box is None:
        audit.found(centre.where, "differs", seq)
    elif box.identity and box.identity != centre.identity:
        if not any(identity(terminal, pin, box.time) == box.identity for terminal, pin, *_ in audit.erased):
            audit.found(centre.where, "counted", seq)
    elif centre.identity and not audit.boxes[journal].execute(
            "SELECT 1 FROM known WHERE time = ? AND substr(identity, 1, 16) = ?",
            (centre.time, centre.identity)).fetchone():
        audit.found(centre.where, "counted", seq)


def may_be_gone(audit, journal, why, at, box):
    """Whether the centre may lack a line: too old, of a person who was erased, or lost. A box may have it and tell."""
    line = box.line if box else None
    if why == "retention":
        return at in audit.periods and (line is None or any(
            at <= run and written(audit, journal, line) < limit for run, limit in audit.periods.items()))
    if why == "subject":
        punch = punch_of(line) if line is not None else None
        return any(since <= at and (line is None or punch and punch[:2] == (terminal, pin) and (
            punch.time <= through or at in audit.erasures)) for terminal, pin, through, since in audit.erased)
    return why.endswith("hole") and line is None


def written(audit, journal, line):
    """When a line was written: as it says, or where the box's clock was wrong by how long the box had run."""
    told = json.loads(line)
    started = audit.centre.execute(
        "SELECT b.started_at + ? FROM boot b JOIN journal j ON j.id = b.journal WHERE name = ? AND number = ?",
        (told.get("up") or 0, journal, told.get("boot"))).fetchone()
    at = datetime.datetime.fromisoformat(told["at"].replace("Z", "+00:00")).timestamp() * 1000
    return utc(started[0]) if started and abs(started[0] - at) > 900_000 else told["at"]


# 5. What was found, in words: ■ something was changed, cut or added; ▲ somebody should look; ○ is only told.

FINDINGS = {
    "unreadable": ("■", "tidak terbaca sampai akhir: {what}", "cannot be read to its end: {what}"),
    "line-changed": ("■", "baris entri {seq} diubah", "the line of entry {seq} was changed"),
    "chain-broken": ("■", "rantai putus di entri {seq}", "the chain breaks at entry {seq}"),
    "signature": ("■", "tanda tangan salah: {seq}", "a signature is wrong: {seq}"),
    "unsigned": ("▲", "tanda tangan tidak diperiksa: kunci {what} tidak diberikan",
                 "signatures not checked: the key {what} was not given"),
    "courier": ("■", "panggilan mulai entri {seq} tidak menyambung", "the call from entry {seq} does not join on"),
    "courier-short": ("▲", "berisi {seq} dari {what} entri yang menunggu: terpotong, atau dibuat dengan --from",
                      "holds {seq} of the {what} entries that waited: cut, or made with --from"),
    "receipt": ("■", "entri {seq} bukan yang ditandatangani pusat", "entry {seq} is not what the centre signed for"),
    "receipt-gone": ("▲", "diterima sampai entri {seq}, tanda terimanya tidak ada: dibuang, atau disk sedang penuh",
                     "received through entry {seq}, but that receipt is gone: taken away, or the disk was full"),
    "no-receipts": ("▲", "tidak ada tanda terima untuk dibandingkan", "there are no receipts to compare with"),
    "journal-gone": ("■", "jurnal ini tidak ada di pusat", "the centre does not have this journal"),
    "differs": ("■", "entri {seq} tidak sama", "entry {seq} is not the same"),
    "line-gone": ("■", "baris entri {seq} hilang tanpa alasan", "the line of entry {seq} is gone without a reason"),
    "lost": ("▲", "entri {seq} hilang saat pusat dipulihkan", "entry {seq} was lost when the centre was restored"),
    "counted": ("■", "yang dihitung dari entri {seq} tidak cocok", "what is counted by entry {seq} does not fit"),
    "count": ("■", "catatannya tidak cocok dengan isinya: {what}", "what is noted does not fit what is kept: {what}"),
    "erasure": ("■", "penghapusan tanpa jejak audit: {what}", "an erasure that is not in the audit trail: {what}"),
    "erased": ("○", "dihapus: {what}", "erased: {what}"),
}


def check(journal=(), centre=None, courier=(), receipts=(), centre_key=(), bridge_key=()):
    """Reads all files, then compares. Returns the findings and how many facts of each kind there were."""
    files = [(read_centre, path) for path in [centre] if path] + [(read_journal, path) for path in journal] + [
        (read_receipts, path) for path in receipts] + [(read_courier, path) for path in courier]
    count = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        audit = Audit(folder, centre_key, bridge_key)
        for read, path in dict.fromkeys(files):
            with audit.reading(path):
                read(audit, path)
        for name, streams in audit.journals.items():
            with audit.reading(name[:8]):
                merged = heapq.merge(*streams, key=lambda fact: fact.seq)
                for seq, facts in itertools.groupby(merged, key=lambda fact: fact.seq):
                    facts = list(facts)
                    count.update(fact.kind for fact in facts)
                    compare(audit, name, seq, facts)
    if centre and not count["receipt"]:
        audit.found("centre", "no-receipts")
    return audit.findings, count


def exit_code(findings):
    codes = {code for code, *_ in findings if FINDINGS[code][0] != "○"}
    return 2 if "unreadable" in codes else 1 if codes else 0


def public_keys(text):
    """The centre's key, or all it ever had: base64, or a box's centre.json."""
    try:
        if not os.path.exists(text):
            return [unbase64(text)]
        with open(text, encoding="utf-8") as file:
            known = json.load(file)
        return [unbase64(key) for key in (known["centre_key"], *known.get("former_centre_keys", []))]
    except (OSError, *UNCLEAR) as error:
        raise argparse.ArgumentTypeError(f"{text}: {error!r}") from error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--centre", metavar="FILE")
    for name in ("--journal", "--courier", "--receipts"):
        parser.add_argument(name, metavar="FILE", action="append", default=[])
    for name in ("--centre-key", "--bridge-key"):
        parser.add_argument(name, metavar="KEY", action="extend", default=[], type=public_keys)
    parser.add_argument("--lang", choices=("id", "en"), default="id")
    given = vars(parser.parse_args())
    english = given.pop("lang") == "en"
    if not (given["centre"] or given["journal"] or given["courier"] or given["receipts"]):
        parser.error("tidak ada berkas yang diperiksa / no file to check")
    findings, count = check(**given)
    for (code, where, _), (seq, what, times) in findings.items():
        text = FINDINGS[code][1 + english].format(seq=seq, what=what)
        print(f"{FINDINGS[code][0]} {where}: {text}{f' (×{times})' if times > 1 else ''} [{code}]")
    print(", ".join(f"{kind}: {number}" for kind, number in count.items()) or "-")
    print((("● Semuanya cocok.", "● All agrees."),
           ("■ Ada temuan. Jangan hapus apa pun.", "■ Something was found. Delete nothing."),
           ("■ Tidak semuanya terbaca.", "■ Not all could be read."))[exit_code(findings)][english])
    return exit_code(findings)


if __name__ == "__main__":
    sys.exit(main())
