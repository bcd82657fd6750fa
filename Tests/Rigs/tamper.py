#!/usr/bin/env python3
"""Whoever changes, removes, adds or reorders what Titian keeps is found, by Titian and by tools/verify.py.

Two offices are run: simulated terminals, titiand, titian-server; one line, one stick; one old stretch that both
ends have forgotten, one person erased. Then copies of a journal, of a courier file and of the centre's store are
tampered with at random, as somebody with an editor would and as somebody would who knows SQL and the chain. Each
tamper names who must find it: `own`, Titian's own check of that file alone; `alone`, tools/verify.py with that file
alone; `receipts`, both with the receipts of the boxes beside the store. With the journals beside it both must find all.
Untouched copies must be clean, and with one check taken out tools/verify.py must miss something; every finding it has
words for is made at least once, and its exit codes are those it promises. FULL=1 does a thousand.
"""

import base64
import collections
import contextlib
import datetime
import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time

from oracle import Case, settled
from titian_rig import OFFICE, ROOT, Bridge, Server, Simulator, folder, program, run, running, until

sys.path.insert(0, str(ROOT / "tools"))
import verify  # noqa: E402

FAR = "sdn-contoh-dua"
ROUNDS = int(os.environ.get("ROUNDS", 1_000 if os.environ.get("FULL") else 64))
# The box's clock stood at what is in $SHIFT_S when it wrote: a line of last spring.
CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t c, struct timespec *t) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int rc = real(c, t);
    const char *s = getenv("SHIFT_S");
    if (!rc && s && (c == CLOCK_REALTIME || c == CLOCK_REALTIME_COARSE)) t->tv_sec += atol(s);
    return rc;
}
"""


# RFC 8032, 7.1: secret keys are of no use here. (public key, message, signature)
RFC_8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]


def signatures():
    """tools/verify.py's own Ed25519 holds for the RFC's vectors, and for none with a bit changed anywhere."""
    for key, message, signature in (tuple(map(bytes.fromhex, row)) for row in RFC_8032):
        assert verify.is_signed(key, signature, message), "a vector of RFC 8032 does not hold"
        for place in range(0, 512, 37):
            other = bytearray(signature)
            other[place // 8] ^= 1 << place % 8
            assert not verify.is_signed(key, bytes(other), message), f"control: bit {place} of a signature"
        assert not verify.is_signed(key, signature, message + b"x"), "control: another message"
        order = int.from_bytes(signature[32:], "little") + verify.L
        assert not verify.is_signed(key, signature[:32] + order.to_bytes(32, "little"), message), "control: S beyond L"
    keys = json.loads((ROOT / "Tests/Fixtures/vectors/keys.json").read_text())
    receipt = json.loads((ROOT / "Tests/Fixtures/vectors/answer.json").read_text())["receipt"]
    centre = next(base64.b64decode(k["public"]) for k in keys.values() if k["id"] == receipt["key"])
    assert verify.is_signed(centre, base64.b64decode(receipt["signature"]), b"titian receipt v1" + receipt["text"].encode())


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Evidence:
    """What an auditor is given: a journal, a courier file, the store, receipts, all of one moment."""

    def __init__(self, place):
        self.place = place
        self.server = Server(place)
        self.sims = [Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", str(count), "--users", "30", "--seed",
                               str(count), "--serial-number", f"BWXP2012{count:04}") for count in (700, 300)]

    def make(self):
        with running(*self.sims):
            with running(self.server):
                self.server.add_office()
                self.near, self.far = (self.box(*pair) for pair in (("near", self.sims[0], OFFICE), ("far", self.sims[1], FAR)))
                self.work_near()
            self.work_far()
            self.add_tail()
        self.settle()

    def box(self, name, sim, office):
        home = self.place / name
        home.mkdir()
        box = Bridge(home, [{"name": "lobi", "driver": "zkteco", "link": sim.links[0], "poll_s": 1}], self.server.address,
                     office=office, server="retry_base_s = 1\nheartbeat_s = 30\n")
        box.enroll(self.server.enrolment_code(office))
        return box

    def work_near(self):
        """An old stretch that both ends forget, then receipts by the dozen, then a person who is erased."""
        library = self.place / "clock.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-xc", "-", "-o", library, "-ldl"], input=CLOCK.encode(), check=True)
        # Box and centre: a centre whose clock is right would date the lines of a box whose clock is not.
        spring = {"LD_PRELOAD": str(library), "SHIFT_S": str(-200 * 86_400)}
        self.restart_server(spring)
        self.near.environment = spring
        with running(self.near):
            settled(self.near)
        old = self.near.titian("journal", "status", "--json").stdout
        self.restart_server({})
        self.server.command("backup", self.place)
        self.near.environment = {}
        with contextlib.closing(sqlite3.connect(self.near.state / "journal.db")) as db, db:
            db.execute("UPDATE boot SET boot_id = 'spring'")  # the box is started anew since then
        with running(self.near):
            for _ in range(12):
                self.sims[0].control("add", n=40)
                done = len(self.sims[0].log_rows())
                until(lambda: self.near.status()["journal"]["receipted_punches"] >= done, "receipts", step=0.2)
            self.early = self.place / "early.evidence"  # through the daemon, and older than all the others
            self.early.write_text(self.near.titian("journal", "evidence").stdout)
        self.old = json.loads(old)["head_seq"]
        self.server.command("retention", "--days", "90", "--apply")
        self.pin = self.server.punches()[-1]["pin"]
        self.server.command("subject", "erase", "--office", OFFICE, "--pin", self.pin, "--apply")

    def restart_server(self, environment):
        self.server.stop()
        self.server.environment = environment
        self.server.start()

    def carry(self, *options):
        path = self.place / f"{len(list(self.place.glob('*.courier')))}.courier"
        self.far.titian("export", path, *options)
        return path

    def collect(self, box, sim):
        with running(box):
            wanted = len(sim.log_rows())
            until(lambda: box.status().get("journal", {}).get("punches", 0) >= wanted, "collected", step=0.2)

    def work_far(self):
        """No line: one stick was taken in; the next, with three calls, is on its way."""
        sim = self.sims[1]
        self.collect(self.far, sim)
        first = self.carry()
        self.server.command("accept", first)
        self.far.titian("import", f"{first}.receipt")
        self.receipt = f"{first}.receipt"
        sim.control("add", n=5_100)  # a call has 5,000 entries at most
        self.collect(self.far, sim)
        self.calls = self.taken_apart(self.carry().read_bytes())
        start = json.loads(self.far.titian("journal", "status", "--json").stdout)["head_seq"] + 1
        sim.control("add", n=30)
        self.collect(self.far, sim)
        self.calls += self.taken_apart(self.carry("--from", start).read_bytes())
        assert len(self.calls) == 3, len(self.calls)

    @staticmethod
    def taken_apart(data):
        calls, lines = [], data.splitlines(keepends=True)
        while lines:
            count = json.loads(lines[0])["count"] + 2
            calls.append(b"".join(lines[:count]))
            del lines[:count]
        return calls

    def add_tail(self):
        """Punches that no receipt covers yet."""
        self.sims[0].control("add", n=30)
        self.collect(self.near, self.sims[0])

    def settle(self):
        """Everything in its file and no log beside it; the box has forgotten what it may."""
        self.kept = self.place / "kept"
        shutil.copytree(self.server.data, self.kept / "centre")
        shutil.copytree(self.near.state, self.kept / "near")
        shutil.copytree(self.far.state, self.kept / "far")
        (self.kept / "one.courier").write_bytes(b"".join(self.calls))
        for file in ("centre/centre.db", "near/journal.db", "far/journal.db"):
            with contextlib.closing(sqlite3.connect(self.kept / file)) as db:
                if "near" in file:  # as titiand does an hour after its start
                    db.create_function("sha", 1, sha)
                    db.execute("UPDATE entry SET digest = sha(line), line = NULL WHERE seq <= (SELECT min(acked, safe) FROM tally) AND seq <= ?",
                               (self.old,))
                db.commit()
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.key = base64.b64decode(json.loads((self.kept / "near/centre.json").read_text())["centre_key"])
        with contextlib.closing(sqlite3.connect(self.kept / "near/journal.db")) as db:
            self.head, self.acked = db.execute("SELECT head, acked FROM tally").fetchone()
            rows = db.execute("SELECT text, key, signature FROM receipt").fetchall()
        self.held = self.place / "near.receipt"
        self.held.write_text("".join(json.dumps({"receipt": dict(zip(("text", "key", "signature"), row))}) + "\n" for row in rows))
        with contextlib.closing(sqlite3.connect(self.kept / "far/journal.db")) as db:
            self.bridge = db.execute("SELECT public_key FROM identity_card").fetchone()[0]
        self.evidence = {name: self.export(self.kept, name) for name in ("near", "far", "centre")}


    def export(self, home, name):
        """What Titian writes for an auditor of the files in a folder, with what it says if it cannot."""
        config = home / "server.toml"
        config.write_text(f'listen = "127.0.0.1:0"\ndata = "{home}/centre"\n')
        words = ["titian-server", "evidence", "--config", config] if name == "centre" else [
            "titian", "journal", "evidence", "--state", home / name, "--config", self.near.config, "--control", home / "none.sock"]
        path = home / f"{name}.evidence"
        with open(path, "wb") as file:
            done = subprocess.run([program(words[0]), *words[1:]], stdout=file, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, done.stderr
        return path


# What an attacker can do. Each returns what it did.

def seconds_of(line):
    """A punch's time by the terminal's clock, as the store has it."""
    return int(datetime.datetime.fromisoformat(json.loads(line)["time"] + "+00:00").timestamp())


def edited(line, dice, what=None):
    """Another PIN, time or key pressed; the rest as it was."""
    what = what or dice.choice(["pin", "time", "state"])
    if what == "pin":
        return re.sub(rb'"pin":"(\d+)"', lambda m: b'"pin":"%d"' % (int(m[1]) + 500), line)
    if what == "time":
        return re.sub(rb'"time":"(\d{4})', lambda m: b'"time":"%d' % (int(m[1]) - 1), line)
    return re.sub(rb'"state":"[a-z-]+","state_no":\d+', b'"state":"overtime-out","state_no":5', line)


class Rows:
    """Entries of one journal in either store, for whoever knows how the chain is made."""

    def __init__(self, db, at_centre, journal=None):
        self.db = db
        self.where, self.hash = ("journal = %d AND " % journal, "chain") if at_centre else ("", "hash")
        self.journal = journal

    def lines(self, kind=b'"kind":"punch"', low=1, high=1 << 60):
        rows = self.db.execute(f"SELECT seq, line FROM entry WHERE {self.where}seq BETWEEN ? AND ? AND line IS NOT NULL", (low, high))
        return [(seq, bytes(line)) for seq, line in rows if kind in line]

    def set(self, seq, line, digest=False):
        self.db.execute(f"UPDATE entry SET line = ? WHERE {self.where}seq = ?", (line, seq))
        if digest:
            self.db.execute(f"UPDATE entry SET digest = ? WHERE {self.where}seq = ?", (sha(line), seq))

    def delete(self, low, high=None):
        self.db.execute(f"DELETE FROM entry WHERE {self.where}seq BETWEEN ? AND ?", (low, high or low))

    def shift(self, seq, by):
        """Moves everything from `seq` on, in two steps past its own key; lines say their new number."""
        self.db.execute(f"UPDATE entry SET seq = -seq - ? WHERE {self.where}seq >= ?", (by, seq))
        self.db.execute(f"UPDATE entry SET seq = -seq WHERE {self.where}seq < 0")
        for number, line in self.lines(b"", seq + by):
            self.set(number, re.sub(rb'^\{"seq":\d+', b'{"seq":%d' % number, line), digest=True)

    def rechain(self, low):
        """Every hash from `low` on, and the head, as if nothing had been done."""
        # A box has a hash in every sixteenth row, and eight bytes of the digest beside a line.
        start, head = self.db.execute(f"SELECT seq, {self.hash} FROM entry WHERE {self.where}seq < ? AND length({self.hash}) = 32 "
                                      "ORDER BY seq DESC LIMIT 1", (low,)).fetchone() or (0, self.genesis())
        for seq, line, digest in self.db.execute(
                f"SELECT seq, line, digest FROM entry WHERE {self.where}seq > ? ORDER BY seq", (start,)).fetchall():
            head = sha(head, sha(line) if line is not None and len(digest) == 8 else digest)
            self.db.execute(f"UPDATE entry SET {self.hash} = ? WHERE {self.where}seq = ?", (head, seq))
        last = self.db.execute(f"SELECT max(seq) FROM entry WHERE {self.where}1").fetchone()[0]
        if self.journal:
            self.db.execute("UPDATE journal SET head_seq = ?, head = ? WHERE id = ?", (last, head, self.journal))
        else:
            self.db.execute("UPDATE tally SET head = ?, hash = ?", (last, head))

    def genesis(self):
        name, key = self.db.execute("SELECT journal, public_key FROM identity_card").fetchone()
        return sha(b"titian journal v1", bytes.fromhex(name), key)


def edit_line(rows, dice, how, low=1, high=1 << 60, what=None):
    seq, line = dice.choice(rows.lines(low=low, high=high))
    rows.set(seq, edited(line, dice, what), digest=how > 0)
    if how == 2:
        rows.db.execute(f"UPDATE entry SET {rows.hash} = ? WHERE {rows.where}seq = ?", (dice.randbytes(32), seq))
    if how == 3:
        rows.rechain(seq)
    return seq


def swap(rows, dice, digest):
    (one, first), (two, second) = dice.sample(rows.lines(), 2)
    rows.set(one, second, digest)
    rows.set(two, first, digest)
    return one, two


def insert(rows, dice, smart):
    """A forged punch in the middle."""
    seq, line = dice.choice(rows.lines()[5:])
    rows.shift(seq, 1)
    forged = edited(re.sub(rb'"pin":"\d+"', b'"pin":"7777"', line), dice, "time")
    names = "journal, seq, line, digest, chain" if rows.journal else "seq, line, digest, hash, at, counts"
    values = [seq, forged, sha(forged), dice.randbytes(32)] + ([] if rows.journal else [0, 1])
    values = [rows.journal, *values] if rows.journal else values
    rows.db.execute(f"INSERT INTO entry ({names}) VALUES ({','.join('?' * len(values))})", values)
    if smart:
        rows.rechain(seq)
    return seq


def cut(rows, dice, smart, high):
    last = rows.db.execute(f"SELECT max(seq) FROM entry WHERE {rows.where}1").fetchone()[0]
    start = dice.randint(max(high - 100, 2), high)
    rows.delete(start, last)
    if smart:
        rows.rechain(start)
    return start


def in_journal(ev):
    """name, who must find it, what is done. `acked` is where the newest receipt ends, `head` where the journal does."""
    def rows(db):
        return Rows(db, False)

    def purge(db, dice):
        forget(db, *dice.choice(rows(db).lines(low=ev.old + 1, high=ev.acked)))

    def purge_tail(db, dice):
        forget(db, *dice.choice(rows(db).lines(low=ev.acked + 1)))

    def forget(db, seq, line):
        db.execute("UPDATE entry SET line = NULL, digest = ? WHERE seq = ?", (sha(line), seq))

    def receipt(db, dice):
        acked, text = db.execute("SELECT acked, text FROM receipt ORDER BY acked DESC LIMIT 1").fetchone()
        db.execute("UPDATE receipt SET text = ? WHERE acked = ?", (text.replace('"safe_through":', '"safe_through":1'), acked))

    def cut_with_counts(db, dice):
        start = cut(rows(db), dice, True, ev.acked)
        db.execute("DELETE FROM known WHERE seq >= ?", (start,))
        db.execute("UPDATE tally SET punches = (SELECT sum(counts) FROM entry)")

    def cut_last(db, dice):
        """The last entry tells of the daemon's end and of no punch."""
        assert b'"kind":"punch"' not in rows(db).lines(b"", low=ev.head)[0][1]
        rows(db).delete(ev.head)
        rows(db).rechain(ev.head)

    def another_journal(db, dice):
        name = dice.randbytes(16).hex()
        db.execute("UPDATE identity_card SET journal = ?", (name,))
        db.execute("UPDATE tally SET journal = ?", (name,))

    return [
        ("line edited", "own alone", lambda db, dice: edit_line(rows(db), dice, 0)),
        ("line and digest edited", "own alone", lambda db, dice: edit_line(rows(db), dice, 1)),
        ("line, digest and hash edited", "own alone", lambda db, dice: edit_line(rows(db), dice, 2)),
        ("line edited, chain made anew", "own alone", lambda db, dice: edit_line(rows(db), dice, 3, high=ev.acked)),
        ("line without receipt edited, chain made anew", "own alone", lambda db, dice: edit_line(rows(db), dice, 3, low=ev.acked + 1)),
        ("key pressed edited in a line without receipt, chain made anew", "own alone",
         lambda db, dice: edit_line(rows(db), dice, 3, low=ev.acked + 1, what="state")),
        ("entry deleted", "own alone", lambda db, dice: rows(db).delete(dice.randint(1, ev.head))),
        ("entries deleted", "own alone", lambda db, dice: rows(db).delete(low := dice.randint(1, ev.head), low + 9)),
        ("lines swapped", "own alone", lambda db, dice: swap(rows(db), dice, False)),
        ("lines and digests swapped", "own alone", lambda db, dice: swap(rows(db), dice, True)),
        ("entry inserted", "own alone", lambda db, dice: insert(rows(db), dice, False)),
        ("entry inserted, chain made anew", "own alone", lambda db, dice: insert(rows(db), dice, True)),
        ("tail cut", "own alone", lambda db, dice: cut(rows(db), dice, False, ev.head)),
        ("tail cut, counts of entries mended", "own alone", lambda db, dice: cut(rows(db), dice, True, ev.head)),
        ("tail cut, all counts mended", "own alone", cut_with_counts),
        ("tail without punches cut, counts of entries mended", "own alone", cut_last),
        ("line forgotten that no backup holds", "own alone", purge),
        ("line forgotten that has no receipt", "own alone", purge_tail),
        ("receipt edited", "own alone", receipt),
        ("newest receipt deleted", "own alone", lambda db, dice: db.execute("DELETE FROM receipt WHERE acked = (SELECT max(acked) FROM receipt)")),
        ("another journal's name", "own alone", another_journal),
        ("count of punches changed", "own alone", lambda db, dice: db.execute("UPDATE tally SET punches = punches + ?", (dice.randint(1, 9),))),
    ]


def in_store(ev):
    """As `in_journal`, for the centre's books. `near` is the journal with a line, most of whose entries have receipts."""
    def near(db):
        return Rows(db, True, db.execute("SELECT id FROM journal ORDER BY id LIMIT 1").fetchone()[0])

    def one(db, dice, where="e.line IS NOT NULL"):
        rows = db.execute(
            "SELECT p.office, p.terminal, p.time, p.pin, p.journal, p.seq FROM punch p JOIN entry e ON e.journal = p.journal "
            f"AND e.seq = p.seq WHERE {where} AND p.journal = (SELECT min(id) FROM journal) ORDER BY p.seq").fetchall()
        return dice.choice(rows)

    def drop(db, row, line=False, why=None, at=None):
        db.execute("DELETE FROM punch WHERE office = ? AND terminal = ? AND time = ? AND pin = ?", row[:4])
        db.execute("DELETE FROM sighting WHERE terminal = ? AND time = ? AND pin = ?", row[1:4])
        db.execute("UPDATE office SET punches = (SELECT count(*) FROM punch WHERE office = id)")
        if line:
            db.execute("UPDATE entry SET line = NULL WHERE journal = ? AND seq = ?", row[4:])
        if why:
            db.execute("INSERT INTO forgotten VALUES (?, ?, ?, ?, ?, NULL, NULL)", (row[4], row[5], row[5], why, at))

    def change(db, dice, where="e.line IS NOT NULL", names=("time", "pin", "verify", "state", "work", "via")):
        row, name = one(db, dice, where), dice.choice(names)
        value = {"time": row[2] - 3600, "pin": "7" + row[3], "verify": "palm", "state": "overtime-in", "work": 77, "via": 1}[name]
        db.execute(f"UPDATE punch SET {name} = ? WHERE office = ? AND terminal = ? AND time = ? AND pin = ?", (value, *row[:4]))

    def invent(db, dice, where="e.line IS NOT NULL", seq=None):
        office, terminal, when, pin, journal, at = one(db, dice, where)
        db.execute("INSERT INTO punch SELECT office, terminal, time + 61, pin, pin_text, verify, state, work, via, journal, ?, 1 FROM punch "
                   "WHERE office = ? AND terminal = ? AND time = ? AND pin = ?", (seq(db, dice) if seq else at, office, terminal, when, pin))
        db.execute("UPDATE office SET punches = (SELECT count(*) FROM punch WHERE office = id)")

    def smart_edit(db, dice):
        """Line, digest, chain, head and the counted punch: all as if it had always been so."""
        row = one(db, dice)
        line = near(db).lines(low=row[5], high=row[5])[0][1]
        near(db).set(row[5], re.sub(rb'"time":"(\d{4})', lambda m: b'"time":"%d' % (int(m[1]) - 4), line), digest=True)
        near(db).rechain(row[5])
        db.execute("UPDATE punch SET time = ? WHERE office = ? AND terminal = ? AND time = ? AND pin = ?",
                   (seconds_of(near(db).lines(low=row[5], high=row[5])[0][1]), *row[:4]))

    def smart_delete(db, dice):
        row = one(db, dice)
        drop(db, row)
        near(db).delete(row[5])
        near(db).shift(row[5] + 1, -1)
        near(db).rechain(row[5])
        for table in ("punch", "sighting", "waiting"):
            db.execute(f"UPDATE OR REPLACE {table} SET seq = seq - 1 WHERE journal = ? AND seq > ?", (row[4], row[5]))
        db.execute("UPDATE forgotten SET first_seq = first_seq - 1, last_seq = last_seq - 1 WHERE journal = ? AND first_seq > ?", row[4:])

    def smart_append(db, dice):
        """One more punch at the end, signed by nobody."""
        rows, row = near(db), one(db, dice)
        last = db.execute("SELECT max(seq) FROM entry WHERE journal = ?", (row[4],)).fetchone()[0]
        line = re.sub(rb'^\{"seq":\d+', b'{"seq":%d' % (last + 1), rows.lines(low=row[5], high=row[5])[0][1])
        line = re.sub(rb'"time":"(\d{4})', lambda m: b'"time":"%d' % (int(m[1]) - 3), line)
        db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", (row[4], last + 1, line, sha(line), b""))
        rows.rechain(last + 1)
        when = seconds_of(line)
        db.execute("INSERT INTO punch SELECT office, terminal, ?, pin, pin_text, verify, state, work, via, journal, ?, 1 FROM punch "
                   "WHERE office = ? AND terminal = ? AND time = ? AND pin = ?", (when, last + 1, *row[:4]))
        db.execute("UPDATE office SET punches = (SELECT count(*) FROM punch WHERE office = id)")

    def smart_cut(db, dice):
        rows = near(db)
        start = cut(rows, dice, True, db.execute("SELECT head_seq FROM journal ORDER BY id LIMIT 1").fetchone()[0])
        for table in ("punch", "sighting"):
            db.execute(f"DELETE FROM {table} WHERE journal = ? AND seq >= ?", (rows.journal, start))
        db.execute("UPDATE punch SET sightings = 1 + (SELECT count(*) FROM sighting s WHERE s.terminal = punch.terminal "
                   "AND s.time = punch.time AND s.pin = punch.pin)")
        db.execute("DELETE FROM forgotten WHERE journal = ? AND last_seq >= ?", (rows.journal, start))
        db.execute("UPDATE office SET punches = (SELECT count(*) FROM punch WHERE office = id)")

    def whole_journal(db, dice):
        journal = near(db).journal
        for table in ("entry", "journal_office", "punch", "sighting", "waiting", "forgotten", "flagged", "pending_coverage"):
            db.execute(f"DELETE FROM {table} WHERE journal = ?", (journal,))
        db.execute("DELETE FROM journal WHERE id = ?", (journal,))
        db.execute("UPDATE office SET punches = (SELECT count(*) FROM punch WHERE office = id)")

    def other_bridge(db, dice):
        rows, key = near(db), dice.randbytes(32)
        name, bridge = db.execute("SELECT name, bridge FROM journal WHERE id = ?", (rows.journal,)).fetchone()
        db.execute("UPDATE bridge SET key = ? WHERE id = ?", (key, bridge))
        digest = db.execute("SELECT digest FROM entry WHERE journal = ? AND seq = 1", (rows.journal,)).fetchone()[0]
        head = sha(sha(b"titian journal v1", bytes.fromhex(name), key), digest)
        db.execute("UPDATE entry SET chain = ? WHERE journal = ? AND seq = 1", (head, rows.journal))
        rows.rechain(2)

    def retained(db):
        return db.execute("SELECT at FROM forgotten WHERE why = 'retention' LIMIT 1").fetchone()[0]

    def widen(db, dice):
        """The centre's own period is said to have taken more than it has."""
        journal, last = db.execute("SELECT journal, last_seq FROM forgotten WHERE why = 'retention' ORDER BY last_seq DESC LIMIT 1").fetchone()
        count = dice.randint(30, 60)
        for row in db.execute("SELECT office, terminal, time, pin, journal, seq FROM punch WHERE journal = ? AND seq BETWEEN ? AND ?",
                              (journal, last + 1, last + count)).fetchall():
            drop(db, row)
        db.execute("UPDATE entry SET line = NULL WHERE journal = ? AND seq BETWEEN ? AND ?", (journal, last + 1, last + count))
        db.execute("UPDATE forgotten SET last_seq = ? WHERE journal = ? AND last_seq = ?", (last + count, journal, last))

    def move(db, dice):
        db.execute("UPDATE punch SET office = 3 - office WHERE journal = 1 AND seq = ?", (one(db, dice)[5],))
        db.execute("UPDATE office SET punches = (SELECT count(*) FROM punch WHERE office = id)")

    gone = "e.line IS NULL"

    def no_punch(db, dice):
        """An entry that is forgotten and never told of a punch."""
        with contextlib.closing(sqlite3.connect(ev.place / "near/state/journal.db")) as old:
            return dice.choice([s for (s,) in old.execute("SELECT seq FROM entry WHERE counts = 0 AND seq <= ?", (ev.old,))])

    now = int(time.time() * 1000)
    return [
        ("line edited", "own alone", lambda db, dice: edit_line(near(db), dice, 0)),
        ("line and digest edited", "own alone", lambda db, dice: edit_line(near(db), dice, 1)),
        ("line, digest and hash edited", "own alone", lambda db, dice: edit_line(near(db), dice, 2)),
        ("line edited, chain and head made anew", "own alone", lambda db, dice: edit_line(near(db), dice, 3, what="time")),
        ("entry deleted", "own alone", lambda db, dice: near(db).delete(dice.choice(near(db).lines(b""))[0])),
        ("lines swapped", "own alone", lambda db, dice: swap(near(db), dice, False)),
        ("lines and digests swapped", "own alone", lambda db, dice: swap(near(db), dice, True)),
        ("entry inserted", "own alone", lambda db, dice: insert(near(db), dice, False)),
        ("tail cut", "own alone", lambda db, dice: cut(near(db), dice, False, ev.acked)),
        ("tail cut, head mended", "own alone", lambda db, dice: cut(near(db), dice, True, ev.acked)),
        ("head's number changed", "own alone", lambda db, dice: db.execute("UPDATE journal SET head_seq = head_seq - ?", (dice.randint(1, 9),))),
        ("head's hash changed", "own alone", lambda db, dice: db.execute("UPDATE journal SET head = ?", (dice.randbytes(32),))),
        ("punch deleted", "own alone", lambda db, dice: drop(db, one(db, dice))),
        ("punch edited", "own alone", change),
        ("punch invented", "own alone", invent),
        ("punch invented on a forgotten line", "own alone", lambda db, dice: invent(db, dice, gone)),
        ("punch and line taken away", "own alone", lambda db, dice: drop(db, one(db, dice), line=True)),
        ("punch taken away as if erased", "own alone", lambda db, dice: drop(db, one(db, dice), line=True, why="subject", at=now - 10**9)),
        ("punch taken away as if erased with the other person", "all", lambda db, dice: drop(db, one(db, dice), line=True, why="subject", at=now)),
        ("punch taken away as if forgotten", "own alone", lambda db, dice: drop(db, one(db, dice), line=True, why="retention", at=now)),
        ("punch taken away as if forgotten that day", "all", lambda db, dice: drop(db, one(db, dice), line=True, why="retention", at=retained(db))),
        ("more forgotten than the period allows", "all", widen),
        ("punch taken away as if lost", "own alone", lambda db, dice: drop(db, one(db, dice), line=True, why="hole", at=now)),
        ("forgotten rows deleted", "own alone", lambda db, dice: db.execute("DELETE FROM forgotten")),
        ("erasure's rows deleted", "own alone", lambda db, dice: db.execute("DELETE FROM erased")),
        ("an office's count changed", "own alone", lambda db, dice: db.execute("UPDATE office SET punches = punches + ?", (dice.randint(1, 9),))),
        ("a punch moved to another office", "own alone", move),
        ("erasure dated otherwise", "own alone", lambda db, dice: db.execute("UPDATE erased SET at = at + ?", (dice.randint(1, 10**9),))),
        ("audit row edited", "own alone", lambda db, dice: (db.execute("DROP TRIGGER audit_stays"), db.execute(
            "UPDATE audit SET who = 'nobody' WHERE seq = ?", (dice.randint(1, 5),)))),
        ("line edited and everything made anew", "receipts all", smart_edit),
        ("entry deleted and everything made anew", "receipts all", smart_delete),
        ("punch added at the end and everything made anew", "all", smart_append),
        ("tail cut and everything made anew", "receipts all", smart_cut),
        ("forgotten punch deleted", "all", lambda db, dice: drop(db, one(db, dice, gone))),
        ("forgotten punch edited", "all", lambda db, dice: change(db, dice, gone, ("time", "pin"))),
        ("punch invented on a forgotten entry of another kind", "all", lambda db, dice: invent(db, dice, gone, no_punch)),
        ("a whole journal taken away", "receipts all", whole_journal),
        ("another key for the bridge, and its chain made anew", "receipts all", other_bridge),
    ]


def in_file(ev):
    """As `in_journal`, for a courier file of three calls; Titian's own check is `titian-server accept`."""
    def bytes_flipped(data, dice):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)

    def with_lines(change):
        def do(data, dice):
            lines = bytes(data).split(b"\n")[:-1]
            entries = [n for n, line in enumerate(lines) if line.startswith(b'{"seq":')]
            change(lines, entries, dice)
            data[:] = b"".join(line + b"\n" for line in lines)
        return do

    def with_calls(change):
        def do(data, dice):
            calls = list(ev.calls)
            change(calls, dice)
            data[:] = b"".join(calls)
        return do

    def swapped(lines, entries, dice):
        one, two = dice.sample(entries, 2)
        lines[one], lines[two] = lines[two], lines[one]

    def header(lines, entries, dice):
        """A field of a header: what the call says of its place and of its box."""
        old, new = dice.choice([(rb'"first":(\d+)', b'"first":1'), (rb'"boot":(\d+)', b'"boot":77'), (rb'"queue":(\d+)', b'"queue":0'),
                                (rb'"prev":"..', b'"prev":"00'), (rb'"n":(\d+)', b'"n":5')])
        lines[0] = re.sub(old, new, lines[0], count=1)

    def signed(lines, entries, dice, anew):
        """An edited line in the first call, its trailer's head right again; and signed, by somebody."""
        place = dice.choice([n for n in entries if b'"punch"' in lines[n] and n < lines_of_first])
        lines[place] = edited(lines[place], dice, "time")
        head = bytes.fromhex(json.loads(lines[0])["prev"])
        for line in lines[1:lines_of_first - 1]:
            head = sha(head, sha(line))
        trailer = json.loads(lines[lines_of_first - 1]) | {"head": head.hex()}
        if anew:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
            body = b"".join(line + b"\n" for line in lines[:lines_of_first - 1])
            trailer["signature"] = base64.b64encode(Ed25519PrivateKey.generate().sign(b"titian sync v1" + body)).decode()
        lines[lines_of_first - 1] = json.dumps(trailer, separators=(",", ":")).encode()

    lines_of_first = ev.calls[0].count(b"\n")
    return [
        ("a bit", "own alone", bytes_flipped),
        ("line removed", "own alone", with_lines(lambda lines, entries, dice: lines.pop(dice.choice(entries)))),
        ("line doubled", "own alone", with_lines(lambda lines, entries, dice: lines.insert(n := dice.choice(entries), lines[n]))),
        ("line edited", "own alone", with_lines(lambda lines, entries, dice: lines.__setitem__(
            n := dice.choice([e for e in entries if b'"punch"' in lines[e]]), edited(lines[n], dice)))),
        ("lines swapped", "own alone", with_lines(swapped)),
        ("header edited", "own alone", with_lines(header)),
        ("line edited, head mended", "own alone", with_lines(lambda *a: signed(*a, False))),
        ("line edited, signed by another key", "own alone", with_lines(lambda *a: signed(*a, True))),
        ("cut", "own alone", lambda data, dice: data.__delitem__(slice(dice.randrange(1, len(data) - 1), None))),
        ("first call removed", "own all", with_calls(lambda calls, dice: calls.pop(0))),
        ("call in the middle removed", "own alone", with_calls(lambda calls, dice: calls.pop(1))),
        ("last calls removed", "own alone", with_calls(lambda calls, dice: calls.__delitem__(slice(1, None)))),
        ("calls swapped", "own alone", with_calls(lambda calls, dice: calls.reverse())),
    ]


# The lab.

class Lab:
    def __init__(self, ev, place):
        self.ev, self.place, self.number = ev, place, 0
        self.seen, self.codes_seen = collections.Counter(), set()
        self.missed = []

    def copy(self, *names):
        """A fresh place with copies of some of what is kept."""
        self.number += 1
        home = self.place / f"try{self.number}"
        for name in names:
            source = self.ev.kept / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, home / name if source.is_dir() else self.made(home) / name)
        return home

    @staticmethod
    def made(home):
        home.mkdir(exist_ok=True)
        return home

    def own_journal(self, home):
        done = run(program("titian"), "journal", "verify", "--json", "--state", home / "near", "--config", self.ev.near.config,
                   "--control", home / "none.sock", check=False)
        return done.returncode, done.stdout + done.stderr

    def server(self, home, *words):
        config = home / "server.toml"
        config.write_text(f'listen = "127.0.0.1:0"\ndata = "{home}/centre"\n')
        done = run(program("titian-server"), *words, "--config", config, "--json", check=False)
        return done.returncode, done.stdout + done.stderr

    def tamper(self, where, name, must, do, dice):
        """One tamper on one copy; every checker that must find it has to."""
        home = self.copy(*{"journal": ["near"], "store": ["centre"], "file": ["centre", "one.courier"]}[where])
        path = {"journal": home / "near/journal.db", "store": home / "centre/centre.db", "file": home / "one.courier"}[where]
        before = path.read_bytes()
        if where == "file":
            data = bytearray(before)
            do(data, dice)
            path.write_bytes(data)
        else:
            with contextlib.closing(sqlite3.connect(path)) as db, db:
                do(db, dice)
        if path.read_bytes() == before:
            raise AssertionError(f"{where}, {name}: nothing was changed, so nothing is proved")
        found = self.found(where, home, path)
        for who in found:
            self.seen[where, name, who] += found[who]
        self.seen[where, name, "rounds"] += 1
        must = set(must.split()) | {"all"} | ({"own+journal"} if where == "store" else set())
        for who in must | ({"own+receipts"} if "receipts" in must else set()):
            if not found[who]:
                self.missed.append(f"{where}: {name}: not found by {who}")
        shutil.rmtree(home)

    def found(self, where, home, path):
        ev, files = self.ev, self.ev.evidence
        if where == "journal":
            mine = ev.export(home, "near")
            return {"own": self.own_journal(home)[0] != 0, "alone": self.odd(mine), "all": self.odd(mine, files["far"], files["centre"], ev.receipt)}
        if where == "store":
            mine = ev.export(home, "centre")
            own = {name: self.server(home, "verify", *beside)[0] == 2 for name, beside in (
                ("own", ()), ("own+receipts", (ev.held, ev.receipt)), ("own+journal", (files["near"], files["far"], ev.receipt)))}
            return own | {"alone": any("no receipts" not in what for what in self.codes(mine)),
                    "receipts": self.odd(mine, ev.held, ev.receipt, centre_keys=[ev.key]),
                    "all": self.odd(mine, files["near"], files["far"], ev.receipt)}
        return {"own": self.server(home, "accept", path)[0] != 0, "alone": self.odd(path, bridge_keys=[ev.bridge]),
                "all": self.odd(path, *files.values(), ev.receipt)}

    def codes(self, *files, **keys):
        found = {what for what, _ in verify.check(files, **keys)}
        self.codes_seen |= found
        return {what for what in found if what[0] != "○"}

    def odd(self, *files, **keys):
        return self.codes(*files, **keys) != set()

    def clean(self):
        """What nobody touched is clean for everybody: no false finding."""
        home = self.copy("near", "far", "centre", "one.courier")
        assert self.own_journal(home)[0] == 0, self.own_journal(home)
        assert self.server(home, "verify")[0] == 0, self.server(home, "verify")
        code, text = self.server(home, "verify", self.ev.held, *self.ev.evidence.values(), self.ev.receipt)
        assert code == 2 and "centre.evidence: line 1 is neither" in text, "control: a centre's own evidence is no box's"
        code, text = self.server(home, "verify", self.ev.held, self.ev.evidence["near"], self.ev.evidence["far"], self.ev.receipt)
        told = json.loads(text)
        assert code == 0 and told["compared_receipts"] > 20 and told["compared_punches"] > 1_000, (code, text)
        findings = verify.check([*self.ev.evidence.values(), self.ev.early, self.ev.receipt, home / "one.courier"])
        assert [what[0] for what, _ in findings] == ["○"], findings
        assert all(self.ev.pin in what for what, _ in findings), "the erased person is named"
        with contextlib.closing(sqlite3.connect(home / "centre/centre.db")) as db:
            punches, entries = (db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("punch", "entry"))
        self.exit_codes(home)
        shutil.rmtree(home)
        return {"entries": entries, "punches": punches}

    def exit_codes(self, home):
        """0 for what is whole, 1 for what is not, 2 for wrong arguments and for files that cannot be read."""
        def said(code, wanted, *words):
            done = subprocess.run([sys.executable, ROOT / "tools/verify.py", *words], capture_output=True, text=True)
            assert done.returncode == code and wanted in done.stdout + done.stderr, (code, wanted, words, done)

        ev, courier, cut, edited = self.ev, home / "one.courier", home / "cut", home / "edited"
        said(0, "All agrees", *ev.evidence.values(), ev.receipt, courier)
        said(0, "All agrees", ev.evidence["near"])
        said(0, "All agrees", ev.held, "--centre-key", base64.b64encode(ev.key).decode())
        said(1, "key not given", ev.held)
        said(1, "no receipts", ev.evidence["centre"])
        edited.write_bytes(courier.read_bytes().replace(b'"state":"in"', b'"state":"out"', 1))
        said(1, "wrong signature", edited, "--bridge-key", base64.b64encode(ev.bridge).decode())
        cut.write_bytes(courier.read_bytes()[:-9])
        said(2, "cannot be read to its end", cut, ev.evidence["near"])
        said(2, "cannot be read to its end", home / "near/journal.db", ev.evidence["near"])  # another kind of file
        said(2, f"{home}/none: tidak terbaca sampai akhir / cannot be read to its end", home / "none")
        said(2, "usage:")
        said(2, "usage:", "--such", courier)
        said(2, "usage:", courier, "--centre-key", "no key")
        for name, path in ev.evidence.items():  # evidence that did not come whole
            data = path.read_bytes().splitlines(keepends=True)
            for kept in (len(data) - 1, len(data) // 2):
                cut.write_bytes(b"".join(data[:kept]))
                assert self.odd(cut, ev.receipt), f"{name}'s evidence, cut to {kept} of {len(data)} lines"

    def blind(self, dice):
        """With one check taken out, tools/verify.py must miss what only that check can see."""
        ev, tampers = self.ev, {"store": in_store(self.ev), "journal": in_journal(self.ev)}
        files = ev.evidence
        cases = [("check_ends", "store", "tail cut and everything made anew", [ev.held, ev.receipt]),
                 ("check_counted", "store", "forgotten punch deleted", [files["near"], files["far"]]),
                 ("may_be_gone", "store", "punch taken away as if erased", [ev.held, ev.receipt]),
                 ("office_of", "store", "a punch moved to another office", [ev.held, ev.receipt]),
                 ("is_signed", "journal", "receipt edited", [])]
        answers = {"is_signed": True, "may_be_gone": True, "office_of": Anything()}
        for function, where, wanted, more in cases:
            home = self.copy("centre", "near")
            path = home / {"store": "centre/centre.db", "journal": "near/journal.db"}[where]
            with contextlib.closing(sqlite3.connect(path)) as db, db:
                dict((name, do) for name, _, do in tampers[where])[wanted](db, dice)
            given = [ev.export(home, {"store": "centre", "journal": "near"}[where]), *more]
            assert self.odd(*given, centre_keys=[ev.key]), wanted
            kept = getattr(verify, function)
            setattr(verify, function, lambda *a: answers.get(function))
            try:
                seen = self.codes(*given, centre_keys=[ev.key])
                assert not seen, f"without {function} '{wanted}' was still found ({seen}): this lab does not bite"
            finally:
                setattr(verify, function, kept)
            shutil.rmtree(home)
        self.blind_to_the_other_side()
        return len(cases) + 1

    def blind_to_the_other_side(self):
        """A stick that whoever has the box's key made anew is found by comparing it, and by nothing else."""
        ev, path = self.ev, self.place / "anew.courier"
        data, key = made_anew(ev.calls)
        path.write_bytes(data)
        given = [path, ev.evidence["far"], ev.receipt]
        assert self.odd(*given, bridge_keys=[key]), "a stick made anew"
        kept = verify.compare
        verify.compare = lambda *a: None
        try:
            assert not self.odd(*given, bridge_keys=[key]), "without compare a stick made anew was still found"
        finally:
            verify.compare = kept


def made_anew(calls):
    """The calls of a stick with one punch moved, its chain made anew and signed with a key of its own; and that key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    secret, made, head = Ed25519PrivateKey.generate(), b"", None
    key = secret.public_key().public_bytes_raw()
    for call in calls:
        first, *body, _ = call.splitlines(keepends=True)
        header = json.loads(first)
        if head is None:
            place = next(n for n, line in enumerate(body) if b'"punch"' in line)
            body[place] = edited(body[place], None, "time")
        header |= {"key": sha(key)[:8].hex(), "prev": head.hex() if head else header["prev"]}
        head = bytes.fromhex(header["prev"])
        for line in body:
            head = sha(head, sha(line[:-1]))
        text = json.dumps(header).encode() + b"\n" + b"".join(body)
        signature = base64.b64encode(secret.sign(b"titian sync v1" + text)).decode()
        made += text + json.dumps({"head": head.hex(), "signature": signature}).encode() + b"\n"
    return made, key


class Anything:
    """Equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = None


def main():
    dice = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    began = time.monotonic()
    signatures()
    with folder() as place:
        ev = Evidence(place)
        ev.make()
        lab = Lab(ev, place)
        checked = lab.clean()
        print(f"tamper: {checked} after {time.monotonic() - began:.0f} s; untouched copies are clean", flush=True)
        tampers = [(where, *row) for where, rows in (("journal", in_journal(ev)), ("store", in_store(ev)), ("file", in_file(ev)))
                   for row in rows]
        for number in range(max(ROUNDS, len(tampers))):
            lab.tamper(*tampers[number % len(tampers)], dice)
        words = re.findall(r'"([■▲○] [^":{]+)', (ROOT / "tools/verify.py").read_text())
        # Those of `exit_codes`, the last lines, and what only a restored centre tells.
        words = [text for text in words if not re.search("/ (cannot be read|not checked|lost when|Not all)|Ada temuan", text)]
        never = [text for text in words if not any(seen.startswith(text.strip()) for seen in lab.codes_seen)]
        assert not never and len(words) > 12, f"no tamper was told as {never}"
        alone = [name for where, name, must, _ in tampers if where == "store" and "own" not in must and lab.seen[where, name, "own"]]
        assert not alone, f"control: found without anything of a box, so the box proves nothing: {alone}"
        blind = lab.blind(dice)
        for where, title, side in (("journal", "a journal is tampered with", "bridge"), ("file", "a courier file is tampered with", "line"),
                                   ("store", "the centre's books are tampered with", "centre")):
            case = Case("tamper", title, side)
            mine = [row for row in tampers if row[0] == where]
            for _, name, _, _ in mine:
                seen = {who: times for (at, what, who), times in lab.seen.items() if (at, what) == (where, name) and who != "rounds"}
                rounds = lab.seen[where, name, "rounds"]
                print(f"    {where}: {name}: {rounds} times, found by {seen}", flush=True)
                case.rounds += rounds
                case.lost += rounds - seen["all"]
            case.acknowledged = checked["punches"]
            case.bites(blind)
            case.write()
    for text in sorted(set(lab.missed)):
        print(f"  MISSED {text}", flush=True)
    assert not lab.missed, f"{len(lab.missed)} tampers were not found by whom they must be"
    print(f"tamper: {sum(lab.seen[w, n, 'rounds'] for w, n, *_ in tampers)} tampers, all found ({time.monotonic() - began:.0f} s)")


if __name__ == "__main__":
    sys.exit(main())
