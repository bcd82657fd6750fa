#!/usr/bin/env python3
"""A damaged journal mends itself, and the centre's count is right.

Two simulated terminals are read; the line to the centre goes down, more punches are journalled, and one
terminal's log is cleared: what it held is on the box alone. Then the state folder is copied, and each
fault below is inflicted on a copy of its own, with the daemon stopped or running. The daemon must
collect again within 10 s, by itself, and the centre must count every punch once: also those of the
cleared terminal, wherever the fault has left their bytes readable. Two controls show that the rig bites:
a journal that is thrown away instead of repaired, and one of which lines were deleted.
"""

import json
import random
import shutil
import sqlite3
import sys
import time

from oracle import Case, counted_rows, identity, settled, terminal_rows
from titian_rig import Bridge, Server, Simulator, differences, folder, running, until

SECONDS = 10
PAGE = 4096
RECORDS = 3000


class Box:
    """The office, and what was true of it when the line went down."""

    def __init__(self, place, sims, server, bridge):
        self.place, self.sims, self.server, self.bridge = place, sims, server, bridge
        self.truth = set()
        self.case = Case("damage", "journal's file damaged, cut, emptied, swapped or gone", "bridge")

    def prepare(self):
        held, cleared = self.sims
        with running(self.server):
            self.server.add_office()
            self.bridge.enroll(self.server.enrolment_code())
            with running(self.bridge):
                self.truth = terminal_rows(held) | terminal_rows(cleared)
                until(lambda: self.bridge.status()["journal"]["receipted_punches"] >= len(self.truth),
                      "all is receipted", seconds=120, step=0.3)
                # Ended in order, so that most of it lies in the file and not in the log.
                self.bridge.stop()
                self.bridge.start()
                self.server.stop()
                for sim in self.sims:
                    sim.control("add", n=250)
                self.truth = terminal_rows(held) | terminal_rows(cleared)
                until(lambda: self.bridge.status()["journal"]["punches"] >= len(self.truth),
                      "all is journalled", step=0.3)
                self.at_risk = terminal_rows(cleared)
                cleared.control("clear")
                # Killed: what it wrote last is in the write-ahead log.
                time.sleep(2)
                self.bridge.kill()
        for part in ("state", "centre"):
            shutil.copytree(self.place / part, self.place / f"{part}.kept")

    def reset(self):
        for part in ("state", "centre"):
            shutil.rmtree(self.place / part)
            shutil.copytree(self.place / f"{part}.kept", self.place / part)

    def due(self):
        return self.truth | terminal_rows(self.sims[0]) | terminal_rows(self.sims[1])

    def collects_again(self, fault):
        """The daemon reads a punch that is made now."""
        start = time.monotonic()
        self.sims[0].control("add", n=1)
        new = self.sims[0].log_rows()[-1]
        self.alive = identity(self.sims[0].ready["terminal"], *new)
        until(lambda: any(new[1] == row["time"] for row in self.newest()), f"{fault}: collects again",
              seconds=60, step=0.1)
        return time.monotonic() - start

    def newest(self):
        done = self.bridge.titian("punches", "--json", "-n", "5", check=False)
        return [json.loads(line) for line in done.stdout.splitlines()] if done.returncode == 0 else []

    def arrives(self):
        settled(self.bridge)
        return counted_rows(self.server)


def alter(path, change):
    data = bytearray(path.read_bytes())
    data = change(data) or data
    path.write_bytes(data)


def pages_without_lines(data):
    return [n for n in range(len(data) // PAGE) if b'{"seq":' not in data[n * PAGE:(n + 1) * PAGE]]


def zero(data, number):
    data[number * PAGE:(number + 1) * PAGE] = bytes(PAGE)


def flip(data, dice, bits):
    for _ in range(bits):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def log_bit(data):
    """In the first frame's checksum: SQLite would forget all that was confirmed from there on."""
    data[32 + 16] ^= 1


def foreign(state):
    (state / "journal.db").unlink()
    with sqlite3.connect(state / "journal.db") as other:
        other.execute("CREATE TABLE note (text TEXT)")


def faults(dice):
    """name, what is done to the state folder, and whether every line stays readable."""
    def database(change):
        return lambda state: alter(state / "journal.db", change)

    def inner(data):
        for number in pages_without_lines(data):
            zero(data, number)

    def some_pages(data):
        for number in dice.sample(range(len(data) // PAGE), 8):
            zero(data, number)

    return [
        ("header wiped, no log", lambda s: (checkpointed(s), alter(s / "journal.db", lambda d: zero(d, 0))), True),
        ("every page without lines zeroed", lambda s: (checkpointed(s), alter(s / "journal.db", inner)), True),
        ("one bit in the tree", lambda s: (checkpointed(s), alter(s / "journal.db", lambda d: tree_bit(d, dice))), True),
        ("200 bits", database(lambda d: flip(d, dice, 200)), False),
        ("8 pages zeroed", database(some_pages), False),
        ("cut in the middle", database(lambda d: d[:len(d) // 2 + 1000]), False),
        ("empty file", lambda s: (s / "journal.db").write_bytes(b""), False),
        ("garbage", database(lambda d: bytearray(dice.randbytes(len(d)))), False),
        ("file gone", lambda s: (s / "journal.db").unlink(), False),
        ("log gone", lambda s: (s / "journal.db-wal").unlink(), False),
        ("one bit early in the log", lambda s: alter(s / "journal.db-wal", log_bit), True),
        ("garbage as log", lambda s: alter(s / "journal.db-wal", lambda d: bytearray(dice.randbytes(len(d)))), False),
        ("another program's file", foreign, False),
        ("everything gone but the key", lambda s: [p.unlink() for p in s.glob("journal.*")], False),
    ]


def checkpointed(state):
    """Moves the log into the file, as an orderly end does."""
    with sqlite3.connect(state / "journal.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (state / "journal.db-wal").unlink(missing_ok=True)


def tree_bit(data, dice):
    """The kind of the page from which all lines hang."""
    number = dice.choice([n for n in range(1, len(data) // PAGE) if data[n * PAGE] == 5])
    data[number * PAGE] ^= 1 << dice.randrange(8)


def judge(box, name, readable, seconds=0.0):
    """What no terminal holds any more is due only where the fault has left its bytes readable."""
    got = box.arrives()
    box.case.round(happened=name, acknowledged=box.due() if readable else box.due() - box.at_risk, issued=box.due(),
                   server=box.server, seconds=seconds, alive=box.alive, bridge=box.bridge)
    return len(box.due() - set(got))


def one_fault(box, name, inflict, readable):
    box.reset()
    inflict(box.place / "state")
    start = time.monotonic()
    with running(box.bridge):
        seconds = box.collects_again(name)
        assert time.monotonic() - start < SECONDS, f"{name}: {seconds:.1f} s"
        with running(box.server):
            lost = judge(box, name, readable, seconds)
        status = box.bridge.status()
        kept = [r.get("file") for r in status.get("repairs", [])]
        assert kept or name not in ("log gone", "garbage as log"), f"{name}: nothing was set aside"
        for file in filter(None, kept):
            assert any((box.place / "state" / file).iterdir()), f"{name}: {file} is empty"
        shown = box.bridge.titian("status", check=False).stdout
        assert not kept or "aside/" in shown, f"{name}: the file is not named in status"
        assert box.bridge.titian("journal", "verify", check=False).returncode == 0, name
    print(f"  {name}: collects after {seconds:.1f} s, {lost} lost with their bytes, kept {kept}", flush=True)


def while_running(box, dice):
    """The disk changes under the daemon's hands."""
    for name, change in (("garbage while running", lambda d: dice.randbytes(len(d))),
                         ("zeros while running", lambda d: bytes(len(d)))):
        box.reset()
        checkpointed(box.place / "state")
        with running(box.bridge):
            box.collects_again(name)
            path = box.place / "state/journal.db"
            data = change(path.read_bytes()[:])
            with open(path, "r+b") as file:  # the same file, not another one
                file.write(data)
            box.bridge.titian("journal", "verify", check=False)
            box.bridge.kill()
            box.bridge.start()
            seconds = box.collects_again(name)
            assert seconds < SECONDS, f"{name}: {seconds:.1f} s"
            with running(box.server):
                judge(box, name, False, seconds)
        print(f"  {name}: collects after {seconds:.1f} s", flush=True)


def plan(box):
    """`titian journal check` and `repair` say what would be done, and do nothing."""
    state = box.place / "state"
    for name, inflict in (("log", lambda: alter(state / "journal.db-wal", log_bit)),
                          ("file", lambda: (checkpointed(state), alter(state / "journal.db", lambda d: zero(d, 0))))):
        box.reset()
        inflict()
        before = {p.name: p.read_bytes() for p in state.iterdir() if p.is_file()}
        for words in (["journal", "check"], ["journal", "repair"]):
            done = box.bridge.titian(*words, check=False)
            assert done.returncode == 2 and "aside/" in done.stdout, (name, words, done.stdout, done.stderr)
        after = {p.name: p.read_bytes() for p in state.iterdir() if p.is_file()}
        assert before == after, f"{name}: something was done"
    done = box.bridge.titian("journal", "repair", "--yes", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with running(box.bridge, box.server):
        box.collects_again("repair --yes")
        judge(box, "repair --yes", True)
    print("  plan: nothing is done before --yes", flush=True)


def controls(box):
    """Thrown away instead of repaired, and repaired with lines that somebody deleted: both must be seen."""
    for name in ("thrown away", "lines deleted"):
        box.reset()
        state = box.place / "state"
        if name == "thrown away":
            for path in state.glob("journal.*"):
                path.unlink()
        else:
            checkpointed(state)
            alter(state / "journal.db",
                  lambda d: d.replace(b'"kind":"punch"', b'"kind":"punc_"'))
        with running(box.bridge, box.server):
            box.collects_again(name)
            lost = differences(box.due(), box.arrives())["lost"]
        box.case.bites(len(lost))
        print(f"  control: {name} loses {len(lost)}", flush=True)


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    dice = random.Random(seed)
    with folder() as place:
        held = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", str(RECORDS), "--users", "60",
                         "--seed", "1", "--serial-number", "BWXP20126001")
        cleared = Simulator("anviz", place, [f"pty:{place}/ttyANVIZ"], "--records", "500", "--users", "40",
                            "--seed", "2", "--serial-number", "3005000012345678")
        server = Server(place)
        with running(held, cleared):
            with running(server):
                address = server.address
            bridge = Bridge(place, [
                {"name": "lobi", "driver": "zkteco", "link": held.links[0], "poll_s": 1},
                {"name": "gudang", "driver": "anviz", "link": cleared.links[0], "poll_s": 1},
            ], address, server="retry_base_s = 1\n")
            box = Box(place, (held, cleared), server, bridge)
            box.prepare()
            print(f"damage: {len(box.truth)} punches, {len(box.at_risk)} of them on the box alone", flush=True)
            controls(box)
            plan(box)
            cases = faults(dice)
            for name, inflict, readable in cases:
                one_fault(box, name, inflict, readable)
            while_running(box, dice)
            box.case.write()
    print(f"damage: {len(cases) + 3} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
