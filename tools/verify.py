"""Checks what Titian keeps with nothing of Titian: Python's standard library and docs/reference/journal.md.

    verify.py --journal journal.db --centre-key centre.json --centre centre.db --courier office.courier

Give it what you have; every file is copied first and never changed. --journal: a copy of a box's journal.db, with
its receipts. --receipts: receipts as they travel, FILE.receipt. --lines: what `titian journal export` wrote.
--courier: what `titian export` wrote. --centre: a copy of centre.db, or a backup. --centre-key: the key that signs
receipts, in base64 or as the box's centre.json. Exit code 0: all agrees. 1: something could not be checked, or
somebody should look. 2: something was changed, cut or added. 64: wrong words.
"""

import argparse
import base64
import calendar
import datetime
import functools
import hashlib
import json
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile

WORDS = {  # code: (Indonesian, English); `{where}` begins each
    "gap": ("entri {seq} sampai {last} tidak ada", "entries {seq} to {last} are missing"),
    "line-changed": ("baris entri {seq} diubah", "the line of entry {seq} was changed"),
    "chain-broken": ("rantai putus di entri {seq}", "the chain breaks at entry {seq}"),
    "wrong-end": ("tercatat berakhir di {last}, isinya berakhir di {seq}", "it says it ends at {last} and ends at {seq}"),
    "unreadable": ("tidak terbaca: {what}", "cannot be read: {what}"),
    "count": ("jumlah tidak cocok: {what}", "a count does not fit: {what}"),
    "identity": ("entri {seq} tidak cocok dengan daftar identitas", "entry {seq} does not fit the list of identities"),
    "purged": ("baris entri {seq} dilupakan, dan tanda terima yang masih ada tidak membolehkannya", "the line of entry {seq} was forgotten, and no receipt that is still here entitles to it"),
    "line-gone": ("baris entri {seq} hilang tanpa alasan yang sah", "the line of entry {seq} is gone and nothing entitles to it"),
    "signature": ("tanda tangan salah: {what}", "a signature is wrong: {what}"),
    "unsigned": ("tanda tangan tidak diperiksa, kuncinya tidak diberikan: {what}", "signatures not checked, their key was not given: {what}"),
    "receipt-journal": ("tanda terima sampai {seq} tidak cocok dengan jurnal", "the receipt through {seq} does not fit the journal"),
    "receipt-gone": ("diterima sampai {last}, tanda terima terbaru sampai {seq}: hilang, atau disk sedang penuh", "received through {last}, and the newest receipt is through {seq}: gone, or the disk was full"),
    "receipt-cut": ("pusat menandatangani sampai {last}, kini hanya punya sampai {seq}", "the centre signed for {last} entries and has {seq}"),
    "receipt-centre": ("isi pusat sampai {seq} bukan yang ditandatanganinya", "what the centre has through {seq} is not what it signed for"),
    "no-receipts": ("tidak ada tanda terima untuk dibandingkan", "no receipts to compare with"),
    "journal-gone": ("jurnal tidak ada di pusat", "the journal is not at the centre"),
    "other-key": ("kunci jembatan lain di pusat", "the centre has another key for this bridge"),
    "differs": ("{last} entri berbeda dari pembandingnya, mulai {seq}", "{last} entries differ from the other copy, from {seq} on"),
    "too-long": ("punya entri sampai {seq}, kotaknya hanya sampai {last}", "has entries through {seq}, the box only through {last}"),
    "not-counted": ("rekaman entri {seq} tidak terhitung", "the punch of entry {seq} is not counted"),
    "invented": ("rekaman {what} tidak berasal dari entri mana pun", "punch {what} comes from no entry"),
    "punch-changed": ("rekaman {what} bukan yang dikatakan entrinya", "punch {what} is not what its entry says"),
    "erasure": ("penghapusan {what} tidak ada dalam jejak audit", "the erasure of {what} is not in the audit trail"),
    "left": ("masih ada rekaman {what}, padahal orangnya dihapus", "punches of {what} are still there though the person was erased"),
    "audit": ("jejak audit diubah di baris {seq}", "the audit trail was changed at row {seq}"),
    "courier": ("panggilan mulai {seq}: {what}", "the call from {seq}: {what}"),
    "courier-short": ("kotak punya {last} entri menunggu, berkas berisi {seq}: terpotong, atau dibuat dengan --from", "the box had {last} entries waiting and the file holds {seq}: cut, or made with --from"),
    "lost": ("{seq} entri hilang saat pusat dipulihkan", "{seq} entries were lost when the centre was restored"),
}
ATTENTION = {"unsigned", "purged", "no-receipts", "receipt-gone", "courier-short", "lost"}
VERIFY = {"finger", "face", "palm", "card", "password", "pin", "combined", "other"}
STATE = {"in", "out", "break-out", "break-in", "overtime-in", "overtime-out", "none", "other"}
RANK = {"live": 0, "stick": 1, "push": 2, "log": 3}
TYPES = dict.fromkeys(("at kind terminal pin time verify state via raw reason device event detail from_time through "
                       "file").split(), str) | dict.fromkeys(
    "seq boot up verify_no state_no work offset_ms error_ms records".split(), int) | {"host_synced": bool}


class Report:
    def __init__(self):
        self.findings, self.checked, self.erasures = [], {}, []

    def found(self, code, where, seq=None, last=None, what=None):
        self.findings.append({"code": code, "where": str(where), "seq": seq, "last": last, "what": what})

    def count(self, what, number=1):
        self.checked[what] = self.checked.get(what, 0) + number

    @property
    def exit_code(self):
        codes = {f["code"] for f in self.findings}
        return 2 if codes - ATTENTION else 1 if codes else 0


# Ed25519, RFC 8032: checking alone, as the box's library does it (the encoding of R is compared).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def point(data):
    """The point that 32 bytes stand for; None if they stand for none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=None)
def is_signed(key, signature, message):
    a, s = (point(key) if len(key) == 32 else None), int.from_bytes(signature[32:], "little")
    if a is None or len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    x, y, z, _ = add(times(s, BASE), times(k, (P - a[0], a[1], 1, P - a[3])))
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# Lines and chains, as docs/reference/journal.md says.

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def key_id(key):
    return sha(key)[:8].hex()


def seconds(wall):
    return calendar.timegm(datetime.datetime.fromisoformat(wall).timetuple())


def canonical(pin):
    return (pin.lstrip("0") or "0") if re.fullmatch("[0-9]+", pin) else pin


def punch_of(line):
    """(terminal, pin, seconds, everything that counts) of a line that tells of a punch; else None."""
    try:
        f = json.loads(line) if len(line) <= 65_536 else None
        if any(f.get(k) is not None and type(f[k]) is not t for k, t in TYPES.items()) or f["kind"] != "punch":
            return None
        pin = f["pin"].strip("\0 ")
        slot = re.fullmatch(r"#(\d+)", pin)
        pin = f"#{int(slot[1])}" if slot else pin
        if not (re.fullmatch("[a-z0-9]{1,16}:[A-Za-z0-9._+-]{1,64}", f["terminal"]) and re.fullmatch("[!-~]{1,24}", pin)
                and re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", f["time"]) and type(f["seq"]) is int):
            return None
        told = (pin, f.get("verify") if f.get("verify") in VERIFY else "other",
                f.get("state") if f.get("state") in STATE else "other", f.get("work") or 0, RANK.get(f.get("via"), 0))
        return f["terminal"], canonical(pin), seconds(f["time"]), told
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def identity(terminal, pin, when):
    wall = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=when)).isoformat(timespec="seconds")
    return sha("\0".join(("punch", terminal, pin, wall)).encode())[:16]  # a box keeps half of it


def attributes(line):
    """How, which key and which work code, as the list of identities keeps them."""
    told = json.loads(line)
    return ((told.get("verify_no") or 0) & 255) << 40 | ((told.get("state_no") or 0) & 255) << 32 | (told.get("work") or 0) & 0xFFFFFFFF


class Story:
    """A journal as one source tells it: its lines, and the chain recomputed from the beginning."""

    def __init__(self, where, name, key):
        self.where, self.name, self.key = f"{where} {name[:8]}", name, key
        self.lines, self.digests, self.end = {}, {}, 0
        self.heads = {0: sha(b"titian journal v1", bytes.fromhex(name), key)}

    def take(self, report, seq, line, digest, head):
        report.count("entries")
        if seq != self.end + 1:
            report.found("gap", self.where, self.end + 1, seq - 1)
        if line is not None and sha(line) != digest:
            report.found("line-changed", self.where, seq)
        before = self.heads.get(seq - 1)
        if before is not None and sha(before, digest) != head:
            report.found("chain-broken", self.where, seq)
        self.lines[seq], self.digests[seq], self.heads[seq], self.end = line, digest, head, seq


def opened(report, path, folder):
    """A copy of an SQLite file, or of the one in a backup, open for reading."""
    copy = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "copy.db"
    shutil.copyfile(path, copy)
    if pathlib.Path(f"{path}-wal").exists():
        shutil.copyfile(f"{path}-wal", f"{copy}-wal")
    with open(copy, "r+b") as file:
        length = file.seek(0, 2) - 512
        block = file.read() if file.seek(max(0, length)) < 0 else file.read()
        if block.startswith(b'{"') and b'"titian_backup"' in block:
            file.truncate(length)
            file.seek(0)
            if hashlib.file_digest(file, "sha256").hexdigest() != json.loads(block)["sha256"]:
                report.found("unreadable", path, what="SHA-256")
    db = sqlite3.connect(copy)
    for (text,) in db.execute("PRAGMA quick_check"):
        if text != "ok":
            report.found("unreadable", path, what=text)
    return db


# One file at a time.

def whole(story, seq, line, digest, head):
    """A row's digest and hash: a box keeps eight bytes of the digest beside its line, and every sixteenth hash."""
    if line is not None and len(digest) == 8 and sha(line).startswith(digest):
        digest = sha(line)
    if not head and seq % 16:
        before = story.heads.get(seq - 1)
        head = sha(before, digest) if before else None
    return digest, head


def read_journal(report, db):
    """A box's journal.db. Returns its story, its receipts, and its punches' identities with their first entry."""
    name, key = db.execute("SELECT journal, public_key FROM identity_card").fetchone()
    story = Story("journal", name, key)
    firsts = {}
    for seq, line, digest, head, counted in db.execute("SELECT seq, line, digest, hash, counts FROM entry ORDER BY seq"):
        story.take(report, seq, line, *whole(story, seq, line, digest, head))
        if counted:
            firsts[seq] = line
    receipts = [(*row, story.where) for row in db.execute("SELECT acked, text, key, signature FROM receipt")]
    head, acked, safe, punches = db.execute("SELECT head, acked, safe, punches FROM tally").fetchone()
    last = db.execute("SELECT hash FROM tally").fetchone()[0] if db.execute("PRAGMA user_version").fetchone()[0] > 2 else None
    if last and head == story.end and last != story.heads[head]:
        report.found("chain-broken", story.where, head)
    known = {ident[:16]: (seq, when) for seq, ident, when in db.execute("SELECT seq, identity, time FROM known WHERE time != 0")}
    said = {(ident[:16], told) for ident, told in db.execute(
        "SELECT identity, attributes FROM known UNION SELECT identity, attributes FROM sighting")}
    if head != story.end:
        report.found("wrong-end", story.where, story.end, head)
    if punches != len(firsts) + sum(1 for seq, _ in known.values() if seq == 0):
        report.found("count", story.where, what=f"{punches} punches")
    if acked != (last := max((r[0] for r in receipts), default=0)):
        report.found("receipt-gone" if acked > last else "receipt-journal", story.where, last, acked)
    for text in (json.loads(r[1]) for r in receipts):
        safe = max(safe, min(text["acked_through"], text["safe_through"]))
    for seq in (s for s, line in story.lines.items() if line is None and s > safe):
        report.found("purged" if seq <= acked else "line-gone", story.where, seq)
    check_identities(report, story, firsts, known, said)
    return story, receipts, known


def check_identities(report, story, firsts, known, said):
    """Every first sighting is in the list of identities, as it stands, and the list has nothing else."""
    rest = dict(firsts)
    for ident, (seq, _) in known.items():
        punch = punch_of(rest.pop(seq)) if rest.get(seq) else None
        if seq and (seq not in firsts or punch and (
                identity(*punch[:3]) != ident or (ident, attributes(firsts[seq])) not in said)):
            report.found("identity", story.where, seq)
        elif firsts.get(seq) and not punch:
            report.found("identity", story.where, seq)
    for seq, line in rest.items():
        if line is not None and (punch_of(line) or (0, 0, 0))[2]:  # a clock at 1970 has a place of its own
            report.found("identity", story.where, seq)


class Centre:
    """centre.db: its journals, and what it counts."""

    def __init__(self, report, db):
        self.report, self.db, self.stories, self.rows = report, db, {}, {}
        self.terminals = dict(db.execute("SELECT id, name FROM terminal"))
        self.by_name = {name: row for row, name in self.terminals.items()}
        self.readers = set(db.execute("SELECT terminal, office FROM reader"))
        self.placed, self.forgotten = {}, {}
        for terminal, start, office in db.execute("SELECT terminal, from_time, office FROM placement ORDER BY from_time"):
            self.placed.setdefault(terminal, []).append((start, office))
        self.punches = {tuple(row[:4]): row[4:] for row in db.execute(
            "SELECT office, terminal, time, pin, journal, seq, coalesce(pin_text, pin), verify, state, work, via, sightings FROM punch")}
        self.sightings = set(db.execute("SELECT terminal, time, pin, journal, seq FROM sighting"))
        self.waiting = set(db.execute("SELECT terminal, journal, seq FROM waiting"))
        self.erased = list(db.execute("SELECT terminal, pin, through, at FROM erased"))
        for journal, first, last, why, at in db.execute("SELECT journal, first_seq, last_seq, why, at FROM forgotten"):
            self.forgotten.setdefault(journal, []).append((first, last, why, at))
        has_boots = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'boot'").fetchone()
        self.boots = {row[:2]: row[2] for row in db.execute("SELECT journal, number, started_at FROM boot")} if has_boots else {}
        self.keys = dict(db.execute("SELECT name, key FROM bridge"))
        self.check_audit()
        self.due = {}  # (journal, seq): the place of the punch that this entry must be a sighting of
        for row in db.execute("SELECT j.id, j.name, b.key, j.head_seq, j.head FROM journal j LEFT JOIN bridge b ON b.id = j.bridge").fetchall():
            self.read(*row)
        if (orphans := db.execute("SELECT count(*) FROM entry WHERE journal NOT IN (SELECT id FROM journal)").fetchone()[0]):
            report.found("invented", "centre", what=f"{orphans} entries")
        self.check_punches()

    def read(self, row, name, key, head_seq, head):
        story = self.stories[name] = Story("centre", name, key or b"")
        self.rows[row] = story
        offices = list(self.db.execute("SELECT first_seq, office FROM journal_office WHERE journal = ? ORDER BY first_seq", (row,)))
        for seq, line, digest, chain in self.db.execute("SELECT seq, line, digest, chain FROM entry WHERE journal = ? ORDER BY seq", (row,)):
            story.take(self.report, seq, line, digest, chain)
            if line is None:
                self.check_gone(row, story, seq)
            elif punch := punch_of(line):
                office = max((o for o in offices if o[0] <= seq), default=(0, None))[1]
                self.check_counted(row, story, seq, office, punch)
        if head_seq != story.end or head != story.heads[story.end]:
            self.report.found("wrong-end", story.where, story.end, head_seq)

    def written(self, row, told):
        """When a line was written: by itself, or by the box's uptime where its clock was wrong."""
        shown = self.boots.get((row, told.get("boot")), -10**15) + (told.get("up") or 0)
        at = round(datetime.datetime.fromisoformat(told["at"].replace("Z", "+00:00")).timestamp() * 1000)
        return utc(shown) if shown > 0 and abs(shown - at) > 900_000 else told["at"]

    def why(self, row, seq):
        return [(why, at) for first, last, why, at in self.forgotten.get(row, []) if first <= seq <= last]

    def check_gone(self, row, story, seq):
        """A line may be gone after the centre's period or an erasure that somebody answers for, or be lost."""
        reasons = self.why(row, seq)
        if any(why.endswith("hole") for why, _ in reasons):
            self.report.count("lost")
        elif not any(why == "retention" and at in self.retentions
                     or why == "subject" and any(e[3] <= at for e in self.erased) for why, at in reasons):
            self.report.found("line-gone", story.where, seq)

    def check_counted(self, row, story, seq, office, punch):
        name, pin, when, told = punch
        terminal = self.by_name.get(name)
        places = self.placed.get(terminal, [])
        if (terminal, office) not in self.readers or not places:
            if (terminal, row, seq) not in self.waiting:
                self.report.found("not-counted", story.where, seq)
            return
        place = ([p for p in places if p[0] <= when] or places[:1])[-1][1]
        key = (place, terminal, when, pin)
        self.due[row, seq] = key
        best = self.punches.get(key)
        if not best or best[:2] != (row, seq) and (terminal, when, pin, row, seq) not in self.sightings:
            self.report.found("not-counted", story.where, seq)
        elif best[:2] == (row, seq) and best[2:7] != told:
            self.report.found("punch-changed", "centre", what=f"{name} {pin} {wall(when)}")

    def check_punches(self):
        """Each counted punch and each further sighting rests on an entry of its own, and the sums agree."""
        used, sums = set(), {}
        places = [(p[:2], key) for key, p in self.punches.items()]
        places += [(s[3:], (None, *s[:3])) for s in self.sightings]
        for at, key in places:
            what = f"{self.terminals.get(key[1])} {key[3]} {wall(key[2])}"
            sums[key[1:]] = sums.get(key[1:], 0) + 1
            story = self.rows.get(at[0])
            is_kept = story is not None and at[1] in story.lines and (
                self.due.get(at, (0, 0))[1:] == key[1:] if story.lines[at[1]] is not None
                else all(why == "retention" for why, _ in self.why(*at)))
            if at in used or not is_kept:
                self.report.found("invented", "centre", what=what)
            used.add(at)
        self.report.count("punches", len(self.punches))
        for key, punch in self.punches.items():
            if punch[7] != sums[key[1:]]:
                self.report.found("count", "centre", what=f"{self.terminals.get(key[1])} {key[3]} {wall(key[2])}")
        for name, noted, kept in self.db.execute("SELECT name, punches, (SELECT count(*) FROM punch p WHERE p.office = o.id) FROM office o"):
            if noted != kept:
                self.report.found("count", "centre", what=f"{name} {noted} / {kept}")

    def check_audit(self):
        """The trail's own chain; and that whoever forgot or erased anything is named in it."""
        head, seq, rows = sha(b"titian audit v1"), 0, []
        for number, at, who, action, object_, address, chain in self.db.execute(
                "SELECT seq, at, who, action, object, address, chain FROM audit ORDER BY seq"):
            seq += 1
            told = {"seq": number, "at": utc(at), "who": who, "action": action, "object": object_, "address": address}
            head = sha(head, sha(plain_json({k: v for k, v in told.items() if v is not None})))
            if number != seq or head != chain:
                self.report.found("audit", "centre", number)
                seq, head = number, chain
            rows.append((action, at, who, object_))
        if (self.db.execute("SELECT seq, chain FROM audit_head").fetchone() or (0, head)) != (seq, head):
            self.report.found("audit", "centre", seq + 1)
        self.retentions = {at: object_ for action, at, _, object_ in rows if action == "apply-retention"}
        self.erasures = {at for action, at, _, _ in rows if action == "erase-subject"}
        for terminal, pin, through, at in self.erased:
            what = f"{self.terminals.get(terminal)} {pin}"
            by = [who for action, when, who, _ in rows if action == "erase-subject" and when == at]
            if not by:
                self.report.found("erasure", "centre", what=what)
            if len(self.placed.get(terminal, [])) == 1 and any(k[1] == terminal and k[3] == pin and k[2] <= through for k in self.punches):
                self.report.found("left", "centre", what=what)
            self.report.erasures.append(f"{what}, {utc(at)}, {', '.join(by) or '?'}")


def wall(when):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=when)).isoformat(timespec="seconds")


def utc(ms):
    return wall(ms // 1000) + f".{ms % 1000:03}Z"


def plain_json(told):
    """As Titian writes it: no blanks, nothing escaped but quotes, backslashes and control characters."""
    def quoted(text):
        return '"' + re.sub(r'["\\]', r"\\\g<0>", re.sub("[\0-\x1f]", lambda c: f"\1u{ord(c[0]):04x}", text)).replace("\1", "\\") + '"'
    return ("{" + ",".join(f'"{k}":{quoted(v) if isinstance(v, str) else v}' for k, v in told.items()) + "}").encode()


def read_courier(report, path, keys):
    """A courier file: whole calls, one behind the other. Returns [(journal, seq, digest, head)]."""
    data, at, told, before, short = pathlib.Path(path).read_bytes(), 0, [], None, None

    def line():
        nonlocal at
        end = data.index(b"\n", at)
        at, start = end + 1, at
        return data[start:end]

    while at < len(data):
        start = at
        try:
            header = json.loads(line())
            if "text" in header and "signature" in header:  # a request to be enrolled, signed by the key in it
                key = base64.b64decode(json.loads(header["text"])["public_key"])
                keys.setdefault(key_id(key), key)
                if not is_signed(key, base64.b64decode(header["signature"]), b"titian enrol v1" + header["text"].encode()):
                    report.found("signature", path, what="enrol")
                continue
            name, first, head = header["journal"], header["first"], bytes.fromhex(header["prev"])
            if before and before != (name, first, head):
                report.found("courier", path, first, what="order")
            if first == 1 and (key := keys.get(header["key"])) and head != Story("", name, key).heads[0]:
                report.found("chain-broken", path, 1)
            for number in range(header["count"]):
                entry = line()
                digest = bytes.fromhex(entry.decode()) if number < (header.get("forgotten") or 0) else sha(entry)
                head = sha(head, digest)
                told.append((name, first + number, digest, head))
            signed, trailer = data[start:at], json.loads(line())
            if trailer["head"] != head.hex():
                report.found("chain-broken", path, first)
            key = keys.get(header["key"])
            if key is None:
                report.found("unsigned", path, what=header["key"])
            elif not is_signed(key, base64.b64decode(trailer["signature"], validate=True), b"titian sync v1" + signed):
                report.found("signature", path, first, what=f"#{first}")
            short = short or (first, header["status"]["queue"])
            before = (name, first + header["count"], head)
            report.count("calls")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            report.found("unreadable", path, what=f"{type(error).__name__} #{before[1] if before else 1}")
            break
    if short and before and short[0] + short[1] > before[1]:
        report.found("courier-short", path, before[1] - short[0], short[1])
    return told


def read_receipts(path):
    """Receipts as they travel: FILE.receipt, or the lines of several."""
    for line in pathlib.Path(path).read_text().splitlines():
        receipt = json.loads(line).get("receipt")
        if receipt:
            yield json.loads(receipt["text"])["acked_through"], receipt["text"], receipt["key"], receipt["signature"], str(path)


# Comparing.

def check_receipt(report, receipt, centre_keys, boxes, centre):
    """What the centre signed for is what the box wrote, and what the centre has."""
    acked, text, key, signature, where = receipt
    report.count("receipts")
    try:
        if key not in centre_keys:
            report.found("unsigned", where, what=key)
        elif not is_signed(centre_keys[key], base64.b64decode(signature), b"titian receipt v1" + text.encode()):
            report.found("signature", where, acked, what=f"#{acked}")
        told = json.loads(text)
        name, seq, head = told["journal"], told["acked_through"], bytes.fromhex(told["head"])
    except (ValueError, KeyError, TypeError):
        return report.found("unreadable", where, acked, what=f"#{acked}")
    box = boxes.get(name)
    if seq != acked or (box and box.heads.get(seq) != head):
        report.found("receipt-journal", where, seq)
    if centre and name not in centre.stories:
        report.found("journal-gone", where, seq)
    elif centre and centre.stories[name].end < seq:
        report.found("receipt-cut", centre.stories[name].where, centre.stories[name].end, seq)
    elif centre and centre.stories[name].heads.get(seq) != head:
        report.found("receipt-centre", centre.stories[name].where, seq)


def compare(report, box, known, centre):
    """The box's own journal beside the centre's copy of it: chain, lines that are gone, and what is counted."""
    copy = centre.stories.get(box.name)
    if copy is None:
        return None if not box.end else report.found("journal-gone", box.where)
    if copy.key != box.key:
        report.found("other-key", copy.where)
    if copy.end > box.end:
        report.found("too-long", copy.where, copy.end, box.end)
    other = [seq for seq in box.digests if seq <= copy.end and copy.digests.get(seq) != box.digests[seq]]
    if other:
        report.found("differs", copy.where, other[0], len(other))
    row = next(row for row, story in centre.rows.items() if story is copy)
    erased = {(t, pin): (through, at) for t, pin, through, at in centre.erased}
    for seq in (s for s, line in box.lines.items() if line is not None and copy.lines.get(s, b"") is None):
        name, pin, when, _ = punch_of(box.lines[seq]) or ("", "", 0, None)
        through, begun = erased.get((centre.by_name.get(name), pin), (-10**12, None))
        written = centre.written(row, json.loads(box.lines[seq]))
        if not any(why == "subject" and begun is not None and begun <= at and (when <= through or at in centre.erasures)
                   or why == "retention" and any(at <= run and written < said.rpartition(" ")[2] for run, said in centre.retentions.items()) for why, at in centre.why(row, seq)):
            report.found("line-gone", copy.where, seq)
    check_both_count(report, box, known, centre, row, copy)


def check_both_count(report, box, known, centre, row, copy):
    """Also where both have forgotten the line: the box keeps every punch's identity for ever."""
    here = {identity(centre.terminals.get(key[1], ""), key[3], key[2]): p for key, p in centre.punches.items()}
    here |= {identity(*punch_of(line)[:3]): None for _, journal, seq in centre.waiting
             if journal in centre.rows and (line := centre.rows[journal].lines.get(seq)) and punch_of(line)}
    for ident, (seq, when) in known.items():
        if 0 < seq <= copy.end and ident not in here and not any(
                ident == identity(centre.terminals[terminal], pin, when) for terminal, pin, _, _ in centre.erased):
            report.found("not-counted", copy.where, seq)
    for ident, punch in here.items():
        if punch and punch[0] == row and ident not in known:
            report.found("invented", copy.where, punch[1], what=f"{punch[2]} #{punch[1]}")


def check_told(report, told, where, stories):
    """What a file tells of, beside every other source that knows the same journal."""
    for source in stories:
        other = [seq for name, seq, digest, head in told if name == source.name and seq <= source.end
                 and (source.digests.get(seq) != digest or head is not None and source.heads.get(seq) != head)]
        if other:
            report.found("differs", f"{where} / {source.where}", other[0], len(other))


def audit(journals=(), centre=None, couriers=(), receipts=(), lines=(), centre_keys=(), bridge_keys=()):
    """Everything that can be said of these files together."""
    report, boxes, known, kept, store = Report(), {}, {}, [], None
    with tempfile.TemporaryDirectory() as folder:
        for path in journals:
            with guarded(report, path):
                story, held, idents = read_journal(report, opened(report, path, folder))
                boxes[story.name], known[story.name] = story, idents
                kept += held
        if centre:
            with guarded(report, centre):
                store = Centre(report, opened(report, centre, folder))
    for path in receipts:
        with guarded(report, path):
            kept += read_receipts(path)
    for receipt in kept:
        check_receipt(report, receipt, {key_id(key): key for key in centre_keys}, boxes, store)
    if store and not kept:
        report.found("no-receipts", centre)
    if store and report.checked.get("lost"):
        report.found("lost", centre, report.checked["lost"])
    for box in boxes.values():
        if store:
            compare(report, box, known[box.name], store)
    keys = {key_id(key): key for key in [*bridge_keys, *(box.key for box in boxes.values())]} | (store.keys if store else {})
    stories = list(boxes.values()) + (list(store.stories.values()) if store else [])
    for path in couriers:
        told = read_courier(report, path, keys)
        check_told(report, told, path, stories)
        if told and store and told[0][1] > (store.stories[told[0][0]].end if told[0][0] in store.stories else 0) + 1:
            report.found("courier", path, told[0][1], what="gap")
    for path in lines:
        rows = pathlib.Path(path).read_bytes().splitlines()
        with guarded(report, path):
            told = [(json.loads(line)["seq"], sha(line)) for line in rows]
            for story in [s for s in stories if any(s.digests.get(q) == d for q, d in told)]:
                check_told(report, [(story.name, *row, None) for row in told], path, [story])
            if not any(s.digests.get(q) == d for s in stories for q, d in told):
                report.found("journal-gone", path)
            report.count("lines", len(told))
    return report


class guarded:
    """A file that cannot be read is a finding, and no end of the check."""

    def __init__(self, report, path):
        self.report, self.path = report, path

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind and issubclass(kind, (sqlite3.Error, ValueError, TypeError, KeyError, OSError)):
            self.report.found("unreadable", self.path, what=f"{kind.__name__}: {error}")
            return True


def public_keys(text):
    """The centre's key, or all it ever had: base64, or a box's centre.json."""
    texts = [text]
    if pathlib.Path(text).exists():
        known = json.loads(pathlib.Path(text).read_text())
        texts = [known["centre_key"], *known.get("former_centre_keys", [])]
    return [base64.b64decode(text) for text in texts]


def say(report, english):
    """The findings in words, the same one after another as a count."""
    shown = {}
    for f in report.findings:
        shown.setdefault((f["code"], f["where"]), []).append(f)
    for (code, where), same in shown.items():
        more = "" if len(same) == 1 else f" (+{len(same) - 1})"
        print(f"{'▲' if code in ATTENTION else '■'} {where}: {WORDS[code][english].format(**same[0])}{more} [{code}]")
    for text in report.erasures:
        print(("erased: " if english else "dihapus: ") + text)
    print(", ".join(f"{what}: {number}" for what, number in report.checked.items()))
    print((("● Semuanya cocok.", "● All agrees."), ("▲ Ada yang perlu dilihat.", "▲ Somebody should look."),
           ("■ Ada yang diubah. Jangan hapus apa pun.", "■ Something was changed. Delete nothing."))[report.exit_code][english])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("journal", "courier", "receipts", "lines"):
        parser.add_argument(f"--{name}", metavar="FILE", action="append", default=[])
    parser.add_argument("--centre", metavar="FILE")
    parser.add_argument("--centre-key", metavar="KEY", type=public_keys, action="extend", default=[])
    parser.add_argument("--bridge-key", metavar="KEY", type=base64.b64decode, action="append", default=[])
    parser.add_argument("--lang", choices=("id", "en"), default="id")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    report = audit(given.journal, given.centre, given.courier, given.receipts, given.lines, given.centre_key, given.bridge_key)
    if given.json:
        print(json.dumps({"exit": report.exit_code, "checked": report.checked, "erasures": report.erasures, "findings": report.findings}))
    else:
        say(report, given.lang == "en")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
