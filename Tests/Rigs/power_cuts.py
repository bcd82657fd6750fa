#!/usr/bin/env python3
"""The power of whole disks is cut under the real programs, and nothing that was confirmed is gone.

titiand's state folder and the centre's data folder lie on a disk each (flaky_mount.py) that keeps in its cache
what was not flushed, and drops it, or a random half of it, when the power is cut. A simulated
terminal makes punches; at a random moment, or at a random write, one end or both lose power; the program dies,
the disk is mounted again and the program started. Before that the files are read as the cut has left them: what
the box had said to be journalled must be there, and at the centre what the box holds receipts for. In every
second round the terminal's log was cleared as soon as the box had confirmed it: nothing can be read again.

The control is the same with synchronous=NORMAL (a debug build takes it from TITIAN_SYNCHRONOUS): it must lose.
CUTS=20 is the short form, FULL=1 makes 1,000. SEED repeats a run, as far as time does. Needs root.
"""

import json
import os
import random
import socket
import sys
import time

import flaky_mount
from flaky_mount import FlakyDisk
from oracle import Broken, Case, identity, settled, terminal_rows
from titian_rig import Bridge, Server, Simulator, folder, program, until

FULL = bool(os.environ.get("FULL"))
CUTS = int(os.environ.get("CUTS", 1000 if FULL else 20))
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
# So many rounds after which everything is judged: it takes longer than a cut.
STRETCH = 50


class Box(Bridge):
    """A box whose state folder lies on such a disk."""

    def __init__(self, place, disk, sim, url):
        super().__init__(place, [{"name": "lobi", "driver": "zkteco", "link": sim.links[0], "poll_s": 1}], url,
                         server="retry_base_s = 1\n")
        self.disk = disk
        self.state = disk.folder / "state"
        self.state.mkdir(exist_ok=True)
        self.arguments = [program("titiand"), *map(str, self.where)]

    def status(self):
        """As `titian status --json` tells it; nothing while the daemon does not answer."""
        return self.ask("status")

    def ask(self, op):
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(10)
                line.connect(str(self.socket))
                line.sendall(json.dumps({"op": op}).encode() + b"\n")
                return json.loads(line.makefile().readline())
        except (OSError, ValueError):
            return {}

    @property
    def journal(self):
        return self.status().get("journal", {})

    def kept(self):
        """The punches on the disk, as it is."""
        lines = flaky_mount.rows(self.state / "journal.db", "SELECT line FROM entry WHERE counts = 1")
        entries = [json.loads(line) for (line,) in lines]
        return {identity(e["terminal"], e["pin"], e["time"]) for e in entries}


class Centre(Server):
    """A centre whose data folder lies on such a disk."""

    def __init__(self, place, disk):
        super().__init__(place)
        self.disk = disk
        self.data = disk.folder / "centre"
        self.config.write_text(f'listen = "127.0.0.1:0"\ndata = "{self.data}"\n')

    def heads(self):
        """How far each journal is kept on the disk: what it says, and the lines that are there."""
        return flaky_mount.rows(self.data / "centre.db", """
            SELECT j.name, j.head_seq, (SELECT count(*) FROM entry e WHERE e.journal = j.id) FROM journal j""")


class Lab:
    """An office and its centre on a disk each."""

    def __init__(self, place, dice, environment=None):
        self.dice, self.place = dice, place
        self.sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", "20", "--users", "60",
                             "--seed", str(SEED), "--serial-number", "BWXP20126001")
        self.disks = [FlakyDisk(place, "box"), FlakyDisk(place, "centre")]
        self.centre = Centre(place, self.disks[1])
        self.environment = environment or {}
        self.issued, self.confirmed, self.fresh = set(), set(), set()
        self.box = None

    def __enter__(self):
        self.sim.start()
        for disk in self.disks:
            disk.start()
        self.centre.environment = self.environment
        self.centre.start()
        self.centre.add_office()
        self.box = Box(self.place, self.disks[0], self.sim, self.centre.address)
        self.box.environment = self.environment
        self.box.enroll(self.centre.enrolment_code())
        self.box.start()
        self.note()
        self.confirm()
        return self

    def __exit__(self, *_):
        for process in (self.box, self.centre, self.sim):
            if process:
                process.stop()
        for disk in self.disks:
            disk.stop()

    def note(self):
        self.issued |= terminal_rows(self.sim)

    def punch(self, most=12):
        self.sim.control("add", n=self.dice.randint(1, most))
        self.note()

    def confirm(self, seconds=30):
        """Waits until the box has said that all is on its disk."""
        until(lambda: self.box.journal.get("punches") == len(self.issued), "all is journalled", seconds, step=0.01)
        self.fresh, self.confirmed = self.issued - self.confirmed, set(self.issued)


def cut(lab, targets):
    """Cuts the power of the disks concerned, and gives it back; returns what the box had said until then."""
    keep = lab.dice.random() < 0.5
    if lab.dice.random() < 0.7:
        for process in targets:
            process.disk.doom(lab.dice.randint(0, 12), keep)
        lab.punch(40)
        time.sleep(lab.dice.random() * 0.4)
    said = lab.box.journal
    for process in targets:
        process.disk.cut(keep)
        process.kill()
    for process in targets:
        process.disk.back()
    return said


def lost_at_the_box(lab, said=0):
    """How many punches were confirmed and are not on the box's disk, as the cut has left it."""
    kept = lab.box.kept()
    return max(len(lab.confirmed - kept), said - len(kept))


def lost_at_the_centre(lab, journal, through):
    """Entries that the box holds a receipt for and that are not on the centre's disk."""
    found = {name: (head, lines) for name, head, lines in lab.centre.heads()}
    head, lines = found.get(journal, (0, 0))
    return max(0, through - head) + max(0, head - lines)


def one(lab, number):
    """One cut; returns the punches lost at the box, the entries lost at the centre, and the seconds to recover."""
    targets = ([lab.box], [lab.centre], [lab.box, lab.centre])[number % 3]
    for _ in range(lab.dice.randint(1, 2)):
        lab.punch()
        lab.confirm()
    if number % 2:
        lab.sim.control("clear")
    said = cut(lab, targets)
    at_box = lost_at_the_box(lab, said["punches"]) if lab.box in targets else 0
    through = said["acked_through"]
    at_centre = lost_at_the_centre(lab, said["id"], through) if lab.centre in targets else 0
    start = time.monotonic()
    for process in reversed(targets):  # the centre first: it is waited for
        process.start()
    lab.punch(1)
    lab.confirm()
    if lab.centre in targets:
        lab.box.ask("sync-now")  # a centre whose disk had gone may have asked it to wait for half a minute
        until(lambda: lab.box.journal.get("acked_through", 0) > through, "a new receipt", step=0.02)
    return at_box, at_centre, time.monotonic() - start


def judge(lab, case, rounds, seconds, acknowledged):
    """All that has happened since the last time, by the five properties."""
    lab.punch(1)
    lab.confirm()
    settled(lab.box)
    repairs = lab.box.status().get("repairs")
    assert not repairs, f"a power cut is no damage, and a journal was set aside: {repairs}"
    case.rounds += rounds - 1
    case.acknowledged += len(acknowledged) - len(lab.confirmed)
    case.round(happened=True, acknowledged=lab.confirmed, issued=lab.issued, server=lab.centre, seconds=seconds,
               bridge=lab.box)


def power_cuts(lab, case):
    slowest, before, begun = 0.0, set(), time.monotonic()
    dropped = 0
    for number in range(1, CUTS + 1):
        at_box, at_centre, seconds = one(lab, number)
        slowest = max(slowest, seconds)
        dropped += sum(disk.dropped()[0] for disk in lab.disks if disk.cuts)
        case.lost += at_box + at_centre
        if at_box or at_centre:
            raise Broken(f"cut {number}: {at_box} punches lost at the box, {at_centre} entries at the centre")
        if number % STRETCH == 0 or number == CUTS:
            judge(lab, case, (number - 1) % STRETCH + 1, slowest, lab.issued - before)
            before = set(lab.issued)
            case.write()
            print(f"  {number} cuts, {len(lab.issued)} punches, {dropped} unflushed sectors dropped, "
                  f"{(time.monotonic() - begun) / number:.1f} s a cut", flush=True)
    assert dropped, "nothing was ever dropped: this rig does not bite"


def control(place, dice, case):
    """Programs that do not sync their commits: the rig must see what they lose, at both ends."""
    place.mkdir()
    with Lab(place, dice, {"TITIAN_SYNCHRONOUS": "NORMAL"}) as lab:
        until(lambda: lab.box.journal.get("queue") == 0, "all is receipted", step=0.02)
        lab.sim.control("clear")
        said = lab.box.journal
        for process in (lab.box, lab.centre):
            process.disk.cut()
            process.kill()
            process.disk.back()
        at_box, at_centre = control_losses(lab, said["id"], said["acked_through"])
        assert at_box and at_centre, f"the control lost {at_box} at the box and {at_centre} at the centre"
        case.bites(at_box + at_centre)
    print(f"  control: synchronous=NORMAL loses {at_box} punches at the box, {at_centre} entries at the centre",
          flush=True)


def control_losses(lab, journal, through):
    """A file that was never synced may lack its tables: then all is lost."""
    try:
        at_box = lost_at_the_box(lab)
    except Exception:
        at_box = len(lab.confirmed)
    try:
        return at_box, lost_at_the_centre(lab, journal, through)
    except Exception:
        return at_box, through


def main():
    if reason := flaky_mount.why_not():
        print(f"power cuts: skipped, {reason}")
        return
    dice = random.Random(SEED)
    print(f"power cuts: CUTS={CUTS} SEED={SEED}", flush=True)
    case = Case("power_cuts", "power of the whole disk cut, unflushed sectors dropped or torn", "both")
    with folder() as place:
        control(place / "control", dice, case)
        with Lab(place, dice) as lab:
            power_cuts(lab, case)
    print(f"power cuts: {CUTS} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
