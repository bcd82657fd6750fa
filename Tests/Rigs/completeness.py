#!/usr/bin/env python3
"""A record that was lost anywhere on its way is never inside what the centre calls complete.

A simulated terminal, titiand and titian-server. Records vanish: from the terminal before it was read (cleared, or
overwritten in a full log), from the journal, from a stick, from the centre. After one sync each of them must lie in a hole of the terminal's coverage;
and where nothing was lost, in spite of restarts, bad lines and repairs, there must be no hole. All the while the
centre's store is looked at: what it calls complete and does not count is a miss. The control papers a hole over in the
store, and must be seen. FULL=1 does a thousand random steps instead of two dozen.
"""

import concurrent.futures
import contextlib
import datetime
import hashlib
import os
import random
import shutil
import sqlite3
import sys
import time

from oracle import Case, identity, settled
from titian_rig import Bridge, Server, Simulator, folder, running, until

ZONE = datetime.timezone(datetime.timedelta(hours=8))
STEPS = 1_000 if os.environ.get("FULL") else 24


def true_ms(when):
    """The end of the second that a record's time names: before that it need not have happened."""
    moment = datetime.datetime.fromisoformat(when).replace(tzinfo=ZONE)
    return int(moment.timestamp() * 1000) + 1000


class Way:
    """One terminal, its box and the centre, and every record that was ever made."""

    def __init__(self, place, make="zkteco", records=120, users=20, log_size=None):
        place.mkdir()
        self.place = place
        serial = "BWXP20120042" if make == "zkteco" else "3005000012345678"
        self.sim = Simulator(make, place, ["tcp:127.0.0.1:0"], "--records", str(records), "--users", str(users), "--seed", "5",
                             "--serial-number", serial, *(["--log-size", str(log_size)] if log_size else [])).start()
        self.server = Server(place).start()
        self.server.add_office()
        self.bridge = Bridge(place, [{"name": "lobi", "driver": make, "link": self.sim.links[0], "poll_s": 1, "live": False}],
                             self.server.address, server="retry_base_s = 1\nheartbeat_s = 10\n")
        self.bridge.enroll(self.server.enrolment_code())
        self.issued = set()
        self.note()

    def note(self):
        self.issued |= {identity(self.sim.ready["terminal"], pin, when) for pin, when in self.sim.log_rows()}

    def add(self, count=5):
        """Punches of now, not of a second that is still to come: those are nobody's to miss."""
        before = self.sim.control("add", n=count)
        assert "error" not in before, before
        self.note()
        newest = max(when for _, _, when in self.issued)
        until(lambda: true_ms(newest) < time.time() * 1000, "the seconds of the punches have passed", step=0.1)

    def store(self):
        return contextlib.closing(sqlite3.connect(f"file:{self.server.data}/centre.db?mode=ro", uri=True, timeout=30))

    def look(self):
        """What the centre calls complete, what it counts, in one transaction; misses are raised at once."""
        with self.store() as db:
            db.execute("BEGIN")
            stretches = db.execute("SELECT from_at, through_at FROM coverage ORDER BY from_at").fetchall()
            counted = {(name, pin, iso(when)) for name, pin, when in db.execute(
                "SELECT t.name, p.pin, p.time FROM punch p JOIN terminal t ON t.id = p.terminal")}
            heard = (db.execute("SELECT max(heard_at) FROM bridge_status").fetchone() or (None,))[0]
        lost = self.issued - counted
        missed = sorted(row for row in lost if any(a <= true_ms(row[2]) - 1000 and true_ms(row[2]) <= b for a, b in stretches))
        assert not missed, f"{len(missed)} records are lost in what is called complete, e.g. {missed[:3]}; {stretches}"
        return stretches, lost, heard or 0

    def synced(self):
        """One more read, one more sync."""
        started = time.time() * 1000
        settled(self.bridge, "the terminal is read and everything sent")
        until(lambda: any(is_read(t, started) for t in self.bridge.status()["terminals"]), "a whole read since", seconds=60, step=0.1)
        heard = self.look()[2]
        self.bridge.titian("sync", "now", check=False)
        until(lambda: self.look()[2] > heard, "one sync", step=0.1)
        settled(self.bridge)
        return self.look()

    def stop(self):
        for process in (self.bridge, self.server, self.sim):
            process.stop()


def is_read(terminal, started):
    """Whether a terminal was read whole since then; an empty log extends no coverage."""
    if terminal.get("records") == 0:
        return utc_ms(terminal.get("last_read") or iso(0)) > started
    coverage = terminal.get("coverage")
    return coverage and utc_ms(coverage["through"]) > started


def iso(seconds):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).isoformat(timespec="seconds")


def utc_ms(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def whole(way, what):
    stretches, lost, _ = way.synced()
    assert not lost, f"{what}: {len(lost)} lost, e.g. {sorted(lost)[:3]}"
    assert len(stretches) == 1, f"{what}: nothing was lost, and there are holes: {stretches}"


def holed(way, what, count):
    """So many records are lost, and the hole they fell into is there."""
    stretches, lost, _ = way.synced()
    assert len(lost) >= count, f"{what}: only {len(lost)} are lost, so nothing is proved"
    assert len(stretches) > 1 or all(true_ms(row[2]) > stretches[0][1] or true_ms(row[2]) <= stretches[0][0] for row in lost), \
        f"{what}: {len(lost)} lost and no hole: {stretches}"
    return len(lost)


# Where a record can be lost. Each returns how many were.

def cleared_before_it_was_read(way, refill=0):
    way.bridge.stop()
    way.add(6)
    way.sim.control("clear")
    if refill:
        way.add(refill)
    way.bridge.start()
    return holed(way, f"cleared, {refill} since", 6)


def cleared_and_as_many_again(way):
    """The counter shows what it showed before."""
    way.synced()
    count = len(way.sim.log_rows())
    way.bridge.stop()
    way.add(4)
    way.sim.control("clear")
    way.add(count)
    way.bridge.start()
    return holed(way, "cleared and filled again", 4)


def filled_and_cleared_while_empty(way):
    """An empty log is read again and again, and looks the same after records have come and gone between two reads."""
    way.synced()
    way.sim.control("clear")
    way.synced()
    shown = way.bridge.titian("terminals", check=False).stdout
    assert any(words in shown for words in ("log kosong sejak", "log empty since")), shown
    way.bridge.stop()
    way.add(6)
    way.sim.control("clear")
    way.bridge.start()
    holed(way, "filled and cleared while it was empty", 6)
    way.add(3)
    return holed(way, "filled and cleared, and three since", 6)


def cleared_and_power_failed(way):
    """The new log is on disk, and power fails before anything is written about how it goes on from the old one."""
    way.synced()
    way.bridge.stop()
    way.add(6)
    way.sim.control("clear")
    way.add(3)
    way.bridge.environment["TITIAN_CRASH_AT"] = "page.kept:1"
    way.bridge.start()
    until(lambda: not way.bridge.is_running, "power fails behind the page")
    del way.bridge.environment["TITIAN_CRASH_AT"]
    way.bridge.start()
    return holed(way, "cleared, and power failed behind the new page", 6)


def overwritten_before_they_were_read(way):
    """A log that is full loses its oldest; here they are those that nobody has read."""
    way.synced()
    size = len(way.sim.log_rows())
    way.bridge.stop()
    way.add(6)
    for _ in range(2):
        way.add(size // 2 + 10)
    way.bridge.start()
    return holed(way, "overwritten before they were read", 6)


def overwritten_when_they_were_read(way, count=40):
    """The same log loses what the box has: while nobody reads it, and under a box that does."""
    size = len(way.sim.log_rows())
    way.bridge.stop()
    way.add(count)
    way.bridge.start()
    whole(way, f"{count} more in a full log")
    way.add(20)
    whole(way, "20 more in a full log")
    assert len(way.sim.log_rows()) < size + count, "nothing was overwritten"
    return 0


def overwritten_but_for_a_few(way, left):
    """Of the records that the box has, so few are left in the full log that no whole proof is among them."""
    size = 130
    assert len(way.sim.log_rows()) == 120, "the log is not full yet"
    way.bridge.stop()
    way.add(size - left)
    assert len(way.sim.log_rows()) == size, "nothing was overwritten"
    way.bridge.start()
    whole(way, f"all but {left} overwritten in a full log")
    return 0


def from_the_journal(way):
    """A line without a receipt goes from the disk, and the terminal does not have it any more."""
    way.synced()
    way.server.stop()
    way.add(5)
    until(lambda: way.bridge.status()["journal"]["punches"] >= len(way.issued), "journalled", step=0.1)
    way.bridge.stop()
    way.sim.control("clear")
    with contextlib.closing(sqlite3.connect(way.bridge.state / "journal.db")) as db, db:
        seq = db.execute("SELECT max(seq) FROM entry WHERE counts = 1").fetchone()[0] - 2
        db.execute("DELETE FROM entry WHERE seq = ?", (seq,))
    way.server.start()
    way.bridge.start()
    return holed(way, "deleted from the journal", 1)


def from_the_journal_with_a_receipt(way):
    """The centre has it, and so nothing is lost."""
    way.add(5)
    way.synced()
    way.bridge.stop()
    with contextlib.closing(sqlite3.connect(way.bridge.state / "journal.db")) as db, db:
        seq = db.execute("SELECT max(seq) FROM entry WHERE counts = 1").fetchone()[0] - 2
        db.execute("DELETE FROM entry WHERE seq = ?", (seq,))
    way.bridge.start()
    until(lambda: way.bridge.status().get("repairs"), "repaired", step=0.2)
    whole(way, "deleted from the journal with a receipt")
    return 0


def from_a_stick(way):
    """Lines are taken out of a courier file: nothing of it is taken, and nothing called complete."""
    way.synced()
    way.server.stop()
    way.add(6)
    until(lambda: way.bridge.status()["journal"]["punches"] >= len(way.issued), "journalled", step=0.1)
    stick = way.place / f"{time.monotonic_ns()}.courier"
    way.bridge.titian("export", stick)
    way.bridge.stop()
    lines = stick.read_bytes().splitlines(keepends=True)
    punch = next(n for n, line in enumerate(lines) if n and b'"kind":"punch"' in line)
    thin = way.place / f"{time.monotonic_ns()}.courier"
    thin.write_bytes(b"".join(lines[:punch] + lines[punch + 1:]))
    refused = way.server.command("accept", thin, check=False)
    assert refused.returncode == 2, refused
    assert len(way.look()[1]) >= 6, "the control: they are not there yet, and not called complete"
    way.server.command("accept", stick)
    way.server.start()
    way.bridge.start()
    whole(way, "a thinned stick")
    return 0


def bad_line_to_the_terminal(way):
    """Pages come damaged or not at all: nothing is called complete before it was read."""
    for fault in ("wrong-checksum", "half-packet", "drop-in-read", "silence"):
        way.sim.control("fault", name=fault, every=2)
        way.add(3)
        for _ in range(8):
            way.look()
            time.sleep(0.25)
        way.sim.control("fault", name="none")
    whole(way, "a bad line")
    return 0


def restarts(way):
    way.add(2)
    way.bridge.kill()
    way.add(2)
    way.server.kill()
    way.bridge.start()
    time.sleep(1)
    way.bridge.kill()
    way.server.start()
    way.bridge.start()
    whole(way, "restarts")
    return 0


def clock_set(way):
    """Records of a clock that was wrong: nobody can say when they were made."""
    way.synced()
    before = len(way.look()[0])
    way.sim.control("clock", offset_s=-7200)
    time.sleep(2.5)
    way.sim.control("clock", offset_s=0)
    stretches, _, _ = way.synced()
    assert len(stretches) > before, f"a clock was set back and forth, and there is no hole: {stretches}"
    return 0


def backup(way):
    path = way.place / f"{time.monotonic_ns()}.backup"
    way.server.command("backup", path)
    return path


def restored(way, path):
    way.server.stop()
    shutil.rmtree(way.server.data)
    way.server.command("restore", path)
    way.server.start()


def from_the_centre(way):
    """The books are restored from an old backup, and the box has all of it."""
    way.synced()
    path = backup(way)
    way.add(6)
    way.synced()
    restored(way, path)
    whole(way, "an old backup")
    return 0


def from_both_ends(way):
    """A backup of before the first read comes back, and the box has forgotten what a later one held."""
    until(lambda: way.look()[2] and way.bridge.status()["journal"]["queue"] == 0, "the box has called", step=0.1)
    early = backup(way)
    way.sim.control("fault", name="none")
    whole(way, "the first read")
    backup(way)
    way.add(3)
    way.synced()
    way.bridge.stop()
    with contextlib.closing(sqlite3.connect(way.bridge.state / "journal.db")) as db, db:
        last = db.execute("SELECT min(acked, safe) FROM tally").fetchone()[0]
        assert last > 20, "the box hears of the backup"
        db.create_function("sha", 1, lambda line: hashlib.sha256(line).digest())
        db.execute("UPDATE entry SET digest = sha(line), line = NULL WHERE seq <= ? AND line IS NOT NULL", (last,))
    restored(way, early)
    way.bridge.start()
    return holed(way, "forgotten at both ends", 20)


def from_the_centre_after_a_repair(way):
    """The journal was repaired, and then the centre's books are older than the repair."""
    way.synced()
    path = backup(way)
    way.add(6)
    way.synced()
    way.bridge.stop()
    with contextlib.closing(sqlite3.connect(way.bridge.state / "journal.db")) as db, db:
        db.execute("UPDATE entry SET line = x'00' WHERE seq = (SELECT max(seq) FROM entry)")
    way.bridge.start()
    until(lambda: way.bridge.status().get("repairs"), "repaired", step=0.2)
    way.synced()
    restored(way, path)
    whole(way, "an old backup after a repair")
    return 0


def papered_over(way):
    """The control: the hole is closed in the store, and the look must see what is lost in it."""
    lost = cleared_before_it_was_read(way)
    way.bridge.stop()
    with contextlib.closing(sqlite3.connect(way.server.data / "centre.db", timeout=30)) as db, db:
        low, high = db.execute("SELECT min(from_at), max(through_at) FROM coverage").fetchone()
        db.execute("DELETE FROM coverage")
        db.execute("INSERT INTO coverage SELECT id, ?, ? FROM terminal", (low, high))
    try:
        way.look()
    except AssertionError:
        return lost
    return 0


class Schedule:
    """Random steps at one office. What excuses a hole is remembered: a log that was cleared, a clock that was set."""

    def __init__(self, way, dice):
        self.way, self.dice = way, dice
        self.is_excused = False
        self.backup = None

    def step(self):
        way, dice = self.way, self.dice
        name = dice.choice(["add", "add", "kill", "away", "fault", "clear", "damage", "backup", "restore"])
        if name == "add":
            way.add(dice.randint(1, 6))
        elif name == "kill":
            way.bridge.kill()
            way.add(dice.randint(1, 3))
            way.bridge.start()
        elif name == "away":
            way.server.kill()
            way.add(dice.randint(1, 4))
            way.server.start()
        elif name == "fault":
            way.sim.control("fault", name=dice.choice(["wrong-checksum", "half-packet", "drop-in-read"]), every=3)
            way.add(dice.randint(1, 3))
            way.look()
            way.sim.control("fault", name="none")
        elif name == "clear":
            self.clear()
        elif name == "damage":
            self.damage()
        elif name == "backup":
            self.backup = backup(way)
        elif self.backup:
            restored(way, self.backup)
        return name

    def clear(self):
        way, dice = self.way, self.dice
        is_running = dice.random() < 0.5
        if not is_running:
            way.bridge.stop()
        way.add(dice.randint(1, 4))
        way.sim.control("clear")
        if dice.random() < 0.5:
            way.add(dice.randint(1, 4))
        if not is_running:
            way.bridge.start()
        self.is_excused = True

    def damage(self):
        """One line of the journal is hit: any, with a receipt or without."""
        way = self.way
        way.bridge.kill()
        with contextlib.closing(sqlite3.connect(way.bridge.state / "journal.db")) as db, db:
            seqs = [seq for (seq,) in db.execute("SELECT seq FROM entry WHERE line IS NOT NULL")]
            db.execute("UPDATE entry SET line = x'7b7d' WHERE seq = ?", (self.dice.choice(seqs),))
        way.bridge.start()


def schedules(place, dice, count):
    """So many steps, a new office every twelve; after each, one sync and a look."""
    done = lost_in_all = 0
    while done < count:
        with way_at(place / f"random{done}") as way:
            whole(way, "the beginning")
            plan = Schedule(way, dice)
            steps = []
            for _ in range(min(12, count - done)):
                steps.append(plan.step())
                done += 1
                stretches, lost, _ = way.synced()
                if not plan.is_excused:
                    assert not lost, f"{steps}: {len(lost)} lost"
                    assert len(stretches) == 1, f"{steps}: a hole, and nothing excuses it: {stretches}"
            lost_in_all += len(lost)
        shutil.rmtree(way.place)
    return done, lost_in_all


@contextlib.contextmanager
def way_at(place, fault="none", **options):
    way = Way(place, **options)
    try:
        way.sim.control("fault", name=fault)
        way.bridge.start()
        yield way
    finally:
        way.stop()


# A log that is full after ten more.
RING = {"log_size": 130, "users": 200}

STEPS_ONE_BY_ONE = [
    ("restarts", restarts), ("pages that come damaged", bad_line_to_the_terminal), ("a line taken off a stick", from_a_stick),
    ("a line taken from the journal, with a receipt", from_the_journal_with_a_receipt),
    ("books restored from an old backup", from_the_centre), ("books restored to before a repair", from_the_centre_after_a_repair),
    ("a clock set back and forth", clock_set), ("a log cleared before it was read", cleared_before_it_was_read),
    ("cleared, and three since", lambda way: cleared_before_it_was_read(way, 3)),
    ("cleared, and as many again", cleared_and_as_many_again), ("a line taken from the journal", from_the_journal),
    ("forgotten at both ends", from_both_ends),
    ("filled and cleared while it was empty", filled_and_cleared_while_empty),
    ("filled and cleared while it was empty, Anviz", filled_and_cleared_while_empty, {"make": "anviz"}),
    ("cleared, and power failed", cleared_and_power_failed),
    ("cleared, and power failed, Anviz", cleared_and_power_failed, {"make": "anviz"}),
    ("overwritten before they were read", overwritten_before_they_were_read, RING),
    ("overwritten before they were read, Anviz", overwritten_before_they_were_read, RING | {"make": "anviz"}),
    ("overwritten when they were read", overwritten_when_they_were_read, RING),
    ("overwritten when they were read, Anviz", overwritten_when_they_were_read, RING | {"make": "anviz"}),
    ("overwritten but for 63", lambda way: overwritten_but_for_a_few(way, 63), RING),
    ("overwritten but for 5", lambda way: overwritten_but_for_a_few(way, 5), RING),
    ("overwritten but for 63, Anviz", lambda way: overwritten_but_for_a_few(way, 63), RING | {"make": "anviz"}),
    ("overwritten but for 5, Anviz", lambda way: overwritten_but_for_a_few(way, 5), RING | {"make": "anviz"}),
    ("a long log moved on by 2,100", lambda way: overwritten_when_they_were_read(way, 2_100),
     {"records": 2_600, "log_size": 2_700, "users": 2_000}),
]


def one(place, name, step, options=None):
    """One way to lose a record, at an office of its own."""
    is_first = step is from_both_ends
    with way_at(place, "silence" if is_first else "none", **(options or {})) as way:
        if not is_first:
            whole(way, f"{name}, before")
        lost = step(way)
        shown = ", all of them in a hole" if lost else ", a hole of its own" if step is clock_set else ", no hole"
        print(f"  {name}: {lost} lost{shown}", flush=True)
        return len(way.issued), lost


def main():
    dice = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    began = time.monotonic()
    case = Case("completeness", "records removed anywhere on their way", "bridge")
    with folder() as place:
        with way_at(place / "control") as way:
            whole(way, "the control")
            case.bites(papered_over(way))
            print("  control: a hole that was papered over is seen", flush=True)
        # Each has an office of its own, and waits more than it computes.
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            ends = [pool.submit(one, place / str(number), *row) for number, row in enumerate(STEPS_ONE_BY_ONE)]
            for issued, lost in (end.result() for end in ends):
                case.rounds += 1
                case.acknowledged += issued - lost
        steps, lost = schedules(place, dice, STEPS)
        case.rounds += steps
        print(f"  {steps} random steps: {lost} lost, all of them in holes; no hole without a reason", flush=True)
        case.write()
    print(f"completeness: passed ({time.monotonic() - began:.0f} s)")


if __name__ == "__main__":
    sys.exit(main())
