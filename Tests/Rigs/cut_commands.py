#!/usr/bin/env python3
"""The power is cut while keys are made, a box is enrolled, a backup is written or put back.

On the disks of flaky_mount.py each of these is begun again and again, and the power goes at its first write to
the disk, its second, … until it gets through. Afterwards the identity must be usable: the box is enrolled
by the same code and keeps one key, the centre starts and enrols, a backup that bears its name is whole, a
restore that was cut is begun again; and in the end every punch counts once. Needs root.
The short form tries some of the writes (STEPS=4 of each); FULL=1 tries all.
"""

import os
import random
import shutil
import subprocess
import sys
import time

import flaky_mount
from flaky_mount import FlakyDisk
from oracle import Case, settled
from power_cuts import SEED, Box, Centre, Lab
from titian_rig import Server, folder, program, until

FULL = bool(os.environ.get("FULL"))
STEPS = int(os.environ.get("STEPS", 4))
MOST = 400


def cut_in(disk, arguments, writes, dice, stdin=""):
    """Runs a program on a disk that dies after so many writes; returns whether it got through before."""
    disk.doom(writes, dice.random() < 0.5)
    process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.PIPE, text=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.communicate(stdin, timeout=10)
    except subprocess.TimeoutExpired:
        pass
    got_through = process.poll() == 0
    process.kill()
    process.wait()
    died = disk.dropped() is not None
    disk.cut()
    disk.back()
    return got_through and not died, got_through


def steps(dice):
    """The writes at which the power goes."""
    number = 0
    while number < MOST:
        yield number
        number += 1 if FULL else dice.randint(1, 2 * MOST // 100)


def each(dice, what, attempt):
    """Tries one write after another until the command gets through; returns how many cuts there were."""
    cuts = 0
    for writes in steps(dice):
        if attempt(writes):
            break
        cuts += 1
        if not FULL and cuts == STEPS:
            break
    assert cuts, f"{what}: no cut"
    print(f"  {what}: {cuts} cuts", flush=True)
    return cuts


def enrolments(lab, dice):
    """One code, one key, whenever the power goes."""
    disk = FlakyDisk(lab.place, "new-box").start()
    try:
        def attempt(writes):
            shutil.rmtree(disk.folder / "state", ignore_errors=True)
            os.sync()
            home = lab.place / "new-box"
            home.mkdir(exist_ok=True)
            box = Box(home, disk, lab.sim, lab.centre.address)
            code = lab.centre.enrolment_code()
            command = [program("titian"), "enroll", code["url"], "-", *box.where]
            done, _ = cut_in(disk, command, writes, dice, code["code"])
            box.state.mkdir(exist_ok=True)
            box.enroll(code)
            key = (box.state / "bridge.key").read_text()
            box.enroll(code)
            assert (box.state / "bridge.key").read_text() == key, "another key"
            return done
        return each(dice, "enrolment", attempt)
    finally:
        disk.stop()


def first_starts(lab, dice):
    """A centre whose first start is cut starts, and enrols a box."""
    disk = FlakyDisk(lab.place, "new-centre").start()
    try:
        def attempt(writes):
            shutil.rmtree(disk.folder / "centre", ignore_errors=True)
            os.sync()
            home = lab.place / f"new-centre-{writes}"
            home.mkdir()
            centre = Centre(home, disk)
            rows = lab.centre.folder / "offices.csv"
            done, _ = cut_in(disk, [program("titian-server"), "office", "import", rows, "--config", centre.config],
                             writes, dice)
            centre.start()
            try:
                centre.add_office()
                box = home / "box"
                box.mkdir()
                Box(box, home_disk(box), lab.sim, centre.address).enroll(centre.enrolment_code())
            finally:
                centre.stop()
            return done
        return each(dice, "first start of the centre", attempt)
    finally:
        disk.stop()


def home_disk(place):
    """A folder that is no such disk."""
    class Plain:
        folder = place
    return Plain


def backups(lab, dice):
    """What bears a backup's name is one."""
    place = lab.centre.disk.folder / "backups"
    other = lab.place / "elsewhere"
    other.mkdir()

    def attempt(writes):
        lab.centre.stop()
        place.mkdir(exist_ok=True)
        os.sync()
        done, said = cut_in(lab.centre.disk, [program("titian-server"), "backup", place, "--config",
                                             lab.centre.config], writes, dice)
        files = sorted(place.glob("[!.]*")) if place.exists() else []
        assert files or not said, "a backup that was said to be made is gone"
        for file in files:
            centre = Server(other)
            shutil.rmtree(centre.data, ignore_errors=True)
            centre.command("restore", file)
            file.unlink()
        lab.centre.start()
        return done
    return each(dice, "backup", attempt)


def restores(lab, dice):
    """A restore that was cut is seen, and begun again."""
    kept = lab.place / "kept"
    kept.mkdir()
    lab.centre.command("backup", kept)
    file = next(kept.glob("[!.]*"))

    def attempt(writes):
        lab.centre.stop()
        shutil.rmtree(lab.centre.data)
        os.sync()
        command = [program("titian-server"), "restore", file, "--config", lab.centre.config]
        done, _ = cut_in(lab.centre.disk, command, writes, dice)
        again = lab.centre.command("restore", file, check=False)
        whole = "[backup.folder-not-empty]" in again.stderr
        assert again.returncode == 0 or whole, again.stderr
        lab.centre.start()
        return done
    return each(dice, "restore", attempt)


def main():
    if reason := flaky_mount.why_not():
        print(f"cut commands: skipped, {reason}")
        return
    dice = random.Random(SEED)
    print(f"cut commands: SEED={SEED}", flush=True)
    case = Case("cut_commands", "power cut while keys are made, a box enrols, a backup is made or put back", "both")
    with folder() as place, Lab(place, dice) as lab:
        settled(lab.box)
        cuts = sum(act(lab, dice) for act in (enrolments, first_starts, backups, restores))
        start = time.monotonic()
        lab.punch(3)
        lab.confirm()
        lab.box.ask("sync-now")
        until(lambda: lab.box.journal.get("queue") == 0, "all is receipted", 60)
        case.rounds = cuts - 1
        case.round(happened=True, acknowledged=lab.confirmed, issued=lab.issued, server=lab.centre,
                   seconds=time.monotonic() - start)
    case.write()
    print("cut commands: 4 passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
